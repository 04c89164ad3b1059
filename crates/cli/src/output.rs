//! The one printer. Data goes to stdout, everything else to stderr; colour only on a terminal and never alone.

use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;

use crate::error::Error;

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default();

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Table,
    Json,
    Yaml,
}

/// Text with a style; the styles are stripped when the stream is no terminal or NO_COLOR is set.
pub(crate) fn paint(text: &str, style: Style) -> String {
    format!("{style}{text}{style:#}")
}

/// One line of data. A reader that went away (`| head`) is no error.
pub(crate) fn data(line: &str) {
    let _ = writeln!(anstream::stdout(), "{line}");
}

/// Data as it is, byte for byte.
pub(crate) fn raw(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

/// One line for a person.
pub(crate) fn note(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether a person watches stderr.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints the value as JSON or YAML; `false` for a table, which the caller lays out.
pub(crate) fn structured(format: Format, value: &impl Serialize) -> Result<bool, Error> {
    let text = match format {
        Format::Table => return Ok(false),
        Format::Json => {
            serde_json::to_string_pretty(value).map_err(|error| Error::new("cannot print JSON").caused_by(error))?
        }
        Format::Yaml => {
            serde_saphyr::to_string(value).map_err(|error| Error::new("cannot print YAML").caused_by(error))?
        }
    };
    data(text.trim_end());
    Ok(true)
}

/// Columns as kubectl lays them out: upper-case headers, three blanks between columns, no borders.
pub(crate) fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([headers[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let last = cells.len().saturating_sub(1);
        let padded = cells
            .iter()
            .enumerate()
            .map(|(i, cell)| if i == last { cell.to_string() } else { format!("{cell:<0$}", widths[i]) });
        padded.collect::<Vec<_>>().join("   ").trim_end().to_string()
    };
    let mut lines = vec![line(headers.to_vec())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn tables_look_like_kubectl() {
        let rows = vec![vec!["rg-dev-app".into(), "Succeeded".into()], vec!["x".into(), "-".into()]];
        expect_test::expect![[r#"
            NAME         STATE
            rg-dev-app   Succeeded
            x            -"#]]
        .assert_eq(&super::table(&["NAME", "STATE"], &rows));
    }
}

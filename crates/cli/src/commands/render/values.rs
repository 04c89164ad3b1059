//! The values of a command line: files, then the flags, in helm's order and with helm's words for what cannot be read.

use std::{fs, io::Read};

use chart::values::{Table, Tree, merge, read_file, strvals};
use gotemplate::Dialect;

use super::fetch;
use crate::{args, error::Error};

pub(super) fn merged(arguments: &args::Values, from: &args::From, dialect: Dialect) -> Result<Table, Error> {
    let mut values = Table::new();
    for name in &arguments.files {
        let table = read_file(&read(name.trim(), from)?, dialect)
            .map_err(|error| Error::new(format!("failed to parse {}: {error}", name.trim())))?;
        merge(&mut values, table);
    }
    for text in &arguments.set_json {
        json(text, &mut values, dialect)?;
    }
    for text in &arguments.set {
        strvals::set(text, &mut values).map_err(|error| failed("--set", &error))?;
    }
    for text in &arguments.set_string {
        strvals::set_string(text, &mut values).map_err(|error| failed("--set-string", &error))?;
    }
    for text in &arguments.set_file {
        let mut file = |name: &str| read(name, from).map_err(|error| error.message().to_owned());
        strvals::set_file(text, &mut values, &mut file).map_err(|error| failed("--set-file", &error))?;
    }
    for text in &arguments.set_literal {
        strvals::set_literal(text, &mut values).map_err(|error| failed("--set-literal", &error))?;
    }
    Ok(values)
}

fn failed(flag: &str, error: &strvals::Error) -> Error {
    Error::new(format!("failed parsing {flag} data: {error}"))
}

fn read(name: &str, from: &args::From) -> Result<Vec<u8>, Error> {
    if name == "-" {
        let mut text = Vec::new();
        let read = std::io::stdin().read_to_end(&mut text);
        return read.map(|_| text).map_err(|error| Error::new(format!("read stdin: {}", plain(&error))));
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return fetch::document(name, from);
    }
    fs::read(name).map_err(|error| {
        let verb = if error.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" };
        Error::new(format!("{verb} {name}: {}", plain(&error)))
    })
}

/// As Go words it: without a number, in lower case.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// `key=JSON` pairs, or since helm 4 one whole object.
fn json(text: &str, values: &mut Table, dialect: Dialect) -> Result<(), Error> {
    let trimmed = text.trim();
    if !trimmed.starts_with('{') || dialect == Dialect::Helm3 {
        return strvals::set_json(trimmed, values)
            .map_err(|_| Error::new(format!("failed parsing --set-json data {text}")));
    }
    let read: Result<serde_json::Value, _> = serde_json::from_str(trimmed);
    match read.map(|value| Tree::of_json(&value)) {
        Ok(Tree::Table(table)) => merge(values, table.into_inner()),
        _ => return Err(Error::new(format!("failed parsing --set-json data JSON: {text}"))),
    }
    Ok(())
}

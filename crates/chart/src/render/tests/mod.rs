//! Small charts, one for each rule, rendered as real Helm renders them: `helm4.golden` and `helm3.golden` were printed by helm
//! 4.1.4 and 3.17.3.

use expect_test::expect_file;
use gotemplate::Dialect;

use crate::testing::printed;

/// Blocks of a text that begin with a mark: the rest of the mark's line, and what follows it.
fn blocks<'a>(text: &'a str, mark: &str) -> Vec<(&'a str, &'a str)> {
    let starts: Vec<usize> =
        text.match_indices(mark).map(|(at, _)| at).filter(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n').collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let block = |(start, end): (usize, usize)| text[start + mark.len()..end].split_once('\n').unwrap_or_default();
    starts.iter().copied().zip(ends).map(block).collect()
}

fn all(dialect: Dialect) -> String {
    let mut out = String::new();
    for (head, body) in blocks(include_str!("cases.txt"), "== ") {
        let (name, set) = head.rsplit_once('|').unwrap_or((head, ""));
        let files: Vec<(&str, &str)> =
            blocks(body, "-- ").into_iter().map(|(path, text)| (path.trim(), text)).collect();
        let text = printed(&files, set.trim(), dialect);
        let text = if text.starts_with(OF_SCHEMA) { sorted(&text) } else { text };
        out.push_str(&format!("== {}\n{text}", name.trim()));
    }
    out
}

const OF_SCHEMA: &str = "Error: values don't meet";

/// Helm tells what is wrong with values in any order; the goldens are sorted.
fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

#[test]
fn as_helm_4() {
    expect_file!["helm4.golden"].assert_eq(&all(Dialect::Helm4));
}

#[test]
fn as_helm_3() {
    expect_file!["helm3.golden"].assert_eq(&all(Dialect::Helm3));
}

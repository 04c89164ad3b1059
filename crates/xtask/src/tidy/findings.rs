//! Codes of findings: every one in the code stands in a table of docs/reference/plan.md, and every one there is in the code.
//! Codes that come from Azure or from a condition at run time are not known here.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

const PAGE: &str = "docs/reference/plan.md";

/// Where findings and conditions are made. A file that makes new ones is added here.
const SOURCES: &[&str] = &[
    "crates/aso/src/findings.rs",
    "crates/gitops/src/findings.rs",
    "crates/gitops/src/status.rs",
    "crates/sandbox/src/plan/findings.rs",
    "crates/sandbox/src/plan/stand_in.rs",
];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut made = BTreeSet::new();
    for path in SOURCES {
        let text = fs::read_to_string(root.join(path)).context(*path)?;
        let (product, _tests) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        made.extend(product.lines().filter_map(code).map(str::to_string));
    }
    let page = fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let (_, tables) = page.split_once("## Finding codes").context("docs/reference/plan.md has no finding codes")?;
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<String> = rows.map(str::to_string).collect();
    let missing = made.difference(&documented).map(|code| format!("{PAGE}: the finding code {code} is missing"));
    let gone = documented.difference(&made).map(|code| format!("{PAGE}: {code} is no finding code any more"));
    Ok(missing.chain(gone).collect())
}

/// A code stands alone on its line (an argument, an element), is given to the field `code`, or follows a severity.
fn code(line: &str) -> Option<&str> {
    let line = line.trim();
    let after = |marker: &str| line.split_once(marker).map(|(_, rest)| rest);
    let candidate = after("code: \"")
        .or_else(|| after("Severity::")?.split_once(", \"").map(|(_, rest)| rest))
        .or_else(|| after("let code = ")?.split_once("{ \"").map(|(_, rest)| rest))
        .or_else(|| line.strip_prefix('"').filter(|_| line.ends_with("\",")))?;
    let word = candidate.split('"').next()?;
    let pascal = word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
        && word.chars().any(|c| c.is_ascii_lowercase());
    pascal.then_some(word)
}

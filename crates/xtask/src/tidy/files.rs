//! Rules about single files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

const LINES_MAX: usize = 600;

/// Words that promise nothing. The field has better names.
const NAMES: &[&str] = &["utils.rs", "util.rs", "common.rs", "helpers.rs", "helper.rs", "manager.rs", "misc.rs"];

/// What pure crates may not name, whatever they depend on.
const PURE_FORBIDDEN: &[&str] =
    &["std::env", "std::fs", "std::net", "std::process", "SystemTime::now", "HashMap", "HashSet"];

const PURE: &[&str] = &["api", "machinery", "catalogue", "actions", "gitops", "aso", "capi"];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in sources(&root.join("crates"))? {
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path)?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if NAMES.contains(&name) {
            findings.push(format!("{shown}: a file name that says nothing"));
        }
        let tests = name == "tests.rs" || shown.contains("/tests/") || shown.contains("/benches/");
        let lines = text.lines().count();
        if lines > LINES_MAX && !text.contains("tidy: long because") {
            findings.push(format!(
                "{shown}: {lines} lines; split it by responsibility, or say `tidy: long because ...` at its top"
            ));
        }
        if !tests && !text.starts_with("//!") {
            findings.push(format!("{shown}: starts with `//!`: what the file is for, and what it does not do"));
        }
        let pure = PURE.iter().any(|name| shown.starts_with(&format!("crates/{name}/src")));
        if pure && !tests {
            for word in PURE_FORBIDDEN.iter().filter(|word| text.contains(**word)) {
                findings.push(format!("{shown}: a pure crate names `{word}`"));
            }
        }
        if text.contains("#[ignore") || text.contains("#[should_panic") {
            findings.push(format!("{shown}: a test is never ignored or expected to panic"));
        }
    }
    Ok(findings)
}

fn sources(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            // This file names the forbidden words.
            if !path.ends_with("xtask/src/tidy/files.rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

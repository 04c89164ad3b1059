//! External crates: each one that is declared is used by a crate and has a line in docs/reference/dependencies.md.
//! Whether a crate is used inside of the crate that lists it, the compiler's lint knows better.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

const PAGE: &str = "docs/reference/dependencies.md";

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))?.parse().context("Cargo.toml")?;
    let declared =
        manifest["workspace"].get("dependencies").and_then(toml::Value::as_table).context("no dependencies")?;
    let used = used(root)?;
    let page = fs::read_to_string(root.join(PAGE)).context(PAGE)?;
    let documented = documented(&page);
    let mut findings = Vec::new();
    let external = declared.iter().filter(|(_, value)| value.get("path").is_none()).map(|(name, _)| name.as_str());
    let external: BTreeSet<&str> = external.collect();
    for name in &external {
        if !used.contains(*name) {
            findings.push(format!("Cargo.toml: {name} is declared and used by no crate"));
        }
        if !documented.contains(name) {
            findings.push(format!("{PAGE}: {name} is missing: why it is here, and what would replace it"));
        }
    }
    let gone = documented.iter().filter(|name| !external.contains(*name));
    findings.extend(gone.map(|name| format!("{PAGE}: {name} is no dependency any more")));
    Ok(findings)
}

/// What the crates' manifests name.
fn used(root: &Path) -> Result<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let path = entry?.path().join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(&path)?.parse().with_context(|| path.display().to_string())?;
        used.extend(super::edges::dependencies(&manifest).into_iter().map(|(_, name)| name.to_string()));
    }
    Ok(used)
}

/// The names in the first column of the page's tables.
fn documented(page: &str) -> BTreeSet<&str> {
    let first = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    first.flat_map(|cell| cell.split(", ")).map(|name| name.trim_matches('`')).collect()
}

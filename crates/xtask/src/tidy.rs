//! The house rules that a search can check: crate direction, file length, a word on top of every file, forbidden words,
//! dependencies with a reason, codes of findings with a meaning.
//! Run as a test, so that `cargo test` knows everything that CI knows.

mod dependencies;
mod edges;
mod files;
mod findings;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

pub(crate) fn run() -> Result<()> {
    let root = root();
    let mut findings = edges::check(&root)?;
    findings.extend(files::check(&root)?);
    findings.extend(dependencies::check(&root)?);
    findings.extend(findings::check(&root)?);
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "{} findings", findings.len());
    Ok(())
}

/// The workspace's root, whatever directory the command was started in.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::{dependencies, edges, files, findings, root};

    #[test]
    fn crates_depend_only_on_what_the_table_allows() {
        let findings = edges::check(&root()).expect("reads the manifests");
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }

    #[test]
    fn every_dependency_is_used_and_has_a_reason() {
        let findings = dependencies::check(&root()).expect("reads the manifests");
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }

    #[test]
    fn every_finding_code_is_documented() {
        let findings = findings::check(&root()).expect("reads the sources");
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }

    #[test]
    fn files_follow_the_house_rules() {
        let findings = files::check(&root()).expect("reads the sources");
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}

//! The end-to-end tests, with one version of the clients or with all of them.
//!
//! Only the tests that drive kubectl are repeated for each version: what is expected of helm is pinned to one helm 3 and one helm 4.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const LEFT_OUT: &[&str] = &[
    "--skip",
    "az::",
    "--skip",
    "cli::",
    "--skip",
    "helm::",
    "--skip",
    "kill::",
    "--skip",
    "render::",
    "--skip",
    "workshop::",
];

pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => {
            install(root, &[])?;
            test(root, None, &[])
        }
        ["--all"] => {
            install(root, &["--all"])?;
            matrix(root, installed(root)?)
        }
        versions if versions.iter().all(|version| version.starts_with("1.")) => {
            install(root, versions)?;
            matrix(root, versions.iter().map(|version| clients(root).join(version)).collect())
        }
        other => bail!("--all, or versions of kubectl (1.27 1.37), are expected, not {}", other.join(" ")),
    }
}

/// Every version is tried, also after one has failed: the answer is a table.
fn matrix(root: &Path, versions: Vec<PathBuf>) -> Result<()> {
    let mut failed = Vec::new();
    for tools in versions {
        let name = tools.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kubectl: Value =
            serde_json::from_str(&says(&tools.join("kubectl"), &["version", "--client", "-o", "json"])?)?;
        let kubectl = kubectl["clientVersion"]["gitVersion"].as_str().unwrap_or_default();
        let outcome = test(root, Some(&tools), LEFT_OUT);
        println!("kubectl {kubectl}: {}", if outcome.is_ok() { "passed" } else { "FAILED" });
        failed.extend(outcome.is_err().then_some(name));
    }
    ensure!(failed.is_empty(), "failed with the clients of {}", failed.join(", "));
    Ok(())
}

fn clients(root: &Path) -> PathBuf {
    root.join(".tools/clients")
}

fn installed(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(clients(root)).context("no versions of the clients are installed")?;
    let mut versions: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    Ok(versions)
}

fn install(root: &Path, versions: &[&str]) -> Result<()> {
    let status = Command::new(root.join(".ci/tools")).args(versions).status().context(".ci/tools cannot be started")?;
    ensure!(status.success(), ".ci/tools failed");
    Ok(())
}

fn says(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{} cannot be started", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

fn test(root: &Path, tools: Option<&Path>, options: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["test", "--quiet", "--package", "windlass", "--test", "e2e", "--"]).args(options);
    cargo.env("WINDLASS_E2E_REQUIRE_TOOLS", "1");
    if let Some(tools) = tools {
        cargo.env("WINDLASS_E2E_TOOLS", tools);
    }
    ensure!(cargo.status().context("cargo cannot be started")?.success(), "the end-to-end tests failed");
    Ok(())
}

//! `cargo xtask facts`: compiles the public Go declarations of Kubernetes' types into the committed table that
//! `machinery::builtin` reads. The declarations (struct tags and `+markers`) are what upstream generates both its OpenAPI
//! documents and its protobuf definitions from, so one input answers for both. No text of upstream's comments is kept.

mod check;
mod compile;
mod golang;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Where the table is committed.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../machinery/facts/kubernetes.txt");

const HELP: &str = "cargo xtask facts --api DIR --apimachinery DIR --apiextensions DIR --release VERSION
  DIR: checkouts of kubernetes/{api,apimachinery,apiextensions-apiserver} of one release, outside of this repository";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let option = |name: &str| -> Result<PathBuf> {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1));
        value.map(PathBuf::from).with_context(|| format!("{name} is missing\n\n{HELP}"))
    };
    let (api, machinery, extensions) = (option("--api")?, option("--apimachinery")?, option("--apiextensions")?);
    let mut packages = Vec::new();
    for group in directories(&api)? {
        for version in directories(&group)? {
            if version.join("types.go").exists() {
                packages.push(golang::read(&version, &import_path("k8s.io/api", &api, &version))?);
            }
        }
    }
    for directory in
        ["pkg/apis/meta/v1", "pkg/apis/meta/v1beta1", "pkg/runtime", "pkg/types", "pkg/util/intstr", "pkg/api/resource"]
    {
        packages.push(golang::read(&machinery.join(directory), &format!("k8s.io/apimachinery/{directory}"))?);
    }
    for directory in ["pkg/apis/apiextensions/v1", "pkg/apis/apiextensions/v1beta1"] {
        packages
            .push(golang::read(&extensions.join(directory), &format!("k8s.io/apiextensions-apiserver/{directory}"))?);
    }
    let release = option("--release")?;
    let table = compile::table(&packages, &release.display().to_string())?;
    fs::create_dir_all(Path::new(TABLE).parent().context("no directory")?)?;
    fs::write(TABLE, &table)?;
    println!("{} types, {} bytes", table.lines().filter(|line| line.starts_with("type ")).count(), table.len());
    Ok(())
}

/// `cargo xtask facts-check DIR`: decodes every `*.pb` of a directory of upstream's fixtures and compares it with its `*.json`.
pub(crate) fn run_check(arguments: &[String]) -> Result<()> {
    let Some(directory) = arguments.first() else { bail!("cargo xtask facts-check DIR") };
    check::run(Path::new(directory))
}

fn import_path(module: &str, root: &Path, directory: &Path) -> String {
    let relative = directory.strip_prefix(root).unwrap_or(directory);
    format!("{module}/{}", relative.display())
}

fn directories(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(path).with_context(|| format!("{}", path.display()))?;
    let mut found: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.retain(|path| path.is_dir());
    found.sort();
    Ok(found)
}

//! Which files of a tree are manifests, and which tool a tree was written for.

use api::{
    argoproj::{Directory, Source},
    files::FileSet,
};

use super::Error;
use crate::glob;

/// A file with this text in it is never read as a manifest.
pub(super) const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const EXTENSIONS: [&str; 4] = [".yaml", ".yml", ".json", ".jsonnet"];

/// Detection as upstream does it: an explicit `directory` block wins over what lies in the path.
pub(super) fn refuse_other_tools(files: &FileSet, source: &Source) -> Result<(), Error> {
    for (path, _) in files.iter() {
        if path.starts_with(".argocd-source") && path.ends_with(".yaml") {
            return Err(Error::Tool { tool: "parameter override", evidence: path.to_string() });
        }
    }
    if source.directory.is_some() {
        return Ok(());
    }
    if files.get("Chart.yaml").is_some() {
        return Err(Error::Tool { tool: "Helm", evidence: "Chart.yaml".into() });
    }
    match KUSTOMIZATIONS.iter().find(|name| files.get(name).is_some()) {
        Some(name) => Err(Error::Tool { tool: "Kustomize", evidence: (*name).to_string() }),
        None => Ok(()),
    }
}

/// Files that pass extension, recursion, exclude and include, in path order. Exclude wins.
pub(super) fn candidates<'a>(
    files: &'a FileSet,
    directory: &'a Directory,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    files.iter().filter(|(path, _)| {
        (directory.recurse || !path.contains('/'))
            && (directory.disable_extension_filter || EXTENSIONS.iter().any(|extension| path.ends_with(extension)))
            && (directory.exclude.is_empty() || !glob::matches(&directory.exclude, path))
            && (directory.include.is_empty() || glob::matches(&directory.include, path))
    })
}

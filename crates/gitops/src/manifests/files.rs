//! Which files of a tree are manifests, and which tool a tree was written for.

use api::{
    argoproj::{Directory, Source},
    files::FileSet,
};

use super::Error;
use crate::{glob, helm::Options};

/// A file with this text in it is never read as a manifest.
pub(super) const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const EXTENSIONS: [&str; 4] = [".yaml", ".yml", ".json", ".jsonnet"];

/// Files that change the spec from within the source.
pub(crate) fn refuse_overrides<'a>(mut paths: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    match paths.find(|path| path.starts_with(".argocd-source") && path.ends_with(".yaml")) {
        Some(path) => Err(Error::Tool { tool: "parameter override", evidence: path.to_string() }),
        None => Ok(()),
    }
}

/// Detection as upstream does it: an explicit block wins over what lies in the path.
pub(crate) fn is_chart(files: &FileSet, source: &Source) -> bool {
    let given = Options::of(source).is_ok_and(|options| !options.is_zero());
    given || (!is_directory(source) && files.get("Chart.yaml").is_some())
}

fn is_directory(source: &Source) -> bool {
    source.directory.as_ref().is_some_and(|directory| *directory != Directory::default())
}

pub(super) fn refuse_other_tools(files: &FileSet, source: &Source) -> Result<(), Error> {
    refuse_overrides(files.iter().map(|(path, _)| path))?;
    if is_directory(source) {
        return Ok(());
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

//! Reading the two states of the repository, and the state of the platform, before the sandbox starts.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use api::files::FileSet;
use sandbox::{Keys, plan::Against};
use source::{Commit, Git, Limits, Policy, Repository, WorkingTree};

use crate::{
    args,
    data_dir::{self, DataDir},
    error::{Context, Error},
    exit::Exit,
    process::{self, SystemEntropy},
};

pub(super) struct States {
    pub(super) base: Option<FileSet>,
    pub(super) base_label: String,
    pub(super) head: FileSet,
    pub(super) head_label: String,
    pub(super) remotes: Vec<String>,
}

/// A directory, or the URL of a repository.
pub(super) async fn states(arguments: &args::Plan) -> Result<States, Error> {
    let directory = Path::new(&arguments.source);
    if directory.is_dir() {
        return local(arguments, directory);
    }
    if arguments.source.contains("://") || arguments.source.starts_with("git@") {
        return remote(arguments).await;
    }
    Err(Error::usage(format!("{} is neither a directory nor the URL of a Git repository", arguments.source)))
}

fn local(arguments: &args::Plan, directory: &Path) -> Result<States, Error> {
    let limits = Limits::default();
    let WorkingTree { files, remotes, head, .. } =
        source::working_tree(directory, &limits).context(format!("{} cannot be read", directory.display()))?;
    let commit = |revision: &str| {
        let read = source::commit_tree(directory, revision, &limits);
        let (commit, files) = read.context(format!("revision {revision} of {} cannot be read", directory.display()))?;
        Ok::<_, Error>((label(revision, &commit), files))
    };
    let (base_label, base) = match (&arguments.base, &head) {
        (Some(revision), _) => commit(revision).map(|(label, files)| (label, Some(files)))?,
        (None, None) => ("nothing".to_string(), None),
        (None, Some(_)) => match commit("HEAD")? {
            // A clean tree compared with itself says nothing: then the question is what all of it would do. A given state
            // was made by some commit already: there, nothing is a good answer.
            (_, committed) if arguments.against == "empty" && arguments.head.is_none() && committed == files => {
                ("nothing".to_string(), None)
            }
            (label, committed) => (label, Some(committed)),
        },
    };
    let (head_label, head) = match &arguments.head {
        Some(revision) => commit(revision)?,
        None => ("the working tree".to_string(), files),
    };
    Ok(States { base, base_label, head, head_label, remotes: or_itself(remotes, directory) })
}

/// A repository without a remote is named by its own path.
fn or_itself(remotes: Vec<String>, directory: &Path) -> Vec<String> {
    if remotes.is_empty() { vec![format!("file://{}", directory.display())] } else { remotes }
}

async fn remote(arguments: &args::Plan) -> Result<States, Error> {
    let (git, url) = (outside()?, &arguments.source);
    let read = async |revision: &str| {
        let commit = git.resolve(url, revision).await.map_err(|error| of_git(&error))?;
        let files = git.tree(url, &commit, "").await.map_err(|error| of_git(&error))?;
        Ok::<_, Error>((label(revision, &commit), Arc::unwrap_or_clone(files)))
    };
    let (base_label, base) = match &arguments.base {
        Some(revision) => read(revision).await.map(|(label, files)| (label, Some(files)))?,
        None => ("nothing".to_string(), None),
    };
    let (head_label, head) = read(arguments.head.as_deref().unwrap_or("HEAD")).await?;
    Ok(States { base, base_label, head, head_label, remotes: vec![url.clone()] })
}

fn label(revision: &str, commit: &Commit) -> String {
    format!("{revision} ({})", commit.get(..7).unwrap_or(commit))
}

fn of_git(error: &source::Error) -> Error {
    let exit = if matches!(error, source::Error::Denied { .. }) { Exit::Authentication } else { Exit::Failure };
    Error::new("the repository cannot be read").caused_by(error).with_exit(exit)
}

/// Other repositories: https and ssh only, because a plan may be of a stranger's pull request.
pub(super) fn outside() -> Result<Git, Error> {
    let options = source::Options { policy: Policy::default(), ..source::Options::default() };
    Ok(Git::new(cache()?.join("plan"), options))
}

pub(super) fn cache() -> Result<PathBuf, Error> {
    process::cache_dir().ok_or_else(|| Error::usage("neither XDG_CACHE_HOME nor HOME is set"))
}

/// The state to start from. An empty platform has keys of its own, which nothing outside of the process trusts.
pub(super) fn against(argument: &str) -> Result<(Against, Keys), Error> {
    if argument == "empty" {
        let key = Arc::new(jose::SigningKey::generate(&SystemEntropy).context("a signing key could not be made")?);
        return Ok((Against::Empty, Keys { cluster: key.clone(), azure: key }));
    }
    let directory = DataDir::existing(Path::new(argument))?;
    let store = store::Memory::load(&directory.store())
        .map_err(|error| data_dir::store_error(format!("the state of {argument} cannot be read"), &error))?;
    Ok((Against::State { store, azure: directory.azure(&SystemEntropy)? }, directory.keys()?))
}

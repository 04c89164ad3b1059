//! Repositories that are given, not read: for the sandbox, `plan` and tests. Nothing waits and nothing blocks.

use std::{collections::BTreeMap, sync::Arc};

use api::files::FileSet;
use async_trait::async_trait;
use parking_lot::Mutex;

use crate::{Commit, Error, Repository, address::shown, range, same_repository, symlink, symlink::Node};

/// Repositories by URL. The URL of a query may be spelled differently, see [`same_repository`].
#[derive(Debug, Default)]
pub struct Fixed(Mutex<Vec<(String, Repo)>>);

#[derive(Debug, Default)]
struct Repo {
    /// What `HEAD` names: the branch that was set first.
    head: Option<String>,
    refs: BTreeMap<String, Commit>,
    commits: BTreeMap<Commit, FileSet>,
    failure: Option<Error>,
}

impl Fixed {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A repository without a commit, if it is not there yet.
    pub fn add(&self, url: &str) {
        self.with(url, |_| ());
    }

    /// Moves a branch (or a tag) to a commit with these files.
    pub fn set_head(&self, url: &str, branch: &str, commit: &str, files: FileSet) {
        self.with(url, |repo| {
            repo.head.get_or_insert_with(|| branch.to_owned());
            repo.refs.insert(branch.to_owned(), commit.to_owned());
            repo.commits.insert(commit.to_owned(), files);
        });
    }

    /// From now on every question about the repository gets this error, until it is taken back with `None`.
    pub fn set_failure(&self, url: &str, failure: Option<Error>) {
        self.with(url, |repo| repo.failure = failure);
    }

    fn with<T>(&self, url: &str, change: impl FnOnce(&mut Repo) -> T) -> T {
        let mut repos = self.0.lock();
        let place = match repos.iter().position(|(known, _)| same_repository(known, url)) {
            Some(place) => place,
            None => {
                repos.push((url.to_owned(), Repo::default()));
                repos.len() - 1
            }
        };
        change(&mut repos[place].1)
    }

    fn read<T>(&self, url: &str, read: impl FnOnce(&Repo) -> Result<T, Error>) -> Result<T, Error> {
        let repos = self.0.lock();
        match repos.iter().find(|(known, _)| same_repository(known, url)) {
            Some((_, Repo { failure: Some(failure), .. })) => Err(failure.clone()),
            Some((_, repo)) => read(repo),
            None => Err(Error::Unreachable { url: shown(url), message: "repository not found".into() }),
        }
    }
}

#[async_trait]
impl Repository for Fixed {
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error> {
        self.read(url, |repo| {
            let head = repo.head.as_deref().ok_or_else(|| Error::Empty { url: shown(url) })?;
            if repo.commits.contains_key(revision) {
                return Ok(revision.to_owned());
            }
            let name = if revision.is_empty() || revision == "HEAD" { head } else { revision };
            let name = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/")).unwrap_or(name);
            let name = range::newest(name, repo.refs.keys().map(String::as_str)).unwrap_or(name);
            let missing = || Error::RevisionMissing { url: shown(url), revision: revision.to_owned() };
            repo.refs.get(name).cloned().ok_or_else(missing)
        })
    }

    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        self.read(url, |repo| {
            let missing = || Error::RevisionMissing { url: shown(url), revision: commit.to_owned() };
            let files = repo.commits.get(commit).ok_or_else(missing)?;
            let nodes = files.0.keys().map(|path| (path.as_str(), Node::File)).collect();
            let selected = symlink::select(&nodes, path, &shown(url), commit)?;
            let contents = |(name, real): (String, &str)| Some((name, files.0.get(real)?.clone()));
            Ok(Arc::new(FileSet(selected.into_iter().filter_map(contents).collect())))
        })
    }
}

//! `--workshop`: the identity, the cluster's objects, and the repository with both samples as its first commit.

use std::{fs, io, path::Path};

use api::{env::Clock, files::FileSet};
use sandbox::{Platform, workshop};
use source::Author;

use super::repository::Local;
use crate::{
    data_dir::DataDir,
    error::{Context, Error},
    process::SystemClock,
};

/// Does what is not done yet; what a user has changed since stays.
pub(super) async fn prepare(platform: &Platform, directory: &DataDir, repository: &Local) -> Result<(), Error> {
    let identity = workshop::identity(platform).await.context("the workshop's identity could not be prepared")?;
    let path = directory.repository();
    if !path.exists() {
        let files = workshop::files_of_both(platform.subscription_id(), platform.tenant_id(), &identity);
        let made = tokio::task::spawn_blocking(move || make(&path, &files));
        made.await.context("git could not be run")??;
    }
    workshop::objects(platform, &identity, repository.url())
        .await
        .context("the workshop's objects could not be applied")
}

/// All or nothing: a process that is killed half-way must not leave a repository without its first commit.
fn make(path: &Path, files: &FileSet) -> Result<(), Error> {
    let unfinished = path.with_extension("unfinished");
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
    .context(format!("{} cannot be removed", unfinished.display()))?;
    let author = Author { name: "Windlass".into(), email: "workshop@windlass.test".into() };
    let message = "Samples 1 and 2: an AKS cluster and ASOv2 resources";
    source::init_bare(&unfinished, workshop::BRANCH)
        .and_then(|()| source::commit_files(&unfinished, workshop::BRANCH, files, message, &author, SystemClock.now()))
        .context("the workshop's repository could not be made")?;
    fs::rename(&unfinished, path).context(format!("{} cannot be made", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("r.git");
        source::init_bare(&directory.path().join("r.unfinished"), "other").unwrap();
        make(&path, &workshop::files("t", "p")).unwrap();
        assert!(path.join("refs/heads").join(workshop::BRANCH).is_file());
        assert!(!directory.path().join("r.unfinished").exists());
    }
}

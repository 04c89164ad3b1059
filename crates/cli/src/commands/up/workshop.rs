//! `--workshop`: the identity, the cluster's objects, and the repository with Sample 2 as its first commit.

use api::env::Clock;
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
    if !path.join("HEAD").is_file() {
        let files = workshop::files(platform.tenant_id(), &identity.principal_id);
        let made = tokio::task::spawn_blocking(move || -> Result<(), source::Error> {
            source::init_bare(&path, workshop::BRANCH)?;
            let author = Author { name: "Windlass".into(), email: "workshop@windlass.test".into() };
            let message = "Sample-2: Create new ASOv2 resources";
            source::commit_files(&path, workshop::BRANCH, &files, message, &author, SystemClock.now()).map(|_| ())
        });
        made.await.context("git could not be run")?.context("the workshop's repository could not be made")?;
    }
    workshop::objects(platform, &identity, repository.url())
        .await
        .context("the workshop's objects could not be applied")
}

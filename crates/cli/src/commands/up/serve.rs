//! What the listener of `up` serves besides Azure: the Kubernetes API, hosted clusters, health, metrics, Git pushes and the
//! webhook; and the files that say how to reach it.

use std::{future::Future, sync::Arc};

use apiserver::serve::health;
use axum::Router;
use sandbox::{Platform, workshop};
use tokio_util::sync::CancellationToken;

use crate::{
    data_dir::DataDir,
    error::{Context, Error},
    listener::Listener,
    process::SystemEntropy,
};

/// Writes how to get in, then serves until it is told to stop.
pub(super) fn serve(
    listener: Listener,
    platform: &Platform,
    directory: &DataDir,
    repository_url: &str,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let credential = directory.secret("git-password", &SystemEntropy)?;
    let login = format!("https://windlass:{}@{}\n", credential.reveal(), listener.address());
    apiserver::pki::write_private(&directory.git_credentials(), login.as_bytes())
        .context("the Git credential cannot be written")?;
    let (applications, url) = (platform.applications().clone(), repository_url.to_string());
    let pushed = Arc::new(move || applications.pushed(Some(&url)));
    let git = source::serve::Config::new(directory.repository(), credential, pushed);
    let router = Router::new()
        .nest(&format!("/git/{}", workshop::REPOSITORY), source::serve::router(git))
        .merge(platform.hosting().router())
        .merge(controllers::application::webhook::router(platform.applications().clone()))
        .fallback_service(platform.api().network(Vec::new(), health::routes(Vec::new())));
    listener.write_environment(directory, platform.azure())?;
    // Written last: whoever waits for it can connect.
    apiserver::pki::write_private(&directory.kubeconfig(), listener.kubeconfig().as_bytes())
        .context("the kubeconfig cannot be written")?;
    Ok(listener.serve(router, platform.twin(), stop))
}

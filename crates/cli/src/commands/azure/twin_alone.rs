//! `windlass azure twin`: Azure alone on one port, with the AKS clusters it hosts, over the state of a data directory.

use std::{net::SocketAddr, sync::Arc};

use api::status::Status;
use axum::Router;
use sandbox::{AzureAlone, AzureOptions};
use tokio_util::sync::CancellationToken;

use super::super::up;
use crate::{
    args,
    data_dir::DataDir,
    error::{Context, Error},
    exit::Exit,
    listener::{Listener, PORT},
    output,
    process::{self, SystemClock, SystemEntropy},
};

pub(super) fn run(arguments: &args::Twin) -> Result<Exit, Error> {
    if arguments.faults.is_some() {
        return Err(Error::usage("--faults is not built yet").hint("the simulation injects faults: `cargo xtask sim`"));
    }
    let runtime = super::super::runtime()?;
    let result = runtime.block_on(serve(arguments));
    runtime.shutdown_timeout(up::SHUTDOWN);
    result
}

async fn serve(arguments: &args::Twin) -> Result<Exit, Error> {
    let directory = DataDir::open(&process::data_dir(arguments.data_dir.as_deref())?)?;
    let wanted = arguments.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], PORT)));
    let listener = Listener::bind(wanted, &directory).await?;
    let opened = {
        let directory = directory.clone();
        tokio::task::spawn_blocking(move || up::open(&directory))
    };
    let (store, keys, azure, hash_key) = opened.await.context("the data directory cannot be opened")??;
    let options = AzureOptions {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        key: keys.azure,
        azure: azure.clone(),
        hash_key,
        address: listener.hosted(),
        webhooks: Some(Arc::new(apiserver::serve::Webhooks)),
        pace: match arguments.clock {
            args::Pace::Fast => twin::Pace::Fast,
            args::Pace::Real => twin::Pace::Real,
        },
    };
    let alone = Arc::new(AzureAlone::start(options).await.context("the twin did not start")?);
    listener.write_environment(&directory, &azure)?;
    let url = listener.url();
    let stop = CancellationToken::new();
    let router = alone.hosting().router().merge(Router::new().fallback(nobody));
    let serving = tokio::spawn(listener.serve(router, alone.twin(), stop.clone()));
    let clusters = tokio::spawn(async move { alone.run().await });
    output::note(&format!(
        "Azure's twin at {url}; in another shell:\n  source {}\n  az login --service-principal -u \"$TWIN_CLIENT_ID\" \
         -p \"$TWIN_CLIENT_SECRET\" --tenant \"$TWIN_TENANT_ID\"",
        directory.azure_env().display()
    ));
    process::asked_to_stop().await;
    clusters.abort();
    let _ = clusters.await;
    stop.cancel();
    let _ = tokio::time::timeout(up::SHUTDOWN, serving).await;
    Ok(Exit::Ok)
}

/// There is no management cluster behind this port.
async fn nobody() -> axum::response::Response {
    apiserver::access::refusal(&Status::failure(
        404,
        "NotFound",
        "this is the twin of Azure: its clusters are below /clusters/, and `windlass up` serves the Kubernetes API",
    ))
}

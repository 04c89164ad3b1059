//! `windlass up`: the platform over a durable store, the real clock and real sockets.

mod follow;
mod report;
mod repository;
mod serve;
mod workshop;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use sandbox::{Options, Platform, install};
use source::chart::Charts;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    args,
    data_dir::{self, DataDir},
    error::{Context, Error},
    exit::Exit,
    listener::{Listener, PORT},
    output,
    process::{self, SystemClock, SystemEntropy},
};
use report::Report;
use repository::Local;

/// What still runs when the process is asked to stop gets this long.
pub(super) const SHUTDOWN: Duration = Duration::from_secs(5);

pub(super) fn run(arguments: &args::Up) -> Result<Exit, Error> {
    let runtime = super::runtime()?;
    let result = runtime.block_on(up(arguments));
    runtime.shutdown_timeout(SHUTDOWN);
    result
}

async fn up(arguments: &args::Up) -> Result<Exit, Error> {
    let start = Instant::now();
    let directory = DataDir::open(&process::data_dir(arguments.data_dir.as_deref())?)?;
    // `--once` ends by itself: it must not be in the way of a running one.
    let port = if arguments.once { 0 } else { PORT };
    let wanted = arguments.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)));
    let listener = Listener::bind(wanted, &directory).await?;
    let repository = Arc::new(Local::new(&directory, listener.url()));
    let charts = super::charts::all(&directory.path("cache"), arguments.mirror.clone(), arguments.workshop);
    let platform = Arc::new(start_platform(arguments, &directory, repository.clone(), charts, &listener).await?);
    let stop = CancellationToken::new();
    let serving = tokio::spawn(serve::serve(listener, &platform, &directory, repository.url(), stop.clone())?);
    let controllers = tokio::spawn({
        let platform = platform.clone();
        async move { platform.run().await }
    });
    let work = async {
        if arguments.workshop {
            workshop::prepare(&platform, &directory, &repository).await?;
        }
        follow(arguments, &platform, &directory, repository.url(), start).await
    };
    // A signal ends the preparation too: whatever was written is taken up by the next start.
    let exit = tokio::select! {
        biased;
        () = process::asked_to_stop() => Ok(Exit::Ok),
        result = work => result,
    };
    // Controllers first, and to their end: what they would say about a closing API is noise.
    controllers.abort();
    let _ = controllers.await;
    stop.cancel();
    let _ = tokio::time::timeout(SHUTDOWN, serving).await;
    exit
}

async fn start_platform(
    arguments: &args::Up,
    directory: &DataDir,
    repository: Arc<Local>,
    charts: Arc<dyn Charts>,
    listener: &Listener,
) -> Result<Platform, Error> {
    // Making keys, and opening the store, are real work on real threads.
    let opened = {
        let directory = directory.clone();
        tokio::task::spawn_blocking(move || open(&directory))
    };
    let (store, keys, azure, hash_key) = opened.await.context("the data directory cannot be opened")??;
    let options = Options {
        store,
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        repository,
        charts,
        keys,
        azure,
        hash_key,
        client_ca_pem: Some(listener.authority()),
        webhooks: Some(Arc::new(apiserver::serve::Webhooks)),
        limits: sandbox::Limits { annotations_bytes: arguments.annotations_limit },
        crd_pattern: install::CRD_PATTERN.into(),
        address: Some(listener.hosted()),
        kubernetes_versions_of: arguments.workshop.then_some(sandbox::workshop::DATE),
        pace: twin::Pace::Fast,
        strangers: twin::Strangers::Refused,
        faults: None,
        applications: controllers::application::Settings::default(),
    };
    Platform::start(options).await.context("the platform did not start")
}

pub(super) type Opened = (Arc<store::Durable>, sandbox::Keys, sandbox::Azure, api::Redacted<[u8; 32]>);

pub(super) fn open(directory: &DataDir) -> Result<Opened, Error> {
    let keys = directory.keys()?;
    let azure = directory.azure(&SystemEntropy)?;
    let hash_key = directory.hash_key(&SystemEntropy)?;
    let store = store::Durable::open(&directory.store()).map_err(|error| {
        data_dir::store_error(format!("the store in {} cannot be opened", directory.root().display()), &error)
    })?;
    Ok((store, keys, azure, hash_key))
}

/// Shows what happens; with `--once` ends when everything is healthy, otherwise when asked to stop.
async fn follow(
    arguments: &args::Up,
    platform: &Platform,
    directory: &DataDir,
    repository: &str,
    start: Instant,
) -> Result<Exit, Error> {
    if !arguments.workshop && !arguments.once {
        output::note(&format!(
            "serving; export KUBECONFIG={}; for az: source {}",
            directory.kubeconfig().display(),
            directory.azure_env().display()
        ));
        return std::future::pending().await;
    }
    match follow::until_healthy(platform, arguments.timeout).await? {
        Some(applications) => {
            let report = Report::of(platform, applications, start.elapsed()).await?;
            if !output::structured(arguments.output, &report)? {
                output::data(&report.table());
                let next = if arguments.once { after_the_end(directory) } else { while_it_runs(directory, repository) };
                output::note(&next);
            }
        }
        None if arguments.once => return Err(follow::explain(platform, arguments.timeout).await?),
        None => output::note(&format!(
            "not every Application is healthy; `windlass why` explains. KUBECONFIG={}",
            directory.kubeconfig().display()
        )),
    }
    if arguments.once { Ok(Exit::Ok) } else { std::future::pending().await }
}

/// Three commands to try when the process has ended.
fn after_the_end(directory: &DataDir) -> String {
    let kubeconfig = directory.kubeconfig();
    format!(
        "\nNext:\n  windlass up --workshop &\n  kubectl --kubeconfig {} get applications,clusters,resourcegroups,vaults -A\n  windlass cluster kubeconfig dev-cluster\n  windlass why vault/app-keyvault -n rg-dev-app",
        kubeconfig.display()
    )
}

/// Commands to try beside the running process; the first makes the clone whose pushes the platform follows.
fn while_it_runs(directory: &DataDir, repository: &str) -> String {
    format!(
        "\nNext:\n  git clone -c http.sslCAInfo={} -c credential.helper='store --file={}' {repository}\n  kubectl --kubeconfig {} get applications,clusters,resourcegroups,vaults -A\n  windlass cluster kubeconfig dev-cluster\n  windlass why vault/app-keyvault -n rg-dev-app\n  source {}; az login --service-principal -u \"$TWIN_CLIENT_ID\" -p \"$TWIN_CLIENT_SECRET\" --tenant \"$TWIN_TENANT_ID\"",
        directory.pki().join("cluster-ca.crt").display(),
        directory.git_credentials().display(),
        directory.kubeconfig().display(),
        directory.azure_env().display()
    )
}

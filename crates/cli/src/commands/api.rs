//! The way of a command to the Kubernetes API: the data directory's kubeconfig or a named one.

use controllers::cluster::Cluster;
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::{
    args,
    error::{Context, Error},
    exit::Exit,
    process,
};

/// `--kubeconfig`, or that of the data directory: never the user's current context by accident.
pub(super) async fn connect(to: &args::Api) -> Result<Cluster, Error> {
    let path = match &to.kubeconfig {
        Some(path) => path.clone(),
        None => process::data_dir(to.data_dir.as_deref())?.join("kubeconfig"),
    };
    let kubeconfig = Kubeconfig::read_from(&path).map_err(|error| {
        Error::new(format!("{} cannot be read", path.display()))
            .caused_by(error)
            .hint("start `windlass up`, or name a file with --kubeconfig")
    })?;
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .context(format!("{} is no usable kubeconfig", path.display()))?;
    Ok(Cluster::new(kube::Client::try_from(config).context("no client")?, "windlass"))
}

pub(super) fn unreachable(error: &controllers::cluster::Error) -> Error {
    let exit = if matches!(error, controllers::cluster::Error::Api { code: 401, .. }) {
        Exit::Authentication
    } else {
        Exit::Failure
    };
    Error::new("the Kubernetes API did not answer the question")
        .caused_by(error)
        .with_exit(exit)
        .hint("is `windlass up` running? --kubeconfig names another API")
}

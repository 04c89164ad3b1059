//! `windlass why KIND/NAME`: the chain from an object to the lowest cause, with the next step.

use actions::Chain;
use api::names::ObjectRef;
use controllers::{cluster::Cluster, why};
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::{
    args,
    error::{Context, Error},
    exit::Exit,
    output, process,
};

pub(super) fn run(arguments: &args::Why) -> Result<Exit, Error> {
    super::runtime()?.block_on(ask(arguments))
}

async fn ask(arguments: &args::Why) -> Result<Exit, Error> {
    let (kind, name) =
        arguments.object.split_once('/').filter(|(kind, name)| !kind.is_empty() && !name.is_empty()).ok_or_else(
            || {
                Error::usage(format!("`{}` is not KIND/NAME", arguments.object))
                    .hint("for example: windlass why vault/app-keyvault -n rg-dev-app")
            },
        )?;
    let cluster = Cluster::new(client(arguments).await?, "windlass");
    let found = why::find_kind(&cluster, kind).await.map_err(|error| unreachable_api(&error))?;
    let (gvk, namespaced) = found.ok_or_else(|| {
        Error::new(format!("the server has no kind `{kind}`")).hint("`kubectl api-resources` lists the kinds")
    })?;
    let namespace = if namespaced { arguments.namespace.as_str() } else { "" };
    let target = ObjectRef::new(&gvk, namespace, name);
    let chain = why::why(&cluster, &target).await.map_err(|error| unreachable_api(&error))?;
    if !output::structured(arguments.output, &chain)? {
        output::data(render(&target, &chain).trim_end());
    }
    Ok(if chain.healthy { Exit::Ok } else { Exit::Failure })
}

fn unreachable_api(error: &controllers::cluster::Error) -> Error {
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

/// `--kubeconfig`, or that of the data directory: never the user's current context by accident.
async fn client(arguments: &args::Why) -> Result<kube::Client, Error> {
    let path = match &arguments.kubeconfig {
        Some(path) => path.clone(),
        None => process::data_dir(arguments.data_dir.as_deref())?.join("kubeconfig"),
    };
    let kubeconfig = Kubeconfig::read_from(&path).map_err(|error| {
        Error::new(format!("{} cannot be read", path.display()))
            .caused_by(error)
            .hint("start `windlass up`, or name a file with --kubeconfig")
    })?;
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .context(format!("{} is no usable kubeconfig", path.display()))?;
    kube::Client::try_from(config).context("no client")
}

fn render(target: &ObjectRef, chain: &Chain) -> String {
    if chain.healthy {
        return format!("{target} is ready");
    }
    let mut out = String::new();
    for (depth, cause) in chain.causes.iter().enumerate() {
        let arrow = if depth == 0 { String::new() } else { format!("{}└─ ", "   ".repeat(depth - 1)) };
        let message = if cause.message.is_empty() {
            String::new()
        } else {
            format!("\n{}{}", "   ".repeat(depth), cause.message)
        };
        out.push_str(&format!("{arrow}{}: {}{message}\n", cause.subject, cause.says));
    }
    out.push_str(&format!("\nnext: {}\n", chain.next_step));
    out
}

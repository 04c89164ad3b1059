//! `windlass why KIND/NAME`: the chain from an object to the lowest cause, with the next step.

use actions::Chain;
use api::names::ObjectRef;
use controllers::why;

use super::api as server;
use crate::{args, error::Error, exit::Exit, output};

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
    let cluster = server::connect(&arguments.api).await?;
    let found = why::find_kind(&cluster, kind).await.map_err(|error| server::unreachable(&error))?;
    let (gvk, namespaced) = found.ok_or_else(|| {
        Error::new(format!("the server has no kind `{kind}`")).hint("`kubectl api-resources` lists the kinds")
    })?;
    let namespace = if namespaced { arguments.namespace.as_str() } else { "" };
    let target = ObjectRef::new(&gvk, namespace, name);
    let chain = why::why(&cluster, &target).await.map_err(|error| server::unreachable(&error))?;
    if !output::structured(arguments.output, &chain)? {
        output::data(render(&target, &chain).trim_end());
    }
    Ok(if chain.healthy { Exit::Ok } else { Exit::Failure })
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

//! Answering what decide asks.

use std::collections::BTreeMap;

use api::{
    ObjectExt, Redacted,
    names::{GroupVersionKind, ObjectRef},
};
use capi::{Contract, Observed, Query, names};
use serde_json::Value;

use super::{
    Context,
    dependants::{Dependency, Used},
};
use crate::cluster::Error;

pub(super) async fn answer(
    context: &Context,
    observed: &mut Observed,
    used: &mut Used<'_>,
    query: Query,
) -> Result<(), Error> {
    match query {
        Query::Object(target) => {
            used.object(&target);
            let object = context.of(&target.group).get(&target).await?;
            observed.objects.insert(target, object);
        }
        Query::Spec(target) => {
            used.spec(&target);
            let object = context.of(&target.group).get(&target).await?;
            observed.answer_spec(target, object);
        }
        Query::Secret { namespace, name } => {
            let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), &namespace, &name);
            used.object(&target);
            let secret = context.azure.get(&target).await?.map(Redacted::new);
            observed.secrets.insert((namespace, name), secret);
        }
        Query::List { gvk, namespace, cluster } => {
            used.list(&gvk, &namespace, &cluster);
            let selector = format!("{}={cluster}", names::CLUSTER_NAME_LABEL);
            let list = context.of(&gvk.group).list_labelled(&gvk, &namespace, &selector).await?;
            observed.lists.insert((gvk, namespace, cluster), list);
        }
        Query::Definition(name) => {
            used.add(Dependency::Definition(name.clone()));
            let labels = definition(context, &name).await?;
            observed.definitions.insert(name, labels);
        }
        Query::Nodes { namespace, cluster } => {
            used.add(Dependency::Nodes { namespace: namespace.clone(), cluster: cluster.clone() });
            let nodes = super::nodes::list(context, used, &namespace, &cluster).await?;
            observed.nodes.insert((namespace, cluster), nodes);
        }
    }
    Ok(())
}

/// The labels of the definition. They are remembered until an event tells others; that there is none is not.
async fn definition(context: &Context, name: &str) -> Result<Contract, Error> {
    if let Some(Some(known)) = context.definitions.lock().get(name) {
        return Ok(Some(known.clone()));
    }
    let gvk = GroupVersionKind::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let object = context.core.get(&ObjectRef::new(&gvk, "", name)).await?;
    let labels: Contract = object.map(|object| {
        let labels = object.labels().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        labels.map(|(key, value)| (key.clone(), text(value))).collect::<BTreeMap<_, _>>()
    });
    if labels.is_some() {
        // An event that came in between knows better.
        context.definitions.lock().entry(name.to_string()).or_insert_with(|| labels.clone());
    }
    Ok(labels)
}

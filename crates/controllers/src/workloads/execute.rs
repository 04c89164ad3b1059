//! Executing what was decided. Pods of one pass are made and removed side by side, everything else one after the other.

use actions::{Action, Verb, Write};
use api::{ObjectExt, names::ObjectRef};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::Value;
use workloads::{At, Kind};

use super::Context;
use crate::{cluster::Error, runtime::Failure};

const PARALLEL_WRITES: usize = 16;

pub(super) async fn execute(context: &Context, actions: Vec<Action>) -> Result<(), Failure> {
    let mut rest = actions.as_slice();
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|action| is_of_pods(action)).count().max(1);
        let (batch, after) = rest.split_at(alike);
        rest = after;
        if batch.len() == 1 {
            one(context, first).await?;
            continue;
        }
        let mut results = stream::iter(batch.to_vec())
            .map(|action| async move { one(context, &action).await })
            .buffer_unordered(PARALLEL_WRITES);
        let mut failure = None;
        while let Some(result) = results.next().await {
            failure = failure.or(result.err());
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
    }
    Ok(())
}

fn is_of_pods(action: &Action) -> bool {
    matches!(action, Action::Write(Write { target, verb: Verb::Create { .. } | Verb::Delete { .. }, .. }) if target.kind == "Pod")
}

async fn one(context: &Context, action: &Action) -> Result<(), Failure> {
    let (target, answer) = match action {
        Action::Write(write) => (&write.target, context.cluster.write(write).await),
        Action::Status(patch) => (&patch.target, context.cluster.patch_status(patch).await),
        Action::Arm { .. } => return Ok(()),
    };
    match answer {
        Ok(answer) => {
            know(context, action, target, &answer);
            Ok(())
        }
        Err(error) => {
            correct(context, target).await;
            let creates = matches!(action, Action::Write(Write { verb: Verb::Create { .. }, .. }));
            // What is gone needs nothing; the stream says so.
            if error.is_not_found() && !creates { Ok(()) } else { Err(error.into()) }
        }
    }
}

fn know(context: &Context, action: &Action, target: &ObjectRef, answer: &Value) {
    let Some(kind) = Kind::of_object(&target.group, &target.kind) else { return };
    let at = At::new(&target.namespace, &target.name);
    let mut world = context.world.lock();
    let keys = match action {
        Action::Write(Write { verb: Verb::Delete { uid, .. }, .. }) if answer.deletion_timestamp().is_none() => {
            world.removed(kind, &at, uid)
        }
        _ => world.put(kind, Bytes::from(answer.to_string())),
    };
    context.add(keys);
}

/// A write that failed was assumed to come true.
async fn correct(context: &Context, target: &ObjectRef) {
    if target.name.is_empty() || !matches!(target.kind.as_str(), "Pod" | "Binding") {
        return;
    }
    let pod = ObjectRef { kind: Kind::Pod.name().into(), ..target.clone() };
    let read: Result<Option<Value>, Error> = context.cluster.get(&pod).await;
    let Ok(object) = read else { return };
    let at = At::new(&target.namespace, &target.name);
    let keys = context.world.lock().correct(Kind::Pod, &at, object.as_ref());
    context.add(keys);
}

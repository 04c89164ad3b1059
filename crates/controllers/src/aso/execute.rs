//! Executing what decide said. What a write returns is the object as it is now; what Azure answers is an observation.

use actions::Action;
use api::names::ObjectRef;
use aso::{Env, Observed};
use serde_json::Value;

use super::{Context, observe};
use crate::cluster::Error;

pub(super) async fn execute(
    context: &Context,
    observed: &mut Observed,
    env: &Env,
    action: &Action,
) -> Result<(), Error> {
    match action {
        Action::Write(write) => {
            let now = context.cluster.write(write).await?;
            learn(observed, &write.target, now);
        }
        Action::Status(status) => {
            let now = context.cluster.patch_status(status).await?;
            learn(observed, &status.target, now);
        }
        Action::Arm { request, reason } => {
            tracing::info!(method = %request.method, id = request.id, %reason, "azure");
            if let Some(recorder) = &context.recorder {
                (recorder.0)(request, reason);
            }
            let answer = observe::send(context, observed, env, request).await?;
            observed.arm.push((request.clone(), answer));
        }
    }
    Ok(())
}

/// The answer to a write of the object itself replaces what was read before.
fn learn(observed: &mut Observed, target: &ObjectRef, now: Value) {
    let same = ObjectRef::of(&observed.object).is_some_and(|own| {
        (own.group, own.kind, own.namespace, own.name)
            == (target.group.clone(), target.kind.clone(), target.namespace.clone(), target.name.clone())
    });
    if same && ObjectRef::of(&now).is_some_and(|now| now.kind == target.kind) {
        observed.object = now;
    }
}

//! Answering what decide asks. A refusal is an answer; a failure that may pass ends the pass.

use api::{
    ObjectExt,
    argoproj::TRACKING_ANNOTATION,
    names::{GroupVersionKind, ObjectRef},
    status::Status,
};
use gitops::{DryRun, Env, Observed, Query, Scope, SourceFailure, SourceFailureKind, tracking::TrackingId};
use serde_json::Value;

use super::{Context, charts, memory, request};
use crate::cluster::{Cluster, Error};

pub(super) async fn answer(
    context: &Context,
    key: &ObjectRef,
    env: &Env,
    observed: &mut Observed,
    query: Query,
) -> Result<(), Error> {
    match query {
        Query::Resolve { url, revision } => {
            let result = context.repository.resolve(&url, &revision).await.map_err(failure);
            context.memory.asked(key, env.now);
            observed.resolved.insert((url, revision), result);
        }
        Query::Tree { url, commit, path } => {
            let result = context.repository.tree(&url, &commit, &path).await.map_err(failure);
            observed.trees.insert((url, commit, path), result);
        }
        Query::Versions { repository, chart } => {
            let result = charts::versions(context, &repository, &chart).await;
            context.memory.asked(key, env.now);
            observed.versions.insert((repository, chart), result);
        }
        Query::Chart(chart) => {
            let result = charts::files(context, env, observed, &chart).await;
            // A pinned version is no look at what is new: it must not put off the next one.
            if env.polling.is_due(env.now) {
                context.memory.asked(key, env.now);
            }
            observed.charts.insert(chart, result);
        }
        Query::Capabilities => {
            observed.capabilities = Some(charts::capabilities(context, env).await?);
        }
        Query::Render(request) => {
            let digest = request.digest();
            let result = charts::render(context, observed, *request).await;
            if let Ok(rendered) = &result {
                context.memory.keep_rendered(key, rendered.clone());
            }
            observed.rendered.insert(digest, result);
        }
        Query::Kind(gvk) => {
            let scope = scope(&context.cluster, &gvk).await?;
            observed.kinds.insert(gvk, scope);
        }
        Query::Live(target) => {
            let live = read(&context.cluster, &target).await?;
            observed.live.insert(target, live);
        }
        Query::Tracked { instance, kinds } => {
            observed.tracked = Some(tracked(&context.cluster, &instance, &kinds).await?);
        }
        Query::DryRun { target, object } => {
            let dry_run = dry_run(context, observed, &target, &object).await?;
            observed.dry_runs.insert(target, dry_run);
        }
    }
    Ok(())
}

fn failure(error: source::Error) -> SourceFailure {
    use source::Error as E;
    let kind = match &error {
        E::Unreachable { .. } => SourceFailureKind::Unreachable,
        E::Denied { .. } => SourceFailureKind::Denied,
        E::Empty { .. } => SourceFailureKind::Empty,
        E::RevisionMissing { .. } => SourceFailureKind::RevisionMissing,
        E::PathMissing { .. } => SourceFailureKind::PathMissing,
        E::NotAllowed { .. } => SourceFailureKind::NotAllowed,
        E::TooLarge { .. } => SourceFailureKind::TooLarge,
        E::Unsupported { .. } | E::Git { .. } => SourceFailureKind::Other,
    };
    SourceFailure { kind, message: error.to_string() }
}

async fn scope(cluster: &Cluster, gvk: &GroupVersionKind) -> Result<Scope, Error> {
    Ok(match cluster.served(gvk).await? {
        None => Scope::NotServed,
        Some(served) if served.namespaced => Scope::Namespaced,
        Some(_) => Scope::Cluster,
    })
}

/// The object as it is now; a refusal to say is an answer.
pub(super) async fn read(cluster: &Cluster, target: &ObjectRef) -> Result<Result<Option<Value>, Status>, Error> {
    match cluster.get(target).await {
        Ok(object) => Ok(Ok(object)),
        Err(Error::Api { code, reason, message, .. }) if !request::is_passing(code) => {
            Ok(Err(Status::failure(code, &reason, message)))
        }
        Err(error) => Err(error),
    }
}

/// Objects whose tracking id names the instance. A kind that may not be listed has none that we could know of.
async fn tracked(cluster: &Cluster, instance: &str, kinds: &[GroupVersionKind]) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    for gvk in kinds {
        let objects = match cluster.list(gvk, "").await {
            Ok(objects) => objects,
            Err(Error::Api { code: 403, .. }) => continue,
            Err(error) => return Err(error),
        };
        found.extend(objects.into_iter().filter(|object| {
            let id = object.annotation(TRACKING_ANNOTATION).and_then(TrackingId::parse);
            id.is_some_and(|id| id.application == instance)
        }));
    }
    Ok(found)
}

/// Reads of an object that changes faster than it can be compared.
const READS_MAX: usize = 4;

/// Dry runs are remembered per version of the live object and desired object, as Argo CD remembers them. What is predicted and
/// what is live are of one version of the object: another controller's write between the two reads would be a difference.
async fn dry_run(
    context: &Context,
    observed: &mut Observed,
    target: &ObjectRef,
    object: &Value,
) -> Result<DryRun, Error> {
    let live = |observed: &Observed| observed.live.get(target).and_then(|live| live.as_ref().ok()).cloned().flatten();
    let mut known = live(observed);
    let mut reads = 0;
    loop {
        let fingerprint = memory::fingerprint(known.as_ref(), object);
        if let Some(remembered) = context.memory.dry_run(target, fingerprint) {
            return Ok(remembered);
        }
        let applied = request::predict(&context.cluster, target, object).await?;
        let version = |object: &Option<Value>| object.as_ref().and_then(|o| o.resource_version().map(str::to_string));
        let predicted = applied.result.as_ref().ok().cloned();
        reads += 1;
        if known.is_some() && predicted.is_some() && version(&predicted) != version(&known) && reads < READS_MAX {
            let fresh = read(&context.cluster, target).await?;
            observed.live.insert(target.clone(), fresh);
            let fresh = live(observed);
            if version(&fresh) != version(&known) {
                known = fresh;
                continue;
            }
        }
        let dry_run = DryRun { result: applied.result, warnings: applied.warnings };
        context.memory.keep(target, fingerprint, dry_run.clone());
        return Ok(dry_run);
    }
}

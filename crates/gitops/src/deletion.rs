//! Deleting an Application: with a resources finalizer what it deployed goes first, highest wave first; without one it stays.
//!
//! Never deleted: CustomResourceDefinitions, objects with `Delete=false` or `helm.sh/resource-policy: keep`, objects of others.
//! PreDelete and PostDelete hooks do not exist here, so their finalizers are removed like ours.

use std::time::Duration;

use actions::{Action, Decision, Outcome, Propagation, Reason, Requeue, Verb, Write};
use api::{
    ObjectExt,
    argoproj::{self, Application, RESOURCES_FINALIZER},
    names::ObjectRef,
};
use serde_json::{Value, json};

use crate::{
    compare::{deduplicated, kind_queries, remembered, served},
    observed::{Env, Observed, Query},
    status::{self, Slot},
    sync::{
        hooks,
        options::{self, Options},
        wave,
    },
    tracking::{TrackingId, instance_name, is_crd},
};

/// Objects in deletion are looked at this often even if no watch says anything.
const LOOK_INTERVAL: Duration = Duration::from_secs(30);

/// Finalizers that Argo CD sets and this controller removes.
fn is_ours(finalizer: &str) -> bool {
    let names =
        [RESOURCES_FINALIZER, "pre-delete-finalizer.argocd.argoproj.io", "post-delete-finalizer.argocd.argoproj.io"];
    names
        .iter()
        .any(|name| finalizer == *name || finalizer.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
}

pub(crate) fn decide(observed: &Observed, app: &Application, env: &Env) -> Decision<Query> {
    let object = &observed.application;
    let finalizers = object.finalizers();
    if !finalizers.iter().any(|finalizer| is_ours(finalizer)) {
        return Decision::Do(Outcome::settled());
    }
    let cascade = finalizers.iter().find(|finalizer| finalizer.starts_with(RESOURCES_FINALIZER));
    let Some(cascade) = cascade else { return release(object) };
    let remembered = remembered(app);
    let kinds = kind_queries(observed, remembered.iter());
    if !kinds.is_empty() {
        return Decision::Need(kinds);
    }
    let present: Vec<&ObjectRef> = remembered.iter().filter(|r| served(observed, &r.gvk())).collect();
    let needs: Vec<Query> = present
        .iter()
        .filter(|reference| !observed.live.contains_key(**reference))
        .map(|reference| Query::Live((*reference).clone()))
        .collect();
    if !needs.is_empty() {
        return Decision::Need(deduplicated(needs));
    }
    if let Some(failure) = failure(observed, &present) {
        return report(observed, app, env, failure);
    }
    let propagation = if cascade.ends_with("/background") { Propagation::Background } else { Propagation::Foreground };
    let doomed = doomed(observed, app, env, &present);
    if doomed.is_empty() {
        return release(object);
    }
    if doomed.iter().any(|(_, object)| object.deletion_timestamp().is_some()) {
        return Decision::Do(Outcome::done(Vec::new(), Requeue::After(LOOK_INTERVAL)));
    }
    // Nobody waits for the end of a hook any more.
    let why = format!("Application {} is being deleted with {cascade}", app_name(app));
    let releases: Vec<Action> =
        doomed.iter().filter_map(|(target, object)| hooks::release(target, object, &why)).collect();
    if !releases.is_empty() {
        return Decision::Do(Outcome::again(releases));
    }
    let last = doomed.iter().map(|(_, object)| wave::of(object)).max();
    let deletes = doomed.iter().filter(|(_, object)| Some(wave::of(object)) == last).map(|(target, object)| {
        Action::Write(Write {
            target: (*target).clone(),
            verb: Verb::Delete { uid: object.uid().unwrap_or_default().to_string(), propagation },
            reason: Reason(why.clone()),
        })
    });
    Decision::Do(Outcome::again(deletes.collect()))
}

fn app_name(app: &Application) -> &str {
    app.metadata.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Live objects of this Application that its deletion takes along.
fn doomed<'a>(
    observed: &'a Observed,
    app: &Application,
    env: &Env,
    present: &[&'a ObjectRef],
) -> Vec<(&'a ObjectRef, &'a Value)> {
    let object = &observed.application;
    let (name, namespace) = (object.name().unwrap_or_default(), object.namespace().unwrap_or_default());
    let instance = instance_name(name, namespace, &env.control_namespace);
    let options = app.spec.sync_policy.as_ref().map(|policy| policy.sync_options.as_slice()).unwrap_or_default();
    let live = present.iter().filter_map(|r| Some((*r, observed.live.get(*r)?.as_ref().ok()?.as_ref()?)));
    live.filter(|(reference, object)| {
        let tracked = TrackingId::read(object).is_some_and(|id| {
            id.application == instance && id.is_self_reference(object, &app.spec.destination.namespace)
        });
        let itself = reference.group == argoproj::GROUP
            && reference.kind == "Application"
            && (reference.name.as_str(), reference.namespace.as_str()) == (name, namespace);
        // Nobody can confirm anything here: what waits for a confirmation stays.
        let kept = matches!(options::value(object, Options(options), "Delete").as_deref(), Some("false" | "confirm"))
            || object.annotation("helm.sh/resource-policy") == Some("keep");
        tracked && !itself && !kept && !is_crd(object)
    })
    .collect()
}

/// What kept an object from being read or deleted.
fn failure(observed: &Observed, present: &[&ObjectRef]) -> Option<String> {
    let unread = present.iter().find_map(|r| observed.live.get(*r)?.as_ref().err().map(|status| (*r, status)));
    let undeleted = || {
        let failed =
            observed.written.iter().find_map(|write| write.result.as_ref().err().map(|s| (&write.target, s)))?;
        // Gone, or replaced by a new one of that name: the next look tells.
        (!matches!(failed.1.code, 404 | 409)).then_some(failed)
    };
    unread.or_else(undeleted).map(|(reference, status)| format!("{reference}: {}", status.message))
}

fn report(observed: &Observed, app: &Application, env: &Env, message: String) -> Decision<Query> {
    let mut status = app.status.clone();
    let time = status.conditions.iter().find(|c| c.r#type == "DeletionError" && c.message == message).cloned();
    status.conditions.retain(|condition| condition.r#type != "DeletionError");
    status.conditions.push(time.unwrap_or_else(|| argoproj::Condition {
        r#type: "DeletionError".into(),
        message,
        last_transition_time: api::env::rfc3339(env.now),
    }));
    let write = status::write(&observed.application, status, Slot::Keep, env.now, "deletion failed");
    Decision::Do(Outcome::done(write.into_iter().collect(), Requeue::Backoff))
}

/// Nothing is left to delete: let the Application go.
fn release(object: &Value) -> Decision<Query> {
    let others: Vec<&str> = object.finalizers().into_iter().filter(|finalizer| !is_ours(finalizer)).collect();
    let patch = json!({ "metadata": {
        "finalizers": others,
        "resourceVersion": object.resource_version().unwrap_or_default(),
    }});
    let Some(target) = ObjectRef::of(object) else { return Decision::Do(Outcome::settled()) };
    let write = Write { target, verb: Verb::Merge { patch }, reason: Reason("its resources are gone".into()) };
    Decision::Do(Outcome::done(vec![Action::Write(write)], Requeue::OnChange))
}

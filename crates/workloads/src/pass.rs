//! What one pass comes to, while it is put together: writes with their reasons, and when to look again.

use std::time::Duration;

use actions::{Action, Outcome, Propagation, Reason, Requeue, StatusPatch, Verb, Write};
use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{At, Env, Kind, read, world::BINDING};

/// Added to pauses: timestamps in objects have whole seconds.
const SLACK: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Pass {
    pub(crate) now: Timestamp,
    actions: Vec<Action>,
    after: Option<Duration>,
}

impl Pass {
    pub(crate) fn new(env: &Env) -> Self {
        Self { now: env.now, actions: Vec::new(), after: None }
    }

    pub(crate) fn stamp(&self) -> String {
        api::env::rfc3339(self.now)
    }

    pub(crate) fn create(&mut self, kind: Kind, object: Value, reason: impl Into<Reason>) {
        let target = kind.at(&At::of(&object));
        self.actions.push(Action::Write(Write { target, verb: Verb::Create { object }, reason: reason.into() }));
    }

    /// A pod and its node.
    pub(crate) fn bind(&mut self, at: &At, object: Value, reason: impl Into<Reason>) {
        let gvk = GroupVersionKind::new("", "v1", BINDING);
        let target = ObjectRef::new(&gvk, &at.namespace, &at.name);
        self.actions.push(Action::Write(Write { target, verb: Verb::Create { object }, reason: reason.into() }));
    }

    /// A merge patch of this very object.
    pub(crate) fn merge(&mut self, kind: Kind, (at, uid): (&At, &str), mut patch: Value, reason: impl Into<Reason>) {
        patch["metadata"]["uid"] = uid.into();
        self.actions.push(Action::Write(Write {
            target: kind.at(at),
            verb: Verb::Merge { patch },
            reason: reason.into(),
        }));
    }

    pub(crate) fn delete(&mut self, kind: Kind, (at, uid): (&At, &str), reason: impl Into<Reason>) {
        let verb = Verb::Delete { uid: uid.into(), propagation: Propagation::Background };
        self.actions.push(Action::Write(Write { target: kind.at(at), verb, reason: reason.into() }));
    }

    /// Nothing when the status is that already.
    pub(crate) fn status(&mut self, kind: Kind, object: &Value, status: &Value, reason: impl Into<Reason>) {
        let none = json!({});
        let Some(change) = merge_patch(object.get("status").unwrap_or(&none), status) else { return };
        let patch = json!({"metadata": {"uid": object.uid()}, "status": change});
        let target = kind.at(&At::of(object));
        self.actions.push(Action::Status(StatusPatch { target, patch, reason: reason.into() }));
    }

    /// Look again then, if nothing makes it sooner.
    pub(crate) fn wake_at(&mut self, at: Timestamp) {
        let pause = Duration::try_from(at.duration_since(self.now)).unwrap_or_default() + SLACK;
        self.after = Some(self.after.map_or(pause, |known| known.min(pause)));
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.actions.is_empty()
    }

    pub(crate) fn finish(self) -> Outcome {
        Outcome::done(self.actions, self.after.map_or(Requeue::OnChange, Requeue::After))
    }
}

/// The RFC 7386 patch from one to the other; `None` when they are the same.
pub(crate) fn merge_patch(from: &Value, to: &Value) -> Option<Value> {
    let (Some(old), Some(new)) = (from.as_object(), to.as_object()) else {
        return (from != to).then(|| to.clone());
    };
    let mut patch = Map::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        match old.get(key) {
            Some(known) => patch.extend(merge_patch(known, value).map(|change| (key.clone(), change))),
            None => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

/// A reference to the object's controller.
pub(crate) fn owner_reference(kind: Kind, owner: &Value) -> Value {
    json!({
        "apiVersion": kind.api_version(),
        "kind": kind.name(),
        "name": owner.name(),
        "uid": owner.uid(),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// A pod out of a template, owned.
pub(crate) fn pod_of(template: &Value, kind: Kind, owner: &Value) -> Value {
    let mut metadata = json!({
        "namespace": owner.namespace(),
        "generateName": format!("{}-", owner.name().unwrap_or_default()),
        "ownerReferences": [owner_reference(kind, owner)],
    });
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template.pointer(&format!("/metadata/{field}")) {
            metadata[field] = value.clone();
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.get("spec").cloned().unwrap_or_default()})
}

/// Seconds after that time.
pub(crate) fn later(at: Timestamp, secs: i64) -> Timestamp {
    at.checked_add(jiff::SignedDuration::from_secs(secs)).unwrap_or(Timestamp::MAX)
}

/// A condition with `lastUpdateTime` or `lastProbeTime`s is the caller's; this is the common shape. The transition time stays where
/// the status stays.
pub(crate) fn condition(
    object: &Value,
    (kind, status): (&str, &str),
    (reason, message): (&str, &str),
    now: &str,
) -> Value {
    let old = read::condition(object, kind).filter(|old| old["status"] == status);
    let since = old.map(|old| read::text(old, "/lastTransitionTime")).filter(|since| !since.is_empty());
    let mut condition = json!({"type": kind, "status": status, "lastTransitionTime": since.unwrap_or(now)});
    for (field, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            condition[field] = text.into();
        }
    }
    condition
}

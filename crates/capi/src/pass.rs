//! One round over one object: look-ups that ask when they do not know, and the writes that every kind makes.

use actions::{Action, Propagation, Reason, Verb, Write};
use api::{
    ObjectExt, Redacted,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::{Map, Value, json};

use crate::{
    names::{CLUSTER_NAME_LABEL, PAUSED_ANNOTATION},
    observed::{Contract, Env, Observed, Outcome, Query, Unreachable},
};

/// Why a round ends before its last line.
#[derive(Debug)]
pub(crate) enum Stop {
    Need(Vec<Query>),
    Done(Outcome),
}

#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) observed: &'a Observed,
    pub(crate) env: &'a Env,
    pub(crate) object: &'a Value,
    pub(crate) target: ObjectRef,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(observed: &'a Observed, env: &'a Env) -> Self {
        let target = ObjectRef::of(&observed.object).unwrap_or_default();
        Self { observed, env, object: &observed.object, target }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.target.namespace
    }

    pub(crate) fn deleting(&self) -> bool {
        self.object.deletion_timestamp().is_some()
    }

    /// An object of the same namespace.
    pub(crate) fn beside(&self, api_version: &str, kind: &str, name: &str) -> ObjectRef {
        let (group, version) = api::names::split_api_version(api_version);
        ObjectRef::new(&GroupVersionKind::new(group, version, kind), self.namespace(), name)
    }

    pub(crate) fn get(&self, target: &ObjectRef) -> Result<Option<&'a Value>, Stop> {
        if let Some(Ok(applied)) = self.observed.applied.get(target) {
            return Ok(Some(applied));
        }
        match self.observed.objects.get(target) {
            Some(answer) => Ok(answer.as_ref()),
            None => Err(Stop::Need(vec![Query::Object(target.clone())])),
        }
    }

    /// As [`Self::get`], where its status says nothing to this one.
    pub(crate) fn spec_of(&self, target: &ObjectRef) -> Result<Option<&'a Value>, Stop> {
        match self.observed.specs.get(target) {
            Some(answer) => Ok(answer.as_ref()),
            None => Err(Stop::Need(vec![Query::Spec(target.clone())])),
        }
    }

    /// Asks for everything of that list that is not known yet, in one round.
    pub(crate) fn prefetch(&self, targets: impl IntoIterator<Item = ObjectRef>) -> Result<(), Stop> {
        let known = |target: &ObjectRef| {
            matches!(self.observed.applied.get(target), Some(Ok(_))) || self.observed.objects.contains_key(target)
        };
        let missing: Vec<Query> = targets.into_iter().filter(|it| !known(it)).map(Query::Object).collect();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Need(missing)) }
    }

    pub(crate) fn secret(&self, name: &str) -> Result<Option<&'a Redacted<Value>>, Stop> {
        let at = (self.namespace().to_string(), name.to_string());
        match self.observed.secrets.get(&at) {
            Some(answer) => Ok(answer.as_ref()),
            None => Err(Stop::Need(vec![Query::Secret { namespace: at.0, name: at.1 }])),
        }
    }

    /// The objects of a kind that belong to the cluster, by name.
    pub(crate) fn list(&self, api_version: &str, kind: &str, cluster: &str) -> Result<Vec<&'a Value>, Stop> {
        let (group, version) = api::names::split_api_version(api_version);
        let gvk = GroupVersionKind::new(group, version, kind);
        let at = (gvk, self.namespace().to_string(), cluster.to_string());
        match self.observed.lists.get(&at) {
            Some(list) => {
                let mut list: Vec<&Value> = list.iter().collect();
                list.sort_by_key(|object| object.name());
                Ok(list)
            }
            None => Err(Stop::Need(vec![Query::List { gvk: at.0, namespace: at.1, cluster: at.2 }])),
        }
    }

    pub(crate) fn definition(&self, name: &str) -> Result<&'a Contract, Stop> {
        self.observed.definitions.get(name).ok_or_else(|| Stop::Need(vec![Query::Definition(name.to_string())]))
    }

    pub(crate) fn nodes(&self, cluster: &str) -> Result<&'a Result<Vec<Value>, Unreachable>, Stop> {
        let at = (self.namespace().to_string(), cluster.to_string());
        match self.observed.nodes.get(&at) {
            Some(answer) => Ok(answer),
            None => Err(Stop::Need(vec![Query::Nodes { namespace: at.0, cluster: at.1 }])),
        }
    }

    /// A merge patch of any object.
    pub(crate) fn merge(&self, target: &ObjectRef, patch: Value, reason: impl Into<Reason>) -> Action {
        Action::Write(Write { target: target.clone(), verb: Verb::Merge { patch }, reason: reason.into() })
    }

    /// A merge patch of metadata whose lists are as they were read: somebody else's write in between is a conflict.
    pub(crate) fn merge_metadata(
        &self,
        object: &Value,
        target: &ObjectRef,
        mut metadata: Map<String, Value>,
        reason: impl Into<Reason>,
    ) -> Action {
        if let Some(version) = object.resource_version() {
            metadata.insert("resourceVersion".into(), json!(version));
        }
        self.merge(target, json!({"metadata": metadata}), reason)
    }

    pub(crate) fn delete(&self, target: &ObjectRef, object: &Value, reason: impl Into<Reason>) -> Action {
        let uid = object.uid().unwrap_or_default().to_string();
        let verb = Verb::Delete { uid, propagation: Propagation::Background };
        Action::Write(Write { target: target.clone(), verb, reason: reason.into() })
    }

    /// The finalizer (and annotations with it) is there before anything else is written.
    pub(crate) fn ensure_finalizer(&self, finalizer: &str, annotations: &[(&str, &str)]) -> Result<(), Stop> {
        let mut metadata = Map::new();
        let mut finalizers = self.object.finalizers();
        if !finalizers.contains(&finalizer) {
            finalizers.push(finalizer);
            metadata.insert("finalizers".into(), json!(finalizers));
        }
        for (name, value) in annotations {
            if self.object.annotation(name).is_none() {
                metadata.entry("annotations").or_insert_with(|| json!({}))[*name] = json!(value);
            }
        }
        if metadata.is_empty() {
            return Ok(());
        }
        let action =
            self.merge_metadata(self.object, &self.target, metadata, "its deletion has to wait for what it owns");
        Err(Stop::Done(Outcome::again(vec![action])))
    }

    /// Lets the object go; nothing when it was let go before.
    pub(crate) fn release(&self, finalizer: &str, why: impl Into<Reason>) -> Option<Action> {
        let finalizers = self.object.finalizers();
        let left: Vec<&&str> = finalizers.iter().filter(|each| **each != finalizer).collect();
        if left.len() == finalizers.len() {
            return None;
        }
        let mut metadata = Map::new();
        metadata.insert("finalizers".into(), json!(left));
        Some(self.merge_metadata(self.object, &self.target, metadata, why))
    }
}

/// `spec.paused` of the Cluster, or the annotation on the object itself, whatever its value.
pub(crate) fn paused(cluster: Option<&Value>, object: &Value) -> bool {
    let by_cluster =
        cluster.is_some_and(|cluster| cluster.pointer("/spec/paused").and_then(Value::as_bool) == Some(true));
    by_cluster || object.annotation(PAUSED_ANNOTATION).is_some()
}

/// The owner of that kind, whatever the version.
pub(crate) fn owner<'a>(object: &'a Value, group: &str, kind: &str) -> Option<&'a Value> {
    object.owner_references().iter().find(|owner| is_of(owner, group, kind))
}

fn is_of(owner: &Value, group: &str, kind: &str) -> bool {
    let (of, _) = api::names::split_api_version(owner["apiVersion"].as_str().unwrap_or_default());
    of == group && owner["kind"] == kind
}

/// An owner reference to the object, as its controller or not.
pub(crate) fn owner_reference(object: &Value, api_version: &str, controller: bool) -> Value {
    let mut reference = json!({
        "apiVersion": api_version,
        "kind": object.kind().unwrap_or_default(),
        "name": object.name().unwrap_or_default(),
        "uid": object.uid().unwrap_or_default(),
    });
    if controller {
        reference["controller"] = json!(true);
        reference["blockOwnerDeletion"] = json!(true);
    }
    reference
}

/// What adopting writes into the metadata of `object`: the owner's reference and the cluster's label; empty when both are
/// there. `Err` names the other controller that owns it.
pub(crate) fn adoption(
    object: &Value,
    owner: &Value,
    api_version: &str,
    controller: bool,
    cluster: &str,
) -> Result<Map<String, Value>, String> {
    let wanted = owner_reference(owner, api_version, controller);
    let mut metadata = Map::new();
    let (group, _) = api::names::split_api_version(api_version);
    let references = object.owner_references();
    if controller {
        let other = references.iter().find(|each| each["controller"] == true && each["uid"] != wanted["uid"]);
        let same =
            |other: &&Value| is_of(other, group, owner.kind().unwrap_or_default()) && other["name"] == wanted["name"];
        if let Some(other) = other.filter(|other| !same(other)) {
            return Err(format!(
                "Object {}/{} is already owned by another {} controller {}",
                object.namespace().unwrap_or_default(),
                object.name().unwrap_or_default(),
                other["kind"].as_str().unwrap_or_default(),
                other["name"].as_str().unwrap_or_default()
            ));
        }
    }
    if !references.contains(&wanted) {
        // Of an owner of that name there is one reference: an older version or an earlier life of it goes.
        let stale =
            |each: &&Value| is_of(each, group, owner.kind().unwrap_or_default()) && each["name"] == wanted["name"];
        let mut references: Vec<Value> = references.iter().filter(|each| !stale(each)).cloned().collect();
        references.push(wanted);
        metadata.insert("ownerReferences".into(), json!(references));
    }
    if object.label(CLUSTER_NAME_LABEL) != Some(cluster) {
        metadata.insert("labels".into(), json!({CLUSTER_NAME_LABEL: cluster}));
    }
    Ok(metadata)
}

pub(crate) fn text<'a>(object: &'a Value, at: &str) -> &'a str {
    object.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn flag(object: &Value, at: &str) -> bool {
    object.pointer(at).and_then(Value::as_bool).unwrap_or(false)
}

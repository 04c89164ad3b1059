//! `operatorSpec.configMaps` and `operatorSpec.secrets`: values of the status, written into ConfigMaps and Secrets of the
//! object's namespace. What cannot be exported yet is refused by name before anything is sent to Azure.

use std::collections::BTreeMap;

use actions::{Action, ArmMethod, Verb, Write};
use api::{
    ObjectExt, Redacted,
    names::{GroupVersionKind, ObjectRef, split_api_version},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use catalogue::SecretAction;
use serde_json::{Map, Value, json};

use super::Pass;
use crate::{
    names::{RESOURCE_ID, reason},
    observed::Query,
    problem::{Problem, Stop},
};

/// One destination: a key of a ConfigMap or Secret, and the status field that goes there.
struct Export<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a str,
    path: &'a str,
}

impl Pass<'_> {
    /// Refuses what is asked for and not done.
    pub(super) fn check_exports(&self) -> Result<(), Problem> {
        let asked = &self.object["spec"]["operatorSpec"];
        for field in ["secretExpressions", "configMapExpressions"] {
            if asked[field].as_array().is_some_and(|list| !list.is_empty()) {
                let message = format!(
                    "spec.operatorSpec.{field} is not supported yet: expected none; remove it, or export with spec.operatorSpec.configMaps"
                );
                return Err(Problem::fatal(reason::FAILED, message));
            }
        }
        for (part, name, _) in self.destinations() {
            if self.status_path(name).is_none() && self.secret_action(name).is_none() {
                let message = format!(
                    "spec.operatorSpec.{part}.{name} is not supported yet: it needs a further request to Azure; remove it"
                );
                return Err(Problem::fatal(reason::FAILED, message));
            }
        }
        Ok(())
    }

    /// Part of operatorSpec, name of the value, and its destination.
    fn destinations(&self) -> Vec<(&'static str, &str, &Value)> {
        let asked = &self.object["spec"]["operatorSpec"];
        let mut found = Vec::new();
        for part in ["configMaps", "secrets"] {
            for (name, destination) in asked[part].as_object().into_iter().flatten() {
                if !destination.is_null() {
                    found.push((part, name.as_str(), destination));
                }
            }
        }
        found
    }

    fn status_path(&self, name: &str) -> Option<&str> {
        let facts = self.resource.facts.as_ref()?;
        facts.operator_config_maps.get(name).or_else(|| facts.export_paths.get(name)).map(String::as_str)
    }

    /// The POST action that a member of `operatorSpec.secrets` needs.
    fn secret_action(&self, name: &str) -> Option<&SecretAction> {
        self.resource.facts.as_ref()?.secret_actions.get(name)
    }

    /// What the action answers, as a Secret holds it: in base64. Members of one action share its answer.
    fn listed(&self, value: &str, of: &SecretAction) -> Result<Option<String>, Stop> {
        let id = self.object.annotation(RESOURCE_ID).unwrap_or_default();
        let request = self.request(ArmMethod::Post, &format!("{id}/{}", of.action), None);
        match self.observed.answer(&request) {
            None => Err(Stop::Need(vec![Query::Arm(request)])),
            Some(Ok(response)) => {
                let listed = response.body.pointer(&of.at).and_then(Value::as_str);
                Ok(match of.encoded {
                    true => listed.filter(|text| BASE64_STANDARD.decode(text).is_ok()).map(str::to_string),
                    false => listed.map(|text| BASE64_STANDARD.encode(text)),
                })
            }
            Some(Err(error)) => {
                let what = match value {
                    "adminCredentials" => "admin credentials",
                    "userCredentials" => "user credentials",
                    _ => "keys",
                };
                let problem = Problem::from_arm(error);
                let message = format!(
                    "extension failed to produce resources for export: failed listing {what}: {}",
                    problem.message
                );
                Err(Problem { requeue: problem.requeue, ..Problem::warning(reason::FAILED, message) }.into())
            }
        }
    }

    /// The writes that the destinations still need.
    pub(super) fn exports(&self, status: &Value) -> Result<Vec<Action>, Stop> {
        let mut wanted: BTreeMap<(&'static str, &str), Map<String, Value>> = BTreeMap::new();
        for (part, value, destination) in self.destinations() {
            let (Some(name), Some(key)) = (destination["name"].as_str(), destination["key"].as_str()) else {
                let message = format!("spec.operatorSpec.{part}.{value} must have name and key");
                return Err(Problem::fatal(reason::FAILED, message).into());
            };
            let kind = if part == "secrets" { "Secret" } else { "ConfigMap" };
            if let Some(action) = self.secret_action(value).filter(|_| kind == "Secret") {
                if let Some(text) = self.listed(value, action)? {
                    wanted.entry((kind, name)).or_default().insert(key.to_string(), json!(text));
                }
                continue;
            }
            let export = Export { kind, name, key, path: self.status_path(value).unwrap_or_default() };
            let pointer = format!("/{}", export.path.replace('.', "/"));
            let Some(text) = status.pointer(&pointer).and_then(Value::as_str) else { continue };
            let text = if kind == "Secret" { BASE64_STANDARD.encode(text) } else { text.to_string() };
            wanted.entry((export.kind, export.name)).or_default().insert(export.key.to_string(), json!(text));
        }
        let mut actions = Vec::new();
        for ((kind, name), data) in wanted {
            let existing = self.existing(kind, name)?;
            if let Some(existing) = &existing {
                self.check_owned(kind, name, existing.reveal())?;
                let same = data.iter().all(|(key, value)| existing.reveal()["data"][key] == *value);
                if same {
                    continue;
                }
            }
            actions.push(self.export(kind, name, data));
        }
        Ok(actions)
    }

    fn existing(&self, kind: &str, name: &str) -> Result<Option<Redacted<Value>>, Stop> {
        let namespace = self.target.namespace.clone();
        if kind == "Secret" {
            let at = (namespace, name.to_string());
            return match self.observed.secrets.get(&at) {
                Some(answer) => Ok(answer.clone()),
                None => Err(Stop::Need(vec![Query::Secret { namespace: at.0, name: at.1 }])),
            };
        }
        let target = ObjectRef::new(&GroupVersionKind::new("", "v1", kind), namespace, name);
        match self.observed.objects.get(&target) {
            Some(answer) => Ok(answer.clone().map(Redacted::new)),
            None => Err(Stop::Need(vec![Query::Object(target)])),
        }
    }

    fn check_owned(&self, kind: &str, name: &str, existing: &Value) -> Result<(), Problem> {
        if existing.owner_references().iter().any(|owner| owner["uid"].as_str() == self.object.uid()) {
            return Ok(());
        }
        let (namespace, target) = (&self.target.namespace, &self.target);
        let message = format!(
            "cannot overwrite {kind} {namespace}/{name} which is not owned by {}.{} {namespace}/{}",
            target.kind, target.group, target.name
        );
        Err(Problem::fatal("FailedWritingAdditionalKubernetesObjects", message))
    }

    fn export(&self, kind: &'static str, name: &str, data: Map<String, Value>) -> Action {
        let (group, version) = split_api_version(self.object.api_version().unwrap_or_default());
        let version = version.strip_suffix("storage").unwrap_or(version);
        let owner = json!({
            "apiVersion": format!("{group}/{version}"),
            "kind": self.target.kind,
            "name": self.target.name,
            "uid": self.object.uid().unwrap_or_default(),
        });
        let target = ObjectRef::new(&GroupVersionKind::new("", "v1", kind), self.target.namespace.clone(), name);
        let keys: Vec<&String> = data.keys().collect();
        let reason = format!("spec.operatorSpec exports {keys:?}").into();
        let object = json!({
            "apiVersion": "v1", "kind": kind,
            "metadata": {"name": name, "namespace": self.target.namespace, "ownerReferences": [owner]},
            "data": data,
        });
        Action::Write(Write { target, verb: Verb::Apply { object, force: true }, reason })
    }
}

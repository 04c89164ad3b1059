//! Admission webhooks, decided: which are asked about a write and in which order, what they are asked, and what their answer
//! does. Pure; `objects::webhooks` calls them.

use std::collections::BTreeSet;

use api::{ObjectExt, status::Status, text};
use base64::{Engine, prelude::BASE64_STANDARD};
use machinery::{
    condition::{COST_MAX, Condition, Input},
    patch,
    selector::Labels,
};
use serde_json::{Map, Value, json};

use crate::Identity;

const GROUP: &str = "admissionregistration.k8s.io";

/// One webhook of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hook {
    pub(crate) configuration: String,
    pub(crate) name: String,
    pub(crate) mutating: bool,
    written: Value,
}

/// A write as webhooks see it.
#[derive(Clone, Debug)]
pub(crate) struct Attributes<'a> {
    /// Of the kind that is exchanged: a Scale's, where that is what is written.
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) kind: &'a str,
    /// Of the resource, as rules name it.
    pub(crate) rules_group: &'a str,
    pub(crate) rules_version: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) subresource: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    /// `CREATE`, `UPDATE` or `DELETE`.
    pub(crate) operation: &'static str,
    pub(crate) user: &'a Identity,
    pub(crate) dry_run: bool,
    /// Other versions in which the objects are served.
    pub(crate) other_versions: &'a [String],
    /// Of the object's namespace; `None` when there is no namespace of that name.
    pub(crate) namespace_labels: Option<&'a Map<String, Value>>,
}

/// How a matching webhook is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invocation {
    /// The version in which its rules name the resource.
    pub(crate) version: String,
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The webhooks of all configurations of one kind, as they are asked: by name of the configuration, then as written.
pub(crate) fn hooks(configurations: &[Value], mutating: bool) -> Vec<Hook> {
    let mut sorted: Vec<&Value> = configurations.iter().collect();
    sorted.sort_by_key(|configuration| configuration.name().unwrap_or_default().to_string());
    let of = |configuration: &Value| -> Vec<Hook> {
        let hook = |written: &Value| Hook {
            configuration: configuration.name().unwrap_or_default().into(),
            name: text(written, "/name").into(),
            mutating,
            written: written.clone(),
        };
        list(configuration, "webhooks").iter().map(hook).collect()
    };
    sorted.into_iter().flat_map(of).collect()
}

/// The round in which webhooks are asked once more, because others changed the object after them.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    asked: BTreeSet<usize>,
    again: BTreeSet<usize>,
}

impl Rounds {
    /// After the webhook at that place answered.
    pub(crate) fn answered(&mut self, place: usize, hook: &Hook, changed: bool) {
        if changed {
            self.again.append(&mut self.asked);
        }
        if text(&hook.written, "/reinvocationPolicy") == "IfNeeded" {
            self.asked.insert(place);
        }
    }

    /// Those of the second round, which is the last.
    pub(crate) fn again(self) -> BTreeSet<usize> {
        self.again
    }
}

fn one_of(values: &[Value], wanted: &str) -> bool {
    values.iter().any(|value| value == "*" || value == wanted)
}

impl Hook {
    pub(crate) fn client(&self) -> &Value {
        self.written.get("clientConfig").unwrap_or(&Value::Null)
    }

    pub(crate) fn timeout_secs(&self) -> u64 {
        self.written.get("timeoutSeconds").and_then(Value::as_u64).unwrap_or(10)
    }

    fn ignores_failures(&self) -> bool {
        text(&self.written, "/failurePolicy") == "Ignore"
    }

    /// Whether it is asked about the write. `object` is null for a delete.
    pub(crate) fn matches(
        &self,
        about: &Attributes<'_>,
        object: &Value,
        old: &Value,
    ) -> Result<Option<Invocation>, Status> {
        // What decides about webhooks is not theirs to decide.
        if about.rules_group == GROUP {
            return Ok(None);
        }
        let Some(version) = self.ruled(about) else { return Ok(None) };
        if !self.selects_namespace(about, object)? || !self.selects_object(object, old)? {
            return Ok(None);
        }
        Ok(self.holds(about, object, old)?.then_some(Invocation { version }))
    }

    /// The version of the first rule that names the resource, or an equivalent of it.
    fn ruled(&self, about: &Attributes<'_>) -> Option<String> {
        let rules = list(&self.written, "rules");
        let names = |version: &str| rules.iter().any(|rule| names(rule, about, version));
        if names(about.rules_version) {
            return Some(about.rules_version.into());
        }
        let equivalent = text(&self.written, "/matchPolicy") != "Exact";
        about.other_versions.iter().find(|version| equivalent && names(version)).cloned()
    }

    fn selects_namespace(&self, about: &Attributes<'_>, object: &Value) -> Result<bool, Status> {
        let of_namespace = about.rules_group.is_empty() && about.resource == "namespaces";
        if about.namespace.is_empty() && !of_namespace {
            return Ok(true);
        }
        let selector = labels(self.written.get("namespaceSelector"))?;
        if selector.is_empty() {
            return Ok(true);
        }
        let none = Map::new();
        if of_namespace && about.subresource.is_empty() && about.operation != "DELETE" {
            return Ok(selector.matches_labels(object.labels().unwrap_or(&none)));
        }
        match about.namespace_labels {
            Some(labels) => Ok(selector.matches_labels(labels)),
            None => Err(Status::not_found("", "namespaces", about.namespace)),
        }
    }

    fn selects_object(&self, object: &Value, old: &Value) -> Result<bool, Status> {
        let selector = labels(self.written.get("objectSelector"))?;
        Ok(selector.is_empty() || [object, old].into_iter().any(|of| !of.is_null() && selector.matches(of)))
    }

    /// Every condition holds. One that does not decides; one that cannot be evaluated is a failure of the webhook.
    fn holds(&self, about: &Attributes<'_>, object: &Value, old: &Value) -> Result<bool, Status> {
        let conditions = list(&self.written, "matchConditions");
        if conditions.is_empty() {
            return Ok(true);
        }
        let request = self.request("", about, about.rules_version, object, old);
        let input = Input { object, old_object: old, request: &request };
        let (mut failures, mut budget) = (Vec::new(), COST_MAX);
        for condition in conditions {
            let compiled = Condition::compile(text(condition, "/expression"));
            let (holds, cost) = match &compiled {
                Ok(compiled) => compiled.holds(&input, budget),
                Err(why) => (Err(why.clone()), 0),
            };
            budget = budget.saturating_sub(cost);
            match holds {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(why) => {
                    failures.push(format!("expression '{}' resulted in error: {why}", text(condition, "/expression")))
                }
            }
        }
        match failures.as_slice() {
            [] => Ok(true),
            _ if self.ignores_failures() => Ok(false),
            [one] => Err(Status::forbidden(about.rules_group, about.resource, about.name, one)),
            many => {
                Err(Status::forbidden(about.rules_group, about.resource, about.name, &format!("[{}]", many.join(", "))))
            }
        }
    }

    fn request(&self, uid: &str, about: &Attributes<'_>, version: &str, object: &Value, old: &Value) -> Value {
        let own = about.group == about.rules_group;
        let kind = |version: &str| {
            let version = if own { version } else { about.version };
            json!({ "group": about.group, "version": version, "kind": about.kind })
        };
        let resource =
            |version: &str| json!({ "group": about.rules_group, "version": version, "resource": about.resource });
        let options = match about.operation {
            "CREATE" => "CreateOptions",
            "UPDATE" => "UpdateOptions",
            _ => "DeleteOptions",
        };
        let mut request = json!({
            "uid": uid, "kind": kind(version), "resource": resource(version),
            "requestKind": kind(about.rules_version), "requestResource": resource(about.rules_version),
            "operation": about.operation, "userInfo": about.user.to_value(), "dryRun": about.dry_run,
            "object": in_version(object, about.rules_group, version), "oldObject": in_version(old, about.rules_group, version),
            "options": { "kind": options, "apiVersion": "meta.k8s.io/v1" },
        });
        let optional = [
            ("subResource", about.subresource),
            ("requestSubResource", about.subresource),
            ("name", about.name),
            ("namespace", about.namespace),
        ];
        for (field, value) in optional.into_iter().filter(|(_, value)| !value.is_empty()) {
            request[field] = value.into();
        }
        request
    }

    /// The AdmissionReview that is sent; refused when the webhook must not see this write.
    pub(crate) fn review(
        &self,
        uid: &str,
        about: &Attributes<'_>,
        invocation: &Invocation,
        object: &Value,
        old: &Value,
    ) -> Result<Value, Status> {
        if about.dry_run && !["None", "NoneOnDryRun"].contains(&text(&self.written, "/sideEffects")) {
            let why = format!("admission webhook \"{}\" does not support dry run", self.name);
            return Err(Status::bad_request(why));
        }
        let version = self.review_version().unwrap_or("v1");
        Ok(json!({
            "kind": "AdmissionReview",
            "apiVersion": format!("admission.k8s.io/{version}"),
            "request": self.request(uid, about, &invocation.version, object, old),
        }))
    }

    fn review_version(&self) -> Option<&str> {
        let versions = list(&self.written, "admissionReviewVersions").iter().filter_map(Value::as_str);
        versions.into_iter().find(|version| ["v1", "v1beta1"].contains(version))
    }

    /// What a failed call means: nothing for who ignores failures, else the end of the request.
    pub(crate) fn failed(&self, why: &str) -> Result<(), Status> {
        if self.ignores_failures() {
            return Ok(());
        }
        Err(Status::internal(format!("failed calling webhook \"{}\": {why}", self.name)))
    }

    /// What an answer does: the object that was changed, if it was, and warnings for the client.
    pub(crate) fn answer(
        &self,
        uid: &str,
        answer: &Value,
        about: &Attributes<'_>,
        invocation: &Invocation,
        object: &Value,
    ) -> Result<Answer, Status> {
        let invalid =
            |why: String| self.failed(&format!("received invalid webhook response: {why}")).map(|()| Answer::default());
        let Some(response) = answer.get("response").filter(|response| response.is_object()) else {
            return invalid("webhook response was absent".into());
        };
        let v1 = self.review_version() != Some("v1beta1");
        if v1 && text(response, "/uid") != uid {
            return invalid(format!("expected response.uid=\"{uid}\", got \"{}\"", text(response, "/uid")));
        }
        let (version, kind) = (text(answer, "/apiVersion"), text(answer, "/kind"));
        if v1 && (version, kind) != ("admission.k8s.io/v1", "AdmissionReview") {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            let wanted = "admission.k8s.io/v1, Kind=AdmissionReview";
            return invalid(format!("expected webhook response of {wanted}, got {group}/{version}, Kind={kind}"));
        }
        let (patch, patch_type) = (text(response, "/patch"), text(response, "/patchType"));
        let complaint = match (self.mutating, patch.is_empty(), patch_type.is_empty()) {
            (true, false, true) if v1 => Some("webhook returned response.patch but not response.patchType"),
            (true, true, false) if v1 => Some("webhook returned response.patchType but not response.patch"),
            (false, false, _) => Some("validating webhook may not return response.patch"),
            (false, _, false) => Some("validating webhook may not return response.patchType"),
            _ => None,
        };
        if let Some(why) = complaint {
            return invalid(why.into());
        }
        if response["allowed"] != true {
            return Err(self.denied(response.get("status").unwrap_or(&Value::Null)));
        }
        let warnings = list(response, "warnings").iter().filter_map(Value::as_str).map(Into::into).collect();
        if patch.is_empty() {
            return Ok(Answer { changed: None, warnings });
        }
        if !["", "JSONPatch"].contains(&patch_type) {
            return invalid(format!("unsupported patch type \"{patch_type}\""));
        }
        let changed = self.patched(patch, about, invocation, object)?;
        Ok(Answer { changed, warnings })
    }

    fn patched(
        &self,
        patch: &str,
        about: &Attributes<'_>,
        invocation: &Invocation,
        object: &Value,
    ) -> Result<Option<Value>, Status> {
        let decoded = BASE64_STANDARD.decode(patch).map_err(|error| Status::internal(error.to_string()))?;
        let operations: Value =
            serde_json::from_slice(&decoded).map_err(|error| Status::internal(error.to_string()))?;
        if operations.as_array().is_none_or(Vec::is_empty) {
            return Ok(None);
        }
        if object.is_null() || about.subresource == "scale" {
            let why = "attempted to modify the object, which is not supported for this operation";
            return Err(Status::internal(format!("admission webhook \"{}\" {why}", self.name)));
        }
        let before = in_version(object, about.rules_group, &invocation.version);
        let after = patch::json(&before, &operations).map_err(|status| Status::internal(status.message))?;
        Ok((after != before).then(|| in_version(&after, about.rules_group, about.rules_version)))
    }

    fn denied(&self, status: &Value) -> Status {
        let denied = format!("admission webhook \"{}\" denied the request", self.name);
        let message = match (text(status, "/message"), text(status, "/reason")) {
            ("", "") => format!("{denied} without explanation"),
            ("", reason) => format!("{denied}: {reason}"),
            (message, _) => format!("{denied}: {message}"),
        };
        let code = status.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        let mut refusal = Status::failure(code.unwrap_or(0).max(400), text(status, "/reason"), message);
        refusal.details = status.get("details").and_then(|details| serde_json::from_value(details.clone()).ok());
        refusal
    }
}

/// What a webhook's answer does to the write.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) changed: Option<Value>,
    pub(crate) warnings: Vec<String>,
}

/// The object in another version of its group. Versions differ in their name only: there is no other conversion.
fn in_version(object: &Value, group: &str, version: &str) -> Value {
    let mut object = object.clone();
    let (given, _) = object.api_version().unwrap_or_default().split_once('/').unwrap_or_default();
    if object.is_object() && !group.is_empty() && given == group {
        object["apiVersion"] = format!("{group}/{version}").into();
    }
    object
}

fn labels(selector: Option<&Value>) -> Result<Labels, Status> {
    Labels::from_object(selector.unwrap_or(&Value::Null)).map_err(|status| Status::internal(status.message))
}

fn names(rule: &Value, about: &Attributes<'_>, version: &str) -> bool {
    let of_namespace = about.rules_group.is_empty() && about.resource == "namespaces";
    let in_namespace = !of_namespace && !about.namespace.is_empty();
    let scope = match text(rule, "/scope") {
        "Namespaced" => in_namespace,
        "Cluster" => !in_namespace,
        _ => true,
    };
    let resource = |named: &Value| {
        let (resource, part) =
            named.as_str().unwrap_or_default().split_once('/').unwrap_or((named.as_str().unwrap_or_default(), ""));
        (resource == "*" || resource == about.resource) && (part == "*" || part == about.subresource)
    };
    scope
        && one_of(list(rule, "operations"), about.operation)
        && one_of(list(rule, "apiGroups"), about.rules_group)
        && one_of(list(rule, "apiVersions"), version)
        && list(rule, "resources").iter().any(resource)
}

#[cfg(test)]
mod tests;

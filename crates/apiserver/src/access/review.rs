//! The questions that clients ask about access: create-only kinds that are answered and forgotten. Each answer comes from the
//! code that decides about real requests.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    ObjectExt,
    status::{Cause, Status},
};
use serde_json::{Value, json};

use super::{Access, Identity};
use crate::rest::RequestInfo;

const AUTHORIZATION: &str = "authorization.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";

/// Answers `serviceaccounts/NAME/token` and the reviews; `body` is the decoded object.
pub(crate) fn review(access: &Access, info: &RequestInfo, identity: &Identity, body: Value) -> Result<Value, Status> {
    if !body.is_object() {
        return Err(Status::bad_request("the body of the request is not an object"));
    }
    match (info.group.as_str(), info.resource.as_str(), info.subresource.as_str()) {
        ("", "serviceaccounts", "token") => access.issue_token(&info.namespace, &info.name, body),
        (AUTHORIZATION, "selfsubjectaccessreviews", "") => self_access(access, identity, body),
        (AUTHORIZATION, "subjectaccessreviews", "") => subject_access(access, None, body),
        (AUTHORIZATION, "localsubjectaccessreviews", "") => subject_access(access, Some(&info.namespace), body),
        (AUTHORIZATION, "selfsubjectrulesreviews", "") => self_rules(access, identity, body),
        (AUTHENTICATION, "selfsubjectreviews", "") => {
            Ok(answered(body, AUTHENTICATION, "SelfSubjectReview", json!({"userInfo": identity.to_value()})))
        }
        (AUTHENTICATION, "tokenreviews", "") => token(access, body),
        _ => Err(Status::failure(404, "NotFound", "the server could not find the requested resource")),
    }
}

fn answered(mut body: Value, group: &str, kind: &str, status: Value) -> Value {
    body["apiVersion"] = json!(format!("{group}/v1"));
    body["kind"] = json!(kind);
    body.metadata_mut().entry("creationTimestamp").or_insert(Value::Null);
    body["status"] = status;
    body
}

fn self_access(access: &Access, identity: &Identity, body: Value) -> Result<Value, Status> {
    let kind = "SelfSubjectAccessReview";
    let request = question(kind, &body["spec"])?;
    let status = decision(access, identity, &request);
    Ok(answered(body, AUTHORIZATION, kind, status))
}

fn subject_access(access: &Access, namespace: Option<&str>, body: Value) -> Result<Value, Status> {
    let kind = if namespace.is_some() { "LocalSubjectAccessReview" } else { "SubjectAccessReview" };
    let spec = &body["spec"];
    let request = question(kind, spec)?;
    if let Some(namespace) = namespace {
        if !request.is_resource {
            return Err(invalid(kind, "spec.nonResourceAttributes", "disallowed on this kind of request"));
        }
        if request.namespace != namespace {
            let why = format!("spec.resourceAttributes.namespace must match namespace: {namespace}");
            return Err(Status::bad_request(why));
        }
    }
    let subject = subject(spec);
    if subject.user.is_empty() && subject.groups.is_empty() {
        return Err(invalid(kind, "spec.user", "at least one of user or group must be specified"));
    }
    let status = decision(access, &subject, &request);
    Ok(answered(body, AUTHORIZATION, kind, status))
}

fn decision(access: &Access, identity: &Identity, request: &RequestInfo) -> Value {
    match access.authorizer().decide(identity, request) {
        Ok(()) => json!({"allowed": true}),
        Err(reason) if reason.is_empty() => json!({"allowed": false}),
        Err(reason) => json!({"allowed": false, "reason": reason}),
    }
}

/// The user that a SubjectAccessReview asks about: nothing is added to what it says.
fn subject(spec: &Value) -> Identity {
    let text = |field: &str| spec[field].as_str().unwrap_or_default().to_string();
    let extra = spec["extra"].as_object().into_iter().flatten();
    Identity {
        user: text("user"),
        uid: text("uid"),
        groups: texts(&spec["groups"]),
        extra: extra.map(|(key, values)| (key.clone(), texts(values))).collect::<BTreeMap<_, _>>(),
    }
}

/// The request that a review describes.
fn question(kind: &str, spec: &Value) -> Result<RequestInfo, Status> {
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    match (resource.is_object(), other.is_object()) {
        (true, true) => Err(invalid(
            kind,
            "spec.nonResourceAttributes",
            "cannot be specified in combination with resourceAttributes",
        )),
        (false, false) => Err(invalid(
            kind,
            "spec.resourceAttributes",
            "exactly one of nonResourceAttributes or resourceAttributes must be specified",
        )),
        (true, false) => {
            let text = |field: &str| resource[field].as_str().unwrap_or_default().to_string();
            Ok(RequestInfo {
                is_resource: true,
                verb: text("verb"),
                group: text("group"),
                version: text("version"),
                namespace: text("namespace"),
                resource: text("resource"),
                subresource: text("subresource"),
                name: text("name"),
                ..RequestInfo::default()
            })
        }
        (false, true) => {
            let text = |field: &str| other[field].as_str().unwrap_or_default().to_string();
            Ok(RequestInfo { verb: text("verb"), path: text("path"), ..RequestInfo::default() })
        }
    }
}

/// `kubectl auth can-i --list`.
fn self_rules(access: &Access, identity: &Identity, body: Value) -> Result<Value, Status> {
    let namespace = body["spec"]["namespace"].as_str().unwrap_or_default();
    if namespace.is_empty() {
        return Err(Status::bad_request("no namespace on request"));
    }
    let policy = access.authorizer().policy();
    let (rules, errors) = policy.rules_for(identity, namespace);
    let mut seen = BTreeSet::new();
    let (mut resources, mut paths) = (Vec::new(), Vec::new());
    for rule in rules.into_iter().filter(|rule| seen.insert(*rule)) {
        if !rule.resources.is_empty() {
            resources.push(rule.resource_rule());
        }
        if !rule.non_resource_urls.is_empty() {
            paths.push(json!({"verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls}));
        }
    }
    let mut status = json!({"resourceRules": resources, "nonResourceRules": paths, "incomplete": !errors.is_empty()});
    if !errors.is_empty() {
        status["evaluationError"] = json!(errors.join(", "));
    }
    Ok(answered(body, AUTHORIZATION, "SelfSubjectRulesReview", status))
}

fn token(access: &Access, body: Value) -> Result<Value, Status> {
    let spec = &body["spec"];
    let token = spec["token"].as_str().unwrap_or_default();
    if token.is_empty() {
        return Err(Status::bad_request("token is required for TokenReview in authentication"));
    }
    let status = match access.review_token(token, &texts(&spec["audiences"])) {
        Ok((identity, audiences)) => {
            json!({"authenticated": true, "user": identity.to_value(), "audiences": audiences})
        }
        Err(error) => json!({"user": {}, "error": format!("[invalid bearer token, {error}]")}),
    };
    let mut answer = answered(body, AUTHENTICATION, "TokenReview", status);
    // The token was the question, it is not part of the answer.
    answer["spec"]["token"] = json!("");
    Ok(answer)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(String::from).collect()
}

fn invalid(kind: &str, field: &str, why: &str) -> Status {
    let cause = Cause {
        reason: "FieldValueInvalid".into(),
        message: format!("Invalid value: null: {why}"),
        field: field.into(),
    };
    Status::invalid(AUTHORIZATION, kind, "", vec![cause])
}

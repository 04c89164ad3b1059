//! Secrets of type `kubernetes.io/service-account-token`, decided: they get a token of the service account that their
//! annotation names, and go with it. Pure.

use api::ObjectExt;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

pub(crate) const ACCOUNT: &str = "kubernetes.io/service-account.name";
const ACCOUNT_UID: &str = "kubernetes.io/service-account.uid";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Nothing,
    Fill,
    /// Its service account is gone.
    Delete,
}

/// `account` is the one that the annotation names; `authority` is the cluster's, when it has one.
pub(crate) fn decide(secret: &Value, account: Option<&Value>, authority: Option<&str>) -> Decision {
    if secret.annotation(ACCOUNT).is_none() || secret.deletion_timestamp().is_some() {
        return Decision::Nothing;
    }
    let uid = secret.annotation(ACCOUNT_UID).filter(|uid| !uid.is_empty());
    let Some(account) = account.filter(|account| uid.is_none() || account.uid() == uid) else {
        return Decision::Delete;
    };
    let data = |field: &str| secret["data"][field].as_str().unwrap_or_default();
    let is_full = uid == account.uid()
        && !data("token").is_empty()
        && !data("namespace").is_empty()
        && authority.is_none_or(|authority| data("ca.crt") == BASE64_STANDARD.encode(authority));
    if is_full { Decision::Nothing } else { Decision::Fill }
}

/// Writes what is missing; a token that is there stays.
pub(crate) fn fill(secret: &mut Value, account_uid: &str, token: &str, authority: Option<&str>) {
    secret.set_annotation(ACCOUNT_UID, account_uid);
    let namespace = secret.namespace().unwrap_or_default().to_string();
    if !secret["data"].is_object() {
        secret["data"] = serde_json::json!({});
    }
    let data = &mut secret["data"];
    if data["token"].as_str().is_none_or(str::is_empty) {
        data["token"] = BASE64_STANDARD.encode(token).into();
    }
    data["namespace"] = BASE64_STANDARD.encode(namespace).into();
    if let Some(authority) = authority {
        data["ca.crt"] = BASE64_STANDARD.encode(authority).into();
    }
}

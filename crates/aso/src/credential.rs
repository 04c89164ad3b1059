//! Which credential manages an object: the Secret that its annotation names, else `aso-credential` in its namespace, else
//! the operator's own `aso-controller-settings`. A Secret of another namespace is never read, except the operator's own.

use api::{ObjectExt, Redacted};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{
    names::{CREDENTIAL_FROM, SECRET_GLOBAL, SECRET_IN_NAMESPACE, reason},
    observed::{Env, Observed, Query},
    problem::{Problem, Stop},
};

/// A credential as its Secret describes it; the shell makes tokens of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Namespace and name of the Secret.
    pub from: (String, String),
    pub subscription: String,
    pub tenant: String,
    pub client_id: String,
    pub mode: Mode,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    ClientSecret(Redacted<String>),
    ClientCertificate {
        certificate: Redacted<String>,
        password: Option<Redacted<String>>,
    },
    /// `AUTH_MODE: podidentity`
    PodIdentity,
    /// The token that is projected into the operator's pod.
    WorkloadIdentity,
}

/// The Secrets that are looked at for an object, in order, as (namespace, name, must exist).
fn candidates(object: &Value, env: &Env) -> Result<Vec<(String, String, bool)>, Problem> {
    let namespace = object.namespace().unwrap_or_default().to_string();
    if let Some(from) = object.annotation(CREDENTIAL_FROM) {
        if from.contains('/') {
            let message = format!(
                "{namespace}/{from} does not exist ({CREDENTIAL_FROM} cannot contain '/'. Secret must be in same namespace as resource.)"
            );
            return Err(Problem::warning(reason::SECRET_NOT_FOUND, message));
        }
        return Ok(vec![(namespace, from.to_string(), true)]);
    }
    Ok(vec![
        (namespace, SECRET_IN_NAMESPACE.to_string(), false),
        (env.operator_namespace.clone(), SECRET_GLOBAL.to_string(), false),
    ])
}

/// The Secrets whose change can change the credential of an object: what a shell watches.
pub fn sources(object: &Value, env: &Env) -> Vec<(String, String)> {
    let all = candidates(object, env).unwrap_or_default();
    all.into_iter().map(|(namespace, name, _)| (namespace, name)).collect()
}

/// The credential of an object: what is still to be asked, or what is wrong, or the credential.
pub fn resolve(observed: &Observed, env: &Env) -> Result<Credential, Unresolved> {
    find(observed, env).map_err(|stop| match stop {
        Stop::Need(queries) => Unresolved::Need(queries),
        Stop::Problem(problem) => Unresolved::Problem(problem),
    })
}

/// Why there is no credential (yet).
#[derive(Clone, Debug, PartialEq)]
pub enum Unresolved {
    Need(Vec<Query>),
    Problem(Problem),
}

pub(crate) fn find(observed: &Observed, env: &Env) -> Result<Credential, Stop> {
    for (namespace, name, must_exist) in candidates(&observed.object, env)? {
        let key = (namespace, name);
        let Some(answer) = observed.secrets.get(&key) else {
            let (namespace, name) = key;
            return Err(Stop::Need(vec![Query::Secret { namespace, name }]));
        };
        match answer {
            Some(secret) => return read(key, secret).map_err(Stop::Problem),
            None if must_exist => {
                let (namespace, name) = key;
                let message = format!(
                    "{namespace}/{name} does not exist (credential secret not found: secrets \"{name}\" not found)"
                );
                return Err(Problem::warning(reason::SECRET_NOT_FOUND, message).into());
            }
            None => {}
        }
    }
    let message = "global credential not configured, you must use either namespaced or per-resource credentials";
    Err(Problem::warning(reason::SECRET_NOT_FOUND, message).into())
}

fn read(from: (String, String), secret: &Redacted<Value>) -> Result<Credential, Problem> {
    let value = |key: &str| data(secret.reveal(), key).filter(|value| !value.is_empty());
    let required = ["AZURE_SUBSCRIPTION_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
    let missing: Vec<String> = required
        .into_iter()
        .filter(|key| value(key).is_none())
        .map(|key| format!("credential Secret \"{}/{}\" does not contain key \"{key}\"", from.0, from.1))
        .collect();
    if !missing.is_empty() {
        return Err(Problem::warning(reason::SECRET_NOT_FOUND, missing.join(", ")));
    }
    let mode = if let Some(secret) = value("AZURE_CLIENT_SECRET") {
        Mode::ClientSecret(Redacted::new(secret))
    } else if let Some(certificate) = value("AZURE_CLIENT_CERTIFICATE") {
        let password = value("AZURE_CLIENT_CERTIFICATE_PASSWORD").map(Redacted::new);
        Mode::ClientCertificate { certificate: Redacted::new(certificate), password }
    } else if value("AUTH_MODE").is_some_and(|mode| mode.eq_ignore_ascii_case("podidentity")) {
        Mode::PodIdentity
    } else {
        Mode::WorkloadIdentity
    };
    let text = |key: &str| value(key).unwrap_or_default().trim().to_string();
    Ok(Credential {
        from,
        subscription: text("AZURE_SUBSCRIPTION_ID"),
        tenant: text("AZURE_TENANT_ID"),
        client_id: text("AZURE_CLIENT_ID"),
        mode,
    })
}

/// The decoded value of a key of a Secret (`data`, or `stringData` where an object comes straight from a manifest).
pub(crate) fn data(secret: &Value, key: &str) -> Option<String> {
    if let Some(encoded) = secret.get("data").and_then(|data| data.get(key)).and_then(Value::as_str) {
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        return String::from_utf8(bytes).ok();
    }
    secret.get("stringData")?.get(key)?.as_str().map(str::to_string)
}

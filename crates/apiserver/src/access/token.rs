//! Service account tokens: what TokenRequest issues, and what a bearer token is worth. A token dies with its service account
//! and with the object that it is bound to, whatever its expiry says. A token without expiry is issued into a Secret of type
//! `kubernetes.io/service-account-token` only, and holds as long as that Secret carries it.

use api::{ObjectExt, env, status::Status};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    Reader, Settings,
    authenticate::CREDENTIAL_ID,
    identity::{Identity, service_account_user},
};

pub(crate) const SECRET_TYPE: &str = "kubernetes.io/service-account-token";
const EXPIRATION_SECS_MIN: i64 = 600;
const EXPIRATION_SECS_DEFAULT: i64 = 3600;
/// How long a token outlives the deletion timestamp of what it belongs to.
const DELETION_LEEWAY_SECS: i64 = 60;

/// A token that holds.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) identity: Identity,
    pub(crate) audiences: Vec<String>,
}

/// Why a token does not hold: for TokenReview and the log, never for the client that sent it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Token(#[from] jose::Error),
    #[error("token was issued by {0:?}")]
    Issuer(String),
    #[error("token audiences {0:?} is invalid for the target audiences {1:?}")]
    Audience(Vec<String>, Vec<String>),
    #[error("service account token has expired")]
    Expired,
    #[error("service account token is not valid yet")]
    NotYet,
    #[error("claim {0} is missing or malformed")]
    Claim(&'static str),
    #[error("{0} {1:?} not found, or made anew since the token was issued")]
    Gone(&'static str, String),
    #[error("{0}")]
    Key(String),
}

/// Checks signature, issuer, audience, times, and that everything it is bound to still exists.
pub(crate) fn verify(
    reader: &dyn Reader,
    settings: &Settings,
    token: &str,
    audiences: &[String],
) -> Result<Verified, Error> {
    // Cheap first: strangers' tokens must not make the key.
    let issuer = jose::unverified_claims(token)?["iss"].as_str().unwrap_or_default().to_string();
    if issuer != settings.issuer {
        return Err(Error::Issuer(issuer));
    }
    let keys = settings.keys.jwks().map_err(|status| Error::Key(status.message))?;
    let claims = jose::verify(&keys, token)?;
    if claims.get("exp").is_none() {
        check_secret(reader, &claims, token)?;
    } else {
        check_times(&claims, settings.clock.now())?;
    }
    let granted = texts(&claims["aud"]);
    let common: Vec<String> = granted.iter().filter(|own| audiences.contains(own)).cloned().collect();
    if common.is_empty() {
        return Err(Error::Audience(granted, audiences.to_vec()));
    }
    let identity = bound_identity(reader, &claims, settings.clock.now())?;
    Ok(Verified { identity, audiences: common })
}

fn check_times(claims: &Value, now: Timestamp) -> Result<(), Error> {
    let expires = claims["exp"].as_i64().ok_or(Error::Claim("exp"))?;
    if now.as_second() >= expires {
        return Err(Error::Expired);
    }
    if claims["nbf"].as_i64().is_some_and(|start| now.as_second() < start) {
        return Err(Error::NotYet);
    }
    Ok(())
}

/// A token without expiry is worth something while the Secret that it was made for carries it.
fn check_secret(reader: &dyn Reader, claims: &Value, token: &str) -> Result<(), Error> {
    let private = &claims["kubernetes.io"];
    let namespace = private["namespace"].as_str().unwrap_or_default();
    let name = private["secret"]["name"].as_str().ok_or(Error::Claim("exp"))?;
    let secret = reader.get("secrets", namespace, name).ok_or_else(|| Error::Gone("secret", name.to_string()))?;
    let carries = secret["type"] == SECRET_TYPE && secret["data"]["token"] == BASE64_STANDARD.encode(token);
    if carries { Ok(()) } else { Err(Error::Gone("secret", name.to_string())) }
}

/// The token of a Secret of type `kubernetes.io/service-account-token`: without expiry, as upstream makes it.
pub(crate) fn issue_for_secret(settings: &Settings, account: &Value, secret: &Value) -> Result<String, Status> {
    let namespace = secret.namespace().unwrap_or_default();
    let name = account.name().unwrap_or_default();
    let now = settings.clock.now().as_second();
    let claims = json!({
        "aud": settings.audiences,
        "iat": now,
        "iss": settings.issuer,
        "kubernetes.io": {
            "namespace": namespace,
            "secret": {"name": secret.name(), "uid": secret.uid()},
            "serviceaccount": {"name": name, "uid": account.uid()},
        },
        "nbf": now,
        "sub": service_account_user(namespace, name),
    });
    jose::sign(&*settings.keys.signing_key()?, &claims).map_err(|error| Status::internal(error.to_string()))
}

/// The service account of the claims, when it and the bound object still are what they were.
fn bound_identity(reader: &dyn Reader, claims: &Value, now: Timestamp) -> Result<Identity, Error> {
    let private = &claims["kubernetes.io"];
    let namespace = private["namespace"].as_str().ok_or(Error::Claim("kubernetes.io.namespace"))?;
    let account = &private["serviceaccount"];
    let name = account["name"].as_str().ok_or(Error::Claim("kubernetes.io.serviceaccount"))?;
    if claims["sub"].as_str() != Some(service_account_user(namespace, name).as_str()) {
        return Err(Error::Claim("sub"));
    }
    for (claim, resource) in [("serviceaccount", "serviceaccounts"), ("secret", "secrets"), ("pod", "pods")] {
        let Some(reference) = private.get(claim) else { continue };
        let name = reference["name"].as_str().ok_or(Error::Claim("kubernetes.io"))?;
        let same = |object: &Value| {
            object.uid().is_some() && object.uid() == reference["uid"].as_str() && !is_deleted(object, now)
        };
        if !reader.get(resource, namespace, name).is_some_and(|object| same(&object)) {
            return Err(Error::Gone(claim, name.to_string()));
        }
    }
    let mut identity = Identity::service_account(namespace, name).with_uid(account["uid"].as_str().unwrap_or_default());
    let mut note = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            identity.extra.insert(key.to_string(), vec![value]);
        }
    };
    note(CREDENTIAL_ID, claims["jti"].as_str().map(|id| format!("JTI={id}")));
    note("authentication.kubernetes.io/pod-name", private["pod"]["name"].as_str().map(String::from));
    note("authentication.kubernetes.io/pod-uid", private["pod"]["uid"].as_str().map(String::from));
    Ok(identity)
}

fn is_deleted(object: &Value, now: Timestamp) -> bool {
    let Some(at) = object.deletion_timestamp() else { return false };
    at.parse::<Timestamp>().map_or(true, |at| now.as_second() - at.as_second() > DELETION_LEEWAY_SECS)
}

/// `serviceaccounts/NAME/token`: the TokenRequest with its status.
pub(crate) fn issue(
    reader: &dyn Reader,
    settings: &Settings,
    namespace: &str,
    name: &str,
    mut request: Value,
) -> Result<Value, Status> {
    let account =
        reader.get("serviceaccounts", namespace, name).ok_or_else(|| Status::not_found("", "serviceaccounts", name))?;
    check_metadata(&request, namespace, name)?;
    let spec = request["spec"].as_object().cloned().unwrap_or_default();
    let seconds = expiration_secs(&spec, settings.token_secs_max)?;
    let audiences = match texts(spec.get("audiences").unwrap_or(&Value::Null)) {
        given if given.is_empty() => settings.audiences.clone(),
        given => given,
    };
    let now = settings.clock.now();
    let expires = now + SignedDuration::from_secs(seconds);
    let mut private = json!({
        "namespace": namespace,
        "serviceaccount": {"name": name, "uid": account.uid().unwrap_or_default()},
    });
    if let Some(reference) = spec.get("boundObjectRef").filter(|reference| !reference.is_null()) {
        let (claim, bound) = bound_object(reader, namespace, name, reference)?;
        private[claim] = json!({"name": bound.name(), "uid": bound.uid()});
    }
    let claims = json!({
        "aud": audiences,
        "exp": expires.as_second(),
        "iat": now.as_second(),
        "iss": settings.issuer,
        "jti": env::uuid(settings.entropy.as_ref()),
        "kubernetes.io": private,
        "nbf": now.as_second(),
        "sub": service_account_user(namespace, name),
    });
    let key = settings.keys.signing_key()?;
    let token = jose::sign(&key, &claims).map_err(|error| Status::internal(error.to_string()))?;
    request["apiVersion"] = json!("authentication.k8s.io/v1");
    request["kind"] = json!("TokenRequest");
    request["metadata"] = json!({"name": name, "namespace": namespace, "creationTimestamp": env::rfc3339(now)});
    let mut spec = spec;
    spec.insert("audiences".into(), json!(audiences));
    spec.insert("expirationSeconds".into(), json!(seconds));
    request["spec"] = Value::Object(spec);
    request["status"] = json!({"token": token, "expirationTimestamp": env::rfc3339(expires)});
    Ok(request)
}

fn check_metadata(request: &Value, namespace: &str, name: &str) -> Result<(), Status> {
    if request.name().is_some_and(|own| own != name) {
        let why = format!(
            "the name of the object ({}) does not match the name on the URL ({name})",
            request.name().unwrap_or_default()
        );
        return Err(Status::bad_request(why));
    }
    if request.namespace().is_some_and(|own| own != namespace) {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

/// As asked for, at least ten minutes; what is longer than the server allows is shortened, as upstream does.
fn expiration_secs(spec: &Map<String, Value>, max: i64) -> Result<i64, Status> {
    let seconds = match spec.get("expirationSeconds") {
        None | Some(Value::Null) => EXPIRATION_SECS_DEFAULT,
        Some(value) => value
            .as_i64()
            .ok_or_else(|| Status::bad_request("spec.expirationSeconds: expected a whole number of seconds"))?,
    };
    let invalid = |why: &str| {
        let cause = api::status::Cause {
            reason: "FieldValueInvalid".into(),
            message: format!("Invalid value: {seconds}: {why}"),
            field: "spec.expirationSeconds".into(),
        };
        Err(Status::invalid("authentication.k8s.io", "TokenRequest", "", vec![cause]))
    };
    if seconds < EXPIRATION_SECS_MIN {
        return invalid("may not specify a duration less than 10 minutes");
    }
    if seconds > 1 << 32 {
        return invalid("may not specify a duration larger than 2^32 seconds");
    }
    Ok(seconds.min(max))
}

/// The claim's name and the live object of a `boundObjectRef`.
fn bound_object(
    reader: &dyn Reader,
    namespace: &str,
    account: &str,
    reference: &Value,
) -> Result<(&'static str, Value), Status> {
    let text = |field: &str| reference[field].as_str().unwrap_or_default();
    let (api_version, kind, name, uid) = (text("apiVersion"), text("kind"), text("name"), text("uid"));
    let (claim, resource) = match (api_version, kind) {
        ("v1", "Pod") => ("pod", "pods"),
        ("v1", "Secret") => ("secret", "secrets"),
        _ => {
            let why = format!("cannot bind token for serviceaccount {account:?} to type {api_version}, Kind={kind}");
            return Err(Status::bad_request(why));
        }
    };
    let object = reader.get(resource, namespace, name).ok_or_else(|| Status::not_found("", resource, name))?;
    if claim == "pod" && object.pointer("/spec/serviceAccountName").and_then(Value::as_str) != Some(account) {
        let why = format!(
            "cannot bind token for serviceaccount {account:?} to pod running with different serviceaccount name."
        );
        return Err(Status::bad_request(why));
    }
    let live = object.uid().unwrap_or_default();
    if !uid.is_empty() && uid != live {
        let why = format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been \
             deleted and then recreated"
        );
        return Err(Status::conflict("", resource, name, &why));
    }
    Ok((claim, object))
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(String::from).collect(),
        _ => Vec::new(),
    }
}

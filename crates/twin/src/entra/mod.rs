//! Entra ID: the token endpoint and the documents that clients read on the way to it. Pure: where the keys of a foreign
//! issuer are needed, [`token`] says so and is asked again.

pub(crate) mod documents;
mod error;
mod federated;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jose::Jwks;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) use error::Error;

use crate::{
    config::TokenKey,
    core::Settings,
    reply::Reply,
    state::{Principal, State, uuid_of},
};

const LIFETIME_SECS: i64 = 3599;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Everything that a token depends on.
pub(crate) struct Entra<'a> {
    pub(crate) state: &'a State,
    pub(crate) settings: &'a Settings,
    pub(crate) key: &'a TokenKey,
    pub(crate) now: Timestamp,
    pub(crate) seed: [u8; 32],
}

/// What the token endpoint needs or answers.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(Reply),
    /// Ask again with the keys of this issuer.
    NeedKeys(String),
}

/// `POST /{tenant}/oauth2/v2.0/token`. `keys` is what came back for an earlier [`Step::NeedKeys`].
pub(crate) fn token(
    entra: &Entra<'_>,
    tenant: &str,
    form: &BTreeMap<String, String>,
    keys: Option<&Result<Jwks, String>>,
) -> Step {
    match grant(entra, tenant, form, keys) {
        Ok(Granted::Token(body)) => Step::Answer(Reply::json(200, body).with("cache-control", "no-store, no-cache")),
        Ok(Granted::NeedKeys(issuer)) => Step::NeedKeys(issuer),
        Err(error) => Step::Answer(error.reply(entra.now, &entra.seed)),
    }
}

enum Granted {
    Token(Value),
    NeedKeys(String),
}

fn grant(
    entra: &Entra<'_>,
    tenant: &str,
    form: &BTreeMap<String, String>,
    keys: Option<&Result<Jwks, String>>,
) -> Result<Granted, Error> {
    let field = |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let stranger = field("client_id").filter(|id| entra.settings.believes(entra.state, id));
    if stranger.is_none() && !tenant.eq_ignore_ascii_case(&entra.settings.tenant_id) {
        return Err(Error::tenant_not_found(tenant));
    }
    let required = |name: &'static str| field(name).ok_or_else(|| Error::missing_parameter(name));
    let grant_type = required("grant_type")?;
    if grant_type != "client_credentials" {
        return Err(Error::unsupported_grant(grant_type));
    }
    let client_id = required("client_id")?;
    let audience = match field("resource") {
        Some(resource) => resource.to_string(),
        None => audience_of(required("scope")?)?,
    };
    require_resource(entra, &audience)?;
    if let Some(app_id) = stranger {
        return issue(entra, &believed(app_id), &audience, "1").map(Granted::Token);
    }
    let principal = entra
        .state
        .principal(client_id)
        .filter(|principal| principal.app_id.eq_ignore_ascii_case(client_id))
        .ok_or_else(|| Error::application_not_found(client_id, &entra.settings.tenant_id))?;
    let proof = match (field("client_secret"), field("client_assertion")) {
        (_, Some(assertion)) => {
            if field("client_assertion_type") != Some(ASSERTION_TYPE) {
                return Err(Error::missing_parameter("client_assertion_type"));
            }
            match federated::verify(entra, &principal, assertion, keys)? {
                federated::Verdict::Trusted => "2",
                federated::Verdict::NeedKeys(issuer) => return Ok(Granted::NeedKeys(issuer)),
            }
        }
        (Some(secret), None) => {
            check_secret(entra, &principal, secret)?;
            "1"
        }
        (None, None) => return Err(Error::no_credential()),
    };
    issue(entra, &principal, &audience, proof).map(Granted::Token)
}

/// Nobody knows what it proves itself by: its word is taken.
fn believed(app_id: &str) -> Principal {
    Principal {
        object_id: uuid_of(&Sha256::digest(app_id.to_lowercase())),
        app_id: app_id.to_string(),
        display_name: app_id.to_string(),
        identity: None,
    }
}

/// `https://management.azure.com//.default` asks for the audience `https://management.azure.com/`.
fn audience_of(scope: &str) -> Result<String, Error> {
    let first = scope.split_whitespace().next().unwrap_or_default();
    first.strip_suffix("/.default").map(str::to_string).ok_or_else(|| Error::scope_without_default(first))
}

/// The APIs that the twin stands in for, by the names that clients use for them.
fn require_resource(entra: &Entra<'_>, audience: &str) -> Result<(), Error> {
    const KNOWN: [&str; 4] = [
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://graph.microsoft.com",
        "https://vault.azure.net",
    ];
    if KNOWN.contains(&audience.trim_end_matches('/')) {
        return Ok(());
    }
    Err(Error::resource_not_found(audience, &entra.settings.tenant_id))
}

fn check_secret(entra: &Entra<'_>, principal: &Principal, secret: &str) -> Result<(), Error> {
    let hash = secret_hash(&principal.app_id, secret);
    let mut applications = entra.state.applications();
    let known = applications.any(|application| {
        application.app_id.eq_ignore_ascii_case(&principal.app_id) && application.secret_hashes.contains(&hash)
    });
    known.then_some(()).ok_or_else(|| Error::wrong_secret(&principal.app_id))
}

/// Secrets are remembered as hashes only.
pub(crate) fn secret_hash(app_id: &str, secret: &str) -> String {
    api::hex::encode(&Sha256::digest(format!("{}\n{secret}", app_id.to_lowercase())))
}

fn issue(entra: &Entra<'_>, principal: &Principal, audience: &str, proof: &str) -> Result<Value, Error> {
    let tenant = &entra.settings.tenant_id;
    let now = entra.now.as_second();
    let mut claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_SECS + 1,
        "appid": principal.app_id,
        "appidacr": proof,
        "idp": format!("https://sts.windows.net/{tenant}/"),
        "idtyp": "app",
        "oid": principal.object_id,
        "sub": principal.object_id,
        "tid": tenant,
        "uti": uuid_of(&Sha256::digest([entra.seed.as_slice(), b"uti"].concat())),
        "ver": "1.0",
    });
    if let Some(identity) = &principal.identity {
        claims["xms_mirid"] = json!(identity.replacen("/resourceGroups/", "/resourcegroups/", 1));
    }
    let token = jose::sign(entra.key.get(), &claims).map_err(|error| Error::server(&error.to_string()))?;
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECS,
        "ext_expires_in": LIFETIME_SECS,
        "access_token": token,
    }))
}

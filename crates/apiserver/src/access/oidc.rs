//! The cluster as an OIDC issuer: the two documents that let others (Entra ID above all) verify service account tokens.
//! They are public: keys and addresses, nothing else.

use api::status::Status;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};

use super::Settings;

pub(crate) const CONFIGURATION_PATH: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS_PATH: &str = "/openid/v1/jwks";

/// `/.well-known/openid-configuration`. The keys' address is below the issuer, where whoever resolves the issuer finds it.
pub(crate) fn configuration(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{}{KEYS_PATH}", issuer.trim_end_matches('/')),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// The answer to a GET of one of the two documents; `None` for any other path.
pub(crate) fn answer(settings: &Settings, path: &str) -> Option<Result<Response, Status>> {
    let (content_type, document) = match path.strip_suffix('/').unwrap_or(path) {
        CONFIGURATION_PATH => ("application/json", Ok(configuration(&settings.issuer))),
        KEYS_PATH => {
            let keys = settings.keys.jwks().map(|keys| serde_json::to_value(keys).unwrap_or_default());
            ("application/jwk-set+json", keys)
        }
        _ => return None,
    };
    let respond = |document: Value| {
        let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=3600")];
        (headers, document.to_string()).into_response()
    };
    Some(document.map(respond))
}

//! OpenID Connect discovery, keys and instance discovery of the login host.

use jose::{Jwk, Jwks};
use serde_json::{Value, json};

const LOGIN: &str = "https://login.microsoftonline.com";

/// `/{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) fn openid_configuration(tenant: &str, own_tenant: &str) -> Value {
    json!({
        "token_endpoint": format!("{LOGIN}/{tenant}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{LOGIN}/{tenant}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{LOGIN}/{own_tenant}/v2.0"),
        "authorization_endpoint": format!("{LOGIN}/{tenant}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{LOGIN}/{tenant}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": "WW",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    })
}

/// `/{tenant}/discovery/v2.0/keys`
pub(crate) fn keys(key: &Jwk) -> Value {
    serde_json::to_value(Jwks { keys: vec![key.clone()] }).unwrap_or_default()
}

/// `/common/discovery/instance`
pub(crate) fn instance(own_tenant: &str) -> Value {
    json!({
        "tenant_discovery_endpoint": format!("{LOGIN}/{own_tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": "login.microsoftonline.com",
            "preferred_cache": "login.windows.net",
            "aliases": ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
        }],
    })
}

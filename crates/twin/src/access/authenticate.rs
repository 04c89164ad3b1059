//! Bearer tokens at the doors of ARM, Graph and Key Vault: signature, times, tenant and audience, each refused in the words
//! of the service.

use jiff::Timestamp;
use jose::{Jwk, Jwks};

use crate::{
    core::{Caller, Settings},
    reply::Reply,
};

/// Clocks may differ by this much.
const SKEW_SECS: i64 = 300;

/// Whose door it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    Management,
    Graph,
    Vault,
}

impl Audience {
    fn accepts(self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        match self {
            Self::Management => {
                ["https://management.azure.com", "https://management.core.windows.net"].contains(&audience)
            }
            Self::Graph => audience == "https://graph.microsoft.com",
            Self::Vault => audience == "https://vault.azure.net",
        }
    }
}

/// The caller behind an `Authorization` header.
pub(crate) fn authenticate(
    header: Option<&str>,
    audience: Audience,
    key: &Jwk,
    settings: &Settings,
    now: Timestamp,
) -> Result<Caller, Reply> {
    let refuse = |code: &str, message: String| Err(refusal(audience, settings, code, message));
    let Some(header) = header else {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        return refuse("AuthenticationFailed", message.into());
    };
    let Some(token) = bearer(header) else {
        let message = "Authentication failed. The 'Authorization' header is provided in an invalid format.";
        return refuse("AuthenticationFailedInvalidHeader", message.into());
    };
    let Ok(claims) = jose::verify(&Jwks { keys: vec![key.clone()] }, token) else {
        return refuse("InvalidAuthenticationToken", "The access token is invalid.".into());
    };
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_string();
    if !text("tid").eq_ignore_ascii_case(&settings.tenant_id) {
        let own = format!("https://sts.windows.net/{}/", settings.tenant_id);
        let message = format!(
            "The access token is from the wrong issuer '{}'. It must match the tenant '{own}' associated with this \
             subscription. Please use the authority (URL) 'https://login.windows.net/{}' to get the token.",
            text("iss"),
            settings.tenant_id
        );
        return refuse("InvalidAuthenticationTokenTenant", message);
    }
    if !audience.accepts(&text("aud")) {
        let message = format!(
            "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with one of \
             the allowed audiences 'https://management.core.windows.net/','https://management.azure.com/'.",
            text("aud")
        );
        return refuse("InvalidAuthenticationTokenAudience", message);
    }
    let expires = claims["exp"].as_i64().unwrap_or(0);
    if claims["nbf"].as_i64().is_some_and(|from| from > now.as_second() + SKEW_SECS) {
        return refuse("InvalidAuthenticationToken", "The access token is not valid yet.".into());
    }
    if expires <= now.as_second() {
        let at = |second: i64| Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default();
        let message = format!(
            "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
            at(expires),
            at(now.as_second())
        );
        return refuse("ExpiredAuthenticationToken", message);
    }
    Ok(Caller { object_id: text("oid"), app_id: text("appid") })
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}

fn refusal(audience: Audience, settings: &Settings, code: &str, message: String) -> Reply {
    let tenant = &settings.tenant_id;
    match audience {
        Audience::Management => {
            let challenge = format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
                 error_description=\"{}\"",
                message.replace('"', "'")
            );
            Reply::error(401, code, message).with("www-authenticate", challenge)
        }
        Audience::Graph => Reply::error(401, "InvalidAuthenticationToken", message).with("www-authenticate", "Bearer"),
        Audience::Vault => {
            let challenge = format!(
                "Bearer authorization=\"https://login.microsoftonline.com/{tenant}\", resource=\"https://vault.azure.net\""
            );
            let message = match code {
                "AuthenticationFailed" => "AKV10000: Request is missing a Bearer or PoP token.".to_string(),
                _ => format!("AKV10032: Invalid token. {message}"),
            };
            Reply::error(401, "Unauthorized", message).with("www-authenticate", challenge)
        }
    }
}

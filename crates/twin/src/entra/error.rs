//! Entra ID's refusals: number, OAuth error, HTTP status and text, as public reports quote them.

use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{reply::Reply, state::uuid_of};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) number: u32,
    error: &'static str,
    status: u16,
    text: String,
}

const FEDERATION: &str = "Please check your federated identity credential Subject, Audience and Issuer against the presented \
                          assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

impl Error {
    fn new(number: u32, error: &'static str, status: u16, text: String) -> Self {
        Self { number, error, status, text }
    }

    pub(crate) fn tenant_not_found(tenant: &str) -> Self {
        let text = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud. Check with your subscription administrator, this may happen if there are no active \
             subscriptions for the tenant."
        );
        Self::new(90002, "invalid_request", 400, text)
    }

    pub(crate) fn missing_parameter(name: &str) -> Self {
        let text = format!("The request body must contain the following parameter: '{name}'.");
        Self::new(900144, "invalid_request", 400, text)
    }

    pub(crate) fn unsupported_grant(grant: &str) -> Self {
        let text = format!("The app requested an unsupported grant type '{grant}'.");
        Self::new(70003, "unsupported_grant_type", 400, text)
    }

    pub(crate) fn scope_without_default(scope: &str) -> Self {
        let text = format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
             /.default suffixed to the resource identifier (application ID URI)."
        );
        Self::new(1002012, "invalid_scope", 400, text)
    }

    pub(crate) fn resource_not_found(resource: &str, tenant: &str) -> Self {
        let text = format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You might have sent your authentication request to the wrong tenant."
        );
        Self::new(500011, "invalid_resource", 400, text)
    }

    pub(crate) fn application_not_found(client_id: &str, tenant: &str) -> Self {
        let text = format!(
            "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant."
        );
        Self::new(700016, "unauthorized_client", 400, text)
    }

    pub(crate) fn no_credential() -> Self {
        let text =
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
        Self::new(7000216, "invalid_client", 401, text.into())
    }

    pub(crate) fn wrong_secret(app_id: &str) -> Self {
        let text = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not \
             the client secret ID, for a secret added to app '{app_id}'."
        );
        Self::new(7000215, "invalid_client", 401, text)
    }

    pub(crate) fn malformed_assertion() -> Self {
        Self::new(50027, "invalid_request", 400, "JWT token is invalid or malformed.".into())
    }

    pub(crate) fn no_federation(app_id: &str, name: &str) -> Self {
        let text = format!("The client '{app_id}'({name}) has no configured federated identity credentials.");
        Self::new(70025, "invalid_client", 401, text)
    }

    pub(crate) fn issuer(issuer: &str) -> Self {
        Self::no_match(700211, format!("issuer '{issuer}'. {FEDERATION}"))
    }

    pub(crate) fn audience(audience: &str) -> Self {
        Self::no_match(700212, format!("audience '{audience}'. {FEDERATION}"))
    }

    pub(crate) fn subject(subject: &str) -> Self {
        Self::no_match(700213, format!("subject '{subject}'. {FEDERATION}"))
    }

    pub(crate) fn subject_case(subject: &str) -> Self {
        let text = format!(
            "subject '{subject}'. The subject matches with case-insensitive comparison, but not with case-sensitive \
             comparison. {FEDERATION}"
        );
        Self::no_match(7002138, text)
    }

    fn no_match(number: u32, rest: String) -> Self {
        let text = format!("No matching federated identity record found for presented assertion {rest}");
        Self::new(number, "invalid_client", 401, text)
    }

    pub(crate) fn issuer_unreachable() -> Self {
        Self::new(50166, "invalid_request", 400, "Request to External OIDC endpoint failed.".into())
    }

    pub(crate) fn bad_signature(reason: &str) -> Self {
        let text = format!("Client assertion failed signature validation. [Reason - {reason}]");
        Self::new(700027, "invalid_client", 401, text)
    }

    pub(crate) fn not_in_time(now: Timestamp, from: i64, until: i64) -> Self {
        let at = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        let text = format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {}, expiry time \
             of assertion {}. Review the documentation at \
             https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
            at(from),
            at(until)
        );
        Self::new(700024, "invalid_client", 401, text)
    }

    pub(crate) fn server(text: &str) -> Self {
        Self::new(90033, "temporarily_unavailable", 503, format!("A transient error has occurred. {text}"))
    }

    pub(crate) fn reply(&self, now: Timestamp, seed: &[u8; 32]) -> Reply {
        let id = |purpose: &[u8]| uuid_of(&Sha256::digest([seed.as_slice(), purpose].concat()));
        let (trace, correlation) = (id(b"trace"), id(b"correlation"));
        let timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.number, self.text
            ),
            "error_codes": [self.number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.number),
        });
        Reply::json(self.status, body)
    }
}

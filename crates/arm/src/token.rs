//! Tokens: one form POST to Entra ID per credential, kept until shortly before they expire. Callers that want the same token
//! at the same time wait for one request.

use std::{collections::BTreeMap, sync::Arc};

use actions::ArmError;
use api::{Redacted, env::SharedClock};
use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::Value;

use crate::{Credential, Endpoints, wire};

/// How long before its end a token is not used any more.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// Projected tokens rotate hourly and each is a cache entry: expired entries go when there are this many.
const ENTRIES_MAX: usize = 1024;

#[derive(Clone, Debug)]
struct Token {
    text: Redacted<String>,
    refresh_at: Timestamp,
}

/// An async mutex per credential, so that one exchange runs at a time and the others wait for its result.
type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    slots: Mutex<BTreeMap<[u8; 32], Slot>>,
}

impl Tokens {
    /// The cached token, or a fresh one from `exchange`.
    pub(crate) async fn get<F, Answer>(
        &self,
        credential: &Credential,
        endpoints: &Endpoints,
        clock: &SharedClock,
        exchange: F,
    ) -> Result<Redacted<String>, ArmError>
    where
        F: FnOnce(Request<Bytes>) -> Answer,
        Answer: Future<Output = Result<Response<Bytes>, ArmError>>,
    {
        let slot = self.slot(credential.fingerprint(), clock.now());
        let mut cached = slot.lock().await;
        if let Some(token) = cached.as_ref().filter(|token| clock.now() < token.refresh_at) {
            return Ok(token.text.clone());
        }
        let answer = exchange(request(credential, endpoints)?).await?;
        let token = read(&answer, clock.now())?;
        let text = token.text.clone();
        *cached = Some(token);
        Ok(text)
    }

    /// Forgets a token that ARM refused, unless somebody has replaced it meanwhile.
    pub(crate) async fn drop_rejected(&self, credential: &Credential, rejected: &Redacted<String>, now: Timestamp) {
        let slot = self.slot(credential.fingerprint(), now);
        let mut cached = slot.lock().await;
        if cached.as_ref().is_some_and(|token| token.text == *rejected) {
            *cached = None;
        }
    }

    fn slot(&self, key: [u8; 32], now: Timestamp) -> Slot {
        let mut slots = self.slots.lock();
        if slots.len() >= ENTRIES_MAX {
            // A slot in use is locked, and stays.
            slots.retain(|_, slot| {
                slot.try_lock().map_or(true, |token| token.as_ref().is_some_and(|token| now < token.refresh_at))
            });
        }
        slots.entry(key).or_default().clone()
    }
}

fn request(credential: &Credential, endpoints: &Endpoints) -> Result<Request<Bytes>, ArmError> {
    let (tenant, form) = credential.form(&endpoints.scope())?;
    Request::post(format!("{}/{tenant}/oauth2/v2.0/token", endpoints.authority()))
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(http::header::ACCEPT, "application/json")
        .body(Bytes::from(wire::form_encode(&form)))
        .map_err(|error| wire::failure(400, "InvalidTokenRequest", error.to_string()))
}

fn read(answer: &Response<Bytes>, now: Timestamp) -> Result<Token, ArmError> {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
    let status = answer.status().as_u16();
    if !answer.status().is_success() {
        return Err(entra_error(status, &body, answer, now));
    }
    let unreadable = || wire::failure(502, "UnreadableResponse", "Entra ID answered without a token".into());
    let text = body["access_token"].as_str().filter(|text| !text.is_empty()).ok_or_else(unreadable)?;
    // A number by the standard, a string from older endpoints.
    let expires = &body["expires_in"];
    let seconds = expires.as_i64().or_else(|| expires.as_str()?.parse().ok()).unwrap_or(0);
    let life = SignedDuration::from_secs(seconds.clamp(0, 7 * 24 * 3600));
    let expires_at = now.checked_add(life).unwrap_or(now);
    // A token shorter than the margin is still good for the request that asked for it.
    let refresh_at = expires_at.checked_sub(MARGIN).unwrap_or(now);
    Ok(Token { text: Redacted::new(text.to_string()), refresh_at })
}

/// Entra's error: `AADSTS` and the first error number as the code, the text without trace and time as the message.
fn entra_error(status: u16, body: &Value, answer: &Response<Bytes>, now: Timestamp) -> ArmError {
    let description = body["error_description"].as_str().unwrap_or_default();
    // Trace and time differ in every answer: in a condition's message they would be a change each time.
    let text = description.lines().next().unwrap_or_default().split(" Trace ID:").next().unwrap_or_default();
    let (named, message) = match text.split_once(": ") {
        Some((code, rest)) if code.starts_with("AADSTS") => (Some(code.to_string()), rest),
        _ => (None, text),
    };
    let number = body["error_codes"].get(0).and_then(Value::as_u64).map(|number| format!("AADSTS{number}"));
    let code = number
        .or(named)
        .or_else(|| body["error"].as_str().map(str::to_string))
        .unwrap_or_else(|| format!("Http{status}"));
    let message = match message {
        "" => format!("Entra ID answered {} without a description", answer.status()),
        message => message.to_string(),
    };
    ArmError {
        retry_after_secs: wire::retry_after(answer.headers(), now),
        correlation_id: body["correlation_id"].as_str().unwrap_or_default().to_string(),
        ..wire::failure(status, &code, message)
    }
}

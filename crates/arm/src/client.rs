//! The client: guard, token, request, answer. One pass, no waiting, no retries but the one after a rejected token.

use std::{fmt, sync::Arc};

use actions::{ArmError, ArmMethod, ArmOperation, ArmRequest, ArmResponse, OperationStyle};
use api::env::{self, SharedClock, SharedEntropy};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use tower::ServiceExt;

use crate::{Credential, Endpoints, Guard, Transport, token::Tokens, wire};

/// Pages that one listing may have.
const PAGES_MAX: usize = 1000;

/// Cheap to clone; clones share connections and tokens.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    endpoints: Endpoints,
    guard: Guard,
    clock: SharedClock,
    entropy: SharedEntropy,
    tokens: Tokens,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoints", &self.inner.endpoints).finish_non_exhaustive()
    }
}

/// Where a long-running operation is.
#[derive(Clone, Debug, PartialEq)]
pub enum Poll {
    /// Ask again after `retry_after_secs` (0: soon; `None`: the caller's default), with this operation: Azure may hand out
    /// another URL on the way.
    InProgress { retry_after_secs: Option<u64>, operation: ArmOperation },
    /// Finished well. For a PUT or PATCH the final state of the resource is still to be read by a GET.
    Done(ArmResponse),
}

impl Client {
    pub fn new(
        transport: Transport,
        endpoints: Endpoints,
        guard: Guard,
        clock: SharedClock,
        entropy: SharedEntropy,
    ) -> Self {
        Self { inner: Arc::new(Inner { transport, endpoints, guard, clock, entropy, tokens: Tokens::default() }) }
    }

    /// Sends one request. A failure of any layer (guard, Entra ID, the way there, ARM) is an [`ArmError`].
    pub async fn send(&self, credential: &Credential, request: &ArmRequest) -> Result<ArmResponse, ArmError> {
        self.inner.guard.check(request)?;
        let query = [("api-version", request.api_version.as_str())];
        let url = wire::url(self.inner.endpoints.management(), &request.id, &query)?;
        let body = request.body.as_ref().map(|body| Bytes::from(body.to_string()));
        let answer = self.authorized(credential, request.method, &url, body).await?;
        wire::read(request, &answer, self.inner.clock.now())
    }

    /// Asks once how an operation is doing. An operation that ended badly is an error: for a status document with the
    /// code and message in it and the HTTP status of the poll (200).
    pub async fn poll(&self, credential: &Credential, operation: &ArmOperation) -> Result<Poll, ArmError> {
        if operation.style == OperationStyle::ResourceBody && operation.url.is_empty() {
            let message = "the operation is followed by reading the resource, it has no URL to poll".to_string();
            return Err(wire::failure(400, "InvalidOperation", message));
        }
        let answer = self.get(credential, &operation.url).await?;
        let now = self.inner.clock.now();
        let body = wire::success(&answer, now)?;
        let in_progress = |operation: ArmOperation| Poll::InProgress {
            retry_after_secs: wire::retry_after(answer.headers(), now),
            operation,
        };
        let state = match operation.style {
            OperationStyle::AzureAsyncOperation => body["status"].as_str(),
            OperationStyle::ResourceBody => wire::provisioning_state(&body),
            OperationStyle::Location if answer.status().as_u16() == 202 => {
                let url = wire::text(answer.headers(), "location").unwrap_or(&operation.url).to_string();
                return Ok(in_progress(ArmOperation { url, ..operation.clone() }));
            }
            OperationStyle::Location => None,
        };
        match state {
            Some(state) if !wire::is_terminal(state) => Ok(in_progress(operation.clone())),
            Some(state) if !state.eq_ignore_ascii_case("Succeeded") => {
                let (code, message) = wire::error_of(&body)
                    .unwrap_or_else(|| (format!("Operation{state}"), format!("the operation ended as {state}")));
                let status = answer.status().as_u16();
                let correlation_id = wire::correlation_id(answer.headers());
                Err(ArmError { correlation_id, ..wire::failure(status, &code, message) })
            }
            _ => Ok(Poll::Done(wire::response(&answer, body, None, now))),
        }
    }

    /// Every item of a listing, over all pages. `query` may carry `$filter` and the like.
    pub async fn list(
        &self,
        credential: &Credential,
        id: &str,
        api_version: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Value>, ArmError> {
        let query: Vec<_> = std::iter::once(("api-version", api_version)).chain(query.iter().copied()).collect();
        let mut next = Some(wire::url(self.inner.endpoints.management(), id, &query)?);
        let mut items = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(url) = next.take() else { return Ok(items) };
            let answer = self.get(credential, &url).await?;
            let mut page = wire::success(&answer, self.inner.clock.now())?;
            if let Some(Value::Array(values)) = page.get_mut("value").map(Value::take) {
                items.extend(values);
            }
            next = page["nextLink"].as_str().filter(|link| !link.is_empty()).map(str::to_string);
        }
        Err(wire::failure(502, "TooManyPages", format!("{id} has more than {PAGES_MAX} pages")))
    }

    async fn get(&self, credential: &Credential, url: &str) -> Result<Response<Bytes>, ArmError> {
        self.authorized(credential, ArmMethod::Get, url, None).await
    }

    /// Sends with a token; a token that ARM refuses is dropped and replaced once.
    async fn authorized(
        &self,
        credential: &Credential,
        method: ArmMethod,
        url: &str,
        body: Option<Bytes>,
    ) -> Result<Response<Bytes>, ArmError> {
        let inner = &self.inner;
        if !inner.endpoints.is_management(url) {
            let message = format!("{url:?} is not a URL of {}: it is not followed", inner.endpoints.management());
            return Err(wire::failure(400, "ForeignUrl", message));
        }
        let mut replaced = false;
        loop {
            let exchange = |request| self.exchange(request);
            let token = inner.tokens.get(credential, &inner.endpoints, &inner.clock, exchange).await?;
            let mut request = Request::builder()
                .method(method.as_str())
                .uri(url)
                .header(http::header::ACCEPT, "application/json")
                .header(http::header::USER_AGENT, concat!("windlass/", env!("CARGO_PKG_VERSION")))
                .header("x-ms-client-request-id", env::uuid(inner.entropy.as_ref()))
                .header(http::header::AUTHORIZATION, format!("Bearer {}", token.reveal()));
            if body.is_some() {
                request = request.header(http::header::CONTENT_TYPE, "application/json");
            }
            let request = request
                .body(body.clone().unwrap_or_default())
                .map_err(|error| wire::failure(400, "InvalidRequest", error.to_string()))?;
            let answer = self.exchange(request).await?;
            if answer.status().as_u16() != 401 || replaced {
                return Ok(answer);
            }
            inner.tokens.drop_rejected(credential, &token, inner.clock.now()).await;
            replaced = true;
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ArmError> {
        let host = request.uri().host().unwrap_or_default().to_string();
        let answer = self.inner.transport.clone().oneshot(request).await;
        answer.map_err(|error| wire::failure(0, "TransportError", format!("no answer from {host}: {error}")))
    }
}

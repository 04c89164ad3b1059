//! Faults of Azure: delays, throttling, errors before and after execution, lost answers, expired tokens.

use arm::{Transport, TransportError};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::json;
use tower::ServiceExt;

use super::Weather;

impl Weather {
    pub(super) async fn azure_request(
        self,
        transport: Transport,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, TransportError> {
        let (method, path) = (request.method().clone(), request.uri().path().to_string());
        let login = request.uri().host().is_some_and(|host| host.starts_with("login."));
        let what = format!("azure {method} {path}");
        let fate = self.fate();
        if !fate.delay.is_zero() {
            tokio::time::sleep(fate.delay).await;
        }
        if let Some(number) = fate.refused {
            self.trace.line(&format!("{what} -> fault {} (before)", number % 5));
            return refusal(number, login);
        }
        let body = request.body().clone();
        let response = transport.oneshot(request).await?;
        let code = response.status().as_u16();
        let lost = if fate.lost { " (lost)" } else { "" };
        self.trace.line(&format!("{what} -> {code}{lost}"));
        if method == Method::GET {
            self.watchman.azure_was_read(&path);
        } else if !login && method != Method::HEAD {
            self.watchman.azure_wrote(&method, &path, &body, code, fate.lost);
        }
        match fate.lost {
            false => Ok(response),
            true if self.dice.permille(500) => Err(TransportError("connection reset by peer".into())),
            true => Ok(answer(500, "InternalServerError", None)),
        }
    }
}

fn refusal(number: u64, login: bool) -> Result<Response<Bytes>, TransportError> {
    match number % 5 {
        0 => Ok(answer(429, "TooManyRequests", Some(1 + number % 20))),
        1 => Ok(answer(500, "InternalServerError", None)),
        2 => Ok(answer(503, "ServiceUnavailable", None)),
        3 if !login => Ok(answer(401, "ExpiredAuthenticationToken", None)),
        _ => Err(TransportError("connection refused".into())),
    }
}

fn answer(code: u16, name: &str, retry_after: Option<u64>) -> Response<Bytes> {
    let body = json!({"error": {"code": name, "message": format!("{name}, says the simulation")}});
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
    }
    response
}

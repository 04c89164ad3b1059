//! Faults of the Kubernetes API: delays, refusals before execution, lost answers after it, and watches that break.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use kube::client::Body;
use serde_json::{Value, json};

use super::Weather;

/// What a controller reads: the API server's stream, a piece of it, or a refusal.
type Answer = UnsyncBoxBody<Bytes, kube::Error>;

impl Weather {
    pub(super) async fn kubernetes_request(
        self,
        controller: &'static str,
        client: kube::Client,
        request: Request<Body>,
    ) -> Result<Response<Answer>, kube::Error> {
        let query = request.uri().query().unwrap_or_default();
        let watches = query.contains("watch=");
        let dry = if query.contains("dryRun=") { " (dry run)" } else { "" };
        let kind = if watches { "WATCH" } else { request.method().as_str() };
        let what = format!("{controller} {kind} {}{dry}", request.uri().path());
        let writes = *request.method() != Method::GET;
        let fate = self.fate();
        if !fate.delay.is_zero() {
            tokio::time::sleep(fate.delay).await;
        }
        if let Some(number) = fate.refused {
            let (code, reason, retry_after) = refusal(number, writes, watches || query.contains("resourceVersion="));
            self.trace.line(&format!("{what} -> {code} (before)"));
            return Ok(refused(code, reason, retry_after));
        }
        if writes && dry.is_empty() {
            self.watchman.kubernetes_wrote(&what);
        }
        let response = client.send(request).await?;
        let code = response.status().as_u16();
        if fate.lost {
            self.trace.line(&format!("{what} -> 504 (after {code})"));
            return Ok(refused(504, "Timeout", None));
        }
        self.trace.line(&format!("{what} -> {code}"));
        if watches && code == 200 && self.dice_cut() {
            return Ok(response.map(|body| self.cut(body)));
        }
        Ok(response.map(BodyExt::boxed_unsync))
    }

    fn dice_cut(&self) -> bool {
        let chance = self.climate().cut;
        chance > 0 && self.dice.permille(chance)
    }

    /// The stream ends after some frames or some time, half of the time with 410.
    fn cut(&self, body: Body) -> Answer {
        let frames = 1 + usize::try_from(self.dice.below(5)).unwrap_or(0);
        let patience = Duration::from_millis(self.dice.below(60_000));
        let gone = self.dice.permille(500).then(|| {
            let event = json!({"type": "ERROR", "object": status(410, "Expired", "too old resource version")});
            Ok::<_, kube::Error>(Frame::data(Bytes::from(format!("{event}\n"))))
        });
        let data = body.into_data_stream().take(frames).take_until(Box::pin(tokio::time::sleep(patience)));
        let data = data.map(|chunk| chunk.map(Frame::data));
        StreamBody::new(data.chain(stream::iter(gone))).boxed_unsync()
    }
}

/// One of the refusals that fit the request.
fn refusal(number: u64, writes: bool, from_revision: bool) -> (u16, &'static str, Option<u64>) {
    match number % 4 {
        0 if writes => (409, "Conflict", None),
        0 if from_revision => (410, "Expired", None),
        1 => (429, "TooManyRequests", Some(1 + number % 5)),
        2 => (503, "ServiceUnavailable", None),
        _ => (500, "InternalError", None),
    }
}

fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    })
}

fn refused(code: u16, reason: &str, retry_after: Option<u64>) -> Response<Answer> {
    let body = status(code, reason, &format!("{reason}, says the simulation"));
    let body = Full::new(Bytes::from(body.to_string())).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    if let Some(seconds) = retry_after {
        headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from(seconds));
    }
    response
}

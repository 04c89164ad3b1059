//! What every request from the network passes first, whoever sent it: is it meant for this server (a web page may make a
//! browser send anything to 127.0.0.1, also under a name that it rebinds), and is there room for it.

use std::{collections::BTreeSet, sync::Arc};

use api::status::Status;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use futures::StreamExt;
use http::{
    HeaderMap, Uri,
    header::{HOST, ORIGIN},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::Limits;
use crate::access::refusal;

/// Seconds that a refused client is asked to wait.
const RETRY_AFTER_SECS: u64 = 1;

/// Which names this server answers to, and how much at once. Cheap to clone; clones share the limits.
#[derive(Clone, Debug)]
pub struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    hosts: BTreeSet<String>,
    /// `.vault.azure.net`: one label before it, whichever.
    suffixes: Vec<String>,
    requests: Arc<Semaphore>,
    watches: Arc<Semaphore>,
    /// Cuts the watches.
    closing: CancellationToken,
}

impl Inner {
    fn answers_to(&self, host: &str) -> bool {
        let one_label = |suffix: &String| {
            host.strip_suffix(suffix.as_str()).is_some_and(|label| !label.is_empty() && !label.contains(['.', '*']))
        };
        self.hosts.contains(host) || self.suffixes.iter().any(one_label)
    }
}

impl Guard {
    /// `hosts`: names and addresses without ports; `*.example.com` for any one label. Loopback names are always among them.
    pub fn new(hosts: impl IntoIterator<Item = String>, limits: &Limits, closing: CancellationToken) -> Self {
        let loopback = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let hosts: BTreeSet<String> = hosts.into_iter().chain(loopback).map(|host| host.to_ascii_lowercase()).collect();
        let suffixes = hosts.iter().filter_map(|host| host.strip_prefix('*')).map(String::from).collect();
        let requests = Arc::new(Semaphore::new(limits.requests_max));
        let watches = Arc::new(Semaphore::new(limits.watches_max));
        Self(Arc::new(Inner { hosts, suffixes, requests, watches, closing }))
    }

    pub fn protect(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), guarded))
    }

    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Status> {
        let authority = uri.authority().map(|authority| authority.as_str());
        let mut hosts =
            headers.get_all(HOST).iter().map(|host| host.to_str().ok()).chain(authority.map(Some)).peekable();
        if hosts.peek().is_none() {
            return Err(Status::bad_request("the request has no Host"));
        }
        // All of them: what one part of the server believes must not differ from what another one does.
        for host in hosts {
            if !host.and_then(host_name).is_some_and(|host| self.0.answers_to(&host)) {
                let shown = host.unwrap_or("(not plain text)");
                return Err(Status::failure(
                    421,
                    "Misdirected",
                    format!("this server does not answer to host {shown:?}"),
                ));
            }
        }
        for origin in headers.get_all(ORIGIN) {
            let host = origin.to_str().ok().and_then(|origin| host_name(origin.split_once("://")?.1));
            if !host.is_some_and(|host| self.0.answers_to(&host)) {
                return Err(Status::failure(403, "Forbidden", "requests from web pages of other origins are refused"));
            }
        }
        let fetched_by = headers.get("sec-fetch-site").map(|site| site.as_bytes());
        if matches!(fetched_by, Some(b"cross-site" | b"same-site")) && !headers.contains_key(ORIGIN) {
            return Err(Status::failure(403, "Forbidden", "requests from web pages of other origins are refused"));
        }
        Ok(())
    }

    fn room(&self, is_watch: bool) -> Result<OwnedSemaphorePermit, Status> {
        let from = if is_watch { &self.0.watches } else { &self.0.requests };
        from.clone()
            .try_acquire_owned()
            .map_err(|_| Status::too_many_requests("Too many requests, please try again later.", RETRY_AFTER_SECS))
    }
}

async fn guarded(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    if let Err(status) = guard.check(request.uri(), request.headers()) {
        return refusal(&status);
    }
    let is_watch = is_watch(request.uri().query().unwrap_or_default());
    let permit = match guard.room(is_watch) {
        Ok(permit) => permit,
        Err(status) => return refusal(&status),
    };
    let response = next.run(request).await;
    if !is_watch {
        return response;
    }
    // A watch takes its place as long as its body lasts, and ends when the server does.
    let closing = guard.0.closing.clone();
    response.map(|body| {
        let frames = body.into_data_stream().map(move |frame| {
            let _held = &permit;
            frame
        });
        Body::from_stream(frames.take_until(async move { closing.cancelled().await }))
    })
}

/// As the API reads it: `watch`, `watch=1`, `watch=true`.
fn is_watch(query: &str) -> bool {
    query.split('&').any(|pair| matches!(pair, "watch" | "watch=1" | "watch=true" | "watch=True" | "watch=t"))
}

/// `LocalHost.:6443` to `localhost`, `[::1]:6443` to `::1`.
fn host_name(authority: &str) -> Option<String> {
    if authority.contains('@') || authority.is_empty() {
        return None;
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (port.is_empty() || is_port(port.strip_prefix(':')?)).then_some(host)?
        }
        None => match authority.split_once(':') {
            Some((host, port)) => is_port(port).then_some(host)?,
            None => authority,
        },
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

//! One request through `git http-backend`: the environment of CGI, the body into stdin, headers and body out of stdout.

use std::{io, process::Stdio, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};

use super::{Config, plain};
use crate::process;

/// CGI headers are few and short.
const HEADERS_MAX: usize = 16 << 10;
/// What a push is answered with: one line for each reference.
const REPORT_MAX: usize = 8 << 20;
/// A flush packet and nothing before it.
const EMPTY_PUSH: u64 = 4;
const CHUNK: usize = 64 << 10;

pub(super) struct Call {
    pub(super) config: Arc<Config>,
    pub(super) user: Option<String>,
    pub(super) path: &'static str,
    pub(super) request: Request,
}

/// A running backend whose headers were read.
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// What came with the headers.
    first: Bytes,
    stdout: ChildStdout,
    /// Killed when this is dropped.
    child: Child,
    /// Whether the whole request was passed on.
    feeding: JoinHandle<Result<u64, Refusal>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    TooLarge,
    Broken,
}

impl Call {
    /// The answer as it comes: packs can be large.
    pub(super) async fn stream(self) -> Response {
        let wall = self.config.wall;
        let deadline = Instant::now() + wall;
        let answer = match self.begin(wall).await {
            Ok(answer) => answer,
            Err(refused) => return *refused,
        };
        let (status, headers, first) = (answer.status, answer.headers.clone(), answer.first.clone());
        let rest = stream::unfold(Some(answer), move |answer| async move {
            let mut answer = answer?;
            let mut chunk = BytesMut::with_capacity(CHUNK);
            match timeout_at(deadline, answer.stdout.read_buf(&mut chunk)).await {
                Ok(Ok(0)) => None,
                Ok(Ok(_)) => Some((Ok::<Bytes, io::Error>(chunk.freeze()), Some(answer))),
                Ok(Err(error)) => Some((Err(error), None)),
                Err(elapsed) => Some((Err(elapsed.into()), None)),
            }
        });
        let body = stream::once(async move { Ok(first) }).chain(rest);
        respond(status, headers, Body::from_stream(body))
    }

    /// The answer when the process has ended well (an error otherwise), and whether something was asked for: before a
    /// large push, git sends an empty one to see whether it will be allowed.
    pub(super) async fn collect(self) -> (Response, bool) {
        let wall = self.config.wall;
        let finish = async {
            let mut answer = self.begin(wall).await.map_err(|refused| *refused)?;
            let mut body = BytesMut::from(answer.first.as_ref());
            while body.len() < REPORT_MAX && matches!(answer.stdout.read_buf(&mut body).await, Ok(read) if read > 0) {}
            let fed = answer.feeding.await;
            let ended = answer.child.wait().await;
            match (fed, ended) {
                (Ok(Err(Refusal::TooLarge)), _) => Err(plain(StatusCode::PAYLOAD_TOO_LARGE, "the push is too large")),
                (Ok(Ok(length)), Ok(code)) if code.success() => {
                    let response = respond(answer.status, answer.headers, Body::from(body.freeze()));
                    Ok((response, length > EMPTY_PUSH))
                }
                _ => Err(plain(StatusCode::INTERNAL_SERVER_ERROR, "git http-backend failed")),
            }
        };
        match timeout(wall, finish).await {
            Ok(Ok(pushed)) => pushed,
            Ok(Err(response)) => (response, false),
            Err(_) => (plain(StatusCode::GATEWAY_TIMEOUT, "git took too long"), false),
        }
    }

    /// Starts the backend, feeds it, and reads its headers.
    async fn begin(self, wall: Duration) -> Result<Answer, Box<Response>> {
        let broken = |message| Box::new(plain(StatusCode::INTERNAL_SERVER_ERROR, message));
        let max = self.config.request_bytes_max;
        let length =
            self.request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if length.is_some_and(|length: u64| length > max) {
            return Err(Box::new(plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large")));
        }
        let mut child = self.command().spawn().map_err(|error| {
            tracing::error!(error = error.to_string(), "git http-backend cannot be started");
            broken("git http-backend cannot be started")
        })?;
        let (Some(stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(broken("git http-backend has no pipes"));
        };
        let feeding = tokio::spawn(feed(self.request.into_body(), stdin, max));
        let read = timeout(wall, read_headers(&mut stdout)).await;
        let Ok(Some((status, headers, first))) = read else {
            return Err(broken("git http-backend gave no answer"));
        };
        Ok(Answer { status, headers, first, stdout, child, feeding })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("http-backend");
        let limit = self.config.request_bytes_max.to_string();
        let settings = [
            ("http.getanyfile", "false"),
            ("receive.maxInputSize", limit.as_str()),
            ("receive.fsckObjects", "true"),
            ("receive.autogc", "false"),
        ];
        let settings: Vec<_> = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        for (name, value) in process::environment(&settings) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
            .env("GIT_PROJECT_ROOT", &self.config.repository)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("PATH_INFO", self.path)
            .env("REQUEST_METHOD", if self.request.method() == Method::POST { "POST" } else { "GET" })
            .env("QUERY_STRING", self.request.uri().query().unwrap_or_default())
            .env("REMOTE_ADDR", "127.0.0.1")
            .env_remove("REMOTE_USER");
        if let Some(user) = &self.user {
            // What makes http-backend allow a push.
            command.env("REMOTE_USER", user);
        }
        let passed = [
            (header::CONTENT_TYPE, "CONTENT_TYPE"),
            (header::CONTENT_LENGTH, "CONTENT_LENGTH"),
            (header::CONTENT_ENCODING, "HTTP_CONTENT_ENCODING"),
            (HeaderName::from_static("git-protocol"), "GIT_PROTOCOL"),
        ];
        for (name, variable) in passed {
            match self.request.headers().get(name).and_then(|value| value.to_str().ok()) {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// Passes the request on, up to the limit, and tells how long it was. Closing the pipe early makes git refuse the rest.
async fn feed(mut body: Body, mut stdin: ChildStdin, max: u64) -> Result<u64, Refusal> {
    let mut passed = 0u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::Broken)?;
        let Ok(data) = frame.into_data() else { continue };
        passed += data.len() as u64;
        if passed > max {
            return Err(Refusal::TooLarge);
        }
        // Git may stop reading when it has seen enough.
        stdin.write_all(&data).await.map_err(|_| Refusal::Broken)?;
    }
    Ok(passed)
}

type Head = (StatusCode, Vec<(HeaderName, HeaderValue)>, Bytes);

async fn read_headers(stdout: &mut ChildStdout) -> Option<Head> {
    let mut buffer = BytesMut::with_capacity(CHUNK);
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if buffer.len() > HEADERS_MAX || stdout.read_buf(&mut buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = buffer.split_to(end + 4);
    let (mut status, mut headers) = (StatusCode::OK, Vec::new());
    for line in std::str::from_utf8(&head).ok()?.lines().filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("status") {
            status = StatusCode::from_bytes(value.get(..3)?.as_bytes()).ok()?;
        } else {
            headers.push((name.parse().ok()?, HeaderValue::from_str(value).ok()?));
        }
    }
    Some((status, headers, buffer.freeze()))
}

fn respond(status: StatusCode, headers: Vec<(HeaderName, HeaderValue)>, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

//! `/livez`, `/readyz` and `/healthz`, worded as kube-apiserver words them.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header::CONTENT_TYPE};

type Probe = dyn Fn() -> Result<(), String> + Send + Sync;

/// One thing to be asked. The reason of a failure goes to the log, not to the caller.
#[derive(Clone)]
pub struct Check {
    pub name: &'static str,
    /// Whether the process must be restarted when it fails (`/livez`), or is only not to be used now (`/readyz`).
    pub is_live: bool,
    pub probe: Arc<Probe>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Check {
    pub fn ready(name: &'static str, probe: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { name, is_live: false, probe: Arc::new(probe) }
    }

    pub fn live(name: &'static str, probe: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { name, is_live: true, probe: Arc::new(probe) }
    }
}

/// The routes, to be put behind access control: RBAC lets anyone read the three, and only monitoring the single checks.
pub fn routes(checks: Vec<Check>) -> Router {
    let mut checks = checks;
    checks.insert(0, Check::live("ping", || Ok(())));
    let checks: Arc<[Check]> = checks.into();
    let mut router = Router::new();
    for endpoint in ["livez", "readyz", "healthz"] {
        let asked: Arc<[Check]> = checks.iter().filter(|check| check.is_live || endpoint != "livez").cloned().collect();
        let state = (endpoint, asked);
        let one = Router::new()
            .route(&format!("/{endpoint}"), get(all))
            .route(&format!("/{endpoint}/{{check}}"), get(single))
            .with_state(state);
        router = router.merge(one);
    }
    router
}

type Asked = (&'static str, Arc<[Check]>);

async fn all(State((endpoint, checks)): State<Asked>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let excluded: Vec<&str> = query.split('&').filter_map(|pair| pair.strip_prefix("exclude=")).collect();
    let is_verbose = query.split('&').any(|pair| pair == "verbose" || pair.starts_with("verbose="));
    let (mut text, mut failed) = (String::new(), false);
    for check in checks.iter() {
        let line = if excluded.contains(&check.name) {
            format!("[+]{} excluded: ok\n", check.name)
        } else if passes(endpoint, check) {
            format!("[+]{} ok\n", check.name)
        } else {
            failed = true;
            format!("[-]{} failed: reason withheld\n", check.name)
        };
        text.push_str(&line);
    }
    match (failed, is_verbose) {
        (true, _) => answer(StatusCode::INTERNAL_SERVER_ERROR, format!("{text}{endpoint} check failed\n")),
        (false, true) => answer(StatusCode::OK, format!("{text}{endpoint} check passed\n")),
        (false, false) => answer(StatusCode::OK, "ok".into()),
    }
}

async fn single(State((endpoint, checks)): State<Asked>, Path(name): Path<String>) -> Response {
    match checks.iter().find(|check| check.name == name) {
        None => answer(StatusCode::NOT_FOUND, "404 page not found\n".into()),
        Some(check) if passes(endpoint, check) => answer(StatusCode::OK, "ok".into()),
        Some(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, "internal server error: reason withheld\n".into()),
    }
}

fn passes(endpoint: &str, check: &Check) -> bool {
    match (check.probe)() {
        Ok(()) => true,
        Err(reason) => {
            tracing::warn!(endpoint, check = check.name, reason, "health check failed");
            false
        }
    }
}

fn answer(code: StatusCode, text: String) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (code, headers, text).into_response()
}

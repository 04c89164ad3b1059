//! The four doors of the twin, by host name: what each needs to know of a request before its pure part decides.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::{
    FaultPoint, FaultTime, Twin,
    access::{Audience, authenticate},
    arm, clusters,
    core::{Caller, Method},
    entra::{self, Entra, Step, documents},
    faults::Fault,
    graph,
    log::{LoggedRequest, masked},
    reply::Reply,
    state::Failure,
    vault_data,
};

const VAULT_SUFFIX: &str = ".vault.azure.net";

/// The hosts that the twin answers for; `*.` stands for one label.
pub const HOSTS: [&str; 5] = [
    "management.azure.com",
    "login.microsoftonline.com",
    "login.windows.net",
    "graph.microsoft.com",
    "*.vault.azure.net",
];

/// Whether the twin answers for that host (lower case, without port).
pub fn serves(host: &str) -> bool {
    HOSTS.contains(&host) && !host.starts_with('*') || vault_of(host).is_some()
}

fn vault_of(host: &str) -> Option<&str> {
    host.strip_suffix(VAULT_SUFFIX).filter(|name| !name.is_empty() && !name.contains(['.', '*']))
}

/// The answer to one request for one host (lower case, without port).
pub(crate) async fn answer(twin: &Twin, host: &str, request: &Request<Bytes>) -> Reply {
    match host {
        "management.azure.com" => resource_manager(twin, request).await,
        "login.microsoftonline.com" | "login.windows.net" => login(twin, request).await,
        "graph.microsoft.com" => directory(twin, request).await,
        _ => match vault_of(host) {
            Some(vault) => secrets(twin, vault, request).await,
            None => Reply::error(404, "HostNotFound", "The twin of Azure does not serve this host."),
        },
    }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn caller(twin: &Twin, request: &Request<Bytes>, audience: Audience) -> Result<Caller, Reply> {
    let inner = &twin.inner;
    let key = inner.config.signing_key.get().jwk();
    authenticate(header(request, "authorization"), audience, key, &inner.settings, inner.config.clock.now())
}

/// Query or form, names in lower case. The last of several wins.
fn pairs(text: &str, lower: bool) -> BTreeMap<String, String> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name);
            (if lower { name.to_lowercase() } else { name }, decode(value))
        })
        .collect()
}

fn json_body(request: &Request<Bytes>) -> Result<Option<Value>, Reply> {
    if request.body().is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(request.body()).map(Some).map_err(|error| {
        let message = format!(
            "The request content was invalid and could not be deserialized: 'Unexpected character encountered while \
             parsing value. Line {}, position {}.'.",
            error.line(),
            error.column()
        );
        Reply::error(400, "InvalidRequestContent", message)
    })
}

fn method(request: &Request<Bytes>) -> Result<Method, Reply> {
    Method::parse(request.method().as_str()).ok_or_else(|| {
        Reply::error(405, "MethodNotAllowed", "The requested resource does not support this http method.")
    })
}

async fn resource_manager(twin: &Twin, request: &Request<Bytes>) -> Reply {
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
    let query = pairs(request.uri().query().unwrap_or_default(), true);
    let api_version = query.get("api-version").cloned().unwrap_or_default();
    let body = json_body(request);
    let shown = body.as_ref().ok().and_then(Option::as_ref).map(|body| masked(&path, &api_version, body));
    let who = caller(twin, request, Audience::Management);
    let principal = who.as_ref().ok().map(|caller| caller.app_id.clone());
    let reply = match (method(request), who, body) {
        (Err(reply), _, _) | (_, Err(reply), _) | (_, _, Err(reply)) => reply,
        (Ok(method), Ok(caller), Ok(body)) => {
            let parsed = arm::Request {
                method,
                path: request.uri().path().to_string(),
                query,
                body,
                if_match: header(request, "if-match").map(str::to_string),
                if_none_match: header(request, "if-none-match").map(str::to_string),
            };
            with_faults(twin, &caller, &parsed, &path).await
        }
    };
    twin.inner.log.lock().push(LoggedRequest {
        at: twin.inner.config.clock.now(),
        method: request.method().to_string(),
        id: path,
        api_version,
        body: shown,
        status: reply.status,
        code: reply.code().map(str::to_string),
        principal,
    });
    reply
}

/// The request, between the two moments at which the fault hook is asked.
async fn with_faults(twin: &Twin, caller: &Caller, request: &arm::Request, path: &str) -> Reply {
    let ask = |when| {
        let faults = twin.inner.config.faults.as_ref()?;
        faults.fault(&FaultPoint { method: request.method.as_str().into(), id: path.into(), when })
    };
    let failure = match ask(FaultTime::Before) {
        None => None,
        Some(Fault::FailOperation { code, message }) => Some(Failure { code, message }),
        Some(Fault::Answer { status, code, message, retry_after_secs }) => {
            return fault_reply(twin, status, &code, message, retry_after_secs);
        }
    };
    let outcome = twin.transact(caller, failure, |core| arm::apply(core, request)).await;
    let mut reply = outcome.map_or_else(|refusal| refusal, |effects| effects.reply);
    if let Some(wanted) = reply.kubeconfig.take() {
        reply = clusters::kubeconfig(twin, &wanted).await;
    }
    match ask(FaultTime::After) {
        Some(Fault::Answer { status, code, message, retry_after_secs }) => {
            fault_reply(twin, status, &code, message, retry_after_secs)
        }
        _ => reply,
    }
}

fn fault_reply(twin: &Twin, status: u16, code: &str, message: String, retry_after_secs: Option<u64>) -> Reply {
    let mut reply = Reply::error(status, code, message);
    if let Some(seconds) = retry_after_secs {
        reply.headers.extend(twin.inner.settings.pace.retry_after(seconds));
    }
    reply
}

async fn login(twin: &Twin, request: &Request<Bytes>) -> Reply {
    let own = &twin.inner.settings.tenant_id;
    let path = request.uri().path().trim_matches('/').to_string();
    let segments: Vec<&str> = path.split('/').collect();
    let get = request.method() == http::Method::GET;
    match segments.as_slice() {
        ["common", "discovery", "instance"] if get => Reply::json(200, documents::instance(own)),
        [tenant, "v2.0", ".well-known", "openid-configuration"] | [tenant, ".well-known", "openid-configuration"]
            if get =>
        {
            let known = ["common", "organizations", own.as_str()].iter().any(|id| id.eq_ignore_ascii_case(tenant));
            if known {
                return Reply::json(200, documents::openid_configuration(tenant, own));
            }
            entra::Error::tenant_not_found(tenant).reply(twin.inner.config.clock.now(), &twin.seed())
        }
        [_, "discovery", "v2.0", "keys"] | [_, "discovery", "keys"] if get => {
            Reply::json(200, documents::keys(twin.inner.config.signing_key.get().jwk()))
        }
        [tenant, "oauth2", "v2.0", "token"] | [tenant, "oauth2", "token"] if request.method() == http::Method::POST => {
            token(twin, tenant, request).await
        }
        _ => Reply::json(
            404,
            serde_json::json!({"error": "invalid_request", "error_description": "AADSTS900561: The endpoint is not served."}),
        ),
    }
}

async fn token(twin: &Twin, tenant: &str, request: &Request<Bytes>) -> Reply {
    let inner = &twin.inner;
    let form = pairs(&String::from_utf8_lossy(request.body()), false);
    let (now, seed) = (inner.config.clock.now(), twin.seed());
    let mut keys = None;
    loop {
        let step = {
            let state = inner.state.read();
            let entra = Entra { state: &state, settings: &inner.settings, key: &inner.config.signing_key, now, seed };
            entra::token(&entra, tenant, &form, keys.as_ref())
        };
        match step {
            Step::Answer(reply) => {
                twin.durable().await;
                if let Some(app_id) = form.get("client_id").filter(|_| reply.status == 200) {
                    inner.remember_stranger(app_id);
                }
                return reply;
            }
            Step::NeedKeys(issuer) => keys = Some(inner.config.issuers.keys(&issuer).await),
        }
    }
}

async fn directory(twin: &Twin, request: &Request<Bytes>) -> Reply {
    let parts = (method(request), caller(twin, request, Audience::Graph), json_body(request));
    let (Ok(method), Ok(caller), Ok(body)) = &parts else {
        let (method, caller, body) = parts;
        return method.err().or(caller.err()).or(body.err()).unwrap_or_else(|| Reply::status(400));
    };
    let query = pairs(request.uri().query().unwrap_or_default(), true);
    let filter = query.get("$filter").map(String::as_str).unwrap_or_default();
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let request = graph::Request { method: *method, path: &path, filter, body: body.as_ref() };
    let outcome = twin.transact(caller, None, |core| graph::apply(core, &request)).await;
    outcome.map_or_else(|refusal| refusal, |effects| effects.reply)
}

async fn secrets(twin: &Twin, vault: &str, request: &Request<Bytes>) -> Reply {
    let parts = (caller(twin, request, Audience::Vault), method(request), json_body(request));
    let (Ok(caller), Ok(method), Ok(body)) = &parts else {
        let (caller, method, body) = parts;
        return caller.err().or(method.err()).or(body.err()).unwrap_or_else(|| Reply::status(400));
    };
    if !pairs(request.uri().query().unwrap_or_default(), true).contains_key("api-version") {
        return Reply::error(400, "BadParameter", "api-version must be specified");
    }
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let request = vault_data::Request { method: *method, vault, path: &path, body: body.as_ref() };
    let outcome = twin.transact(caller, None, |core| vault_data::apply(core, &request)).await;
    outcome.map_or_else(|refusal| refusal, |effects| effects.reply)
}

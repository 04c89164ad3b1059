//! GitHub's push webhook at `/api/webhook`: sets the refresh annotation of every Application that follows what was pushed,
//! and never syncs. Other forges are refused by name. Without a secret nothing is accepted.

use api::{
    argoproj::REFRESH_ANNOTATION,
    names::{GroupVersionKind, ObjectRef},
};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::Engine;
use serde_json::{Value, json};

use super::{Context, application_kind};
use crate::cluster::Error as ApiError;

/// Upstream's Secret and key for GitHub's shared secret.
const SECRET_NAME: &str = "argocd-secret";
const SECRET_KEY: &str = "webhook.github.secret";
const BODY_BYTES_MAX: usize = 50 * 1024 * 1024;

/// A push, as far as an Application may follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub url: String,
    /// The branch or tag, without `refs/heads/` or `refs/tags/`.
    pub revision: String,
    pub is_default_branch: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "no webhook secret is set: put one into Secret {SECRET_NAME}, key {SECRET_KEY}, and the same one into the repository's webhook"
    )]
    NoSecret,
    #[error("the signature in X-Hub-Signature-256 is missing or does not match the webhook secret")]
    Signature,
    #[error("{0} webhooks are not supported yet; use GitHub's, or let the Application poll")]
    Forge(&'static str),
    #[error("content type {0:?} is not supported: set the webhook's content type to application/json")]
    ContentType(String),
    #[error("the payload cannot be read: {0}")]
    Payload(String),
}

impl Error {
    fn code(&self) -> StatusCode {
        match self {
            Self::NoSecret => StatusCode::FORBIDDEN,
            Self::Signature => StatusCode::UNAUTHORIZED,
            Self::Forge(_) | Self::Payload(_) => StatusCode::BAD_REQUEST,
            Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
}

/// What was pushed; `None` for events that are no push (GitHub's ping).
pub fn parse(headers: &HeaderMap, body: &[u8], secret: Option<&str>) -> Result<Option<Push>, Error> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (name, forge) in [
        ("x-gitlab-event", "GitLab"),
        ("x-gogs-event", "Gogs"),
        ("x-hook-uuid", "Bitbucket"),
        ("x-vss-activityid", "Azure DevOps"),
    ] {
        if !header(name).is_empty() {
            return Err(Error::Forge(forge));
        }
    }
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or(Error::NoSecret)?;
    verify(header("x-hub-signature-256"), body, secret)?;
    if !header("content-type").starts_with("application/json") {
        return Err(Error::ContentType(header("content-type").to_string()));
    }
    if header("x-github-event") != "push" {
        return Ok(None);
    }
    let payload: Value = serde_json::from_slice(body).map_err(|error| Error::Payload(error.to_string()))?;
    let text = |path: &str| payload.pointer(path).and_then(Value::as_str);
    let url = text("/repository/html_url").or_else(|| text("/repository/clone_url"));
    let url = url.ok_or_else(|| Error::Payload("repository.html_url is missing".into()))?;
    let reference = text("/ref").ok_or_else(|| Error::Payload("ref is missing".into()))?;
    let branch = reference.strip_prefix("refs/heads/");
    let revision = branch.or_else(|| reference.strip_prefix("refs/tags/")).unwrap_or(reference);
    let is_default_branch = branch.is_some() && branch == text("/repository/default_branch");
    Ok(Some(Push { url: url.to_string(), revision: revision.to_string(), is_default_branch }))
}

fn verify(signature: &str, body: &[u8], secret: &str) -> Result<(), Error> {
    let hex = signature.strip_prefix("sha256=").ok_or(Error::Signature)?;
    let pairs = (hex.len() == 64 && hex.is_ascii()).then(|| hex.as_bytes().chunks_exact(2)).ok_or(Error::Signature)?;
    let tag: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    ring::hmac::verify(&key, body, &tag.ok_or(Error::Signature)?).map_err(|_| Error::Signature)
}

/// Whether the Application follows what was pushed.
pub fn follows(push: &Push, application: &Value) -> bool {
    let text = |path: &str| application.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let target = text("/spec/source/targetRevision");
    let target = target.strip_prefix("refs/heads/").or_else(|| target.strip_prefix("refs/tags/")).unwrap_or(target);
    let same_revision = match target {
        "" | "HEAD" => push.is_default_branch,
        target => target == push.revision,
    };
    same_revision && source::same_repository(&push.url, text("/spec/source/repoURL"))
}

/// `POST /api/webhook`.
pub fn router(context: Context) -> Router {
    let limit = axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX);
    Router::new().route("/api/webhook", post(handle)).layer(limit).with_state(context)
}

async fn handle(State(context): State<Context>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let secret = match secret(&context).await {
        Ok(secret) => secret,
        Err(error) => return (StatusCode::SERVICE_UNAVAILABLE, error.message()),
    };
    match parse(&headers, &body, secret.as_deref()) {
        Err(error) => (error.code(), error.to_string()),
        Ok(None) => (StatusCode::OK, "nothing to do for this event".into()),
        Ok(Some(push)) => match refresh(&context, &push).await {
            Ok(count) => (StatusCode::OK, format!("{count} Applications refresh")),
            Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.message()),
        },
    }
}

async fn secret(context: &Context) -> Result<Option<String>, ApiError> {
    let kind = GroupVersionKind::new("", "v1", "Secret");
    let target = ObjectRef::new(&kind, &context.settings.control_namespace, SECRET_NAME);
    let object = context.cluster.get(&target).await?.unwrap_or_default();
    let data = object.get("data").and_then(|data| data.get(SECRET_KEY)).and_then(Value::as_str);
    let bytes = data.and_then(|data| base64::engine::general_purpose::STANDARD.decode(data).ok());
    Ok(bytes.and_then(|bytes| String::from_utf8(bytes).ok()))
}

/// Sets the annotation on every Application that follows the push and returns how many there were.
async fn refresh(context: &Context, push: &Push) -> Result<usize, ApiError> {
    let mut count = 0;
    for application in context.cluster.list(&application_kind(), "").await? {
        if !follows(push, &application) {
            continue;
        }
        let Some(target) = ObjectRef::of(&application) else { continue };
        let patch = json!({ "metadata": { "annotations": { REFRESH_ANNOTATION: "normal" } } });
        let reason = actions::Reason(format!("webhook: {} was pushed to {}", push.revision, push.url));
        let write = actions::Write { target, verb: actions::Verb::Merge { patch }, reason };
        context.cluster.write(&write).await?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const BODY: &[u8] = br#"{"ref":"refs/heads/main","repository":{"html_url":"https://github.com/me/app-project-env","default_branch":"main"}}"#;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn sign(secret: &str, body: &[u8]) -> String {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let hex = api::hex::encode(ring::hmac::sign(&key, body).as_ref());
        format!("sha256={hex}")
    }

    fn signed(event: &str, body: &[u8]) -> HeaderMap {
        headers(&[
            ("content-type", "application/json"),
            ("x-github-event", event),
            ("x-hub-signature-256", &sign("s3cret", body)),
        ])
    }

    #[test]
    fn a_signed_push_is_read() {
        let push = parse(&signed("push", BODY), BODY, Some("s3cret")).unwrap().unwrap();
        let expected = Push {
            url: "https://github.com/me/app-project-env".into(),
            revision: "main".into(),
            is_default_branch: true,
        };
        assert_eq!(push, expected);
        assert_eq!(parse(&signed("ping", b"{}"), b"{}", Some("s3cret")), Ok(None));
    }

    #[test]
    fn what_is_not_signed_with_the_secret_is_refused() {
        assert_eq!(parse(&signed("push", BODY), BODY, None), Err(Error::NoSecret));
        assert_eq!(parse(&signed("push", BODY), BODY, Some("")), Err(Error::NoSecret));
        assert_eq!(parse(&signed("push", BODY), BODY, Some("other")), Err(Error::Signature));
        assert_eq!(parse(&signed("push", BODY), b"{}", Some("s3cret")), Err(Error::Signature));
        for signature in ["", "sha1=00", "sha256=zz", "sha256="] {
            let headers = headers(&[("x-hub-signature-256", signature)]);
            assert_eq!(parse(&headers, BODY, Some("s3cret")), Err(Error::Signature), "{signature}");
        }
    }

    #[test]
    fn other_forges_and_forms_are_refused_by_name() {
        let error = parse(&headers(&[("x-gitlab-event", "Push Hook")]), BODY, Some("s3cret")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "GitLab webhooks are not supported yet; use GitHub's, or let the Application poll"
        );
        let mut form = signed("push", BODY);
        form.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        assert!(matches!(parse(&form, BODY, Some("s3cret")), Err(Error::ContentType(_))));
        let body = br#"{"ref": 1}"#;
        assert!(matches!(parse(&signed("push", body), body, Some("s3cret")), Err(Error::Payload(_))));
    }

    #[test]
    fn only_followers_of_the_branch_refresh() {
        let push = parse(&signed("push", BODY), BODY, Some("s3cret")).unwrap().unwrap();
        for (url, revision, expected) in [
            ("https://github.com/me/app-project-env.git", "main", true),
            ("git@github.com:me/app-project-env.git", "refs/heads/main", true),
            ("https://github.com/me/app-project-env", "HEAD", true),
            ("https://github.com/me/app-project-env", "", true),
            ("https://github.com/me/app-project-env", "dev", false),
            ("https://github.com/me/other", "main", false),
        ] {
            let app = json!({"spec": {"source": {"repoURL": url, "targetRevision": revision}}});
            assert_eq!(follows(&push, &app), expected, "{url} {revision}");
        }
    }
}

//! Answers: bytes of stored objects as they are, or turned into Tables and metadata; errors as `Status`; warnings.

use std::fmt::Write as _;

use api::{ObjectExt, status::Status};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use machinery::table::{Columns, Include};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use store::Stored;

use super::{accept::Form, query::Query};
use crate::{Objects, Resource, registry::Origin};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Names in `Warning` headers are cut there: upstream's limit for all of them together is 4 KiB.
const WARNINGS_BYTES_MAX: usize = 4096;

pub(crate) fn bytes(code: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

pub(crate) fn value(code: StatusCode, value: &Value) -> Response {
    bytes(code, to_bytes(value))
}

pub(crate) fn to_bytes(value: &Value) -> Bytes {
    // Writing a JSON value into memory cannot fail.
    serde_json::to_vec(value).unwrap_or_default().into()
}

pub(crate) fn text(code: StatusCode, text: impl Into<String>) -> Response {
    let mut response = Response::new(Body::from(text.into()));
    *response.status_mut() = code;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

pub(crate) fn failure(status: &Status) -> Response {
    let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = value(code, &status.to_value());
    if let Some(secs) = status.details.as_ref().and_then(|details| details.retry_after_seconds) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

/// `Warning: 299 - "text"`, as RFC 7234 quotes it.
pub(crate) fn warn(response: &mut Response, warnings: &[String]) {
    let mut total = 0;
    for warning in warnings {
        let mut quoted = String::new();
        for character in warning.chars().filter(|c| !c.is_control()) {
            if matches!(character, '"' | '\\') {
                quoted.push('\\');
            }
            quoted.push(character);
        }
        total += quoted.len();
        if total > WARNINGS_BYTES_MAX {
            break;
        }
        if let Ok(value) = HeaderValue::from_bytes(format!("299 - \"{quoted}\"").as_bytes()) {
            response.headers_mut().append(header::WARNING, value);
        }
    }
}

/// How objects of one resource are shown to one client.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) form: Form,
    include: Include,
    columns: Option<Columns>,
}

impl View {
    pub(crate) const PLAIN: Self = Self { form: Form::Plain, include: Include::Metadata, columns: None };

    pub(crate) fn new(resource: &Resource, form: Form, query: &Query) -> Result<Self, Status> {
        let include = match query.get("includeObject") {
            None | Some("Metadata") => Include::Metadata,
            Some("None") => Include::None,
            Some("Object") => Include::Object,
            Some(other) => return Err(Status::bad_request(format!("unrecognized includeObject value: \"{other}\""))),
        };
        let columns = (form == Form::Table).then(|| match &resource.origin {
            Origin::Builtin(kind) => Columns::builtin(kind.group, kind.kind),
            Origin::Custom(custom) => Columns::custom(Some(&custom.columns).filter(|columns| !columns.is_null())),
        });
        Ok(Self { form, include, columns })
    }

    /// Parts that are no objects of the kind have no columns but the standard ones.
    pub(crate) fn of_part(resource: &Resource, part: &str, form: Form, query: &Query) -> Result<Self, Status> {
        let mut view = Self::new(resource, form, query)?;
        if part == "scale" {
            view.columns = view.columns.map(|_| Columns::custom(None));
        }
        Ok(view)
    }

    /// Stored bytes as the client sees them, where they need not be read whole for that.
    pub(crate) fn of_stored(&self, resource: &Resource, stored: &Stored) -> Option<Bytes> {
        match self.form {
            Form::Plain if resource.is_verbatim(stored.revision) => Some(stored.value.clone()),
            Form::Partial if resource.has_stored_metadata(stored.revision) => partial_bytes(&stored.value),
            Form::Plain | Form::Partial | Form::Table => None,
        }
    }

    /// One object.
    pub(crate) fn object(&self, objects: &Objects, object: Value) -> Value {
        match self.form {
            Form::Plain => object,
            Form::Partial => partial(object),
            Form::Table => {
                let version = object.resource_version().unwrap_or_default().to_string();
                self.table(objects, &[object], json!({ "resourceVersion": version }), true)
            }
        }
    }

    pub(crate) fn table(&self, objects: &Objects, list: &[Value], metadata: Value, definitions: bool) -> Value {
        let unknown = Columns::custom(None);
        let columns = self.columns.as_ref().unwrap_or(&unknown);
        machinery::table::render(columns, list, metadata, objects.config().clock.now(), self.include, definitions)
    }
}

/// Metadata only.
fn partial(mut object: Value) -> Value {
    let metadata = object.get_mut("metadata").map(Value::take).unwrap_or_else(|| json!({}));
    json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata })
}

/// As [`partial`], of stored bytes, without reading more than where the metadata is. `None` for what is no object.
fn partial_bytes(stored: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Stored<'a> {
        #[serde(borrow)]
        metadata: &'a RawValue,
    }
    const HEAD: &[u8] = br#"{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata","metadata":"#;
    let metadata = serde_json::from_slice::<Stored<'_>>(stored).ok()?.metadata.get();
    Some([HEAD, metadata.as_bytes(), b"}"].concat().into())
}

/// The envelope of a list, around items that are JSON already.
pub(crate) fn list_of(kind: &str, api_version: &str, metadata: &Value, items: &[Bytes]) -> Bytes {
    let mut head = String::new();
    // Writing into a String cannot fail.
    let _ = write!(
        head,
        "{{\"kind\":{},\"apiVersion\":{},\"metadata\":{metadata},\"items\":[",
        Value::from(kind),
        Value::from(api_version)
    );
    let size = head.len() + 3 + items.iter().map(|item| item.len() + 1).sum::<usize>();
    let mut out = Vec::with_capacity(size);
    out.extend_from_slice(head.as_bytes());
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item);
    }
    out.extend_from_slice(b"]}\n");
    out.into()
}

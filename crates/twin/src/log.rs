//! What was asked of ARM, with secrets masked before anything is kept: `plan` prints it.

use std::collections::VecDeque;

use serde_json::Value;

use crate::{id::Path, schema};

/// Older entries are forgotten.
const ENTRIES_MAX: usize = 20_000;
pub(crate) const MASK: &str = "********";

/// One ARM request, as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedRequest {
    pub at: jiff::Timestamp,
    pub method: String,
    /// The id as it was sent, without the query.
    pub id: String,
    pub api_version: String,
    /// With secret values masked.
    pub body: Option<Value>,
    pub status: u16,
    /// `error.code` of a refusal.
    pub code: Option<String>,
    /// The application id of who asked; `None` when nobody could be told.
    pub principal: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Log(VecDeque<LoggedRequest>);

impl Log {
    pub(crate) fn push(&mut self, entry: LoggedRequest) {
        if self.0.len() >= ENTRIES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The body without secrets: by the type's schema, and by name where a body does not fit its schema.
pub(crate) fn masked(path: &str, api_version: &str, body: &Value) -> Value {
    let mut body = body.clone();
    if let Ok(path) = Path::parse(path) {
        let newest = || schema::api_versions(&path.kind).first().and_then(|newest| schema::at(&path.kind, newest));
        if let Some(resource) = schema::at(&path.kind, api_version).or_else(newest) {
            schema::mask_hidden(resource, &mut body, &Value::String(MASK.into()));
        }
    }
    mask_by_name(&mut body, 0);
    body
}

fn mask_by_name(value: &mut Value, depth: usize) {
    const NAMES: [&str; 8] = [
        "password",
        "secret",
        "connectionstring",
        "accesskey",
        "sharedkey",
        "privatekey",
        "primarykey",
        "secondarykey",
    ];
    match value {
        Value::Object(map) if depth < 64 => {
            for (name, value) in map.iter_mut() {
                let lower = name.to_lowercase();
                if value.is_string() && NAMES.iter().any(|secret| lower.contains(secret)) {
                    *value = Value::String(MASK.into());
                } else {
                    mask_by_name(value, depth + 1);
                }
            }
        }
        Value::Array(items) if depth < 64 => items.iter_mut().for_each(|item| mask_by_name(item, depth + 1)),
        Value::Object(_) | Value::Array(_) => *value = Value::String(MASK.into()),
        _ => {}
    }
}

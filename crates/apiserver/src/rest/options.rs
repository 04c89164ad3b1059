//! The options of writes: dryRun, fieldManager, fieldValidation, force. Pure.

use api::status::{Cause, Status};
use http::{HeaderMap, header};

use super::query::Query;
use crate::admit::Validation;

/// Upstream's limit for the name of a manager.
const MANAGER_CHARS_MAX: usize = 128;

/// Options of a create, update or patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WriteOptions {
    pub(crate) dry_run: bool,
    pub(crate) manager: String,
    pub(crate) validation: Validation,
    pub(crate) force: bool,
}

fn cause(reason: &str, field: &str, message: String) -> Cause {
    Cause { reason: reason.into(), field: field.into(), message }
}

/// `what` is the name of the options: `CreateOptions`, `UpdateOptions`, `PatchOptions`.
pub(crate) fn write_options(
    query: &Query,
    headers: &HeaderMap,
    what: &str,
    is_apply: bool,
) -> Result<WriteOptions, Status> {
    let mut causes = Vec::new();
    let validation = match query.get("fieldValidation") {
        None | Some("Warn") => Validation::Warn,
        Some("Ignore") => Validation::Ignore,
        Some("Strict") => Validation::Strict,
        Some(other) => {
            let message = format!("Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\"");
            causes.push(cause("FieldValueNotSupported", "fieldValidation", message));
            Validation::Warn
        }
    };
    let named = query.get("fieldManager");
    if is_apply && named.is_none() {
        let message = "Required value: is required for apply patch".to_string();
        causes.push(cause("FieldValueRequired", "fieldManager", message));
    }
    if named.is_some_and(|name| name.chars().count() > MANAGER_CHARS_MAX) {
        let message = format!("Too long: may not be more than {MANAGER_CHARS_MAX} bytes");
        causes.push(cause("FieldValueTooLong", "fieldManager", message));
    }
    if what == "PatchOptions" && !is_apply && query.get("force").is_some() {
        let message = "Forbidden: may not be specified for non-apply patch".to_string();
        causes.push(cause("FieldValueForbidden", "force", message));
    }
    let dry_run = dry_run(query.all("dryRun"), what)?;
    if !causes.is_empty() {
        return Err(Status::invalid("meta.k8s.io", what, "", causes));
    }
    let manager = named.map_or_else(|| from_user_agent(headers), Into::into);
    Ok(WriteOptions { dry_run, manager, validation, force: query.flag("force") })
}

/// `All` is the only value there is.
pub(crate) fn dry_run<'a>(values: impl Iterator<Item = &'a str>, what: &str) -> Result<bool, Status> {
    let mut dry_run = false;
    for value in values {
        if value != "All" {
            let message = format!("Unsupported value: \"{value}\": supported values: \"All\"");
            return Err(Status::invalid(
                "meta.k8s.io",
                what,
                "",
                vec![cause("FieldValueNotSupported", "dryRun", message)],
            ));
        }
        dry_run = true;
    }
    Ok(dry_run)
}

/// Who writes without saying so is known by the first part of the user agent.
fn from_user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first: String = agent.split('/').next().unwrap_or_default().chars().take(MANAGER_CHARS_MAX).collect();
    if first.is_empty() { "unknown".into() } else { first }
}

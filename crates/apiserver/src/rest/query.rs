//! The query of a request: what clients really send, including the empty first pair of kube-rs (`?&limit=500`). Pure.

use api::status::{Cause, Status};
use percent_encoding::percent_decode_str;

/// Parameters in order; the first of a name counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The value, when it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// As upstream reads booleans: `?watch` and everything but `false` and `0` is true.
    pub fn flag(&self, name: &str) -> bool {
        let value = self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.to_ascii_lowercase());
        value.is_some_and(|value| value != "false" && value != "0")
    }

    /// A flag that knows "not said".
    pub fn maybe_flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|_| self.flag(name))
    }

    pub fn number(&self, name: &str) -> Result<Option<u64>, Status> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Status::bad_request(format!(
                "{name}: Invalid value: \"{text}\": strconv.ParseInt: parsing \"{text}\": invalid syntax"
            ))
        })
    }
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

/// `?resourceVersionMatch`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    NotOlderThan,
    Exact,
}

/// `metav1.ListOptions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    pub labels: String,
    pub fields: String,
    pub limit: usize,
    pub continue_token: String,
    /// `None`: not said.
    pub resource_version: Option<u64>,
    pub version_match: Option<Match>,
    pub allow_bookmarks: bool,
    pub timeout_secs: Option<u64>,
    pub send_initial_events: Option<bool>,
}

impl ListOptions {
    pub fn new(query: &Query) -> Result<Self, Status> {
        let watch = query.flag("watch");
        let mut causes = Vec::new();
        let version_match = match query.get("resourceVersionMatch") {
            None => None,
            Some("NotOlderThan") => Some(Match::NotOlderThan),
            Some("Exact") => Some(Match::Exact),
            Some(other) => {
                let message =
                    format!("Unsupported value: \"{other}\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
                causes.push(cause("FieldValueNotSupported", "resourceVersionMatch", message));
                None
            }
        };
        let options = Self {
            labels: query.get("labelSelector").unwrap_or_default().into(),
            fields: query.get("fieldSelector").unwrap_or_default().into(),
            limit: usize::try_from(query.number("limit")?.unwrap_or(0)).unwrap_or(usize::MAX),
            continue_token: query.get("continue").unwrap_or_default().into(),
            resource_version: resource_version(query, &mut causes),
            version_match,
            allow_bookmarks: query.flag("allowWatchBookmarks"),
            timeout_secs: query.number("timeoutSeconds")?,
            send_initial_events: query.maybe_flag("sendInitialEvents"),
        };
        options.check(watch, &mut causes);
        if causes.is_empty() { Ok(options) } else { Err(Status::invalid("meta.k8s.io", "ListOptions", "", causes)) }
    }

    /// Upstream's `ValidateListOptions`.
    fn check(&self, watch: bool, causes: &mut Vec<Cause>) {
        let mut forbid = |field: &str, message: &str| {
            causes.push(cause("FieldValueForbidden", field, format!("Forbidden: {message}")));
        };
        if watch {
            match (self.send_initial_events, self.version_match) {
                (Some(_), None) => forbid(
                    "resourceVersionMatch",
                    "resourceVersionMatch is required when sendInitialEvents is set, the only supported value is NotOlderThan",
                ),
                (Some(_), Some(Match::Exact)) => forbid(
                    "resourceVersionMatch",
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                ),
                (None, Some(_)) => {
                    forbid(
                        "resourceVersionMatch",
                        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
                    );
                }
                _ => {}
            }
            return;
        }
        if self.send_initial_events.is_some() {
            forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }
        if self.version_match.is_some() && self.resource_version.is_none() {
            forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if self.version_match.is_some() && !self.continue_token.is_empty() {
            forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
        }
        if self.version_match == Some(Match::Exact) && self.resource_version == Some(0) {
            forbid("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }
}

fn resource_version(query: &Query, causes: &mut Vec<Cause>) -> Option<u64> {
    let text = query.get("resourceVersion")?;
    let version = text.parse().ok();
    if version.is_none() {
        let message = format!("Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
        causes.push(cause("FieldValueInvalid", "resourceVersion", message));
    }
    version
}

fn cause(reason: &str, field: &str, message: impl Into<String>) -> Cause {
    Cause { reason: reason.into(), field: field.into(), message: message.into() }
}

#[cfg(test)]
mod tests;

//! What form of an answer the client takes: plain JSON, a Table, or metadata only. Answers are always JSON. Pure.

use api::status::Status;
use http::{HeaderMap, header};

/// The form of objects in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    Table,
    /// `PartialObjectMetadata`, or its list.
    Partial,
}

/// One clause of an Accept header.
struct Clause<'a> {
    media: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let parameters = parts.filter_map(|part| part.split_once('=')).map(|(n, v)| (n.trim(), v.trim())).collect();
        Self { media, parameters }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    fn is_json(&self) -> bool {
        matches!(self.media, "application/json" | "application/*" | "*/*" | "")
    }
}

fn clauses(headers: &HeaderMap) -> Vec<Clause<'_>> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|clause| Clause::parse(clause.trim())).collect()
}

/// The first form that the client lists and that is served.
pub(crate) fn form(headers: &HeaderMap) -> Result<Form, Status> {
    let clauses = clauses(headers);
    if clauses.is_empty() {
        return Ok(Form::Plain);
    }
    let served = clauses.iter().filter(|clause| clause.is_json()).find_map(|clause| {
        let group = clause.get("g").is_none_or(|group| group == "meta.k8s.io");
        let version = clause.get("v").is_none_or(|version| version == "v1");
        match clause.get("as") {
            None => Some(Form::Plain),
            Some("Table") if group && version => Some(Form::Table),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") if group && version => Some(Form::Partial),
            Some(_) => None,
        }
    });
    served.ok_or_else(not_acceptable)
}

/// Whether the aggregated form of discovery is wanted before the plain one.
pub(crate) fn wants_aggregated(headers: &HeaderMap) -> bool {
    let aggregated = |clause: &Clause<'_>| {
        clause.get("as") == Some("APIGroupDiscoveryList")
            && clause.get("g") == Some("apidiscovery.k8s.io")
            && clause.get("v") == Some("v2")
    };
    let clauses = clauses(headers);
    let first = clauses.iter().filter(|clause| clause.is_json()).find(|c| aggregated(c) || c.get("as").is_none());
    first.is_some_and(aggregated)
}

/// Whether a document in JSON is what the client takes.
pub(crate) fn takes_json(headers: &HeaderMap) -> bool {
    let clauses = clauses(headers);
    clauses.is_empty() || clauses.iter().any(Clause::is_json)
}

pub(crate) fn not_acceptable() -> Status {
    let message = "only the following media types are accepted: application/json";
    Status::failure(406, "NotAcceptable", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn the_first_served_form_wins() {
        let form = |value: &str| form(&accept(value)).ok();
        let kubectl = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
        assert_eq!(form(kubectl), Some(Form::Table));
        assert_eq!(form("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"), Some(Form::Plain));
        assert_eq!(form("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"), Some(Form::Partial));
        assert_eq!(form("application/vnd.kubernetes.protobuf, */*"), Some(Form::Plain));
        assert_eq!(form("application/json;stream=watch"), Some(Form::Plain));
        assert_eq!(form("application/vnd.kubernetes.protobuf"), None);
        assert_eq!(form("text/html"), None);
    }

    #[test]
    fn aggregated_discovery_is_asked_for() {
        let v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        let v2beta1 = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
        assert!(wants_aggregated(&accept(&format!("{v2},{v2beta1},application/json"))));
        assert!(!wants_aggregated(&accept(&format!("{v2beta1},application/json"))));
        assert!(!wants_aggregated(&accept("application/json")));
        assert!(!wants_aggregated(&HeaderMap::new()));
    }
}

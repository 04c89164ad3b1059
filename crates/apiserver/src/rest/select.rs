//! Which objects a list, watch or delete of a collection means: label selectors on any kind, field selectors on the fields
//! that upstream knows for the kind.

use api::{ObjectExt, status::Status};
use machinery::selector::{Fields, Labels, Op};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::query::ListOptions;
use crate::Resource;

/// Fields, and the JSON pointers to them.
type Found = &'static [(&'static str, &'static str)];

/// Fields beyond `metadata.name` and `metadata.namespace`, by group and plural, with where they are found.
const SELECTABLE: &[(&str, &str, Found)] = &[
    ("", "events", EVENT),
    ("", "namespaces", &[("status.phase", "/status/phase"), ("name", "/metadata/name")]),
    ("", "nodes", &[("spec.unschedulable", "/spec/unschedulable")]),
    ("", "pods", POD),
    ("", "secrets", &[("type", "/type")]),
    ("", "services", &[("spec.clusterIP", "/spec/clusterIP"), ("spec.type", "/spec/type")]),
    ("events.k8s.io", "events", EVENTS_API),
];

const EVENT: Found = &[
    ("involvedObject.kind", "/involvedObject/kind"),
    ("involvedObject.namespace", "/involvedObject/namespace"),
    ("involvedObject.name", "/involvedObject/name"),
    ("involvedObject.uid", "/involvedObject/uid"),
    ("involvedObject.apiVersion", "/involvedObject/apiVersion"),
    ("involvedObject.resourceVersion", "/involvedObject/resourceVersion"),
    ("involvedObject.fieldPath", "/involvedObject/fieldPath"),
    ("reason", "/reason"),
    ("reportingComponent", "/reportingComponent"),
    ("source", "/source/component"),
    ("type", "/type"),
];

const EVENTS_API: Found = &[
    ("regarding.kind", "/regarding/kind"),
    ("regarding.namespace", "/regarding/namespace"),
    ("regarding.name", "/regarding/name"),
    ("regarding.uid", "/regarding/uid"),
    ("regarding.apiVersion", "/regarding/apiVersion"),
    ("reason", "/reason"),
    ("reportingController", "/reportingController"),
    ("type", "/type"),
];

const POD: Found = &[
    ("spec.nodeName", "/spec/nodeName"),
    ("spec.restartPolicy", "/spec/restartPolicy"),
    ("spec.schedulerName", "/spec/schedulerName"),
    ("spec.serviceAccountName", "/spec/serviceAccountName"),
    ("spec.hostNetwork", "/spec/hostNetwork"),
    ("status.phase", "/status/phase"),
    ("status.podIP", "/status/podIP"),
    ("status.nominatedNodeName", "/status/nominatedNodeName"),
];

/// A parsed selection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    labels: Labels,
    fields: Fields,
    /// Where each selected field is found.
    pointers: Vec<(String, String)>,
    /// What stands in the stored bytes of every object that has the labels.
    needles: Vec<Finder<'static>>,
}

/// The labels of an object, and nothing else of it.
#[derive(Deserialize)]
struct Peek {
    #[serde(default)]
    metadata: PeekMetadata,
}

#[derive(Default, Deserialize)]
struct PeekMetadata {
    labels: Option<Map<String, Value>>,
}

impl Selection {
    pub(crate) fn new(resource: &Resource, options: &ListOptions) -> Result<Self, Status> {
        let labels = Labels::parse(&options.labels)?;
        let fields = Fields::parse(&options.fields)?;
        let mut pointers = Vec::new();
        for (field, _, _) in fields.requirements() {
            pointers.push((field.clone(), pointer(resource, field)?));
        }
        let needle = |(key, value)| Finder::new(&format!("\"{key}\":\"{value}\"")).into_owned();
        let needles = labels.exact().map(needle).collect();
        Ok(Self { labels, fields, pointers, needles })
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// The one name that can match.
    pub(crate) fn name(&self) -> Option<&str> {
        let named = |(field, op, _): &&(String, Op, String)| field == "metadata.name" && *op == Op::Equals;
        self.fields.requirements().iter().find(named).map(|(_, _, value)| value.as_str())
    }

    /// Whether the labels of stored bytes already say no: much cheaper than reading the whole object, and most do.
    pub(crate) fn rules_out(&self, stored: &[u8]) -> bool {
        if self.labels.is_empty() {
            return false;
        }
        // Labels need no escapes in JSON, and objects are stored without spaces.
        if self.needles.iter().any(|needle| needle.find(stored).is_none()) {
            return true;
        }
        // What cannot be read is somebody else's to complain of.
        serde_json::from_slice::<Peek>(stored)
            .is_ok_and(|peek| !self.labels.matches_labels(&peek.metadata.labels.unwrap_or_default()))
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(|field| self.field(object, field))
    }

    fn field(&self, object: &Value, field: &str) -> Option<String> {
        match field {
            "metadata.name" => return object.name().map(Into::into),
            "metadata.namespace" => return object.namespace().map(Into::into),
            _ => {}
        }
        let (_, pointer) = self.pointers.iter().find(|(own, _)| own == field)?;
        match object.pointer(pointer) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Bool(flag)) => Some(flag.to_string()),
            Some(Value::Number(number)) => Some(number.to_string()),
            // Upstream's booleans are never absent.
            None if field == "spec.unschedulable" || field == "spec.hostNetwork" => Some("false".into()),
            _ => None,
        }
    }
}

fn pointer(resource: &Resource, field: &str) -> Result<String, Status> {
    if field == "metadata.name" || (field == "metadata.namespace" && resource.namespaced) {
        return Ok(format!("/{}", field.replace('.', "/")));
    }
    if let Some(custom) = resource.custom() {
        let path = format!(".{field}");
        return match custom.selectable_fields.contains(&path) {
            true => Ok(path.replace('.', "/")),
            false => Err(Status::bad_request(format!("field label not supported: {field}"))),
        };
    }
    let known = SELECTABLE.iter().find(|(group, plural, _)| resource.is(group, plural));
    match known.map(|(_, _, fields)| fields.iter().find(|(own, _)| *own == field)) {
        Some(Some((_, pointer))) => Ok((*pointer).to_string()),
        Some(None) => Err(Status::bad_request(format!("field label not supported: {field}"))),
        None => Err(Status::bad_request(format!(
            "\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        ))),
    }
}

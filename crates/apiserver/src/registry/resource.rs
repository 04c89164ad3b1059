//! One served resource of one group-version, built-in or custom, with everything the REST layer must know about it.
//! Made from data; no behaviour of single kinds lives here.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use machinery::{builtin, schema::Schema};
use serde_json::Value;
use store::Revision;

use super::events;

/// A subresource as discovery lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub group: String,
    pub version: String,
    pub kind: String,
    pub verbs: Vec<String>,
}

/// A served resource. Shared; replaced as a whole when its definition changes.
#[derive(Debug)]
pub struct Resource {
    /// Empty for the core group.
    pub group: String,
    pub version: String,
    pub kind: String,
    pub list_kind: String,
    pub plural: String,
    pub singular: String,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub namespaced: bool,
    pub verbs: Vec<String>,
    pub parts: Vec<Part>,
    pub origin: Origin,
}

/// Where a resource comes from.
#[derive(Debug)]
pub enum Origin {
    Builtin(&'static builtin::Kind),
    Custom(Box<Custom>),
}

/// What only custom resources have.
pub struct Custom {
    /// Name and uid of the CustomResourceDefinition.
    pub definition: String,
    pub definition_uid: String,
    /// When the definition was last written: older objects are pruned and defaulted again when they are read.
    pub since: Revision,
    pub storage_version: String,
    /// The definition is being deleted: no new instances.
    pub terminating: bool,
    pub has_status: bool,
    pub scale: Option<ScalePaths>,
    pub columns: Value,
    pub selectable_fields: Vec<String>,
    /// The version's deprecation warning, when it is deprecated.
    pub deprecation: Option<String>,
    /// The openAPIV3Schema as written; kept as bytes, because a parsed tree costs ten times as much.
    pub(crate) openapi: bytes::Bytes,
    pub(crate) compiled: OnceLock<Schema>,
}

/// Where a custom resource keeps what its `scale` shows: `.spec.replicas`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScalePaths {
    pub spec_replicas: String,
    pub status_replicas: String,
    /// Empty: it has no selector.
    pub selector: String,
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Custom")
            .field("definition", &self.definition)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

impl Custom {
    /// Compiled when first needed. Registration has refused what does not compile.
    fn schema(&self) -> &Schema {
        self.compiled.get_or_init(|| {
            serde_json::from_slice(&self.openapi)
                .ok()
                .and_then(|openapi: Value| Schema::compile(&openapi).ok())
                .unwrap_or_else(|| Schema { preserve_unknown: true, ..Schema::default() })
        })
    }

    pub(crate) fn openapi_bytes(&self) -> &[u8] {
        &self.openapi
    }

    /// The openAPIV3Schema, parsed.
    pub fn openapi(&self) -> Value {
        serde_json::from_slice(&self.openapi).unwrap_or(Value::Null)
    }
}

impl Resource {
    pub(crate) fn builtin(kind: &'static builtin::Kind) -> Arc<Self> {
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        Arc::new(Self {
            group: kind.group.into(),
            version: kind.version.into(),
            kind: kind.kind.into(),
            list_kind: kind.list_kind(),
            plural: kind.plural.into(),
            singular: kind.singular.into(),
            short_names: texts(kind.short_names),
            categories: texts(kind.categories),
            namespaced: kind.namespaced,
            verbs: texts(kind.verbs),
            parts: kind
                .subresources
                .iter()
                .map(|part| Part {
                    name: part.name.into(),
                    group: part.group.into(),
                    version: part.version.into(),
                    kind: part.kind.into(),
                    verbs: texts(part.verbs),
                })
                .collect(),
            origin: Origin::Builtin(kind),
        })
    }

    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn custom(&self) -> Option<&Custom> {
        match &self.origin {
            Origin::Builtin(_) => None,
            Origin::Custom(custom) => Some(custom),
        }
    }

    pub fn is_custom(&self) -> bool {
        self.custom().is_some()
    }

    /// Whether objects of it are stored; reviews are answered and forgotten.
    pub fn is_stored(&self) -> bool {
        self.supports("get")
    }

    pub fn supports(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    pub fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }

    pub fn schema(&self) -> &Schema {
        static UNKNOWN: OnceLock<Schema> = OnceLock::new();
        match &self.origin {
            Origin::Builtin(kind) => builtin::schema(kind.group, kind.version, kind.kind)
                .unwrap_or_else(|| UNKNOWN.get_or_init(|| Schema { preserve_unknown: true, ..Schema::default() })),
            Origin::Custom(custom) => custom.schema(),
        }
    }

    /// Under which group its objects are kept: the two views of an Event share one place.
    pub fn storage_group(&self) -> &str {
        if self.is(events::GROUP, "events") { "" } else { &self.group }
    }

    /// The older view of autoscalers.
    fn is_older_autoscaler(&self) -> bool {
        self.version == "v1" && self.is("autoscaling", "horizontalpodautoscalers")
    }

    /// The apiVersion that stored objects carry.
    pub fn storage_api_version(&self) -> Cow<'_, str> {
        match &self.origin {
            Origin::Custom(custom) => format!("{}/{}", self.group, custom.storage_version).into(),
            Origin::Builtin(_) if self.is(events::GROUP, "events") => "v1".into(),
            Origin::Builtin(_) if self.is_older_autoscaler() => "autoscaling/v2".into(),
            Origin::Builtin(_) => self.api_version().into(),
        }
    }

    /// `/registry/GROUP/RESOURCE/`, and the namespace when one is given.
    pub fn prefix(&self, namespace: Option<&str>) -> String {
        let all = Self::prefix_of(self.storage_group(), &self.plural);
        match namespace {
            Some(namespace) if self.namespaced && !namespace.is_empty() => format!("{all}{namespace}/"),
            _ => all,
        }
    }

    /// Everything of one resource.
    pub fn prefix_of(storage_group: &str, plural: &str) -> String {
        format!("/registry/{storage_group}/{plural}/")
    }

    pub fn key(&self, namespace: &str, name: &str) -> String {
        format!("{}{name}", self.prefix(Some(namespace)))
    }

    /// A stored object as this version shows it.
    pub fn from_storage(&self, mut object: Value, revision: Revision) -> Value {
        match &self.origin {
            Origin::Custom(custom) => {
                object["apiVersion"] = Value::String(self.api_version());
                if revision <= custom.since {
                    let schema = custom.schema();
                    machinery::schema::prune(schema, &mut object);
                    machinery::schema::default(schema, &mut object);
                }
                object
            }
            Origin::Builtin(_) if self.is(events::GROUP, "events") => events::to_events_api(object),
            Origin::Builtin(_) if self.is_older_autoscaler() => builtin::autoscaler_to_v1(object),
            Origin::Builtin(_) => object,
        }
    }

    /// An object of this version as it is stored.
    pub fn to_storage(&self, mut object: Value) -> Value {
        if self.is(events::GROUP, "events") {
            return events::to_core(object);
        }
        if self.is_older_autoscaler() {
            return builtin::autoscaler_to_v2(object);
        }
        object["apiVersion"] = Value::String(self.storage_api_version().into_owned());
        object
    }

    /// Whether the metadata of stored bytes is that of this version: `None`, the one conversion, leaves it alone.
    pub fn has_stored_metadata(&self, revision: Revision) -> bool {
        self.is_custom() || self.is_verbatim(revision)
    }

    /// Whether stored bytes of that revision can be sent as they are.
    pub fn is_verbatim(&self, revision: Revision) -> bool {
        match &self.origin {
            Origin::Custom(custom) => revision > custom.since && custom.storage_version == self.version,
            Origin::Builtin(_) => !self.is(events::GROUP, "events") && !self.is_older_autoscaler(),
        }
    }
}

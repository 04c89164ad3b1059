//! The built-in kinds that are served. A kind that is not here is answered as any unknown one, whatever the facts know of
//! its type.

mod cluster;
mod core;
mod system;
mod workloads;

use std::sync::OnceLock;

/// A served built-in kind, with what discovery says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// The OpenAPI name of the type, `io.k8s.api.core.v1.Pod`.
    pub type_name: &'static str,
    pub subresources: &'static [Subresource],
    /// As discovery lists them. Reviews have `create` only.
    pub verbs: &'static [&'static str],
}

/// A part of an object with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subresource {
    pub name: &'static str,
    /// What is exchanged there; the kind itself for `status` and `finalize`.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    /// The OpenAPI name of what is exchanged.
    pub type_name: &'static str,
    pub verbs: &'static [&'static str],
}

impl Kind {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn list_kind(&self) -> String {
        format!("{}List", self.kind)
    }

    /// Whether objects of this kind are stored; reviews are answered and forgotten.
    pub fn is_stored(&self) -> bool {
        self.verbs.contains(&"get")
    }

    pub fn subresource(&self, name: &str) -> Option<&'static Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

/// Every served built-in kind, by group (core first), then name.
pub fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| [core::KINDS, system::KINDS, workloads::KINDS, cluster::KINDS].concat())
}

pub fn kind(group: &str, version: &str, kind: &str) -> Option<&'static Kind> {
    kinds().iter().find(|known| known.kind == kind && known.group == group && known.version == version)
}

/// By the plural name of addresses.
pub fn by_resource(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    kinds().iter().find(|known| known.plural == plural && known.group == group && known.version == version)
}

const STORED: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// Namespaces cannot be deleted by the collection.
const NO_COLLECTION: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
const REVIEW: &[&str] = &["create"];
const PART: &[&str] = &["get", "patch", "update"];

const fn part(
    name: &'static str,
    group: &'static str,
    kind: &'static str,
    type_name: &'static str,
    verbs: &'static [&'static str],
) -> Subresource {
    Subresource { name, group, version: "v1", kind, type_name, verbs }
}

/// What `kubectl scale` and autoscalers write.
const SCALE: Subresource = part("scale", "autoscaling", "Scale", "io.k8s.api.autoscaling.v1.Scale", PART);

/// A kind whose status has an address of its own: `with_status!(stored(...))` of a constant.
macro_rules! with_status {
    ($group:literal, $kind:literal, $plural:literal, $singular:literal, $type_name:expr) => {
        Kind {
            subresources: &[part("status", $group, $kind, $type_name, PART)],
            ..stored($group, $kind, $plural, $singular, $type_name)
        }
    };
}
use with_status;

const fn stored(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    type_name: &'static str,
) -> Kind {
    Kind {
        group,
        version: "v1",
        kind,
        plural,
        singular,
        short_names: &[],
        categories: &[],
        namespaced: true,
        type_name,
        subresources: &[],
        verbs: STORED,
    }
}

const fn unnamespaced(kind: Kind) -> Kind {
    Kind { namespaced: false, ..kind }
}

const fn review(kind: Kind) -> Kind {
    Kind { verbs: REVIEW, ..kind }
}

//! The kinds that are observed, and how an object is named among its kind.

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::Value;

/// Namespace (empty for cluster-scoped objects) and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub namespace: String,
    pub name: String,
}

impl At {
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    pub(crate) fn of(object: &Value) -> Self {
        Self::new(object.namespace().unwrap_or_default(), object.name().unwrap_or_default())
    }
}

macro_rules! kinds {
    ($($kind:ident $group:literal $version:literal $plural:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind { $($kind,)* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            const fn facts(self) -> (&'static str, &'static str, &'static str, &'static str) {
                match self { $(Self::$kind => ($group, $version, $plural, stringify!($kind)),)* }
            }
        }
    };
}

kinds! {
    Node "" "v1" "nodes",
    Pod "" "v1" "pods",
    ReplicationController "" "v1" "replicationcontrollers",
    Service "" "v1" "services",
    Endpoints "" "v1" "endpoints",
    PersistentVolume "" "v1" "persistentvolumes",
    PersistentVolumeClaim "" "v1" "persistentvolumeclaims",
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices",
    StorageClass "storage.k8s.io" "v1" "storageclasses",
    Deployment "apps" "v1" "deployments",
    ReplicaSet "apps" "v1" "replicasets",
    StatefulSet "apps" "v1" "statefulsets",
    DaemonSet "apps" "v1" "daemonsets",
    ControllerRevision "apps" "v1" "controllerrevisions",
    Job "batch" "v1" "jobs",
    CronJob "batch" "v1" "cronjobs",
    PodDisruptionBudget "policy" "v1" "poddisruptionbudgets",
}

impl Kind {
    pub const fn group(self) -> &'static str {
        self.facts().0
    }

    pub const fn version(self) -> &'static str {
        self.facts().1
    }

    pub const fn plural(self) -> &'static str {
        self.facts().2
    }

    pub const fn name(self) -> &'static str {
        self.facts().3
    }

    /// The kind that is stored as that.
    pub fn of_plural(group: &str, plural: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.plural() == plural && kind.group() == group)
    }

    /// The kind that an owner reference names, in any version.
    pub(crate) fn of_reference(api_version: &str, name: &str) -> Option<Self> {
        Self::of_object(api::names::split_api_version(api_version).0, name)
    }

    pub fn of_object(group: &str, name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name && kind.group() == group)
    }

    pub fn gvk(self) -> GroupVersionKind {
        GroupVersionKind::new(self.group(), self.version(), self.name())
    }

    pub(crate) fn api_version(self) -> String {
        self.gvk().api_version()
    }

    pub(crate) fn at(self, at: &At) -> ObjectRef {
        ObjectRef::new(&self.gvk(), &at.namespace, &at.name)
    }
}

//! Names of kinds and of objects.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ObjectExt;

/// Group, version and kind. The core group is the empty string.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupVersionKind {
    pub group: String,
    pub version: String,
    pub kind: String,
}

impl GroupVersionKind {
    pub fn new(group: impl Into<String>, version: impl Into<String>, kind: impl Into<String>) -> Self {
        Self { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// Out of an object's `apiVersion` and `kind`; `None` when either is absent or empty.
    pub fn of(object: &Value) -> Option<Self> {
        let (api_version, kind) = (object.api_version()?, object.kind()?);
        let (group, version) = split_api_version(api_version);
        (!version.is_empty() && !kind.is_empty()).then(|| Self::new(group, version, kind))
    }

    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn group_kind(&self) -> (&str, &str) {
        (&self.group, &self.kind)
    }
}

impl fmt::Display for GroupVersionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, Kind={}", self.api_version(), self.kind)
    }
}

/// `apps/v1` into (`apps`, `v1`); `v1` into (``, `v1`).
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// One object, named: what actions, reasons and causes point at.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    pub group: String,
    pub version: String,
    pub kind: String,
    /// Empty for cluster-scoped objects.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    pub name: String,
}

impl ObjectRef {
    pub fn new(gvk: &GroupVersionKind, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            group: gvk.group.clone(),
            version: gvk.version.clone(),
            kind: gvk.kind.clone(),
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    /// `None` when the object has no apiVersion, kind or name.
    pub fn of(object: &Value) -> Option<Self> {
        let gvk = GroupVersionKind::of(object)?;
        Some(Self::new(&gvk, object.namespace().unwrap_or_default(), object.name()?))
    }

    pub fn gvk(&self) -> GroupVersionKind {
        GroupVersionKind::new(&self.group, &self.version, &self.kind)
    }
}

impl fmt::Display for ObjectRef {
    /// `ResourceGroup/rg-dev-app` or `ResourceGroup/rg-dev-app -n rg-dev-app`, ready to paste behind `kubectl get`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)?;
        if self.namespace.is_empty() { Ok(()) } else { write!(f, " -n {}", self.namespace) }
    }
}

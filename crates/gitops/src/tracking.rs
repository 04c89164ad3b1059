//! `argocd.argoproj.io/tracking-id`: which Application an object belongs to, and as which object it was deployed.
//!
//! Only the annotation method exists here (Argo CD's default since 3.0); the label method does not.

use std::fmt;

use api::{ObjectExt, argoproj::TRACKING_ANNOTATION, names::GroupVersionKind};
use serde_json::Value;

/// `<app>:<group>/<Kind>:<namespace>/<name>`, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingId {
    /// [`instance_name`] of the Application.
    pub application: String,
    pub group: String,
    pub kind: String,
    /// Of the object as it was deployed; the destination namespace for a cluster-scoped one.
    pub namespace: String,
    pub name: String,
}

impl fmt::Display for TrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}:{}/{}", self.application, self.group, self.kind, self.namespace, self.name)
    }
}

impl TrackingId {
    /// The id of an object deployed by that Application.
    pub fn of(object: &Value, application: &str, destination_namespace: &str) -> Option<Self> {
        let gvk = GroupVersionKind::of(object)?;
        Some(Self {
            application: application.to_string(),
            group: gvk.group,
            kind: gvk.kind,
            namespace: object.namespace().unwrap_or(destination_namespace).to_string(),
            name: object.name()?.to_string(),
        })
    }

    /// `None` for a text of another form. A name may contain colons (RBAC), a group and a kind may not.
    pub fn parse(text: &str) -> Option<Self> {
        let (application, rest) = text.split_once(':')?;
        let (group_kind, object) = rest.split_once(':')?;
        let (group, kind) = group_kind.split_once('/')?;
        let (namespace, name) = object.split_once('/')?;
        let some = |part: &str| (!part.is_empty()).then(|| part.to_string());
        Some(Self {
            application: some(application)?,
            group: group.to_string(),
            kind: some(kind)?,
            namespace: namespace.to_string(),
            name: some(name)?,
        })
    }

    /// What the object itself says, if it is tracked.
    pub fn read(object: &Value) -> Option<Self> {
        Self::parse(object.annotation(TRACKING_ANNOTATION)?)
    }

    /// Whether the id names this very object. It does not when another controller copied the annotations onto its own
    /// object: that one is shown, but neither synced nor pruned.
    pub fn is_self_reference(&self, object: &Value, destination_namespace: &str) -> bool {
        let Some(gvk) = GroupVersionKind::of(object) else { return false };
        let namespace = object.namespace().unwrap_or(destination_namespace);
        // Cluster-scoped objects may have been tracked under any destination namespace.
        let same_namespace = self.namespace == namespace || object.namespace().is_none();
        self.group == gvk.group && self.kind == gvk.kind && same_namespace && Some(self.name.as_str()) == object.name()
    }
}

/// How an Application is called in tracking ids: its name, or `<namespace>_<name>` outside of the control namespace.
pub fn instance_name(name: &str, namespace: &str, control_namespace: &str) -> String {
    if namespace.is_empty() || namespace == control_namespace {
        name.to_string()
    } else {
        format!("{namespace}_{name}")
    }
}

/// Writes the annotation; CustomResourceDefinitions stay untouched, as upstream leaves them.
pub fn track(object: &mut Value, application: &str, destination_namespace: &str) {
    if is_crd(object) {
        return;
    }
    if let Some(id) = TrackingId::of(object, application, destination_namespace) {
        object.set_annotation(TRACKING_ANNOTATION, &id.to_string());
    }
}

/// Whether the object defines a kind.
pub(crate) fn is_crd(object: &Value) -> bool {
    GroupVersionKind::of(object)
        .is_some_and(|gvk| gvk.group_kind() == ("apiextensions.k8s.io", "CustomResourceDefinition"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn written_byte_for_byte() {
        for (object, application, namespace, expected) in [
            (
                json!({"apiVersion": "resources.azure.com/v1api20200601", "kind": "ResourceGroup", "metadata": {"name": "rg-dev-app", "namespace": "rg-dev-app"}}),
                "app-project-env-recursive",
                "argocd",
                "app-project-env-recursive:resources.azure.com/ResourceGroup:rg-dev-app/rg-dev-app",
            ),
            (
                json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "ui", "namespace": "default"}}),
                "guestbook",
                "x",
                "guestbook:/Service:default/ui",
            ),
            (
                json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "system:a"}}),
                "team_app",
                "dest",
                "team_app:rbac.authorization.k8s.io/ClusterRole:dest/system:a",
            ),
        ] {
            let mut tracked = object;
            track(&mut tracked, application, namespace);
            assert_eq!(tracked.annotation(TRACKING_ANNOTATION), Some(expected));
            let id = TrackingId::parse(expected).unwrap();
            assert_eq!(id.to_string(), expected);
            assert!(id.is_self_reference(&tracked, namespace));
        }
    }

    #[test]
    fn definitions_are_not_tracked() {
        let mut crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "x"}});
        let before = crd.clone();
        track(&mut crd, "app", "ns");
        assert_eq!(crd, before);
    }

    #[test]
    fn a_copied_annotation_is_no_self_reference() {
        let copy = json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "ui", "namespace": "default",
            "annotations": {TRACKING_ANNOTATION: "guestbook:/Service:default/ui"}}});
        assert!(!TrackingId::read(&copy).unwrap().is_self_reference(&copy, "default"));
    }

    #[test]
    fn malformed_ids_are_nobodys() {
        for text in ["", "app", "app:/Service", "app:Service:ns/name", ":g/K:ns/n", "a:g/:ns/n", "a:g/K:ns/", "a:g/K:n"]
        {
            assert_eq!(TrackingId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn applications_elsewhere_carry_their_namespace() {
        assert_eq!(instance_name("a", "argocd", "argocd"), "a");
        assert_eq!(instance_name("a", "team", "argocd"), "team_a");
    }
}

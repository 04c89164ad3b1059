//! What upstream says in code and not in its declarations: fields that its validation demands, and constant defaults, of
//! the served kinds. Defaults that depend on other fields (a CRD's singular name, a container's pull policy) are not data
//! and belong to admission.

const CORE: &str = "io.k8s.api.core.v1.";
const RBAC: &str = "io.k8s.api.rbac.v1.";
const CRD: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// (prefix, type, fields)
const REQUIRED: &[(&str, &str, &[&str])] = &[
    (CORE, "Container", &["name"]),
    (CORE, "ContainerPort", &["containerPort"]),
    (CORE, "EndpointAddress", &["ip"]),
    (CORE, "EndpointPort", &["port"]),
    (CORE, "EnvVar", &["name"]),
    (CORE, "Event", &["involvedObject"]),
    (CORE, "PodSpec", &["containers"]),
    (CORE, "ServicePort", &["port"]),
    (CORE, "Taint", &["effect", "key"]),
    (CORE, "Volume", &["name"]),
    (CORE, "VolumeMount", &["mountPath", "name"]),
    (META, "OwnerReference", &["apiVersion", "kind", "name", "uid"]),
    (RBAC, "ClusterRoleBinding", &["roleRef"]),
    (RBAC, "PolicyRule", &["verbs"]),
    (RBAC, "RoleBinding", &["roleRef"]),
    (RBAC, "RoleRef", &["kind", "name"]),
    (RBAC, "Subject", &["kind", "name"]),
    (CRD, "CustomResourceDefinition", &["spec"]),
    (CRD, "CustomResourceDefinitionNames", &["kind", "plural"]),
    (CRD, "CustomResourceDefinitionSpec", &["group", "names", "scope", "versions"]),
    (CRD, "CustomResourceDefinitionVersion", &["name", "served", "storage"]),
];

/// (prefix, type, field, JSON)
const DEFAULTS: &[(&str, &str, &str, &str)] = &[
    (CORE, "ConfigMapVolumeSource", "defaultMode", "420"),
    (CORE, "Container", "terminationMessagePath", "\"/dev/termination-log\""),
    (CORE, "Container", "terminationMessagePolicy", "\"File\""),
    (CORE, "DownwardAPIVolumeSource", "defaultMode", "420"),
    (CORE, "EndpointPort", "protocol", "\"TCP\""),
    (CORE, "HTTPGetAction", "path", "\"/\""),
    (CORE, "HTTPGetAction", "scheme", "\"HTTP\""),
    (CORE, "HostPathVolumeSource", "type", "\"\""),
    (CORE, "NamespaceStatus", "phase", "\"Active\""),
    (CORE, "ObjectFieldSelector", "apiVersion", "\"v1\""),
    (CORE, "PodSpec", "dnsPolicy", "\"ClusterFirst\""),
    (CORE, "PodSpec", "enableServiceLinks", "true"),
    (CORE, "PodSpec", "restartPolicy", "\"Always\""),
    (CORE, "PodSpec", "schedulerName", "\"default-scheduler\""),
    (CORE, "PodSpec", "securityContext", "{}"),
    (CORE, "PodSpec", "terminationGracePeriodSeconds", "30"),
    (CORE, "Probe", "failureThreshold", "3"),
    (CORE, "Probe", "periodSeconds", "10"),
    (CORE, "Probe", "successThreshold", "1"),
    (CORE, "Probe", "timeoutSeconds", "1"),
    (CORE, "ProjectedVolumeSource", "defaultMode", "420"),
    (CORE, "Secret", "type", "\"Opaque\""),
    (CORE, "SecretVolumeSource", "defaultMode", "420"),
    (CORE, "ServiceAccountTokenProjection", "expirationSeconds", "3600"),
    (CORE, "ServicePort", "protocol", "\"TCP\""),
    (CORE, "ServiceSpec", "internalTrafficPolicy", "\"Cluster\""),
    (CORE, "ServiceSpec", "sessionAffinity", "\"None\""),
    (CORE, "ServiceSpec", "type", "\"ClusterIP\""),
    (CRD, "CustomResourceDefinitionSpec", "conversion", "{\"strategy\":\"None\"}"),
    (RBAC, "RoleRef", "apiGroup", "\"rbac.authorization.k8s.io\""),
    ("io.k8s.api.authentication.v1.", "TokenRequestSpec", "expirationSeconds", "3600"),
];

pub(super) fn required(type_name: &str) -> &'static [&'static str] {
    let found = REQUIRED.iter().find(|(prefix, name, _)| type_name.strip_prefix(prefix) == Some(*name));
    found.map(|(_, _, fields)| *fields).unwrap_or_default()
}

pub(super) fn default(type_name: &str, field: &str) -> Option<&'static str> {
    let mut of_field = DEFAULTS.iter().filter(|(_, _, name, _)| *name == field);
    of_field.find(|(prefix, name, ..)| type_name.strip_prefix(prefix) == Some(*name)).map(|(.., json)| *json)
}

//! What upstream says in code and not in its declarations: fields that its validation demands, and constant defaults, of
//! the served kinds. Defaults that depend on other fields (a CRD's singular name, a container's pull policy) are not data
//! and belong to admission.

const CORE: &str = "io.k8s.api.core.v1.";
const RBAC: &str = "io.k8s.api.rbac.v1.";
const CRD: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
const APPS: &str = "io.k8s.api.apps.v1.";
const WEBHOOKS: &str = "io.k8s.api.admissionregistration.v1.";
const STORAGE: &str = "io.k8s.api.storage.v1.";
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
    (CORE, "ServiceSpec", "sessionAffinity", "\"None\""),
    (CORE, "ServiceSpec", "type", "\"ClusterIP\""),
    (CRD, "CustomResourceDefinitionSpec", "conversion", "{\"strategy\":\"None\"}"),
    (RBAC, "RoleRef", "apiGroup", "\"rbac.authorization.k8s.io\""),
    ("io.k8s.api.authentication.v1.", "TokenRequestSpec", "expirationSeconds", "3600"),
    (APPS, "DaemonSetSpec", "revisionHistoryLimit", "10"),
    (APPS, "DaemonSetSpec", "updateStrategy", "{}"),
    (APPS, "DaemonSetUpdateStrategy", "type", "\"RollingUpdate\""),
    (APPS, "DeploymentSpec", "progressDeadlineSeconds", "600"),
    (APPS, "DeploymentSpec", "replicas", "1"),
    (APPS, "DeploymentSpec", "revisionHistoryLimit", "10"),
    (APPS, "DeploymentSpec", "strategy", "{}"),
    (APPS, "DeploymentStrategy", "type", "\"RollingUpdate\""),
    (APPS, "ReplicaSetSpec", "replicas", "1"),
    (APPS, "StatefulSetSpec", "persistentVolumeClaimRetentionPolicy", "{}"),
    (APPS, "StatefulSetSpec", "podManagementPolicy", "\"OrderedReady\""),
    (APPS, "StatefulSetSpec", "replicas", "1"),
    (APPS, "StatefulSetSpec", "revisionHistoryLimit", "10"),
    (APPS, "StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", "\"Retain\""),
    (APPS, "StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", "\"Retain\""),
    (CORE, "PersistentVolumeClaimSpec", "volumeMode", "\"Filesystem\""),
    (CORE, "PersistentVolumeSpec", "persistentVolumeReclaimPolicy", "\"Retain\""),
    (CORE, "PersistentVolumeSpec", "volumeMode", "\"Filesystem\""),
    (CORE, "ReplicationControllerSpec", "replicas", "1"),
    ("io.k8s.api.batch.v1.", "CronJobSpec", "concurrencyPolicy", "\"Allow\""),
    ("io.k8s.api.batch.v1.", "CronJobSpec", "suspend", "false"),
    ("io.k8s.api.batch.v1.", "CronJobSpec", "successfulJobsHistoryLimit", "3"),
    ("io.k8s.api.batch.v1.", "CronJobSpec", "failedJobsHistoryLimit", "1"),
    ("io.k8s.api.autoscaling.v2.", "HorizontalPodAutoscalerSpec", "minReplicas", "1"),
    ("io.k8s.api.autoscaling.v1.", "HorizontalPodAutoscalerSpec", "minReplicas", "1"),
    ("io.k8s.api.flowcontrol.v1.", "FlowSchemaSpec", "matchingPrecedence", "1000"),
    ("io.k8s.api.networking.v1.", "NetworkPolicyPort", "protocol", "\"TCP\""),
    ("io.k8s.api.networking.v1.", "IngressClassParametersReference", "scope", "\"Cluster\""),
    ("io.k8s.api.discovery.v1.", "EndpointPort", "name", "\"\""),
    ("io.k8s.api.discovery.v1.", "EndpointPort", "protocol", "\"TCP\""),
    ("io.k8s.api.scheduling.v1.", "PriorityClass", "preemptionPolicy", "\"PreemptLowerPriority\""),
    (STORAGE, "CSIDriverSpec", "attachRequired", "true"),
    (STORAGE, "CSIDriverSpec", "podInfoOnMount", "false"),
    (STORAGE, "CSIDriverSpec", "storageCapacity", "false"),
    (STORAGE, "CSIDriverSpec", "fsGroupPolicy", "\"ReadWriteOnceWithFSType\""),
    (STORAGE, "CSIDriverSpec", "volumeLifecycleModes", "[\"Persistent\"]"),
    (STORAGE, "CSIDriverSpec", "requiresRepublish", "false"),
    (STORAGE, "CSIDriverSpec", "seLinuxMount", "false"),
    (STORAGE, "StorageClass", "reclaimPolicy", "\"Delete\""),
    (STORAGE, "StorageClass", "volumeBindingMode", "\"Immediate\""),
    (WEBHOOKS, "MutatingWebhook", "failurePolicy", "\"Fail\""),
    (WEBHOOKS, "MutatingWebhook", "matchPolicy", "\"Equivalent\""),
    (WEBHOOKS, "MutatingWebhook", "namespaceSelector", "{}"),
    (WEBHOOKS, "MutatingWebhook", "objectSelector", "{}"),
    (WEBHOOKS, "MutatingWebhook", "timeoutSeconds", "10"),
    (WEBHOOKS, "ValidatingWebhook", "failurePolicy", "\"Fail\""),
    (WEBHOOKS, "ValidatingWebhook", "matchPolicy", "\"Equivalent\""),
    (WEBHOOKS, "ValidatingWebhook", "namespaceSelector", "{}"),
    (WEBHOOKS, "ValidatingWebhook", "objectSelector", "{}"),
    (WEBHOOKS, "ValidatingWebhook", "timeoutSeconds", "10"),
    (WEBHOOKS, "MutatingWebhook", "reinvocationPolicy", "\"Never\""),
    (WEBHOOKS, "RuleWithOperations", "scope", "\"*\""),
    (WEBHOOKS, "ServiceReference", "port", "443"),
];

pub(super) fn required(type_name: &str) -> &'static [&'static str] {
    let found = REQUIRED.iter().find(|(prefix, name, _)| type_name.strip_prefix(prefix) == Some(*name));
    found.map(|(_, _, fields)| *fields).unwrap_or_default()
}

pub(super) fn default(type_name: &str, field: &str) -> Option<&'static str> {
    let mut of_field = DEFAULTS.iter().filter(|(_, _, name, _)| *name == field);
    of_field.find(|(prefix, name, ..)| type_name.strip_prefix(prefix) == Some(*name)).map(|(.., json)| *json)
}

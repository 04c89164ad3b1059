//! The core group.

use super::{Kind, NO_COLLECTION, PART, SCALE, part, review, stored, unnamespaced, with_status};

macro_rules! core {
    ($kind:literal) => {
        concat!("io.k8s.api.core.v1.", $kind)
    };
}

pub(super) const KINDS: &[Kind] = &[
    review(stored("", "Binding", "bindings", "binding", core!("Binding"))),
    Kind { short_names: &["cm"], ..stored("", "ConfigMap", "configmaps", "configmap", core!("ConfigMap")) },
    Kind { short_names: &["ep"], ..stored("", "Endpoints", "endpoints", "endpoints", core!("Endpoints")) },
    Kind { short_names: &["ev"], ..stored("", "Event", "events", "event", core!("Event")) },
    Kind {
        short_names: &["ns"],
        verbs: NO_COLLECTION,
        subresources: &[
            part("finalize", "", "Namespace", core!("Namespace"), &["update"]),
            part("status", "", "Namespace", core!("Namespace"), PART),
        ],
        ..unnamespaced(stored("", "Namespace", "namespaces", "namespace", core!("Namespace")))
    },
    Kind {
        short_names: &["no"],
        subresources: &[part("status", "", "Node", core!("Node"), PART)],
        ..unnamespaced(stored("", "Node", "nodes", "node", core!("Node")))
    },
    Kind {
        short_names: &["po"],
        categories: &["all"],
        subresources: &[
            part("binding", "", "Binding", core!("Binding"), &["create"]),
            part("eviction", "policy", "Eviction", "io.k8s.api.policy.v1.Eviction", &["create"]),
            part("log", "", "Pod", core!("Pod"), &["get"]),
            part("status", "", "Pod", core!("Pod"), PART),
        ],
        ..stored("", "Pod", "pods", "pod", core!("Pod"))
    },
    stored("", "Secret", "secrets", "secret", core!("Secret")),
    Kind {
        short_names: &["sa"],
        subresources: &[part(
            "token",
            "authentication.k8s.io",
            "TokenRequest",
            "io.k8s.api.authentication.v1.TokenRequest",
            &["create"],
        )],
        ..stored("", "ServiceAccount", "serviceaccounts", "serviceaccount", core!("ServiceAccount"))
    },
    Kind {
        short_names: &["svc"],
        categories: &["all"],
        subresources: &[part("status", "", "Service", core!("Service"), PART)],
        ..stored("", "Service", "services", "service", core!("Service"))
    },
    Kind { short_names: &["limits"], ..stored("", "LimitRange", "limitranges", "limitrange", core!("LimitRange")) },
    Kind {
        short_names: &["pvc"],
        ..with_status!(
            "",
            "PersistentVolumeClaim",
            "persistentvolumeclaims",
            "persistentvolumeclaim",
            core!("PersistentVolumeClaim")
        )
    },
    Kind {
        short_names: &["pv"],
        ..unnamespaced(with_status!(
            "",
            "PersistentVolume",
            "persistentvolumes",
            "persistentvolume",
            core!("PersistentVolume")
        ))
    },
    stored("", "PodTemplate", "podtemplates", "podtemplate", core!("PodTemplate")),
    Kind {
        short_names: &["rc"],
        categories: &["all"],
        subresources: &[SCALE, part("status", "", "ReplicationController", core!("ReplicationController"), PART)],
        ..with_status!(
            "",
            "ReplicationController",
            "replicationcontrollers",
            "replicationcontroller",
            core!("ReplicationController")
        )
    },
    Kind {
        short_names: &["quota"],
        ..with_status!("", "ResourceQuota", "resourcequotas", "resourcequota", core!("ResourceQuota"))
    },
];

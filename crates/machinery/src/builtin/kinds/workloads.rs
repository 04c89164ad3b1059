//! What runs containers, and what limits and scales that.

use super::{Kind, PART, SCALE, Subresource, part, stored, with_status};

macro_rules! apps {
    ($kind:literal, $plural:literal, $singular:literal) => {
        with_status!("apps", $kind, $plural, $singular, concat!("io.k8s.api.apps.v1.", $kind))
    };
}

macro_rules! scaled {
    ($kind:literal, $plural:literal, $singular:literal) => {
        Kind {
            categories: ALL,
            subresources: &[SCALE, part("status", "apps", $kind, concat!("io.k8s.api.apps.v1.", $kind), PART)],
            ..apps!($kind, $plural, $singular)
        }
    };
}

macro_rules! batch {
    ($kind:literal, $plural:literal, $singular:literal) => {
        with_status!("batch", $kind, $plural, $singular, concat!("io.k8s.api.batch.v1.", $kind))
    };
}

const ALL: &[&str] = &["all"];

pub(super) const KINDS: &[Kind] = &[
    stored(
        "apps",
        "ControllerRevision",
        "controllerrevisions",
        "controllerrevision",
        "io.k8s.api.apps.v1.ControllerRevision",
    ),
    Kind { short_names: &["ds"], categories: ALL, ..apps!("DaemonSet", "daemonsets", "daemonset") },
    Kind { short_names: &["deploy"], ..scaled!("Deployment", "deployments", "deployment") },
    Kind { short_names: &["rs"], ..scaled!("ReplicaSet", "replicasets", "replicaset") },
    Kind { short_names: &["sts"], ..scaled!("StatefulSet", "statefulsets", "statefulset") },
    Kind {
        short_names: &["hpa"],
        categories: ALL,
        ..with_status!(
            "autoscaling",
            "HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            "horizontalpodautoscaler",
            "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler"
        )
    },
    Kind {
        version: "v2",
        short_names: &["hpa"],
        categories: ALL,
        subresources: &[Subresource {
            version: "v2",
            ..part("status", "autoscaling", "HorizontalPodAutoscaler", AUTOSCALER, PART)
        }],
        ..stored(
            "autoscaling",
            "HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            "horizontalpodautoscaler",
            AUTOSCALER,
        )
    },
    Kind { short_names: &["cj"], categories: ALL, ..batch!("CronJob", "cronjobs", "cronjob") },
    Kind { categories: ALL, ..batch!("Job", "jobs", "job") },
    Kind {
        short_names: &["pdb"],
        ..with_status!(
            "policy",
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            "poddisruptionbudget",
            "io.k8s.api.policy.v1.PodDisruptionBudget"
        )
    },
];

const AUTOSCALER: &str = "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler";

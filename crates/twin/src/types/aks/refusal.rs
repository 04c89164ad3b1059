//! AKS' ways of saying no: its error bodies have no `error` around them.

use serde_json::json;

use super::versions::{Refusal, Version};
use crate::reply::Reply;

pub(crate) fn refuse(status: u16, code: &str, message: impl Into<String>) -> Reply {
    Reply::json(status, json!({"code": code, "details": null, "message": message.into(), "subcode": ""}))
}

pub(crate) fn bad(message: impl Into<String>) -> Reply {
    refuse(400, "BadRequest", message)
}

pub(crate) fn missing(parameter: &str) -> Reply {
    refuse(400, "InvalidParameter", format!("Required parameter {parameter} is missing (null)."))
}

pub(crate) fn invalid(parameter: &str, details: &str) -> Reply {
    let details = if details.is_empty() { String::new() } else { format!(" Error details: {details}.") };
    let message = format!(
        "The value of parameter {parameter} is invalid.{details} Please see https://aka.ms/aks-naming-rules for more \
         details."
    );
    refuse(400, "InvalidParameter", message)
}

/// A property that stays as it was made.
pub(crate) fn change_not_allowed(property: &str) -> Reply {
    let message = format!("Changing property '{property}' is not allowed.");
    let mut reply = refuse(409, "PropertyChangeNotAllowed", message);
    if let Some(body) = reply.body.as_mut() {
        body["target"] = json!(property);
    }
    reply
}

/// Somebody is at work: a cluster or a pool, and what is being done with it.
pub(crate) fn in_progress(name: &str, state: &str) -> Reply {
    let message = format!(
        "Operation is not allowed: Another operation ({name} - {state}) is in progress, please wait for it to finish \
         before starting a new operation. See https://aka.ms/aks-pending-operation for more details"
    );
    refuse(409, "OperationNotAllowed", message)
}

pub(crate) fn stopped(name: &str) -> Reply {
    let message = format!(
        "Operation is not allowed: managed cluster {name} is in stopped state, no operations except for start and delete \
         are allowed."
    );
    refuse(409, "OperationNotAllowed", message)
}

pub(crate) fn version(cluster: &str, asked: &str, why: Refusal) -> Reply {
    let list = "[az aks get-versions] command to get the supported version list in this region. For more information, \
                please check https://aka.ms/supported-version-list";
    let message = match why {
        Refusal::Malformed => return invalid("orchestratorProfile.OrchestratorVersion", ""),
        Refusal::LongTermOnly(version) => format!(
            "Managed cluster {cluster} is on version {version}, which is only available for Long-Term Support (LTS). If \
             you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan (see \
             https://aka.ms/aks/enable-lts). Otherwise, use {list}"
        ),
        Refusal::NotOffered => format!(
            "Managed cluster {cluster} is on version {asked} which is not supported in this region. Please use {list}"
        ),
    };
    refuse(400, "K8sVersionNotSupported", message)
}

pub(crate) fn upgrade(from: Version, to: &str, available: &[Version]) -> Reply {
    let available: Vec<String> = available.iter().map(Version::to_string).collect();
    let message = format!(
        "Upgrading Kubernetes version {from} to {to} is not allowed. Available upgrades: [{}]. Please see \
         https://aka.ms/aks-supported-k8s-ver for version details.",
        available.join(" ")
    );
    refuse(400, "OperationNotAllowed", message)
}

pub(crate) fn pool_ahead(pool: Version, cluster: Version) -> Reply {
    let message = format!(
        "Node pool version {pool} and control plane version {cluster} are incompatible. Minor version of node pool \
         version {} is bigger than control plane version {}. For more information, please check \
         https://aka.ms/version-skew-policy",
        pool.minor, cluster.minor
    );
    refuse(400, "NodePoolMcVersionIncompatible", message)
}

pub(crate) fn pool_behind(pool: Version, cluster: Version) -> Reply {
    let message = format!(
        "Node pool version {pool} and control plane version {cluster} are incompatible. Minor version of node pool \
         cannot be more than 3 versions less than control plane's version. Minimum supported control plane version is \
         {}. For more information, please check https://aka.ms/version-skew-policy",
        pool.minor + 3
    );
    refuse(400, "NodePoolMcVersionIncompatible", message)
}

pub(crate) fn quota(requested: u32, remaining: u32, family: &str, location: &str) -> Reply {
    refuse(400, QUOTA_CODE, quota_message(requested, remaining, family, location))
}

pub(crate) const QUOTA_CODE: &str = "ErrCode_InsufficientVCPUQuota";

pub(crate) fn quota_message(requested: u32, remaining: u32, family: &str, location: &str) -> String {
    format!(
        "Insufficient vcpu quota requested {requested}, remaining {remaining} for family {family} for region {location}."
    )
}

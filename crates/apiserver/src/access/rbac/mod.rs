//! Role-based access control: the rules that are stored in the API decide, from one request to the next.
//!
//! The compiled policy is kept until an RBAC object changes. A grant that was taken away never answers again: before every
//! decision the space's revision is compared, and when it moved, the RBAC objects' fingerprint.

mod escalation;
mod policy;
mod rule;

pub(crate) mod bootstrap;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use api::status::{Details, Status};
use parking_lot::RwLock;
use serde_json::Value;

use super::{
    Reader,
    identity::{Identity, MASTERS},
};
use crate::rest::RequestInfo;

pub(crate) use policy::{Policy, aggregate, outdated};

pub(crate) const GROUP: &str = "rbac.authorization.k8s.io";
const RESOURCES: [&str; 4] = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];

/// How many objects of each kind there are and the newest revision among them: changes with every write of any of them.
type Fingerprint = [(usize, u64); RESOURCES.len()];

/// Decides by the stored policy.
#[derive(Debug)]
pub(crate) struct Authorizer {
    source: Arc<dyn Reader>,
    cached: RwLock<Option<Cached>>,
}

#[derive(Debug)]
struct Cached {
    /// The space's revision when the policy was last found to be current.
    checked_at: u64,
    fingerprint: Fingerprint,
    policy: Arc<Policy>,
}

impl Authorizer {
    pub(crate) fn new(source: Arc<dyn Reader>) -> Self {
        Self { source, cached: RwLock::new(None) }
    }

    /// The current policy. Cheap when nothing was written since the last call.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        // Read before the objects: what is listed afterwards is at least as new.
        let now = self.source.revision();
        if let Some(cached) = self.cached.read().as_ref().filter(|cached| cached.checked_at >= now) {
            return cached.policy.clone();
        }
        let listed = RESOURCES.map(|resource| self.source.list(GROUP, resource));
        let fingerprint =
            listed.each_ref().map(|list| (list.len(), list.iter().map(|(revision, _)| *revision).max().unwrap_or(0)));
        let mut cached = self.cached.write();
        match cached.as_mut() {
            Some(cached) if cached.fingerprint == fingerprint => {
                cached.checked_at = cached.checked_at.max(now);
                cached.policy.clone()
            }
            // Another request was faster and saw more.
            Some(cached) if cached.checked_at > now => cached.policy.clone(),
            _ => {
                let [roles, cluster_roles, role_bindings, cluster_role_bindings] = listed
                    .map(|list| list.iter().filter_map(|(_, bytes)| serde_json::from_slice(bytes).ok()).collect());
                let stored = policy::Stored { roles, cluster_roles, role_bindings, cluster_role_bindings };
                let policy = Arc::new(Policy::compile(&stored));
                *cached = Some(Cached { checked_at: now, fingerprint, policy: policy.clone() });
                policy
            }
        }
    }

    /// `Ok` when a rule allows it, otherwise why not: empty, or what could not be resolved.
    pub(crate) fn decide(&self, identity: &Identity, request: &RequestInfo) -> Result<(), String> {
        if identity.is_in(MASTERS) {
            return Ok(());
        }
        let policy = self.policy();
        let mut allowed = false;
        let errors = policy.visit(identity, &request.namespace, |rule| {
            allowed = rule.allows(request);
            !allowed
        });
        match (allowed, errors.as_slice()) {
            (true, _) => Ok(()),
            (false, []) => Err(String::new()),
            (false, [one]) => Err(format!("RBAC: {one}")),
            (false, many) => Err(format!("RBAC: [{}]", many.join(", "))),
        }
    }

    /// [`Authorizer::decide`], with the Status that upstream answers.
    pub(crate) fn authorize(&self, identity: &Identity, request: &RequestInfo) -> Result<(), Status> {
        self.decide(identity, request).map_err(|reason| forbidden(identity, request, &reason))
    }

    /// Refuses to create or change a role or binding that grants what its author may not do.
    pub(crate) fn check_grant(
        &self,
        identity: &Identity,
        request: &RequestInfo,
        old: Option<&Value>,
        new: &Value,
    ) -> Result<(), Status> {
        escalation::check(self, identity, request, old, new)
    }
}

/// `secrets "x" is forbidden: User "bob" cannot get resource "secrets" in API group "" in the namespace "default"`.
pub(crate) fn forbidden(identity: &Identity, request: &RequestInfo, reason: &str) -> Status {
    let (user, verb) = (&identity.user, &request.verb);
    let mut why = if !request.is_resource {
        format!("User {user:?} cannot {verb} path {:?}", request.path)
    } else {
        let mut resource = request.resource.clone();
        if !request.subresource.is_empty() {
            resource = format!("{resource}/{}", request.subresource);
        }
        let at = match request.namespace.as_str() {
            "" => "at the cluster scope".to_string(),
            namespace => format!("in the namespace {namespace:?}"),
        };
        format!("User {user:?} cannot {verb} resource {resource:?} in API group {:?} {at}", request.group)
    };
    if !reason.is_empty() {
        why = format!("{why}: {reason}");
    }
    if request.is_resource {
        return Status::forbidden(&request.group, &request.resource, &request.name, &why);
    }
    let mut status = Status::failure(403, "Forbidden", format!("forbidden: {why}"));
    status.details = Some(Details::default());
    status
}

//! Who sends a request, as authentication found out. Never made from request bodies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub(crate) const AUTHENTICATED: &str = "system:authenticated";
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";
pub(crate) const MASTERS: &str = "system:masters";
pub(crate) const ANONYMOUS: &str = "system:anonymous";
const SERVICE_ACCOUNT_PREFIX: &str = "system:serviceaccount:";
const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

/// A user as upstream's `user.Info` has it. In a request's extensions it is the one the request acts as; who really sent it
/// (under impersonation) is [`super::Impersonator`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    pub uid: String,
    pub groups: Vec<String>,
    pub extra: BTreeMap<String, Vec<String>>,
}

impl Identity {
    /// Any user that was authenticated: `system:authenticated` is added to the groups.
    pub fn user(name: impl Into<String>, groups: impl IntoIterator<Item = String>) -> Self {
        let mut identity = Self { user: name.into(), groups: groups.into_iter().collect(), ..Self::default() };
        identity.join(AUTHENTICATED);
        identity
    }

    /// A member of `system:masters`: RBAC does not apply.
    pub fn admin() -> Self {
        Self::user("kubernetes-admin", [MASTERS.to_string()])
    }

    /// Whom a request without credentials acts as.
    pub fn anonymous() -> Self {
        Self { user: ANONYMOUS.into(), groups: vec![UNAUTHENTICATED.into()], ..Self::default() }
    }

    pub fn service_account(namespace: &str, name: &str) -> Self {
        let groups = [SERVICE_ACCOUNTS.to_string(), format!("{SERVICE_ACCOUNTS}:{namespace}")];
        Self::user(service_account_user(namespace, name), groups)
    }

    pub fn with_uid(mut self, uid: impl Into<String>) -> Self {
        self.uid = uid.into();
        self
    }

    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|own| own == group)
    }

    pub(crate) fn join(&mut self, group: &str) {
        if !self.is_in(group) {
            self.groups.push(group.to_string());
        }
    }

    /// `UserInfo` of the authentication group: empty fields are left out.
    pub(crate) fn to_value(&self) -> Value {
        let mut info = Map::new();
        info.insert("username".into(), json!(self.user));
        if !self.uid.is_empty() {
            info.insert("uid".into(), json!(self.uid));
        }
        if !self.groups.is_empty() {
            info.insert("groups".into(), json!(self.groups));
        }
        if !self.extra.is_empty() {
            info.insert("extra".into(), json!(self.extra));
        }
        Value::Object(info)
    }
}

/// `system:serviceaccount:NAMESPACE:NAME`.
pub(crate) fn service_account_user(namespace: &str, name: &str) -> String {
    format!("{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}")
}

/// Namespace and name out of a service account's user name.
pub(crate) fn split_service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(SERVICE_ACCOUNT_PREFIX)?.split_once(':')?;
    let plain = !namespace.is_empty() && !name.is_empty() && !name.contains(':');
    plain.then_some((namespace, name))
}

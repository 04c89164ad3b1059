//! `Impersonate-*` headers: acting as somebody else, when RBAC allows the verb `impersonate` on each part of the other's
//! identity.

use std::collections::BTreeMap;

use api::status::Status;
use http::HeaderMap;

use super::{
    identity::{ANONYMOUS, AUTHENTICATED, Identity, UNAUTHENTICATED, split_service_account},
    rbac::Authorizer,
};
use crate::rest::RequestInfo;

const USER: &str = "impersonate-user";
const GROUP: &str = "impersonate-group";
const UID: &str = "impersonate-uid";
const EXTRA: &str = "impersonate-extra-";
const PREFIX: &str = "impersonate-";

/// Whom the headers name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    user: String,
    uid: String,
    groups: Vec<String>,
    extra: BTreeMap<String, Vec<String>>,
}

/// The identity to act as: `None` when no header asks for another one.
pub(crate) fn impersonate(
    authorizer: &Authorizer,
    identity: &Identity,
    headers: &HeaderMap,
) -> Result<Option<Identity>, Status> {
    let Some(wanted) = Wanted::parse(headers)? else { return Ok(None) };
    for request in wanted.requests() {
        authorizer.authorize(identity, &request)?;
    }
    Ok(Some(wanted.into_identity()))
}

/// Takes the headers off: what comes later acts as the identity it is given.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with(PREFIX)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

impl Wanted {
    fn parse(headers: &HeaderMap) -> Result<Option<Self>, Status> {
        let mut wanted = Self::default();
        let mut any = false;
        for (name, value) in headers.iter().filter(|(name, _)| name.as_str().starts_with(PREFIX)) {
            any = true;
            let text = value.to_str().map_err(|_| Status::bad_request(format!("header {name} is not plain text")))?;
            match name.as_str() {
                USER => wanted.user = text.to_string(),
                UID => wanted.uid = text.to_string(),
                GROUP => wanted.groups.push(text.to_string()),
                other => {
                    let Some(key) = other.strip_prefix(EXTRA) else {
                        return Err(Status::bad_request(format!("unknown impersonation header {name}")));
                    };
                    let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned();
                    wanted.extra.entry(key).or_default().push(text.to_string());
                }
            }
        }
        if any && wanted.user.is_empty() {
            return Err(Status::internal("requested groups, a uid or extra fields without impersonating a user"));
        }
        Ok(any.then_some(wanted))
    }

    /// One question to RBAC for each part.
    fn requests(&self) -> Vec<RequestInfo> {
        let ask = |group: &str, resource: &str, name: &str| RequestInfo {
            is_resource: true,
            verb: "impersonate".into(),
            group: group.into(),
            version: "v1".into(),
            resource: resource.into(),
            name: name.into(),
            ..RequestInfo::default()
        };
        let mut requests = match split_service_account(&self.user) {
            Some((namespace, name)) => {
                vec![RequestInfo { namespace: namespace.into(), ..ask("", "serviceaccounts", name) }]
            }
            None => vec![ask("", "users", &self.user)],
        };
        requests.extend(self.groups.iter().map(|group| ask("", "groups", group)));
        if !self.uid.is_empty() {
            requests.push(ask("authentication.k8s.io", "uids", &self.uid));
        }
        for (key, values) in &self.extra {
            requests.extend(values.iter().map(|value| RequestInfo {
                subresource: key.clone(),
                ..ask("authentication.k8s.io", "userextras", value)
            }));
        }
        requests
    }

    fn into_identity(self) -> Identity {
        let account =
            split_service_account(&self.user).map(|(namespace, name)| Identity::service_account(namespace, name));
        let groups = match account {
            Some(account) if self.groups.is_empty() => account.groups,
            _ => self.groups,
        };
        let mut identity = Identity { user: self.user, uid: self.uid, groups, extra: self.extra };
        let state = if identity.user == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
        identity.join(state);
        identity
    }
}

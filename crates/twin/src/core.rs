//! One ARM request against one state: who asks, when, with which randomness, and what comes out. Pure.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use actions::ArmMethod as Method;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Pace, Strangers,
    id::Path,
    reply::Reply,
    state::{Change, Failure, State, uuid_of},
};

/// The part of the configuration that the pure core reads.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) tenant_id: String,
    pub(crate) subscriptions: Vec<String>,
    pub(crate) pace: Pace,
    /// Lower case.
    pub(crate) taken_names: BTreeSet<String>,
    pub(crate) kubernetes_versions_of: Option<Date>,
    pub(crate) vcpu_quota: Option<u32>,
    pub(crate) strangers: Strangers,
}

impl Settings {
    /// Whether an application of that id is believed to exist, though the directory does not know it.
    pub(crate) fn believes(&self, state: &State, app_id: &str) -> bool {
        self.strangers == Strangers::Believed && state.principal(app_id).is_none()
    }
}

/// A request, parsed as far as it is the same for every type.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: Path,
    pub(crate) api_version: String,
    /// Names in lower case.
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
}

/// Who asks: a service principal of the tenant, as its token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) object_id: String,
    pub(crate) app_id: String,
}

/// Everything that an answer depends on besides the request.
#[derive(Debug)]
pub(crate) struct Core<'a> {
    pub(crate) state: &'a State,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Timestamp,
    /// This request's randomness.
    pub(crate) seed: [u8; 32],
    pub(crate) caller: &'a Caller,
    /// How the long-running operation of this request is made to end.
    pub(crate) failure: Option<Failure>,
}

impl Core<'_> {
    /// A random GUID; the purpose keeps several of one request apart.
    pub(crate) fn uuid(&self, purpose: &str) -> String {
        uuid_of(&self.digest(purpose))
    }

    /// 32 hexadecimal digits, as Key Vault names versions.
    pub(crate) fn hex32(&self, purpose: &str) -> String {
        api::hex::encode(&self.digest(purpose)[..16])
    }

    fn digest(&self, purpose: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.seed).chain_update(purpose).finalize().into()
    }
}

/// The outcome: an answer, and what is to be remembered before it is given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Effects {
    pub(crate) reply: Reply,
    pub(crate) changes: Vec<Change>,
}

impl From<Reply> for Effects {
    fn from(reply: Reply) -> Self {
        Self { reply, changes: Vec::new() }
    }
}

pub(crate) type Outcome = Result<Effects, Reply>;

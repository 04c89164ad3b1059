//! Failures on demand, for tests and the simulator. The hook decides per ARM request; delays and cut connections belong to
//! whoever carries the requests.

use std::{collections::VecDeque, fmt};

use parking_lot::Mutex;

use crate::types::aks;

/// What a hook sees of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPoint {
    pub method: String,
    pub id: String,
    pub when: FaultTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTime {
    /// Nothing has happened yet.
    Before,
    /// The change is durable, the answer is not sent yet.
    After,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This answer instead: 429, 500, a quota, a policy.
    Answer { status: u16, code: String, message: String, retry_after_secs: Option<u64> },
    /// The request is accepted and its long-running operation ends badly. Only [`FaultTime::Before`].
    FailOperation { code: String, message: String },
}

impl Fault {
    pub fn throttled(retry_after_secs: u64) -> Self {
        Self::Answer {
            status: 429,
            code: "TooManyRequests".into(),
            message: "The request is being throttled as the limit has been reached for operation type.".into(),
            retry_after_secs: Some(retry_after_secs),
        }
    }

    pub fn server_error() -> Self {
        Self::Answer {
            status: 500,
            code: "InternalServerError".into(),
            message: "Encountered internal server error. Please try again.".into(),
            retry_after_secs: None,
        }
    }

    /// AKS has not enough vCPUs of a family left: what [`crate::Config::vcpu_quota`] refuses with, at will.
    pub fn insufficient_vcpus(requested: u32, remaining: u32, family: &str, location: &str) -> Self {
        Self::Answer {
            status: 400,
            code: aks::refusal::QUOTA_CODE.into(),
            message: aks::refusal::quota_message(requested, remaining, family, location),
            retry_after_secs: None,
        }
    }

    pub fn quota(message: impl Into<String>) -> Self {
        Self::Answer { status: 409, code: "QuotaExceeded".into(), message: message.into(), retry_after_secs: None }
    }
}

/// Asked before and after every ARM request.
pub trait Faults: Send + Sync + fmt::Debug {
    fn fault(&self, point: &FaultPoint) -> Option<Fault>;
}

/// Faults in order, each for the first request that its rule fits.
#[derive(Debug, Default)]
pub struct Script {
    rules: Mutex<VecDeque<Rule>>,
}

/// One fault of a [`Script`]. Empty `method` and `id_contains` fit everything.
#[derive(Clone, Debug)]
pub struct Rule {
    pub method: String,
    pub id_contains: String,
    pub when: FaultTime,
    pub fault: Fault,
}

impl Script {
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self { rules: Mutex::new(rules.into_iter().collect()) }
    }

    pub fn push(&self, rule: Rule) {
        self.rules.lock().push_back(rule);
    }
}

impl Faults for Script {
    fn fault(&self, point: &FaultPoint) -> Option<Fault> {
        let mut rules = self.rules.lock();
        let position = rules.iter().position(|rule| {
            rule.when == point.when
                && (rule.method.is_empty() || rule.method == point.method)
                && point.id.to_lowercase().contains(&rule.id_contains.to_lowercase())
        })?;
        rules.remove(position).map(|rule| rule.fault)
    }
}

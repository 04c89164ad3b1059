//! What a pass has learned so far, what it may still ask, and what it is given from outside.

use std::{collections::BTreeMap, fmt, time::Duration};

use actions::{ArmError, ArmMethod, ArmOperation, ArmRequest, ArmResponse};
use api::{ObjectExt, Redacted, names::ObjectRef};
use jiff::Timestamp;
use serde_json::Value;

use crate::names::{CREDENTIAL_FROM, OPERATOR_NAMESPACE, OPERATOR_NAMESPACE_DEFAULT, RECONCILE_POLICY};

/// What decide still needs to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// An object of the Kubernetes API: an owner, the target of a reference, a ConfigMap.
    Object(ObjectRef),
    /// A Secret; its data stays redacted.
    Secret { namespace: String, name: String },
    /// A GET of Azure, or a POST that lists secrets, with the object's credential.
    Arm(ArmRequest),
    /// One poll of a long-running operation.
    Poll(ArmOperation),
}

/// How a long-running operation is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Goes on; Azure may hand out another operation on the way.
    InProgress {
        operation: ArmOperation,
        retry_after_secs: Option<u64>,
    },
    Done,
}

/// Everything known in this pass. The shell starts with the object alone, then adds answers and results in the order in
/// which they arrive. Its `Debug` names what it holds and shows no bodies: specs and requests may carry secrets.
#[derive(Clone, Default)]
pub struct Observed {
    /// The object itself, replaced by what a write returned.
    pub object: Value,
    /// Answers to [`Query::Object`]; `None` is "not found".
    pub objects: BTreeMap<ObjectRef, Option<Value>>,
    /// Answers to [`Query::Secret`], by namespace and name; the whole Secret object.
    pub secrets: BTreeMap<(String, String), Option<Redacted<Value>>>,
    /// Answers to [`Query::Arm`] and results of [`actions::Action::Arm`], in order.
    pub arm: Vec<(ArmRequest, Result<ArmResponse, ArmError>)>,
    /// Answers to [`Query::Poll`].
    pub polls: Vec<(ArmOperation, Result<Progress, ArmError>)>,
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent: Vec<String> =
            self.arm.iter().map(|(request, _)| format!("{} {}", request.method, request.id)).collect();
        f.debug_struct("Observed")
            .field("object", &ObjectRef::of(&self.object))
            .field("objects", &self.objects.keys())
            .field("secrets", &self.secrets.keys())
            .field("arm", &sent)
            .field("polls", &self.polls.len())
            .finish()
    }
}

impl Observed {
    pub fn new(object: Value) -> Self {
        Self { object, ..Self::default() }
    }

    /// The answer to a GET, unless something was written to Azure since.
    pub(crate) fn answer(&self, request: &ArmRequest) -> Option<&Result<ArmResponse, ArmError>> {
        let since = self.arm.iter().rposition(|(sent, _)| sent.method.changes(&sent.id)).map_or(0, |at| at + 1);
        self.arm[since..].iter().rfind(|(asked, _)| asked == request).map(|(_, answer)| answer)
    }

    /// The result of the last write of that method to that id in this pass.
    pub(crate) fn written(&self, method: ArmMethod, id: &str) -> Option<(&ArmRequest, &Result<ArmResponse, ArmError>)> {
        let found = self.arm.iter().rfind(|(sent, _)| sent.method == method && sent.id.eq_ignore_ascii_case(id));
        found.map(|(sent, result)| (sent, result))
    }

    pub(crate) fn polled(&self, operation: &ArmOperation) -> Option<&Result<Progress, ArmError>> {
        self.polls.iter().rfind(|(asked, _)| asked == operation).map(|(_, answer)| answer)
    }
}

/// What comes from outside of the objects.
#[derive(Clone, Debug)]
pub struct Env {
    pub now: Timestamp,
    /// Where the global credential is, and the value of the operator-namespace annotation.
    pub operator_namespace: String,
    /// `AZURE_SYNC_PERIOD`: how often a settled resource is compared with Azure again.
    pub sync_period: Duration,
    /// Keys the hashes of values that Azure never returns, so that a low-entropy secret cannot be guessed from them.
    pub hash_key: Redacted<[u8; 32]>,
}

impl Env {
    /// Upstream's defaults.
    pub fn new(now: Timestamp, hash_key: Redacted<[u8; 32]>) -> Self {
        Self {
            now,
            operator_namespace: OPERATOR_NAMESPACE_DEFAULT.to_string(),
            sync_period: Duration::from_secs(3600),
            hash_key,
        }
    }
}

/// What of an object wakes its controller, as upstream's predicates have it: the shell compares this of the last event
/// with that of the next, and leaves the object alone when they are equal. Otherwise a controller's own statuses and
/// records would wake it, past every backoff.
pub fn wakes_on(object: &Value) -> String {
    let annotation = |name: &str| object.annotation(name).unwrap_or_default();
    let parts = [
        object.uid().unwrap_or_default(),
        &object.generation().to_string(),
        object.deletion_timestamp().unwrap_or_default(),
        annotation(CREDENTIAL_FROM),
        annotation(RECONCILE_POLICY),
        annotation(OPERATOR_NAMESPACE),
    ];
    parts.join("\n")
}

//! What a pass has learned so far, what it may still ask, and what it answers.

use std::{collections::BTreeMap, fmt};

use actions::{Action, Requeue, Write};
use api::{
    Redacted,
    names::{GroupVersionKind, ObjectRef},
};
use jiff::Timestamp;
use serde_json::Value;

/// What decide still needs to know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// An object of the management cluster.
    Object(ObjectRef),
    /// As [`Query::Object`], without its status: what happens there is no reason for another pass.
    Spec(ObjectRef),
    /// A Secret of the management cluster; its data stays redacted.
    Secret { namespace: String, name: String },
    /// All objects of the kind in the namespace that carry the label of the cluster.
    List { gvk: GroupVersionKind, namespace: String, cluster: String },
    /// The labels of a CustomResourceDefinition.
    Definition(String),
    /// The nodes of a workload cluster, through the kubeconfig that its control plane stored.
    Nodes { namespace: String, cluster: String },
}

/// The labels of a definition; `None` when there is none of that name.
pub type Contract = Option<BTreeMap<String, String>>;

/// A Node, whole.
pub type Node = Value;

/// Why a workload cluster does not answer, in one line.
pub type Unreachable = String;

/// Everything known in this pass. The shell starts with the object alone, then adds answers and results. Its `Debug` shows no
/// bodies: specs may carry secrets.
#[derive(Clone, Default)]
pub struct Observed {
    /// The object itself, replaced by what a write returned.
    pub object: Value,
    /// Answers to [`Query::Object`], replaced by what a write returned; `None` is "not found".
    pub objects: BTreeMap<ObjectRef, Option<Value>>,
    /// Answers to [`Query::Spec`].
    pub specs: BTreeMap<ObjectRef, Option<Value>>,
    pub secrets: BTreeMap<(String, String), Option<Redacted<Value>>>,
    pub lists: BTreeMap<(GroupVersionKind, String, String), Vec<Value>>,
    pub definitions: BTreeMap<String, Contract>,
    pub nodes: BTreeMap<(String, String), Result<Vec<Node>, Unreachable>>,
    /// What became of the server-side applies and creations of this pass: the object as it is now, or the server's refusal.
    pub applied: BTreeMap<ObjectRef, Result<Value, String>>,
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed")
            .field("object", &ObjectRef::of(&self.object))
            .field("objects", &self.objects.keys())
            .field("specs", &self.specs.keys())
            .field("secrets", &self.secrets.keys())
            .field("lists", &self.lists.keys())
            .field("nodes", &self.nodes.keys())
            .field("applied", &self.applied.keys())
            .finish_non_exhaustive()
    }
}

impl Observed {
    pub fn new(object: Value) -> Self {
        Self { object, ..Self::default() }
    }

    /// Takes in the answer to [`Query::Spec`].
    pub fn answer_spec(&mut self, target: ObjectRef, mut object: Option<Value>) {
        if let Some(fields) = object.as_mut().and_then(Value::as_object_mut) {
            fields.remove("status");
        }
        self.specs.insert(target, object);
    }
}

/// What comes from outside of the objects.
#[derive(Clone, Debug)]
pub struct Env {
    pub now: Timestamp,
}

/// Either what is still to be known, or what to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    Need(Vec<Query>),
    Do(Outcome),
}

/// The end of a round. With `again`, the shell executes and asks once more in the same pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// For the management cluster.
    pub actions: Vec<Action>,
    /// For the workload cluster whose nodes were asked for, by namespace and name of its Cluster. They are best effort: what
    /// fails is decided anew by the next pass.
    pub remote: Vec<Write>,
    pub requeue: Requeue,
    pub again: bool,
    /// Whether the actions are the topology controller's: they are written as [`crate::names::TOPOLOGY_MANAGER`].
    pub topology: bool,
}

impl Outcome {
    /// Nothing to do until something changes.
    pub fn settled() -> Self {
        Self::done(Vec::new(), Requeue::OnChange)
    }

    pub(crate) fn done(actions: Vec<Action>, requeue: Requeue) -> Self {
        Self { actions, remote: Vec::new(), requeue, again: false, topology: false }
    }

    pub(crate) fn again(actions: Vec<Action>) -> Self {
        Self { actions, remote: Vec::new(), requeue: Requeue::Backoff, again: true, topology: false }
    }
}

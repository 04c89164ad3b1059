//! What is observed: every object of the kinds that matter, kept from one stream of changes and from the answers to our own
//! writes, whichever comes first. Each change answers the keys that it concerns.

mod concern;
mod pod;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use actions::{Action, StatusPatch, Verb, Write};
use api::ObjectExt;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::{At, Kind, read};

pub(crate) use pod::{Phase, Pod};

/// A pod gets its node by one.
pub(crate) const BINDING: &str = "Binding";

/// One thing that is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// A pod gets a node.
    Schedule,
    /// A pod on a node lives.
    Run,
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    /// A Service's endpoints.
    Service,
    Claim,
    Volume,
    Budget,
}

/// More than there can be writes under way at once.
const GONE_MAX: usize = 1024;

/// What a pass is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub task: Task,
    pub at: At,
}

impl Key {
    pub(crate) fn new(task: Task, at: &At) -> Self {
        Self { task, at: at.clone() }
    }
}

/// An object's controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// `None` of a kind that nobody here looks after.
    pub(crate) kind: Option<Kind>,
    pub(crate) name: String,
    pub(crate) uid: String,
}

impl Owner {
    pub(crate) fn of(object: &Value) -> Option<Self> {
        let reference = object.owner_references().iter().find(|reference| read::flag(reference, "/controller"))?;
        Some(Self {
            kind: Kind::of_reference(read::text(reference, "/apiVersion"), read::text(reference, "/kind")),
            name: read::text(reference, "/name").into(),
            uid: read::text(reference, "/uid").into(),
        })
    }
}

/// The pods of a node.
#[derive(Debug, Default)]
struct Placed {
    all: BTreeSet<At>,
    /// Of them, those that are not over.
    living: usize,
}

/// Everything that is known.
#[derive(Debug, Default)]
pub struct World {
    objects: BTreeMap<(Kind, At), Arc<Value>>,
    pods: BTreeMap<At, Arc<Pod>>,
    /// By the uid of the controller.
    children: BTreeMap<String, BTreeSet<(Kind, At)>>,
    /// Without a controller.
    orphans: BTreeSet<(Kind, At)>,
    /// By node.
    on_node: BTreeMap<String, Placed>,
    /// Without a node.
    waiting: BTreeSet<At>,
    /// Uids of which we know that they are gone before the stream says so.
    removed: BTreeSet<String>,
    /// Uids that the stream told gone of late, oldest first: answers to our own writes may still come in.
    gone: VecDeque<String>,
}

/// Versions are numbers here: the stream and the answers to writes are told apart by them.
fn version(object: &Value) -> u64 {
    object.resource_version().and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl World {
    /// An object is there, or is otherwise than before. What is older than what is known says nothing.
    pub fn put(&mut self, kind: Kind, raw: Bytes) -> Vec<Key> {
        let Ok(mut object) = serde_json::from_slice::<Value>(&raw) else { return Vec::new() };
        // Half of an object's memory, and nobody here reads them.
        object.metadata_mut().remove("managedFields");
        let (at, new) = (At::of(&object), version(&object));
        let known = match kind {
            Kind::Pod => self.pods.get(&at).map(|pod| pod.version),
            _ => self.objects.get(&(kind, at.clone())).map(|object| version(object)),
        };
        let is_gone = |uid: &str| self.removed.contains(uid) || self.gone.iter().any(|gone| gone == uid);
        if known.is_some_and(|known| known >= new) || known.is_none() && object.uid().is_some_and(is_gone) {
            return Vec::new();
        }
        let mut keys = self.take(kind, &at);
        if kind == Kind::Pod {
            self.insert_pod(Pod::of(&object, raw));
        } else {
            self.index(kind, &at, Owner::of(&object).as_ref(), true);
            self.objects.insert((kind, at.clone()), Arc::new(object));
        }
        concern::of(self, kind, &at, &mut keys);
        keys.into_iter().collect()
    }

    /// What is about to be written to pods counts at once: the next pass must not give the same place away. A write that failed is
    /// taken back by [`World::correct`].
    pub fn assume(&mut self, actions: &[Action]) {
        for action in actions {
            let (target, patch) = match action {
                Action::Write(Write { target, verb: Verb::Merge { patch }, .. }) => (target, patch.clone()),
                Action::Write(Write { target, verb: Verb::Create { object }, .. }) if target.kind == BINDING => {
                    let node = object.pointer("/target/name");
                    let annotations = object.pointer("/metadata/annotations");
                    (target, json!({"metadata": {"annotations": annotations}, "spec": {"nodeName": node}}))
                }
                Action::Status(StatusPatch { target, patch, .. }) => (target, patch.clone()),
                Action::Write(_) | Action::Arm { .. } => continue,
            };
            if !target.group.is_empty() || ![Kind::Pod.name(), BINDING].contains(&target.kind.as_str()) {
                continue;
            }
            let at = At::new(&target.namespace, &target.name);
            let Some(pod) = self.pods.get(&at) else { continue };
            let object = machinery::patch::merge(&pod.object(), &patch);
            let raw = Bytes::from(object.to_string());
            self.take(Kind::Pod, &at);
            self.insert_pod(Pod::of(&object, raw));
        }
    }

    /// An object as it was just read, whatever was assumed of it.
    pub fn correct(&mut self, kind: Kind, at: &At, object: Option<&Value>) -> Vec<Key> {
        let keys = self.take(kind, at).into_iter();
        let read = object.map(|object| self.put(kind, Bytes::from(object.to_string()))).unwrap_or_default();
        keys.chain(read).collect()
    }

    /// An object is gone, as the stream says.
    pub fn gone(&mut self, kind: Kind, at: &At, uid: &str) -> Vec<Key> {
        self.removed.remove(uid);
        self.gone.push_back(uid.into());
        if self.gone.len() > GONE_MAX {
            self.gone.pop_front();
        }
        self.forget(kind, at, uid)
    }

    /// An object is gone, as the answer to a delete says: the stream still may tell of its last days.
    pub fn removed(&mut self, kind: Kind, at: &At, uid: &str) -> Vec<Key> {
        let keys = self.forget(kind, at, uid);
        if !keys.is_empty() {
            self.removed.insert(uid.into());
        }
        keys
    }

    fn forget(&mut self, kind: Kind, at: &At, uid: &str) -> Vec<Key> {
        let known = match kind {
            Kind::Pod => self.pods.get(at).map(|pod| pod.uid.as_str()),
            _ => self.objects.get(&(kind, at.clone())).and_then(|object| object.uid()),
        };
        if known != Some(uid) {
            return Vec::new();
        }
        let mut keys = self.take(kind, at);
        concern::of(self, kind, at, &mut keys);
        keys.into_iter().collect()
    }

    /// Every key that there is: for the first look.
    pub fn keys(&self) -> Vec<Key> {
        let mut keys = BTreeSet::new();
        for (kind, at) in self.objects.keys() {
            concern::of(self, *kind, at, &mut keys);
        }
        for at in self.pods.keys() {
            concern::of(self, Kind::Pod, at, &mut keys);
        }
        keys.into_iter().collect()
    }

    /// Takes the object out; whom it concerned as it was.
    fn take(&mut self, kind: Kind, at: &At) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        concern::of(self, kind, at, &mut keys);
        if kind == Kind::Pod {
            if let Some(pod) = self.pods.remove(at) {
                self.index(kind, at, pod.controller.as_ref(), false);
                self.waiting.remove(at);
                if let Some(placed) = self.on_node.get_mut(&pod.node) {
                    placed.all.remove(at);
                    placed.living -= usize::from(!pod.is_over());
                    if placed.all.is_empty() {
                        self.on_node.remove(&pod.node);
                    }
                }
            }
        } else if let Some(object) = self.objects.remove(&(kind, at.clone())) {
            self.index(kind, at, Owner::of(&object).as_ref(), false);
        }
        keys
    }

    fn insert_pod(&mut self, pod: Pod) {
        let at = pod.at.clone();
        self.index(Kind::Pod, &at, pod.controller.as_ref(), true);
        if pod.node.is_empty() {
            if !pod.is_over() {
                self.waiting.insert(at.clone());
            }
        } else {
            let placed = self.on_node.entry(pod.node.clone()).or_default();
            placed.all.insert(at.clone());
            placed.living += usize::from(!pod.is_over());
        }
        self.pods.insert(at, Arc::new(pod));
    }

    fn index(&mut self, kind: Kind, at: &At, owner: Option<&Owner>, there: bool) {
        let entry = (kind, at.clone());
        match (owner, there) {
            (Some(owner), true) => drop(self.children.entry(owner.uid.clone()).or_default().insert(entry)),
            (Some(owner), false) => {
                if let Some(children) = self.children.get_mut(&owner.uid) {
                    children.remove(&entry);
                    if children.is_empty() {
                        self.children.remove(&owner.uid);
                    }
                }
            }
            (None, true) => drop(self.orphans.insert(entry)),
            (None, false) => drop(self.orphans.remove(&entry)),
        }
    }

    pub(crate) fn get(&self, kind: Kind, at: &At) -> Option<&Arc<Value>> {
        self.objects.get(&(kind, at.clone()))
    }

    pub(crate) fn pod(&self, at: &At) -> Option<&Arc<Pod>> {
        self.pods.get(at)
    }

    /// In order of name; every namespace where that is empty.
    pub(crate) fn all<'a>(&'a self, kind: Kind, namespace: &'a str) -> impl Iterator<Item = &'a Arc<Value>> {
        let from = (kind, At::new(namespace, ""));
        let here = move |at: &At| namespace.is_empty() || at.namespace == namespace;
        self.objects.range(from..).take_while(move |((of, at), _)| *of == kind && here(at)).map(|(_, object)| object)
    }

    pub(crate) fn pods_in<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Arc<Pod>> {
        let from = At::new(namespace, "");
        self.pods.range(from..).take_while(move |(at, _)| at.namespace == namespace).map(|(_, pod)| pod)
    }

    pub(crate) fn children_of(&self, uid: &str, kind: Kind) -> impl Iterator<Item = &At> {
        self.children.get(uid).into_iter().flatten().filter(move |(of, _)| *of == kind).map(|(_, at)| at)
    }

    pub(crate) fn orphans(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &At> {
        let from = (kind, At::new(namespace, ""));
        self.orphans
            .range(from..)
            .take_while(move |(of, at)| *of == kind && at.namespace == namespace)
            .map(|(_, at)| at)
    }

    pub(crate) fn waiting(&self) -> impl Iterator<Item = &At> {
        self.waiting.iter()
    }

    pub(crate) fn on_node(&self, node: &str) -> impl Iterator<Item = &At> {
        self.on_node.get(node).into_iter().flat_map(|placed| &placed.all)
    }

    /// Pods that are not over.
    pub(crate) fn count_on_node(&self, node: &str) -> usize {
        self.on_node.get(node).map_or(0, |placed| placed.living)
    }
}

//! What the controllers know of every stored object: identity, owners, what holds it. Kept from the store's events, so that
//! dependents and contents are found without listing. Only says where to look: decisions are made on what is stored then.
//! Pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use jiff::Timestamp;
use serde::Deserialize;

use crate::{access::TOKEN_SECRET_TYPE, objects::Key};

/// Finalizers that stand for a propagation policy.
pub(crate) const FOREGROUND: &str = "foregroundDeletion";
pub(crate) const ORPHAN: &str = "orphan";

/// One object, as far as its life goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) group: String,
    pub(crate) plural: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) version: String,
    pub(crate) owners: Vec<Owner>,
    pub(crate) finalizers: Vec<String>,
    pub(crate) is_deleting: bool,
    /// Of an Event: when it was last written, in seconds.
    pub(crate) seen_at: Option<i64>,
    /// A Secret that is to carry the token of a service account.
    pub(crate) is_token_secret: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Owner {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) block_owner_deletion: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    metadata: Metadata,
    r#type: Option<String>,
    last_timestamp: Option<String>,
    event_time: Option<String>,
    series: Option<Series>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Series {
    last_observed_time: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    uid: String,
    resource_version: String,
    creation_timestamp: Option<String>,
    owner_references: Option<Vec<Owner>>,
    finalizers: Option<Vec<String>>,
    deletion_timestamp: Option<String>,
}

impl Node {
    /// `None` for what is no object.
    pub(crate) fn parse(key: &str, bytes: &[u8]) -> Option<Self> {
        let key = Key::parse(key)?;
        let wire: Wire = serde_json::from_slice(bytes).ok()?;
        let mut node = Self {
            group: key.group.into(),
            plural: key.plural.into(),
            namespace: key.namespace.into(),
            name: key.name.into(),
            uid: wire.metadata.uid,
            version: wire.metadata.resource_version,
            owners: wire.metadata.owner_references.unwrap_or_default(),
            finalizers: wire.metadata.finalizers.unwrap_or_default(),
            is_deleting: wire.metadata.deletion_timestamp.is_some(),
            seen_at: None,
            is_token_secret: false,
        };
        // Only of a Secret: an Event has a `type` too.
        node.is_token_secret = node.is("", "secrets") && wire.r#type.as_deref() == Some(TOKEN_SECRET_TYPE);
        if node.is("", "events") {
            let series = wire.series.and_then(|series| series.last_observed_time);
            let times = [wire.metadata.creation_timestamp, wire.last_timestamp, wire.event_time, series];
            let seconds = |text: String| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
            node.seen_at = times.into_iter().flatten().filter_map(seconds).max();
        }
        Some(node)
    }

    pub(crate) fn is(&self, group: &str, plural: &str) -> bool {
        self.group == group && self.plural == plural
    }

    pub(crate) fn has_finalizer(&self, finalizer: &str) -> bool {
        self.finalizers.iter().any(|own| own == finalizer)
    }

    /// It waits for its dependents to go first.
    pub(crate) fn is_deleting_dependents(&self) -> bool {
        self.is_deleting && self.has_finalizer(FOREGROUND)
    }

    pub(crate) fn is_orphaning(&self) -> bool {
        self.is_deleting && self.has_finalizer(ORPHAN)
    }
}

/// Every stored object, by storage key.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    nodes: BTreeMap<String, Node>,
    by_uid: BTreeMap<String, String>,
    /// Owner's uid to the keys of those who name it.
    dependents: BTreeMap<String, BTreeSet<String>>,
    contents: BTreeMap<String, BTreeSet<String>>,
    /// Events by the time that they were last written.
    events: BTreeSet<(i64, String)>,
}

impl Graph {
    /// Takes a change in and returns what was there before.
    pub(crate) fn set(&mut self, key: &str, node: Option<Node>) -> Option<Node> {
        let old = self.nodes.remove(key);
        if let Some(old) = &old {
            self.unlink(key, old);
        }
        if let Some(node) = node {
            self.link(key, &node);
            self.nodes.insert(key.to_string(), node);
        }
        old
    }

    fn link(&mut self, key: &str, node: &Node) {
        self.by_uid.insert(node.uid.clone(), key.to_string());
        for owner in &node.owners {
            self.dependents.entry(owner.uid.clone()).or_default().insert(key.to_string());
        }
        if !node.namespace.is_empty() {
            self.contents.entry(node.namespace.clone()).or_default().insert(key.to_string());
        }
        if let Some(at) = node.seen_at {
            self.events.insert((at, key.to_string()));
        }
    }

    fn unlink(&mut self, key: &str, node: &Node) {
        if self.by_uid.get(&node.uid).is_some_and(|own| own == key) {
            self.by_uid.remove(&node.uid);
        }
        for owner in &node.owners {
            take_from(&mut self.dependents, &owner.uid, key);
        }
        take_from(&mut self.contents, &node.namespace, key);
        if let Some(at) = node.seen_at {
            self.events.remove(&(at, key.to_string()));
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.nodes.get(key)
    }

    pub(crate) fn key_of(&self, uid: &str) -> Option<&str> {
        self.by_uid.get(uid).map(String::as_str)
    }

    pub(crate) fn dependents<'a>(&'a self, uid: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let keys = self.dependents.get(uid).into_iter().flatten();
        keys.filter_map(|key| Some((key.as_str(), self.nodes.get(key)?)))
    }

    /// What is in a namespace.
    pub(crate) fn contents<'a>(&'a self, namespace: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let keys = self.contents.get(namespace).into_iter().flatten();
        keys.filter_map(|key| Some((key.as_str(), self.nodes.get(key)?)))
    }

    /// What has a prefix: every object of a resource.
    pub(crate) fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let from = (Bound::Included(prefix.to_string()), Bound::Unbounded);
        let all = self.nodes.range(from).map(|(key, node)| (key.as_str(), node));
        all.take_while(move |(key, _)| key.starts_with(prefix))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(key, node)| (key.as_str(), node))
    }

    /// Events that were last written before that second.
    pub(crate) fn events_before(&self, second: i64) -> impl Iterator<Item = &str> {
        self.events.iter().take_while(move |(at, _)| *at < second).map(|(_, key)| key.as_str())
    }
}

fn take_from(index: &mut BTreeMap<String, BTreeSet<String>>, entry: &str, key: &str) {
    if let Some(keys) = index.get_mut(entry) {
        keys.remove(key);
        if keys.is_empty() {
            index.remove(entry);
        }
    }
}

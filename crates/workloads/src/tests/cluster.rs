//! A cluster in memory, with just enough of an API server: names, versions, merges, graceful deletion of pods, and the garbage
//! collector. Time stands still while there is work, and then moves to the next timer.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use actions::{Action, Requeue, Verb, Write};
use api::ObjectExt;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{At, Env, Key, Kind, World, decide, world::BINDING};

const CLUSTER_SCOPED: [Kind; 3] = [Kind::Node, Kind::PersistentVolume, Kind::StorageClass];

pub(super) struct Cluster {
    pub(super) now: Timestamp,
    pub(super) writes: usize,
    /// Since the last look at silence.
    log: Vec<Action>,
    world: World,
    objects: BTreeMap<(Kind, At), Value>,
    ready: BTreeSet<Key>,
    timers: BTreeSet<(Timestamp, Key)>,
    count: u64,
}

impl Cluster {
    /// With so many nodes.
    pub(super) fn new(nodes: usize) -> Self {
        let mut cluster = Self {
            now: "2025-01-02T03:04:05Z".parse().unwrap(),
            writes: 0,
            log: Vec::new(),
            world: World::default(),
            objects: BTreeMap::new(),
            ready: BTreeSet::new(),
            timers: BTreeSet::new(),
            count: 0,
        };
        for index in 0..nodes {
            cluster.node(&format!("node-{index}"), json!({}));
        }
        cluster
    }

    pub(super) fn node(&mut self, name: &str, spec: Value) {
        let place = self.objects.keys().filter(|(kind, _)| *kind == Kind::Node).count();
        self.create(
            Kind::Node,
            json!({
                "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
                "spec": spec,
                "status": {
                    "allocatable": {"pods": "110"},
                    "addresses": [{"type": "InternalIP", "address": format!("10.224.0.{}", 4 + place)}],
                },
            }),
        );
    }

    pub(super) fn create(&mut self, kind: Kind, mut object: Value) {
        self.count += 1;
        if object.name().is_none() {
            let prefix = object["metadata"]["generateName"].as_str().unwrap().to_owned();
            object["metadata"]["name"] = format!("{prefix}{:05}", self.count).into();
        }
        if !CLUSTER_SCOPED.contains(&kind) && object.namespace().is_none() {
            object["metadata"]["namespace"] = "default".into();
        }
        let at = At::of(&object);
        assert!(!self.objects.contains_key(&(kind, at.clone())), "{at:?} exists");
        object["metadata"]["uid"] = format!("uid-{}", self.count).into();
        object["metadata"]["generation"] = 1.into();
        object["metadata"]["creationTimestamp"] = api::env::rfc3339(self.now).into();
        if kind == Kind::Pod && object.get("status").is_none() {
            object["status"] = json!({"phase": "Pending"});
            if object["spec"]["restartPolicy"].is_null() {
                object["spec"]["restartPolicy"] = "Always".into();
            }
        }
        self.store(kind, object);
    }

    fn store(&mut self, kind: Kind, mut object: Value) {
        self.count += 1;
        if kind == Kind::ControllerRevision {
            // As the API server keeps them.
            object = crate::read::without_nulls(object);
        }
        object["apiVersion"] = kind.api_version().into();
        object["kind"] = kind.name().into();
        object["metadata"]["resourceVersion"] = self.count.to_string().into();
        let keys = self.world.put(kind, Bytes::from(object.to_string()));
        self.ready.extend(keys);
        self.objects.insert((kind, At::of(&object)), object);
    }

    pub(super) fn get(&self, kind: Kind, name: &str) -> Option<&Value> {
        let namespace = if CLUSTER_SCOPED.contains(&kind) { "" } else { "default" };
        self.objects.get(&(kind, At::new(namespace, name)))
    }

    pub(super) fn all(&self, kind: Kind) -> Vec<&Value> {
        self.objects.iter().filter(|((of, _), _)| *of == kind).map(|(_, object)| object).collect()
    }

    /// As a user edits an object.
    pub(super) fn edit(&mut self, kind: Kind, name: &str, patch: &Value) {
        let object = self.get(kind, name).unwrap_or_else(|| panic!("no {name}")).clone();
        self.change(kind, &object, patch);
    }

    fn change(&mut self, kind: Kind, object: &Value, patch: &Value) {
        let mut new = machinery::patch::merge(object, patch);
        if new == *object {
            return;
        }
        if new["spec"] != object["spec"] && kind != Kind::Pod {
            new["metadata"]["generation"] = (object.generation() + 1).into();
        }
        let free = new.deletion_timestamp().is_some() && new.finalizers().is_empty() && kind != Kind::Pod;
        let at = At::of(&new);
        self.store(kind, new);
        if free {
            self.remove(kind, &at);
        }
    }

    pub(super) fn delete(&mut self, kind: Kind, name: &str) {
        let namespace = if CLUSTER_SCOPED.contains(&kind) { "" } else { "default" };
        self.remove(kind, &At::new(namespace, name));
    }

    fn remove(&mut self, kind: Kind, at: &At) {
        let Some(mut object) = self.objects.get(&(kind, at.clone())).cloned() else { return };
        let bound = !object["spec"]["nodeName"].is_null();
        let over = matches!(object["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
        if kind == Kind::Pod && bound && !over {
            if object.deletion_timestamp().is_none() {
                let end = self.now.checked_add(SignedDuration::from_secs(30)).unwrap();
                object["metadata"]["deletionTimestamp"] = api::env::rfc3339(end).into();
                object["metadata"]["deletionGracePeriodSeconds"] = 30.into();
                self.store(kind, object);
            }
            return;
        }
        if !object.finalizers().is_empty() {
            if object.deletion_timestamp().is_none() {
                object["metadata"]["deletionTimestamp"] = api::env::rfc3339(self.now).into();
                self.store(kind, object);
            }
            return;
        }
        self.objects.remove(&(kind, at.clone()));
        let uid = object.uid().unwrap().to_owned();
        let keys = self.world.gone(kind, at, &uid);
        self.ready.extend(keys);
        let owned = |object: &&Value| object.owner_references().iter().any(|owner| owner["uid"] == uid.as_str());
        let children: Vec<(Kind, At)> =
            self.objects.iter().filter(|(_, object)| owned(object)).map(|(key, _)| key.clone()).collect();
        for (kind, at) in children {
            self.remove(kind, &at);
        }
    }

    /// One pass of everything that is due; whether there was anything.
    pub(super) fn step(&mut self) -> bool {
        while let Some((at, key)) = self.timers.first().cloned().filter(|(at, _)| *at <= self.now) {
            self.timers.remove(&(at, key.clone()));
            self.ready.insert(key);
        }
        let keys = std::mem::take(&mut self.ready);
        for key in &keys {
            let outcome = decide(&self.world, key, &Env { now: self.now });
            self.world.assume(&outcome.actions);
            self.timers.retain(|(_, timed)| timed != key);
            if let Requeue::After(pause) = outcome.requeue {
                self.timers.insert((self.now.checked_add(pause).unwrap(), key.clone()));
            }
            for action in outcome.actions {
                self.writes += 1;
                self.log.push(action.clone());
                self.execute(action);
            }
        }
        !keys.is_empty()
    }

    fn execute(&mut self, action: Action) {
        let (target, verb) = match action {
            Action::Write(Write { target, verb, .. }) => (target, verb),
            Action::Status(status) => (status.target, Verb::Merge { patch: status.patch }),
            Action::Arm { .. } => unreachable!(),
        };
        let at = At::new(&target.namespace, &target.name);
        if target.kind == BINDING {
            let Verb::Create { object } = verb else { unreachable!() };
            let pod = self.objects[&(Kind::Pod, at)].clone();
            let patch = json!({"metadata": {"annotations": object["metadata"]["annotations"]}, "spec": {"nodeName": object["target"]["name"]}});
            return self.change(Kind::Pod, &pod, &patch);
        }
        let kind = Kind::of_object(&target.group, &target.kind).unwrap();
        match verb {
            Verb::Create { object } => self.create(kind, object),
            Verb::Merge { mut patch } => {
                let Some(object) = self.objects.get(&(kind, at)).cloned() else { return };
                let metadata = patch["metadata"].as_object_mut().unwrap();
                assert_eq!(metadata.get("uid"), object["metadata"].get("uid"));
                metadata.remove("resourceVersion");
                self.change(kind, &object, &patch);
            }
            Verb::Delete { uid, .. } => {
                if self.objects.get(&(kind, at.clone())).is_some_and(|object| object.uid() == Some(&uid)) {
                    self.remove(kind, &at);
                }
            }
            Verb::Apply { .. } => unreachable!(),
        }
    }

    /// Works until nothing is due within the time.
    pub(super) fn run(&mut self, secs: i64) {
        let end = self.now.checked_add(SignedDuration::from_secs(secs)).unwrap();
        for _ in 0..100_000 {
            if self.step() {
                continue;
            }
            match self.timers.first() {
                Some((at, _)) if *at <= end => self.now = (*at).max(self.now),
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("it does not converge");
    }

    /// Nothing is written any more, not even when everything is looked at again.
    pub(super) fn silent(&mut self) {
        let before = self.writes;
        self.log.clear();
        self.ready.extend(self.world.keys());
        self.run(0);
        assert_eq!(self.writes, before, "something is written though nothing changed: {:?}", self.log);
    }

    pub(super) fn timers(&self) -> Vec<Duration> {
        let after = |at: Timestamp| Duration::try_from(at.duration_since(self.now)).unwrap_or_default();
        self.timers.iter().map(|(at, _)| after(*at)).collect()
    }

    /// `NAME PHASE ready` of each pod, in order of name.
    pub(super) fn pods(&self) -> String {
        let line = |pod: &&Value| {
            let ready = crate::read::condition(pod, "Ready").is_some_and(|ready| ready["status"] == "True");
            let leaving = if pod.deletion_timestamp().is_some() { " leaving" } else { "" };
            let phase = pod["status"]["phase"].as_str().unwrap();
            format!("{} {phase}{}{leaving}\n", pod.name().unwrap(), if ready { " ready" } else { "" })
        };
        self.all(Kind::Pod).iter().map(line).collect()
    }
}

pub(super) fn template(image: &str) -> Value {
    json!({
        "metadata": {"creationTimestamp": null, "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": image}], "restartPolicy": "Always"},
    })
}

//! A management cluster in memory, with just enough of an API server: merges, server-side apply, finalizers, generations.

use std::collections::BTreeMap;

use actions::{Action, Requeue, Verb, Write};
use api::{
    ObjectExt, Redacted,
    names::{ObjectRef, split_api_version},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::{Decision, Env, Observed, Query, decide, names};

type Key = (String, String, String);

pub(super) struct World {
    pub(super) objects: BTreeMap<Key, Value>,
    /// What was applied last, so that a field that is applied no more goes.
    applied: BTreeMap<Key, Value>,
    /// The nodes of the one workload cluster.
    pub(super) nodes: Result<Vec<Value>, String>,
    pub(super) now: Timestamp,
    /// Applies of that kind are refused with that message.
    pub(super) refuse: Option<(&'static str, &'static str)>,
    pub(super) requeues: BTreeMap<Key, Requeue>,
    log: Vec<String>,
    version: u64,
}

fn key_of(target: &ObjectRef) -> Key {
    (target.group.clone(), target.kind.clone(), target.name.clone())
}

pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let map = target.as_object_mut().unwrap();
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// What stood in `old` and not in `new` goes from `live`.
fn drop_unapplied(live: &mut Value, old: &Value, new: &Value) {
    let Some(old) = old.as_object() else { return };
    for (key, value) in old {
        match new.get(key) {
            None => {
                if let Some(map) = live.as_object_mut() {
                    map.remove(key);
                }
            }
            Some(new) => {
                if let Some(live) = live.get_mut(key) {
                    drop_unapplied(live, value, new);
                }
            }
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            applied: BTreeMap::new(),
            nodes: Err("Secret ns/dev-kubeconfig does not exist yet".into()),
            now: "2025-01-02T03:04:05Z".parse().unwrap(),
            refuse: None,
            requeues: BTreeMap::new(),
            log: Vec::new(),
            version: 0,
        }
    }

    /// An Application's objects as the workshop's chart makes them, with one pool.
    pub(super) fn with_cluster() -> Self {
        let mut world = Self::new();
        for object in sample() {
            world.put(object);
        }
        world
    }

    /// As [`Self::with_cluster`], after Azure has made everything.
    pub(super) fn provisioned() -> Self {
        let mut world = Self::with_cluster();
        world.settle();
        world.azure_makes_everything();
        world.settle();
        // The profiles are no more applied: ASO settles that too.
        world.aso("ManagedCluster", "dev", json!({}));
        world.settle();
        world.take_log();
        world
    }

    pub(super) fn azure_makes_everything(&mut self) {
        self.aso("ResourceGroup", "dev", json!({}));
        self.aso(
            "ManagedCluster",
            "dev",
            json!({
                "agentPoolProfiles": [{"name": "pool0"}], "currentKubernetesVersion": "1.30.10",
                "fqdn": "dev-x.hcp.westeurope.azmk8s.io", "nodeResourceGroup": "MC_dev_dev_westeurope",
            }),
        );
        self.aso("ManagedClustersAgentPool", "dev-pool0", json!({"count": 2}));
        self.aso_exports_the_kubeconfig();
        self.nodes = Ok(vec![node(0), node(1)]);
    }

    pub(super) fn aso_exports_the_kubeconfig(&mut self) {
        if self.find("Secret", "dev-kubeconfig").is_null() {
            self.put(json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "dev-kubeconfig"}, "data": {"value": "a3ViZQ=="},
            }));
        }
    }

    pub(super) fn put(&mut self, mut object: Value) {
        self.version += 1;
        let version = self.version;
        let metadata = object.metadata_mut();
        metadata.entry("uid").or_insert_with(|| json!(format!("uid-{version}")));
        metadata.insert("namespace".into(), json!("ns"));
        metadata.insert("resourceVersion".into(), json!(version.to_string()));
        metadata.entry("generation").or_insert_with(|| json!(1));
        let target = ObjectRef::of(&object).unwrap();
        self.objects.insert(key_of(&target), object);
    }

    pub(super) fn find(&self, kind: &str, name: &str) -> &Value {
        let found = self.objects.iter().find(|((_, its_kind, its_name), _)| its_kind == kind && its_name == name);
        found.map_or(&Value::Null, |(_, object)| object)
    }

    pub(super) fn edit(&mut self, kind: &str, name: &str, patch: &Value) {
        let mut object = self.find(kind, name).clone();
        self.version += 1;
        let before = object["spec"].clone();
        merge(&mut object, patch);
        if object["spec"] != before {
            let generation = object.generation() + 1;
            object.metadata_mut().insert("generation".into(), json!(generation));
        }
        object.metadata_mut().insert("resourceVersion".into(), json!(self.version.to_string()));
        let target = ObjectRef::of(&object).unwrap();
        let gone = object.deletion_timestamp().is_some() && object.finalizers().is_empty();
        if gone {
            self.objects.remove(&key_of(&target));
            self.applied.remove(&key_of(&target));
        } else {
            self.objects.insert(key_of(&target), object);
        }
    }

    pub(super) fn delete(&mut self, kind: &str, name: &str) {
        if self.find(kind, name).is_object() {
            let at = api::env::rfc3339(self.now);
            self.edit(kind, name, &json!({"metadata": {"deletionTimestamp": at}}));
        }
    }

    /// ASO has brought the object to Azure, with that status.
    pub(super) fn aso(&mut self, kind: &str, name: &str, status: Value) {
        let generation = self.find(kind, name).generation();
        let ready = json!({"type": "Ready", "status": "True", "reason": "Succeeded", "observedGeneration": generation});
        let annotations = json!({names::RESOURCE_ID: format!("/{name}")});
        let metadata = json!({"finalizers": ["serviceoperator.azure.com/finalizer"], "annotations": annotations});
        let mut patch = json!({"metadata": metadata, "status": status});
        patch["status"]["conditions"] = json!([ready]);
        self.edit(kind, name, &patch);
    }

    /// Azure refused the object.
    pub(super) fn aso_fails(&mut self, kind: &str, name: &str, severity: &str, reason: &str, message: &str) {
        let generation = self.find(kind, name).generation();
        let ready = json!({"type": "Ready", "status": "False", "severity": severity, "reason": reason, "message": message, "observedGeneration": generation});
        self.edit(kind, name, &json!({"metadata": {"finalizers": ["aso"]}, "status": {"conditions": [ready]}}));
    }

    /// The applies and deletions since the last look, each object's name once, without bodies.
    pub(super) fn take_writes(&mut self) -> String {
        let log = self.take_log();
        let lines = log.lines().filter(|line| line.starts_with("apply") || line.starts_with("delete"));
        let short = lines.map(|line| line.split(" {").next().unwrap_or_default());
        short.collect::<Vec<_>>().join("\n") + "\n"
    }

    pub(super) fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// Every object of ours has its passes, until a whole sweep writes nothing.
    pub(super) fn settle(&mut self) {
        for _ in 0..40 {
            let before = self.log.len();
            let keys: Vec<Key> = self.objects.keys().cloned().collect();
            for key in keys {
                let groups = [names::CORE_GROUP, names::INFRASTRUCTURE_GROUP, names::CONTAINERSERVICE_GROUP];
                let ours = groups.into_iter().chain([names::BOOTSTRAP_GROUP]).collect::<Vec<_>>();
                if ours.contains(&key.0.as_str()) && self.objects.contains_key(&key) {
                    self.pass(&key);
                }
            }
            if self.log.len() == before {
                return;
            }
        }
        panic!("no silence:\n{}", self.log.join("\n"));
    }

    fn pass(&mut self, key: &Key) {
        let mut observed = Observed::new(self.objects[key].clone());
        let env = Env { now: self.now };
        for _ in 0..60 {
            match decide(&observed, &env) {
                Decision::Need(queries) => queries.into_iter().for_each(|query| self.answer(&mut observed, query)),
                Decision::Do(outcome) => {
                    for write in &outcome.remote {
                        self.log.push(format!("node {}", shown(write)));
                        if let (Verb::Merge { patch }, Ok(nodes)) = (&write.verb, &mut self.nodes) {
                            let node = nodes.iter_mut().find(|node| node.name() == Some(&write.target.name));
                            merge(node.unwrap(), patch);
                        } else if let Ok(nodes) = &mut self.nodes {
                            nodes.retain(|node| node.name() != Some(&write.target.name));
                        }
                    }
                    outcome.actions.iter().for_each(|action| self.execute(&mut observed, action));
                    if !outcome.again {
                        self.requeues.insert(key.clone(), outcome.requeue);
                        return;
                    }
                }
            }
        }
        panic!("no decision about {key:?}:\n{}", self.log.join("\n"));
    }

    fn get(&self, target: &ObjectRef) -> Option<Value> {
        let mut object = self.objects.get(&key_of(target)).cloned()?;
        object["apiVersion"] = json!(target.gvk().api_version());
        Some(object)
    }

    fn answer(&self, observed: &mut Observed, query: Query) {
        match query {
            Query::Object(target) => {
                let answer = self.get(&target);
                observed.objects.insert(target, answer);
            }
            Query::Spec(target) => {
                let answer = self.get(&target);
                observed.answer_spec(target, answer);
            }
            Query::Secret { namespace, name } => {
                let secret = self.objects.get(&(String::new(), "Secret".into(), name.clone())).cloned();
                observed.secrets.insert((namespace, name), secret.map(Redacted::new));
            }
            Query::List { gvk, namespace, cluster } => {
                let all = self.objects.iter().filter(|((group, kind, _), _)| (group, kind) == (&gvk.group, &gvk.kind));
                let list = all.map(|(_, object)| object.clone());
                let list = list.filter(|object| object.label(names::CLUSTER_NAME_LABEL) == Some(&cluster)).collect();
                observed.lists.insert((gvk, namespace, cluster), list);
            }
            Query::Definition(name) => {
                static CRDS: std::sync::LazyLock<Vec<Value>> = std::sync::LazyLock::new(crate::crds);
                let crd = CRDS.iter().find(|crd| crd.name() == Some(&name));
                let labels = crd.map(|crd| serde_json::from_value(crd["metadata"]["labels"].clone()).unwrap());
                observed.definitions.insert(name, labels);
            }
            Query::Nodes { namespace, cluster } => {
                observed.nodes.insert((namespace, cluster), self.nodes.clone());
            }
        }
    }

    fn execute(&mut self, observed: &mut Observed, action: &Action) {
        let (target, line) = match action {
            Action::Write(write) => (write.target.clone(), shown(write)),
            Action::Status(status) => (status.target.clone(), status_line(&status.target, &status.patch["status"])),
            Action::Arm { .. } => panic!("no Azure here"),
        };
        let before = self.get(&target);
        match action {
            Action::Status(status) => self.edit(&target.kind, &target.name, &status.patch),
            Action::Write(write) => match &write.verb {
                Verb::Apply { object, .. } => {
                    if let Some((_, message)) = self.refuse.filter(|(kind, _)| *kind == target.kind) {
                        observed.applied.insert(target, Err(message.into()));
                        return;
                    }
                    self.apply(&target, object);
                }
                Verb::Create { object } => self.put(object.clone()),
                Verb::Merge { patch } => {
                    let wanted = patch.pointer("/metadata/resourceVersion");
                    let known = before.as_ref().and_then(|object| object.pointer("/metadata/resourceVersion"));
                    assert!(wanted.is_none() || wanted == known, "a conflict with oneself: {line}");
                    self.edit(&target.kind, &target.name, patch);
                }
                Verb::Delete { .. } => self.delete(&target.kind, &target.name),
            },
            Action::Arm { .. } => {}
        }
        let now = self.get(&target);
        let same = |a: &Option<Value>, b: &Option<Value>| {
            let strip = |object: &Option<Value>| {
                let mut object = object.clone().unwrap_or_default();
                object.metadata_mut().remove("resourceVersion");
                object
            };
            strip(a) == strip(b)
        };
        if same(&before, &now) {
            assert!(line.starts_with("apply"), "a write that changes nothing: {line}");
            if let (Some(key), Some(before)) = (now.as_ref().and_then(ObjectRef::of), before) {
                self.objects.insert(key_of(&key), before);
            }
        } else {
            self.log.push(line);
        }
        self.learn(observed, action, &target);
    }

    fn learn(&self, observed: &mut Observed, action: &Action, target: &ObjectRef) {
        let Some(now) = self.get(target) else {
            observed.objects.remove(target);
            observed.specs.remove(target);
            return;
        };
        let applied = matches!(action, Action::Write(Write { verb: Verb::Apply { .. } | Verb::Create { .. }, .. }));
        if applied || observed.applied.contains_key(target) {
            observed.applied.insert(target.clone(), Ok(now.clone()));
        }
        if ObjectRef::of(&observed.object).is_some_and(|own| key_of(&own) == key_of(target)) {
            observed.object = now;
            return;
        }
        if let Action::Write(Write { verb: Verb::Delete { .. }, .. }) = action {
            observed.objects.remove(target);
            observed.specs.remove(target);
        } else {
            if observed.specs.contains_key(target) {
                observed.answer_spec(target.clone(), Some(now.clone()));
            }
            observed.objects.insert(target.clone(), Some(now));
        }
        observed.lists.clear();
        observed.secrets.clear();
    }

    fn apply(&mut self, target: &ObjectRef, object: &Value) {
        if !self.objects.contains_key(&key_of(target)) {
            self.put(object.clone());
        } else {
            let old = self.applied.get(&key_of(target)).cloned().unwrap_or_default();
            let mut live = self.objects[&key_of(target)].clone();
            drop_unapplied(&mut live, &old, object);
            merge(&mut live, object);
            if live != self.objects[&key_of(target)] {
                let before = self.objects[&key_of(target)]["spec"].clone();
                if live["spec"] != before {
                    let generation = live.generation() + 1;
                    live.metadata_mut().insert("generation".into(), json!(generation));
                }
                self.put(live);
            }
        }
        if object.label(names::TOPOLOGY_OWNED_LABEL).is_some() {
            let fields = owned(&json!({"metadata": object["metadata"], "spec": object["spec"]}));
            let entry = json!({"manager": names::TOPOLOGY_MANAGER, "operation": "Apply", "fieldsV1": fields});
            let live = self.objects.get_mut(&key_of(target)).unwrap();
            live.metadata_mut().insert("managedFields".into(), json!([entry]));
        }
        self.applied.insert(key_of(target), object.clone());
    }

    /// What was written since the last look.
    pub(super) fn take_log(&mut self) -> String {
        std::mem::take(&mut self.log).join("\n") + "\n"
    }

    /// The conditions of an object, one a line, with its phase.
    pub(super) fn conditions(&self, kind: &str, name: &str) -> String {
        let object = self.find(kind, name);
        let mut text = object.pointer("/status/phase").and_then(Value::as_str).unwrap_or_default().to_string();
        for at in ["/status/conditions", "/status/v1beta2/conditions"] {
            for each in object.pointer(at).and_then(Value::as_array).into_iter().flatten() {
                text += &format!("\n{}", condition(each));
            }
        }
        text.trim_start().to_string() + "\n"
    }
}

/// The fields of an applied object, as managedFields say them. Lists are whole, but for owners.
fn owned(value: &Value) -> Value {
    let Some(map) = value.as_object() else { return json!({}) };
    let fields =
        map.iter().filter(|(key, _)| !["name", "namespace"].contains(&key.as_str()) || !map.contains_key("labels"));
    let fields = fields.map(|(key, value)| {
        let inner = match (key.as_str(), value) {
            ("ownerReferences", Value::Array(owners)) => {
                let of = |owner: &Value| (format!("k:{}", json!({"uid": owner["uid"]})), owned(owner));
                Value::Object(owners.iter().map(of).collect())
            }
            _ => owned(value),
        };
        (format!("f:{key}"), inner)
    });
    Value::Object(fields.collect())
}

fn condition(each: &Value) -> String {
    let parts = ["severity", "reason", "message"].map(|field| each[field].as_str().unwrap_or_default());
    let [severity, reason, message] = parts;
    let text = format!(
        "{}={} {severity} {reason}: {message}",
        each["type"].as_str().unwrap_or_default(),
        each["status"].as_str().unwrap_or_default()
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches([' ', ':']).to_string()
}

fn shown(write: &Write) -> String {
    let target = format!("{}/{}", write.target.kind, write.target.name);
    let without_version = |patch: &Value| {
        let mut patch = patch.clone();
        if let Some(metadata) = patch.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("resourceVersion");
        }
        patch
    };
    match &write.verb {
        Verb::Apply { object, force } => {
            let force = if *force { "" } else { " without force" };
            format!(
                "apply{force} {target} {}",
                json!({"metadata": object["metadata"], "spec": object["spec"], "data": object["data"]})
            )
        }
        Verb::Create { object } => format!("create {target} {object}"),
        Verb::Merge { patch } => format!("merge {target} {}", without_version(patch)),
        Verb::Delete { .. } => format!("delete {target}"),
    }
}

fn status_line(target: &ObjectRef, patch: &Value) -> String {
    let mut fields: Map<String, Value> = patch.as_object().cloned().unwrap_or_default();
    fields.remove("observedGeneration");
    let mut lines = String::new();
    let next = fields.remove("v1beta2").and_then(|next| next["conditions"].as_array().cloned());
    let conditions = fields.remove("conditions").and_then(|list| list.as_array().cloned());
    for each in conditions.into_iter().chain(next).flatten() {
        lines += &format!("\n    {}", condition(&each));
    }
    format!("status {}/{} {}{lines}", target.kind, target.name, Value::Object(fields))
}

pub(super) fn node(index: u32) -> Value {
    let id = format!(
        "azure:///subscriptions/s/resourceGroups/MC_dev_dev_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool0-1-vmss/virtualMachines/{index}"
    );
    node_of(&format!("aks-pool0-1-vmss00000{index}"), "pool0", "MC_dev_dev_westeurope", &id)
}

/// A node that is ready, as AKS labels it.
pub(super) fn node_of(name: &str, pool: &str, group: &str, id: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "uid": format!("uid-of-{name}"),
            "labels": {"kubernetes.azure.com/agentpool": pool, "kubernetes.azure.com/cluster": group},
        },
        "spec": {"providerID": id},
        "status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2025-01-02T03:04:05Z"}]},
    })
}

fn sample() -> Vec<Value> {
    let infrastructure = |kind: &str, name: &str, spec: Value| json!({"apiVersion": names::INFRASTRUCTURE_API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec});
    let reference = |kind: &str, name: &str| json!({"apiVersion": "infrastructure.cluster.x-k8s.io/v1alpha1", "kind": kind, "name": name});
    let annotations = json!({"serviceoperator.azure.com/credential-from": "aso-credentials"});
    let group = json!({
        "apiVersion": "resources.azure.com/v1api20200601", "kind": "ResourceGroup",
        "metadata": {"name": "dev", "annotations": annotations}, "spec": {"location": "westeurope"},
    });
    let managed_cluster = json!({
        "apiVersion": "containerservice.azure.com/v1api20231001", "kind": "ManagedCluster",
        "metadata": {"name": "dev", "annotations": annotations},
        "spec": {"owner": {"name": "dev"}, "dnsPrefix": "dev", "location": "westeurope"},
    });
    let agent_pool = json!({
        "apiVersion": "containerservice.azure.com/v1api20231001", "kind": "ManagedClustersAgentPool",
        "metadata": {"name": "dev-pool0", "annotations": annotations},
        "spec": {"azureName": "pool0", "owner": {"name": "dev"}, "mode": "System", "vmSize": "Standard_DS2_v2"},
    });
    let core = |kind: &str, name: &str, spec: Value| json!({"apiVersion": names::CORE_API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec});
    let template = json!({"spec": {
        "bootstrap": {"dataSecretName": ""}, "clusterName": "dev", "version": "v1.30.10",
        "infrastructureRef": reference(names::MACHINE_POOL, "dev-pool0"), "nodeDeletionTimeout": "10s",
    }});
    vec![
        core(
            "Cluster",
            "dev",
            json!({
                "controlPlaneRef": reference(names::CONTROL_PLANE, "dev"),
                "infrastructureRef": reference(names::MANAGED_CLUSTER, "dev"),
            }),
        ),
        infrastructure(names::MANAGED_CLUSTER, "dev", json!({"resources": [group]})),
        infrastructure(names::CONTROL_PLANE, "dev", json!({"version": "v1.30.10", "resources": [managed_cluster]})),
        core(
            "MachinePool",
            "dev-pool0",
            json!({"clusterName": "dev", "replicas": 2, "minReadySeconds": 0, "template": template}),
        ),
        infrastructure(names::MACHINE_POOL, "dev-pool0", json!({"resources": [agent_pool]})),
    ]
}

/// The kind and name of an object, and its place in the world.
pub(super) fn place(api_version: &str, kind: &str, name: &str) -> Key {
    (split_api_version(api_version).0.to_string(), kind.to_string(), name.to_string())
}

//! What happens to one key: observe what is stored, let a pure `decide` say what to do, do it. No rule of any controller is in
//! here.

use std::sync::Arc;

use api::{ObjectExt, names::split_api_version, status::Status};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{
    EVENT_SECS,
    collect::{self, Action, Dependent, State},
    definition,
    graph::{Graph, Node, Owner},
    namespace,
    queue::Work,
    secret,
};
use crate::{
    Objects, Resource,
    access::{self, rbac},
    admit::{DeleteOptions, Operation, Propagation, Request},
    crd,
    objects::{Key, ROOT, failed},
};

/// Keys that are worked on at the same time: commits of a batch share the store's fsync.
pub(super) const PARALLEL: usize = 32;
pub(super) const SERVICE_ACCOUNT: &str = "default";
pub(super) const ROOT_CA: &str = "kube-root-ca.crt";

/// The stored objects, and where to look among them.
pub(super) struct Cluster {
    pub(super) objects: Objects,
    pub(super) graph: Graph,
}

impl Cluster {
    pub(super) async fn perform(&self, work: &Work) -> Result<(), Status> {
        match work {
            Work::Collect(key) => self.collect_one(key).await,
            Work::Namespace(name) => self.namespace(name).await,
            Work::Definition(name) => self.definition(name).await,
            Work::Defaults(namespace) => self.defaults(namespace).await,
            Work::TokenSecret(key) => self.token_secret(key).await,
            Work::AggregatedRoles => self.aggregated_roles().await,
            Work::Events => self.events().await,
        }
    }

    /// One object, as it is stored now.
    fn live(&self, key: &str) -> Option<Node> {
        let stored = self.objects.space().get(key)?;
        let mut node = Node::parse(key, &stored.value)?;
        node.version = stored.revision.0.to_string();
        Some(node)
    }

    async fn collect_one(&self, key: &str) -> Result<(), Status> {
        let Some(object) = self.live(key) else { return Ok(()) };
        let owners = object.owners.iter().map(|owner| self.state(owner, &object.namespace)).collect();
        let dependents: Vec<Dependent> = self
            .graph
            .dependents(&object.uid)
            .filter_map(|(key, _)| Some((key, self.live(key)?)))
            .filter(|(_, node)| node.owners.iter().any(|owner| owner.uid == object.uid))
            .map(|(key, node)| Dependent::new(key, &node, &object.uid))
            .collect();
        let observed = collect::Observed { object, owners, dependents };
        for action in collect::decide(&observed) {
            self.execute(&observed.object, action).await?;
        }
        Ok(())
    }

    /// Where an owner that is named by an object of that namespace stands.
    fn state(&self, owner: &Owner, namespace: &str) -> State {
        let (group, version) = split_api_version(&owner.api_version);
        let Some(resource) = self.objects.registry().by_kind(group, version, &owner.kind) else {
            return State::Unknown;
        };
        if !resource.is_stored() || (resource.namespaced && namespace.is_empty()) {
            return State::Unknown;
        }
        let namespace = if resource.namespaced { namespace } else { "" };
        match self.live(&resource.key(namespace, &owner.name)) {
            Some(node) if node.uid != owner.uid => State::Absent,
            Some(node) if node.is_deleting_dependents() => State::Waiting,
            Some(_) => State::Solid,
            None => State::Absent,
        }
    }

    async fn execute(&self, object: &Node, action: Action) -> Result<(), Status> {
        match action {
            Action::Delete(propagation) => {
                let version = Some(object.version.clone());
                self.delete(object, version, Some(propagation)).await
            }
            Action::ForgetOwners(uids) => {
                self.modify(object, |live| retain_owners(live, |uid| !uids.iter().any(|gone| gone == uid))).await
            }
            Action::Unblock => {
                self.modify(object, |live| {
                    let owners = live.metadata_mut().get_mut("ownerReferences").and_then(Value::as_array_mut);
                    for owner in owners.into_iter().flatten() {
                        if owner.get("blockOwnerDeletion").is_some() {
                            owner["blockOwnerDeletion"] = json!(false);
                        }
                    }
                })
                .await
            }
            Action::RemoveFinalizer(finalizer) => {
                self.modify(object, |live| retain_finalizers(live, |own| own != finalizer)).await
            }
            Action::Orphan(key) => {
                let Some(dependent) = self.live(&key) else { return Ok(()) };
                self.modify(&dependent, |live| retain_owners(live, |uid| uid != object.uid)).await
            }
        }
    }

    fn resource_of(&self, node: &Node) -> Result<Arc<Resource>, Status> {
        self.objects.resource(&node.group, "", &node.plural).ok_or_else(|| {
            let why = format!("{}.{} is not served, {:?} cannot be changed", node.plural, node.group, node.name);
            Status::internal(why)
        })
    }

    /// Changes the object when it still has that uid.
    async fn modify(&self, node: &Node, mut change: impl FnMut(&mut Value) + Send) -> Result<(), Status> {
        let resource = self.resource_of(node)?;
        let change = |live: &mut Value| {
            if live.uid() == Some(&node.uid) {
                change(live);
            }
        };
        self.objects.modify(&resource, "", &node.namespace, &node.name, change).await.map(|_| ())
    }

    async fn delete(
        &self,
        node: &Node,
        version: Option<String>,
        propagation: Option<Propagation>,
    ) -> Result<(), Status> {
        let resource = self.resource_of(node)?;
        let options = DeleteOptions {
            uid: Some(node.uid.clone()),
            resource_version: version,
            propagation,
            ..DeleteOptions::default()
        };
        let operation = Operation::Delete(options);
        let request = Request::own(&resource, "", &node.namespace, &node.name, operation);
        match self.objects.write(&request, false).await {
            Err(status) if status.code != 404 => Err(status),
            _ => Ok(()),
        }
    }

    /// Deletes what the graph has under these keys, all that can be deleted before the first error is told.
    async fn delete_all(&self, keys: &[String]) -> Result<(), Status> {
        let nodes: Vec<Node> = keys.iter().filter_map(|key| self.graph.get(key).cloned()).collect();
        let deletes =
            nodes.into_iter().map(|node| async move { self.delete(&node, None, Some(Propagation::Background)).await });
        let results: Vec<Result<(), Status>> = stream::iter(deletes).buffer_unordered(PARALLEL).collect().await;
        results.into_iter().find(Result::is_err).unwrap_or(Ok(()))
    }

    fn builtin(&self, group: &str, plural: &str) -> Result<Arc<Resource>, Status> {
        self.objects
            .resource(group, "v1", plural)
            .ok_or_else(|| Status::internal(format!("{plural} are not among the built-in kinds")))
    }

    async fn namespace(&self, name: &str) -> Result<(), Status> {
        let resource = self.builtin("", "namespaces")?;
        let Some(object) = self.objects.get(&resource, "", name) else { return Ok(()) };
        let contents: Vec<(&str, &Node)> = self.graph.contents(name).collect();
        let write = |subresource: &'static str, change: Box<dyn FnMut(&mut Value) + Send>| {
            self.objects.modify(&resource, subresource, "", name, change)
        };
        match namespace::decide(&object, &contents, &self.objects.now()) {
            namespace::Decision::Nothing => {}
            namespace::Decision::Delete(keys) => self.delete_all(&keys).await?,
            namespace::Decision::Wait(conditions) => {
                write("status", Box::new(move |live| live["status"]["conditions"] = json!(conditions))).await?;
            }
            namespace::Decision::Finalize => {
                if let Some(found) = self.still_there(|key| key.namespace == name)? {
                    return Err(Status::conflict("", "namespaces", name, &format!("{found} is still there")));
                }
                let remove = |live: &mut Value| {
                    if let Some(list) = live.pointer_mut("/spec/finalizers").and_then(Value::as_array_mut) {
                        list.retain(|finalizer| finalizer != namespace::FINALIZER);
                    }
                };
                write("finalize", Box::new(remove)).await?;
            }
        }
        Ok(())
    }

    /// The graph may be behind: before the last step, what is stored is asked.
    fn still_there(&self, is_wanted: impl Fn(Key<'_>) -> bool) -> Result<Option<String>, Status> {
        let page = self.objects.space().list(ROOT, None, None, 0).map_err(failed)?;
        let found = page.items.iter().find(|stored| Key::parse(&stored.key).is_some_and(&is_wanted));
        Ok(found.map(|stored| stored.key.to_string()))
    }

    async fn definition(&self, name: &str) -> Result<(), Status> {
        let resource = self.builtin(crd::GROUP, crd::PLURAL)?;
        let Some(object) = self.objects.get(&resource, "", name) else { return Ok(()) };
        let Some((group, plural)) = definition::resource_of(name) else { return Ok(()) };
        let prefix = Resource::prefix_of(group, plural);
        let instances: Vec<(&str, &Node)> = self.graph.below(&prefix).collect();
        match definition::decide(&object, &instances, &self.objects.now()) {
            definition::Decision::Nothing => {}
            definition::Decision::Delete(keys) => self.delete_all(&keys).await?,
            definition::Decision::Wait(conditions) => {
                let change = move |live: &mut Value| live["status"]["conditions"] = json!(conditions);
                self.objects.modify(&resource, "status", "", name, change).await?;
            }
            definition::Decision::RemoveFinalizer => {
                if let Some(found) = self.still_there(|key| key.group == group && key.plural == plural)? {
                    return Err(Status::conflict(crd::GROUP, crd::PLURAL, name, &format!("{found} is still there")));
                }
                let change = |live: &mut Value| retain_finalizers(live, |own| own != crd::CLEANUP_FINALIZER);
                self.objects.modify(&resource, "", "", name, change).await?;
            }
        }
        Ok(())
    }

    /// The `default` ServiceAccount and the ConfigMap with the cluster's authority.
    async fn defaults(&self, namespace: &str) -> Result<(), Status> {
        let namespaces = self.builtin("", "namespaces")?;
        let is_active =
            self.objects.get(&namespaces, "", namespace).is_some_and(|live| live.deletion_timestamp().is_none());
        if !is_active {
            return Ok(());
        }
        let accounts = self.builtin("", "serviceaccounts")?;
        if self.objects.get(&accounts, namespace, SERVICE_ACCOUNT).is_none() {
            let metadata = json!({"namespace": namespace, "name": SERVICE_ACCOUNT});
            self.create(&accounts, json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})).await?;
        }
        let Some(authority) = self.objects.config().client_ca_pem.clone() else { return Ok(()) };
        let maps = self.builtin("", "configmaps")?;
        let data = json!({"ca.crt": authority});
        match self.objects.get(&maps, namespace, ROOT_CA) {
            Some(live) if live["data"] == data => Ok(()),
            Some(_) => {
                let change = move |live: &mut Value| live["data"] = data.clone();
                self.objects.modify(&maps, "", namespace, ROOT_CA, change).await.map(|_| ())
            }
            None => {
                let metadata = json!({"namespace": namespace, "name": ROOT_CA});
                let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data});
                self.create(&maps, map).await
            }
        }
    }

    async fn token_secret(&self, key: &str) -> Result<(), Status> {
        let (secrets, accounts) = (self.builtin("", "secrets")?, self.builtin("", "serviceaccounts")?);
        let Some(node) = self.live(key) else { return Ok(()) };
        let Some(live) = self.objects.get(&secrets, &node.namespace, &node.name) else { return Ok(()) };
        let account =
            live.annotation(secret::ACCOUNT).and_then(|name| self.objects.get(&accounts, &node.namespace, name));
        let authority = self.objects.config().client_ca_pem.clone();
        match (secret::decide(&live, account.as_ref(), authority.as_deref()), account) {
            (secret::Decision::Delete, _) => self.delete(&node, Some(node.version.clone()), None).await,
            (secret::Decision::Fill, Some(account)) => {
                let token = access::token_for_secret(&self.objects, &account, &live)?;
                let uid = account.uid().unwrap_or_default();
                self.modify(&node, |live| secret::fill(live, uid, &token, authority.as_deref())).await
            }
            _ => Ok(()),
        }
    }

    /// Somebody else may have been faster.
    async fn create(&self, resource: &Resource, object: Value) -> Result<(), Status> {
        match self.objects.create(resource, object).await {
            Err(status) if status.reason != "AlreadyExists" => Err(status),
            _ => Ok(()),
        }
    }

    async fn aggregated_roles(&self) -> Result<(), Status> {
        let resource = self.builtin(rbac::GROUP, "clusterroles")?;
        let (roles, _) = self.objects.list(&resource, None)?;
        for (name, rules) in rbac::outdated(&roles) {
            let change = |live: &mut Value| live["rules"] = json!(rules);
            self.objects.modify(&resource, "", "", &name, change).await?;
        }
        Ok(())
    }

    async fn events(&self) -> Result<(), Status> {
        let oldest = self.objects.config().clock.now().as_second() - EVENT_SECS;
        let keys: Vec<String> = self.graph.events_before(oldest).map(String::from).collect();
        self.delete_all(&keys).await
    }
}

fn retain_owners(object: &mut Value, keep: impl Fn(&str) -> bool) {
    if let Some(owners) = object.metadata_mut().get_mut("ownerReferences").and_then(Value::as_array_mut) {
        owners.retain(|owner| keep(owner["uid"].as_str().unwrap_or_default()));
    }
}

fn retain_finalizers(object: &mut Value, keep: impl Fn(&str) -> bool) {
    if let Some(finalizers) = object.metadata_mut().get_mut("finalizers").and_then(Value::as_array_mut) {
        finalizers.retain(|finalizer| finalizer.as_str().is_none_or(&keep));
    }
}

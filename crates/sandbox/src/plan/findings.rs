//! What a person should know about the head state: what was left out, what will be dropped, what will not become ready.

use std::collections::{BTreeMap, BTreeSet};

use actions::{ArmMethod, Finding, Severity};
use api::{
    ObjectExt, condition,
    names::{GroupVersionKind, ObjectRef},
};
use controllers::{
    application,
    cluster::{Cluster, Error},
    why,
};
use gitops::manifests::Manifest;
use jiff::{Timestamp, tz::TimeZone};
use machinery::schema::{self, Schema};
use serde_json::Value;
use twin::Twin;

use super::{
    ApplicationState, NotPlanned,
    compare::{Received, Snapshot},
    scan,
};

const AKS: &str = "containerservice.azure.com";

/// Objects of kinds that are not served: the controller leaves them out (`skip_unserved_kinds`), here they are named.
pub(super) async fn not_served(cluster: &Cluster, found: &[Manifest]) -> Result<Vec<NotPlanned>, Error> {
    let defined = defined_kinds(found);
    let mut not_planned = Vec::new();
    for manifest in found {
        let Some(gvk) = GroupVersionKind::of(&manifest.object) else { continue };
        let defined = defined.contains(&(gvk.group.clone(), gvk.kind.clone()));
        if !defined && cluster.served(&gvk).await?.is_none() {
            let why = format!("no matches for kind \"{}\" in version \"{}\"", gvk.kind, gvk.api_version());
            not_planned.push(NotPlanned { file: manifest.file.clone(), object: ObjectRef::of(&manifest.object), why });
        }
    }
    Ok(not_planned)
}

/// What charts made, as if it stood in files: called after the template and the Application, in the namespace that it goes to.
pub(super) async fn of_charts(cluster: &Cluster, context: &application::Context) -> Result<Vec<Manifest>, Error> {
    let mut manifests = Vec::new();
    for (key, rendered) in context.rendered() {
        let destination = cluster.get(&key).await?.unwrap_or_default();
        let destination = destination.pointer("/spec/destination/namespace").and_then(Value::as_str);
        for (index, document) in rendered.documents.iter().enumerate() {
            let mut object = document.object.as_ref().clone();
            let served = match GroupVersionKind::of(&object) {
                Some(gvk) => cluster.served(&gvk).await?,
                None => None,
            };
            if let Some(namespace) = destination.filter(|_| served.is_none_or(|served| served.namespaced))
                && object.namespace().is_none()
            {
                object.metadata_mut().insert("namespace".into(), namespace.into());
            }
            let file = format!("{} of Application {}", document.source, key.name);
            manifests.push(Manifest { object, file, document: index + 1 });
        }
    }
    Ok(manifests)
}

/// Kinds that CustomResourceDefinitions of the tree itself will serve.
fn defined_kinds(found: &[Manifest]) -> BTreeSet<(String, String)> {
    let definitions = found.iter().filter(|manifest| manifest.object.kind() == Some("CustomResourceDefinition"));
    let text = |object: &Value, at: &str| object.pointer(at).and_then(Value::as_str).map(str::to_string);
    definitions
        .filter_map(|crd| Some((text(&crd.object, "/spec/group")?, text(&crd.object, "/spec/names/kind")?)))
        .collect()
}

/// Findings about the manifests as they are written.
pub(super) async fn of_objects(cluster: &Cluster, found: &[Manifest]) -> Result<Vec<Finding>, Error> {
    let schemas = custom_schemas(cluster).await?;
    let is_secret = |object: &Value| object.kind() == Some("Secret") && object.api_version() == Some("v1");
    let secrets = found.iter().filter(|manifest| is_secret(&manifest.object));
    let in_git: BTreeSet<(String, String)> = secrets
        .filter_map(|manifest| Some((manifest.object.namespace()?.to_string(), manifest.object.name()?.to_string())))
        .collect();
    let mut findings = Vec::new();
    for manifest in found {
        let Some(gvk) = GroupVersionKind::of(&manifest.object) else { continue };
        let builtin = machinery::builtin::schema(&gvk.group, &gvk.version, &gvk.kind);
        let Some(schema) = builtin.or_else(|| schemas.get(&gvk)) else { continue };
        let pruned = schema::prune(schema, &mut manifest.object.clone());
        let context =
            aso::findings::Context { pruned: &pruned, secrets_in_git: Some(&in_git), secrets_in_cluster: None };
        let of_azure = aso::findings::of(catalogue::builtin(), &manifest.object, &context);
        if !of_azure.iter().any(|finding| finding.code == "UnknownField") {
            findings.extend(pruned.iter().map(|field| unknown_field(manifest, field)));
        }
        findings.extend(of_azure);
    }
    Ok(findings)
}

async fn custom_schemas(cluster: &Cluster) -> Result<BTreeMap<GroupVersionKind, Schema>, Error> {
    let kind = GroupVersionKind::new("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let mut schemas = BTreeMap::new();
    for crd in cluster.list(&kind, "").await? {
        let text = |at: &str| crd.pointer(at).and_then(Value::as_str).unwrap_or_default();
        for version in crd.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten() {
            let name = version["name"].as_str().unwrap_or_default();
            if let Some(Ok(schema)) = version.pointer("/schema/openAPIV3Schema").map(Schema::compile) {
                schemas.insert(GroupVersionKind::new(text("/spec/group"), name, text("/spec/names/kind")), schema);
            }
        }
    }
    Ok(schemas)
}

fn unknown_field(manifest: &Manifest, field: &str) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "UnknownField".into(),
        object: ObjectRef::of(&manifest.object),
        field: field.to_string(),
        message: format!("unknown field \"{field}\" is dropped"),
        fix: format!("remove it from {}, or check its spelling", manifest.file),
    }
}

/// What would not be ready once everything has come to rest.
pub(super) fn of_state(objects: &Snapshot) -> Vec<Finding> {
    let applications = objects.values().filter(|object| scan::is_application(object));
    let applications = applications.flat_map(gitops::findings::of_application);
    objects.iter().filter_map(|(key, object)| not_ready(key, object)).chain(applications).collect()
}

/// Clusters of versions that AKS does not offer when the plan is made, whatever day its simulation stands for.
pub(super) fn of_versions(objects: &Snapshot, now: Timestamp) -> Vec<Finding> {
    let day = now.to_zoned(TimeZone::UTC).date();
    let clusters = objects.iter().filter(|(key, _)| key.group == AKS && key.kind == "ManagedCluster");
    let finding = |(key, object): (&ObjectRef, &Value)| {
        let version = object.pointer("/spec/kubernetesVersion").and_then(Value::as_str)?;
        let plan = object.pointer("/spec/supportPlan").and_then(Value::as_str).unwrap_or_default();
        let note = twin::kubernetes_version_note(version, plan, day)?;
        let mut offered: BTreeMap<String, String> = BTreeMap::new();
        for version in twin::kubernetes_versions(day) {
            let minor = version.rsplit_once('.').map_or(version.as_str(), |(minor, _)| minor);
            offered.insert(minor.to_string(), version.clone());
        }
        let offered: Vec<String> = offered.into_values().collect();
        Some(Finding {
            severity: Severity::Warning,
            code: "KubernetesVersionNotOffered".into(),
            object: Some(key.clone()),
            field: "spec.kubernetesVersion".into(),
            message: format!("{note}: a cluster of that version cannot be made, one that exists keeps it"),
            fix: format!("use a version that is offered: {}", offered.join(", ")),
        })
    };
    clusters.filter_map(finding).collect()
}

/// Objects that could not be applied, and of the implicit Application what keeps it from being compared: a person never sees
/// that one, but its errors are the repository's.
pub(super) fn of_sync(application: &Value, implicit: bool) -> Vec<Finding> {
    let list = |at: &str| application.pointer(at).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value, at: &str| value[at].as_str().unwrap_or_default().to_string();
    let failed = list("/status/operationState/syncResult/resources").filter(|each| each["status"] == "SyncFailed");
    let mut findings: Vec<Finding> = failed
        .map(|each| {
            let gvk = GroupVersionKind::new(text(each, "group"), text(each, "version"), text(each, "kind"));
            Finding {
                severity: Severity::Error,
                code: "SyncFailed".into(),
                object: Some(ObjectRef::new(&gvk, text(each, "namespace"), text(each, "name"))),
                field: String::new(),
                message: format!("would not be applied: {}", text(each, "message")),
                fix: "correct the object in Git as the message says".into(),
            }
        })
        .collect();
    if implicit {
        let errors = gitops::findings::of_application(application).into_iter();
        let errors = errors.filter(|finding| finding.severity == Severity::Error && finding.code != "SyncError");
        findings.extend(errors.map(|finding| Finding { object: None, ..finding }));
    }
    findings
}

/// What the change removes and something is left of: what an Application deployed, what Azure keeps.
pub(super) fn of_removals(base: &Snapshot, head: &Snapshot) -> Vec<Finding> {
    let removed: Vec<&Value> =
        base.iter().filter(|(key, _)| !head.contains_key(*key)).map(|(_, object)| object).collect();
    let applications = removed.iter().filter(|object| scan::is_application(object));
    let applications = applications.flat_map(|application| gitops::findings::of_removal(application));
    // What goes with its owner needs no word.
    let uids: BTreeSet<&str> = removed.iter().filter_map(|object| object.uid()).collect();
    let owned = |object: &Value| {
        let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten();
        owners.filter_map(|owner| owner["uid"].as_str()).any(|uid| uids.contains(uid))
    };
    let kept = removed.iter().filter(|object| !owned(object));
    let kept = kept.filter_map(|object| aso::findings::of_removal(catalogue::builtin(), object));
    applications.chain(kept).collect()
}

fn not_ready(key: &ObjectRef, object: &Value) -> Option<Finding> {
    let ready = condition::find(object, "Ready").filter(|_| key.group.ends_with(".azure.com"))?;
    let text = |field: &str| ready[field].as_str().unwrap_or_default();
    if text("status") != "False" {
        return None;
    }
    let severity = if text("severity") == "Error" { Severity::Error } else { Severity::Warning };
    let code = if text("reason").is_empty() { "NotReady" } else { text("reason") };
    Some(Finding {
        severity,
        code: code.to_string(),
        object: Some(key.clone()),
        field: String::new(),
        message: format!("would not become ready: {}", text("message")),
        fix: why::next_step(key, object).unwrap_or_else(|| "make ready what the message names".into()),
    })
}

/// Applications of Entra ID that Git names and an empty Azure does not know.
pub(super) fn of_strangers(client_ids: &[String]) -> Vec<Finding> {
    let finding = |client_id: &String| Finding {
        severity: Severity::Info,
        code: "IdentityAssumed".into(),
        object: None,
        field: "AZURE_CLIENT_ID".into(),
        message: format!(
            "the plan takes the application {client_id} for one that exists, trusts this cluster and may do everything: \
             an empty Azure knows nobody"
        ),
        fix: "plan with `--against DATA-DIR` to have its sign-in and its roles checked".into(),
    };
    client_ids.iter().map(finding).collect()
}

pub(super) fn of_urls(assumed: &[String]) -> Vec<Finding> {
    let finding = |url: &String| Finding {
        severity: Severity::Info,
        code: "RepositoryAssumed".into(),
        object: None,
        field: "spec.source.repoURL".into(),
        message: format!(
            "{url} cannot be reached and is no remote of this repository; the plan takes this repository for it"
        ),
        fix: format!("run `git remote add origin {url}` if that is right"),
    };
    assumed.iter().map(finding).collect()
}

/// Sync and health as Argo CD shows them, with everything that explains a bad one.
pub(super) fn application_state(application: &Value) -> ApplicationState {
    let text = |at: &str| application.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let conditions = application.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let mut messages: Vec<String> = conditions
        .map(|condition| {
            format!(
                "{}: {}",
                condition["type"].as_str().unwrap_or_default(),
                condition["message"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let phase = text("/status/operationState/phase");
    if phase != "Succeeded" && !phase.is_empty() {
        messages.push(format!("{phase}: {}", text("/status/operationState/message")));
    }
    let or_unknown = |text: String| if text.is_empty() { "Unknown".to_string() } else { text };
    ApplicationState {
        namespace: application.namespace().unwrap_or_default().into(),
        name: application.name().unwrap_or_default().into(),
        sync: or_unknown(text("/status/sync/status")),
        health: or_unknown(text("/status/health/status")),
        messages,
    }
}

/// The requests that the twin received since its log was cleared; `existing` are the ids of then.
pub(super) fn received(twin: &Twin, existing: &BTreeSet<String>) -> Vec<Received> {
    let mut existing = existing.clone();
    let requests = twin.request_log().into_iter().filter_map(|request| {
        let method = ArmMethod::parse(&request.method)?;
        let id = request.id.to_ascii_lowercase();
        let existed = existing.contains(&id);
        match method {
            ArmMethod::Put if request.status < 400 => existing.insert(id),
            ArmMethod::Delete if request.status < 400 => existing.remove(&id),
            _ => false,
        };
        let (api_version, body) = (request.api_version, request.body);
        let error = request.code.unwrap_or_default();
        Some(Received { method, id: request.id, api_version, body, status: request.status, error, existed })
    });
    requests.collect()
}

/// The ids of everything in Azure, lower case.
pub(super) fn ids(twin: &Twin) -> BTreeSet<String> {
    twin.resources().into_iter().map(|resource| resource.id.to_ascii_lowercase()).collect()
}

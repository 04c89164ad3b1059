//! A comparison's outcome: the sync status and health of each object and of the Application.

use api::{
    ObjectExt,
    argoproj::{self, Application, ComparedTo, Health, ResourceStatus, Summary, Sync},
};
use serde_json::Value;

use super::{Comparison, Item};
use crate::{
    health::{self, Code},
    sync::{options, wave},
};

/// How many resources a health message names.
const CAUSES_MAX: usize = 3;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) sync: Sync,
    pub(crate) health: Code,
    pub(crate) health_message: String,
    pub(crate) resources: Vec<ResourceStatus>,
    pub(crate) summary: Summary,
}

impl Verdict {
    pub(crate) fn is_out_of_sync(&self) -> bool {
        self.sync.status == "OutOfSync"
    }
}

pub(crate) fn verdict(comparison: &Comparison, app: &Application) -> Verdict {
    let mut resources: Vec<ResourceStatus> = comparison.items.iter().map(|item| resource(item, comparison)).collect();
    resources.sort_by_key(|r| format!("{}/{}/{}/{}", r.group, r.kind, r.namespace, r.name));
    let (health, health_message) = health_of(&comparison.items, app);
    let status = if comparison.failed {
        "Unknown"
    } else if comparison.items.iter().any(counts_as_out_of_sync) || namespace_metadata_changed(app) {
        "OutOfSync"
    } else {
        "Synced"
    };
    let sync = Sync {
        compared_to: ComparedTo {
            destination: app.spec.destination.clone(),
            ignore_differences: app.spec.ignore_differences.clone(),
            source: Some(comparison.source.clone()),
            ..ComparedTo::default()
        },
        revision: comparison.revision.clone(),
        status: status.to_string(),
        ..Sync::default()
    };
    Verdict { sync, health, health_message, resources, summary: summary(&comparison.items) }
}

fn is_out_of_sync(item: &Item) -> bool {
    item.self_reference && !item.is_hook() && (item.modified || item.target.is_none() || item.live.is_none())
}

fn counts_as_out_of_sync(item: &Item) -> bool {
    let extraneous = item.target.is_none() && options::compare_option(item.object(), "IgnoreExtraneous");
    is_out_of_sync(item) && !extraneous
}

/// Changed `managedNamespaceMetadata` is a difference although no object shows it.
fn namespace_metadata_changed(app: &Application) -> bool {
    let wanted = app.spec.sync_policy.as_ref().and_then(|policy| policy.managed_namespace_metadata.as_ref());
    let result = app.status.operation_state.as_ref().and_then(|state| state.sync_result.as_ref());
    wanted.is_some() && result.is_some_and(|result| result.managed_namespace_metadata.as_ref() != wanted)
}

fn resource(item: &Item, comparison: &Comparison) -> ResourceStatus {
    let status = match item {
        _ if comparison.failed => "Unknown",
        item if !item.self_reference || item.is_hook() => "",
        item if is_out_of_sync(item) => "OutOfSync",
        _ => "Synced",
    };
    let health = match &item.live {
        None => Some(health::Health { code: Code::Missing, message: String::new() }),
        Some(live) => health::of(live),
    };
    ResourceStatus {
        group: item.reference.group.clone(),
        version: item.reference.version.clone(),
        kind: item.reference.kind.clone(),
        namespace: item.reference.namespace.clone(),
        name: item.reference.name.clone(),
        status: status.to_string(),
        sync_wave: item.target.as_ref().map(wave::of).unwrap_or(0),
        hook: item.is_hook(),
        requires_pruning: item.requires_pruning(),
        health: health.map(|h| Health { status: h.code.as_str().into(), message: h.message, ..Health::default() }),
        ..ResourceStatus::default()
    }
}

/// The worst of the live resources. Missing ones show in the sync status, and only count when nothing is live at all.
fn health_of(items: &[Item], app: &Application) -> (Code, String) {
    let mut worst = Code::Healthy;
    let mut causes: Vec<String> = Vec::new();
    for item in items {
        let Some(live) = &item.live else { continue };
        let ignored = live.annotation("argocd.argoproj.io/ignore-healthcheck") == Some("true");
        if ignored || item.is_hook() || is_self(app, item) {
            continue;
        }
        let Some(health) = health::of(live) else { continue };
        let child = item.reference.group == argoproj::GROUP && item.reference.kind == "Application";
        if child && matches!(health.code, Code::Missing | Code::Unknown) {
            continue;
        }
        if health.code > worst {
            worst = health.code;
            causes.clear();
        }
        if health.code == worst && worst != Code::Healthy {
            causes.push(cause(item));
        }
    }
    let mut resources = items.iter().filter(|item| !item.is_hook()).peekable();
    let nothing_live = resources.peek().is_some() && resources.all(|item| item.live.is_none());
    if nothing_live && Code::Missing > worst {
        return (Code::Missing, String::new());
    }
    (worst, describe(&causes))
}

/// An Application that manages itself does not affect its own health.
fn is_self(app: &Application, item: &Item) -> bool {
    let own = |field: &str| app.metadata.get(field).and_then(Value::as_str).unwrap_or_default();
    item.reference.group == argoproj::GROUP
        && item.reference.kind == "Application"
        && item.reference.name == own("name")
        && item.reference.namespace == own("namespace")
}

fn cause(item: &Item) -> String {
    let r = &item.reference;
    let kind = if r.group.is_empty() { r.kind.clone() } else { format!("{}/{}", r.group, r.kind) };
    let name = if r.namespace.is_empty() { r.name.clone() } else { format!("{}/{}", r.namespace, r.name) };
    format!("{kind}:{name}")
}

fn describe(causes: &[String]) -> String {
    match causes.len() {
        0 => String::new(),
        n if n > CAUSES_MAX => format!("Caused by {} and {} more", causes[..CAUSES_MAX].join(", "), n - CAUSES_MAX),
        _ => format!("Caused by {}", causes.join(", ")),
    }
}

fn summary(items: &[Item]) -> Summary {
    let mut images: Vec<String> = items.iter().filter_map(|item| item.live.as_ref()).flat_map(images).collect();
    images.sort();
    images.dedup();
    let app_of_apps =
        items.iter().any(|item| item.reference.group == argoproj::GROUP && item.reference.kind == "Application");
    Summary { images, is_app_of_apps: app_of_apps, ..Summary::default() }
}

/// Images of a pod or of a pod template.
pub(crate) fn images(object: &Value) -> Vec<String> {
    let specs = ["/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
    let lists = specs.iter().flat_map(|spec| {
        ["initContainers", "containers"]
            .iter()
            .filter_map(move |list| object.pointer(&format!("{spec}/{list}"))?.as_array())
    });
    lists.flatten().filter_map(|container| container.get("image")?.as_str()).map(str::to_string).collect()
}

//! What an AppProject lets its Applications do. Only `sourceRepos` and `destinations` are enforced; every other field that
//! restricts is refused by name, because ignoring it would grant what somebody meant to forbid.

use api::argoproj::AppProject;
use serde_json::Value;

use crate::{glob, validate::IN_CLUSTER_SERVER};

/// Fields that restrict and that this version cannot enforce.
const UNSUPPORTED: [&str; 7] = [
    "clusterResourceBlacklist",
    "namespaceResourceBlacklist",
    "namespaceResourceWhitelist",
    "syncWindows",
    "signatureKeys",
    "sourceIntegrity",
    "destinationServiceAccounts",
];

/// Fields that grant nothing and forbid nothing, and that nobody reads here.
const IGNORED: [(&str, &str); 2] =
    [("roles", "there is no Argo CD API to log in to"), ("orphanedResources", "orphaned resources are not looked for")];

/// What an Application wants to do under a project.
pub(crate) struct Wish<'a> {
    pub(crate) application: &'a str,
    /// The Application's namespace; `None` in the control namespace, where every Application may be.
    pub(crate) outside: Option<&'a str>,
    pub(crate) repo_url: &'a str,
    pub(crate) destination_namespace: &'a str,
}

/// Messages of what is not permitted. An absent `default` project permits everything in the control namespace, as the one that
/// Argo CD makes does. Elsewhere an Application needs `sourceNamespaces`: whoever may create one there would otherwise
/// deploy with the controller's rights.
pub(crate) fn check(project: Option<&Value>, wish: &Wish<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(outside) = wish.outside {
        let listed = project.and_then(|p| p.pointer("/spec/sourceNamespaces")).and_then(Value::as_array);
        if !permitted(listed.into_iter().flatten().filter_map(Value::as_str), outside) {
            problems.push(format!(
                "application '{}' in namespace '{outside}' is not permitted to use project 'default': list the namespace in spec.sourceNamespaces of the AppProject",
                wish.application
            ));
        }
    }
    let Some(object) = project else { return problems };
    let (repo_url, namespace) = (wish.repo_url, wish.destination_namespace);
    let Ok(project) = serde_json::from_value::<AppProject>(object.clone()) else {
        return vec!["AppProject default cannot be read: a field has a wrong type".into()];
    };
    for field in UNSUPPORTED {
        let set = project.spec.rest.get(field).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let set = set || project.spec.rest.get(field).is_some_and(|value| value.is_object());
        if set {
            problems.push(format!(
                "AppProject default: spec.{field} is not supported yet; remove it to let Applications sync"
            ));
        }
    }
    if project.spec.rest.get("permitOnlyProjectScopedClusters") == Some(&Value::Bool(true)) {
        problems.push("AppProject default: spec.permitOnlyProjectScopedClusters is not supported yet: there are no project-scoped clusters".into());
    }
    let everything = project
        .spec
        .rest
        .get("clusterResourceWhitelist")
        .and_then(Value::as_array)
        .is_none_or(|list| list.iter().any(|entry| entry["group"] == "*" && entry["kind"] == "*"));
    if !everything {
        problems.push("AppProject default: spec.clusterResourceWhitelist other than */* is not supported yet".into());
    }
    if !permitted(project.spec.source_repos.iter().map(String::as_str), repo_url) {
        problems.push(format!("application repo {repo_url} is not permitted in project 'default'"));
    }
    if !destination_permitted(&project, namespace) {
        problems.push(format!(
            "application destination server '{IN_CLUSTER_SERVER}' and namespace '{namespace}' do not match any of the allowed destinations in project 'default'"
        ));
    }
    problems
}

/// Messages about fields that have no effect.
pub(crate) fn ignored(project: Option<&Value>) -> Vec<String> {
    let spec = project.and_then(|project| project.get("spec"));
    let set =
        |field: &str| spec.and_then(|spec| spec.get(field)).is_some_and(|value| *value != Value::Array(Vec::new()));
    let ignored = IGNORED.iter().filter(|(field, _)| set(field));
    ignored.map(|(field, why)| format!("AppProject default: spec.{field} has no effect: {why}")).collect()
}

/// A list of globs of which one must match and no `!` one may.
fn permitted<'a>(patterns: impl Iterator<Item = &'a str>, text: &str) -> bool {
    let mut allowed = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(denied) if glob::matches(denied, text) => return false,
            Some(_) => {}
            None => allowed |= glob::matches(pattern, text),
        }
    }
    allowed
}

fn destination_permitted(project: &AppProject, namespace: &str) -> bool {
    let mut allowed = false;
    for destination in &project.spec.destinations {
        let (server, space) = (destination.server.as_str(), destination.namespace.as_str());
        let server_matches = |pattern: &str| {
            (!pattern.is_empty() && glob::matches(pattern, IN_CLUSTER_SERVER))
                || (!destination.name.is_empty() && glob::matches(&destination.name, "in-cluster"))
        };
        match (server.strip_prefix('!'), space.strip_prefix('!')) {
            (Some(server), _) if glob::matches(server, IN_CLUSTER_SERVER) => return false,
            (_, Some(space)) if server_matches(server) && glob::matches(space, namespace) => return false,
            (None, None) => allowed |= server_matches(server) && glob::matches(space, namespace),
            _ => {}
        }
    }
    allowed
}

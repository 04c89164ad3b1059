//! An Application's spec, checked: what comes out can be acted upon, what does not is refused by name.
//! Wording follows Argo CD where Argo CD has a word for it.

use api::{
    ObjectExt,
    argoproj::{Application, Automated, Directory, Source},
};
use serde_json::Value;

use crate::{helm, observed::Env, project, tracking};

/// The one cluster there is, by its two names.
pub(crate) const IN_CLUSTER_SERVER: &str = "https://kubernetes.default.svc";
const IN_CLUSTER_NAME: &str = "in-cluster";

/// A condition to be: type and message.
pub(crate) type Finding = (&'static str, String);

pub(crate) const INVALID_SPEC: &str = "InvalidSpecError";

/// What the rest of this crate works with.
#[derive(Clone, Debug)]
pub(crate) struct Validated {
    /// As tracking ids call the Application.
    pub(crate) instance: String,
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) destination_namespace: String,
    pub(crate) source: Source,
    pub(crate) automated: Option<Automated>,
    /// What the project asks for and does not get, to be named in warnings.
    pub(crate) project_warnings: Vec<String>,
    /// [`crate::Env::skip_unserved_kinds`]
    pub(crate) skip_unserved_kinds: bool,
    /// [`crate::Env::track_values`]
    pub(crate) track_values: bool,
}

/// `project` is the AppProject the spec names, if it exists.
pub(crate) fn validate(
    object: &Value,
    app: &Application,
    project: Option<&Value>,
    env: &Env,
) -> Result<Validated, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut refuse = |message: String| findings.push((INVALID_SPEC, message));
    if !matches!(app.spec.project.as_str(), "" | "default") {
        refuse(format!("Application referencing project {} which does not exist", app.spec.project));
    }
    if !app.spec.sources.is_empty() {
        refuse("spec.sources is not supported yet: use one spec.source".into());
    }
    if app.spec.source_hydrator.is_some() {
        refuse("spec.sourceHydrator is not supported yet: use spec.source".into());
    }
    let source = app.spec.source.clone().unwrap_or_default();
    if app.spec.sources.is_empty() {
        check_source(&source).into_iter().for_each(&mut refuse);
    }
    if let Err(message) = check_destination(&app.spec.destination.server, &app.spec.destination.name) {
        refuse(message);
    }
    let (name, namespace) = (object.name().unwrap_or_default(), object.namespace().unwrap_or_default());
    let wish = project::Wish {
        application: name,
        outside: Some(namespace).filter(|namespace| *namespace != env.control_namespace),
        repo_url: &source.repo_url,
        destination_namespace: &app.spec.destination.namespace,
    };
    project::check(project, &wish).into_iter().for_each(&mut refuse);
    check_operation(app, project, &wish).into_iter().for_each(&mut refuse);
    if !findings.is_empty() {
        return Err(findings);
    }
    let automated = app.spec.sync_policy.as_ref().and_then(|policy| policy.automated.clone());
    Ok(Validated {
        instance: tracking::instance_name(name, namespace, &env.control_namespace),
        name: name.to_string(),
        namespace: namespace.to_string(),
        destination_namespace: app.spec.destination.namespace.clone(),
        source,
        automated: automated.filter(|automated| automated.enabled != Some(false)),
        project_warnings: project::ignored(project),
        skip_unserved_kinds: env.skip_unserved_kinds,
        track_values: env.track_values,
    })
}

/// An operation may bring a source of its own (a rollback does): it needs the same leave as the spec's.
fn check_operation(app: &Application, project: Option<&Value>, wish: &project::Wish<'_>) -> Vec<String> {
    let asked = app.operation.as_ref().and_then(|operation| operation.sync.as_ref()?.source.as_ref());
    let Some(source) = asked.filter(|source| app.spec.source.as_ref() != Some(*source)) else { return Vec::new() };
    let mut problems = check_source(source);
    problems.extend(project::check(project, &project::Wish { repo_url: &source.repo_url, ..*wish }));
    problems.into_iter().map(|problem| format!("operation.sync.source: {problem}")).collect()
}

/// Everything about a source that this version cannot do, by name.
pub(crate) fn check_source(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    if source.repo_url.is_empty() || (source.path.is_empty() && source.chart.is_empty()) {
        let message = "spec.source.repoURL and either spec.source.path or spec.source.chart are required";
        return vec![message.to_string()];
    }
    if !source.chart.is_empty() && source.target_revision.is_empty() {
        return vec!["spec.source.targetRevision is required if the manifest source is a helm chart".into()];
    }
    let mut unsupported = |present: bool, field: &str, what: &str| {
        if present {
            problems.push(format!(
                "spec.source.{field} is not supported yet: {what}; use a Helm chart or plain manifests in spec.source.path"
            ));
        }
    };
    unsupported(source.kustomize.is_some(), "kustomize", "kustomizations are not built");
    unsupported(source.plugin.is_some(), "plugin", "config management plugins are not run");
    unsupported(!source.r#ref.is_empty(), "ref", "there is only one source");
    let jsonnet = source.directory.as_ref().is_some_and(|directory| directory.jsonnet.is_some());
    unsupported(jsonnet, "directory.jsonnet", "jsonnet is not evaluated");
    unsupported(source.rest.contains_key("tagPrefix"), "tagPrefix", "tags are not filtered");
    let artifact = source.chart.is_empty() && source.repo_url.starts_with("oci://");
    unsupported(artifact, "repoURL", "of a registry only Helm charts are fetched, name one in spec.source.chart");
    problems.extend(helm::problems(source));
    problems.extend(several_tools(source));
    if source.path.starts_with('/') {
        problems.push(format!(
            "app path is absolute: spec.source.path {:?} must be relative to the repository's root",
            source.path
        ));
    }
    if source.path.split('/').any(|part| part == "..") {
        problems.push(format!("app path outside root: spec.source.path {:?} must not contain `..`", source.path));
    }
    problems
}

/// More than one tool's block, as upstream names it; empty blocks do not count.
fn several_tools(source: &Source) -> Option<String> {
    let directory = source.directory.as_ref().is_some_and(|directory| *directory != Directory::default());
    let helm = helm::Options::of(source).is_ok_and(|options| !options.is_zero());
    if helm && directory {
        return Some("multiple application sources defined: Helm,Directory".into());
    }
    let message = "spec.source.directory is for plain manifests and cannot go with spec.source.chart";
    (directory && !source.chart.is_empty()).then(|| message.to_string())
}

fn check_destination(server: &str, name: &str) -> Result<(), String> {
    match (server.trim_end_matches('/'), name) {
        ("", "") => Err("Destination server missing from app spec".into()),
        (IN_CLUSTER_SERVER, "") | ("", IN_CLUSTER_NAME) => Ok(()),
        ("", name) => Err(format!("there are no clusters with this name: {name}")),
        (server, "") => Err(format!(
            "error getting cluster by server {server:?}: cluster {server:?} not found; the only destination is {IN_CLUSTER_SERVER}"
        )),
        (server, name) => {
            Err(format!("application destination can't have both name and server defined: {name} {server}"))
        }
    }
}

//! Where manifests come from: a directory of a commit, a chart in one, or a chart of a repository. What has to be looked up
//! first, and upstream's words for what fails, ours behind them: people search for the former and need the latter.

use std::sync::Arc;

use api::{argoproj::Source, files::FileSet};
use chart::Finding as OfValues;

use super::Against;
use crate::{
    helm::{self, Build, Files, Options, Request, SetFile},
    manifests::{self, Manifest},
    observed::{ChartKey, Observed, Query, SourceFailure, SourceFailureKind},
    validate::{Finding, Validated},
};

/// Of an answer that took another chart than the one that was asked for.
const SUBSTITUTED: &str = "SourceSubstituted";
/// Of values that probably do not do what was meant.
pub(crate) const VALUES: &str = "HelmValuesWarning";

pub(super) struct Loaded {
    /// The commit or the chart's version.
    pub(super) revision: String,
    pub(super) manifests: Vec<Manifest>,
    pub(super) source_type: &'static str,
    pub(super) findings: Vec<Finding>,
}

/// The revision as far as it was resolved, and why there are no manifests.
pub(super) type Failed = (String, String);

type Answer<T, E> = Result<Result<T, E>, Vec<Query>>;

/// Whether the text names exactly one commit for ever.
pub(crate) fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether the text needs no look at the source to know what it means.
pub(crate) fn is_fixed(source: &Source, revision: &str) -> bool {
    if source.chart.is_empty() { is_commit(revision) } else { helm::is_version(revision) }
}

pub(super) fn load(observed: &Observed, spec: &Validated, against: &Against) -> Answer<Loaded, Failed> {
    if against.source.chart.is_empty() { directory(observed, spec, against) } else { chart(observed, spec, against) }
}

fn unknown(message: impl std::fmt::Display) -> String {
    format!("rpc error: code = Unknown desc = {message}")
}

fn directory(observed: &Observed, spec: &Validated, against: &Against) -> Answer<Loaded, Failed> {
    let (commit, files) = match files(observed, against)? {
        Ok(found) => found,
        Err(message) => return Ok(Err((against.revision.clone(), message))),
    };
    let source = &against.source;
    if let Err(error) = manifests::refuse_overrides(files.iter().map(|(path, _)| path)) {
        return Ok(Err((commit, unsupported(&error))));
    }
    if !manifests::is_chart(&files, source) {
        let read = manifests::read(&files, source).map_err(|error| unsupported(&error));
        return Ok(read.map_err(|message| (commit.clone(), message)).map(|manifests| Loaded {
            revision: commit,
            manifests,
            source_type: "Directory",
            findings: Vec::new(),
        }));
    }
    let root = Root::Repository { url: &source.repo_url, commit: &commit, path: &source.path, files: &files };
    let digest = format!("{}@{commit}:{}", source.repo_url, source.path);
    render(observed, spec, against, &commit, (digest, Files::Directory(files.clone())), &root)
}

fn unsupported(error: &manifests::Error) -> String {
    format!("rpc error: code = FailedPrecondition desc = {error}")
}

fn chart(observed: &Observed, spec: &Validated, against: &Against) -> Answer<Loaded, Failed> {
    let source = &against.source;
    let (repository, chart) = (source.repo_url.clone(), source.chart.clone());
    let failed = |message: String| Ok(Err((against.revision.clone(), unknown(message))));
    let version = if helm::is_version(&against.revision) {
        against.revision.clone()
    } else {
        match observed.versions.get(&(repository.clone(), chart.clone())) {
            None => return Err(vec![Query::Versions { repository, chart }]),
            Some(Err(failure)) => return failed(listing(source, failure)),
            Some(Ok(versions)) => match helm::max_version(&against.revision, versions) {
                Ok(version) => version,
                Err(error) => return failed(format!("invalid revision: {error}")),
            },
        }
    };
    let pass_credentials = Options::of(source).is_ok_and(|options| options.pass_credentials);
    let key = ChartKey { repository, chart, version: version.clone(), pass_credentials };
    let found = match observed.charts.get(&key) {
        None => return Err(vec![Query::Chart(key)]),
        Some(Ok(found)) => found,
        Some(Err(failure)) => {
            let what = if helm::is_registry(&key.repository) { "pulling OCI chart" } else { "fetching chart" };
            return Ok(Err((version, unknown(format!("error {what}: {}", failure.message)))));
        }
    };
    if let Err(error) = manifests::refuse_overrides(found.files.files().iter().map(|file| file.name.as_str())) {
        return Ok(Err((version, unsupported(&error))));
    }
    let content = (found.digest.clone(), Files::Archive(found.files.clone()));
    let mut answer = render(observed, spec, against, &version, content, &Root::Chart(&found.files))?;
    if let (Ok(loaded), Some(why)) = (&mut answer, &found.substituted) {
        loaded.findings.push((SUBSTITUTED, why.clone()));
    }
    Ok(answer)
}

fn listing(source: &Source, failure: &SourceFailure) -> String {
    match failure.kind {
        SourceFailureKind::RevisionMissing => format!("chart '{}' not found in index", source.chart),
        _ if helm::is_registry(&source.repo_url) => format!("unable to get tags: {}", failure.message),
        _ => format!("error loading repo index: {}", failure.message),
    }
}

/// Where files of values are looked for.
enum Root<'a> {
    /// In the chart itself.
    Chart(&'a chart::files::FileSet),
    /// Anywhere in the repository that the chart lies in.
    Repository { url: &'a str, commit: &'a str, path: &'a str, files: &'a FileSet },
}

impl Root<'_> {
    fn chart(&self) -> &str {
        match self {
            Self::Chart(_) => "",
            Self::Repository { path, .. } => path,
        }
    }

    /// The contents; nothing where there is no such file.
    fn read(&self, observed: &Observed, place: &helm::Place) -> Result<Option<Arc<[u8]>>, Query> {
        let (url, commit, path, files) = match self {
            Self::Chart(files) => return Ok(files.get(&place.path).map(|file| file.data.clone())),
            Self::Repository { url, commit, path, files } => (*url, *commit, *path, *files),
        };
        if let Some(below) = place.below(path) {
            return Ok(files.0.get(below).cloned());
        }
        let directory = place.directory().to_string();
        match observed.trees.get(&(url.to_string(), commit.to_string(), directory.clone())) {
            None => Err(Query::Tree { url: url.into(), commit: commit.into(), path: directory }),
            Some(Ok(files)) => Ok(files.0.get(place.name()).cloned()),
            Some(Err(_)) => Ok(None),
        }
    }
}

fn render(
    observed: &Observed,
    spec: &Validated,
    against: &Against,
    revision: &str,
    content: (String, Files),
    root: &Root<'_>,
) -> Answer<Loaded, Failed> {
    let failed = |message: String| Ok(Err((revision.to_string(), unknown(message))));
    let request = match request(observed, spec, against, revision, content, root)? {
        Ok(request) => request,
        Err(message) => return failed(message),
    };
    let rendered = match observed.rendered.get(&request.digest()) {
        None => return Err(vec![Query::Render(Box::new(request))]),
        Some(Ok(rendered)) => rendered,
        Some(Err(message)) => return failed(message.clone()),
    };
    let mut found = Vec::new();
    for (index, document) in rendered.documents.iter().enumerate() {
        let object = document.object.as_ref().clone();
        if let Err(error) = manifests::expand_list(&document.source, index + 1, object, &mut found) {
            return failed(error.to_string());
        }
    }
    let findings = rendered.findings.iter().map(|finding| (VALUES, of_values(finding))).collect();
    Ok(Ok(Loaded { revision: revision.to_string(), manifests: found, source_type: "Helm", findings }))
}

fn of_values(finding: &OfValues) -> String {
    match finding {
        OfValues::Unread { path, near: Some(near) } => {
            format!("{path}: no template of the chart reads this value; did you mean {near}?")
        }
        OfValues::Unread { path, near: None } => format!("{path}: no template of the chart reads this value"),
        OfValues::Kept { path } => {
            format!("{path}: comes from the chart's defaults, beside what you gave; set it to null to drop it")
        }
    }
}

fn request(
    observed: &Observed,
    spec: &Validated,
    against: &Against,
    revision: &str,
    (chart, files): (String, Files),
    root: &Root<'_>,
) -> Answer<Request, String> {
    let Some(capabilities) = &observed.capabilities else { return Err(vec![Query::Capabilities]) };
    let options = match Options::of(&against.source) {
        Ok(options) => options,
        Err(message) => return Ok(Err(message)),
    };
    let build = Build::new(&spec.instance, &spec.destination_namespace, &against.source, revision);
    let wanted = if options.kube_version.is_empty() { &capabilities.kube_version } else { &options.kube_version };
    let kube_version = match helm::plain_kube_version(wanted) {
        Ok(version) => version,
        Err(message) => return Ok(Err(message)),
    };
    let value_files = match value_files(observed, &options, &build, root)? {
        Ok(files) => files,
        Err(message) => return Ok(Err(message)),
    };
    let set_files = match set_files(observed, &options, &build, root)? {
        Ok(files) => files,
        Err(message) => return Ok(Err(message)),
    };
    let or = |own: &str, otherwise: &str| if own.is_empty() { otherwise.to_string() } else { own.to_string() };
    Ok(Ok(Request {
        chart,
        files,
        release: or(&options.release_name, &spec.name),
        namespace: or(&options.namespace, &spec.destination_namespace),
        kube_version,
        api_versions: if options.api_versions.is_empty() {
            capabilities.api_versions.clone()
        } else {
            options.api_versions.clone()
        },
        value_files,
        parameters: parameters(&options, &build),
        values: options.values,
        values_object: options.values_object.filter(|object| object.as_object().is_some_and(|map| !map.is_empty())),
        set_files,
        include_crds: !options.skip_crds,
        skip_tests: options.skip_tests,
        skip_schema: options.skip_schema_validation,
        track: spec.track_values,
    }))
}

type Contents = Option<Arc<[u8]>>;

fn value_files(
    observed: &Observed,
    options: &Options,
    build: &Build,
    root: &Root<'_>,
) -> Answer<Vec<(String, Contents)>, String> {
    let mut found: Vec<(String, Contents)> = Vec::new();
    let mut needs = Vec::new();
    for raw in &options.value_files {
        let place = match helm::resolve(root.chart(), &build.expand(raw)) {
            Ok(place) => place,
            Err(error) => {
                return Ok(Err(format!("error resolving helm value files: error resolving value file path: {error}")));
            }
        };
        let shown = shown(&place);
        match root.read(observed, &place) {
            Err(query) => needs.push(query),
            Ok(None) if options.ignore_missing_value_files => {}
            Ok(_) if found.iter().any(|(known, _)| *known == shown) => {}
            Ok(contents) => found.push((shown, contents)),
        }
    }
    if needs.is_empty() { Ok(Ok(found)) } else { Err(super::deduplicated(needs)) }
}

fn shown(place: &helm::Place) -> String {
    format!("<path to cached source>/{}", place.path)
}

fn set_files(observed: &Observed, options: &Options, build: &Build, root: &Root<'_>) -> Answer<Vec<SetFile>, String> {
    let mut found: Vec<SetFile> = Vec::new();
    let mut needs = Vec::new();
    for parameter in &options.file_parameters {
        let place = match helm::resolve(root.chart(), &build.expand(&parameter.path)) {
            Ok(place) => place,
            Err(error) => return Ok(Err(format!("error resolving helm value file path: {error}"))),
        };
        // The last of a name wins.
        found.retain(|file| file.name != parameter.name);
        match root.read(observed, &place) {
            Err(query) => needs.push(query),
            Ok(contents) => found.push(SetFile { name: parameter.name.clone(), path: shown(&place), contents }),
        }
    }
    if needs.is_empty() { Ok(Ok(found)) } else { Err(super::deduplicated(needs)) }
}

/// The last of a name wins, as in upstream's maps; their order is the spec's.
fn parameters(options: &Options, build: &Build) -> Vec<(String, String, bool)> {
    let mut found: Vec<(String, String, bool)> = Vec::new();
    for parameter in &options.parameters {
        found.retain(|(name, _, text)| (name, text) != (&parameter.name, &parameter.force_string));
        found.push((parameter.name.clone(), build.expand(&parameter.value), parameter.force_string));
    }
    found
}

type Tree = (String, Arc<FileSet>);

/// The commit and its files; the inner error is the text of a condition.
fn files(observed: &Observed, against: &Against) -> Answer<Tree, String> {
    let url = &against.source.repo_url;
    let commit = if is_commit(&against.revision) {
        against.revision.clone()
    } else {
        match observed.resolved.get(&(url.clone(), against.revision.clone())) {
            None => return Err(vec![Query::Resolve { url: url.clone(), revision: against.revision.clone() }]),
            Some(Ok(commit)) => commit.clone(),
            Some(Err(failure)) => return Ok(Err(describe(failure, against))),
        }
    };
    let path = &against.source.path;
    match observed.trees.get(&(url.clone(), commit.clone(), path.clone())) {
        None => Err(vec![Query::Tree { url: url.clone(), commit, path: path.clone() }]),
        Some(Ok(files)) => Ok(Ok((commit, files.clone()))),
        Some(Err(failure)) => Ok(Err(describe(failure, against))),
    }
}

fn describe(failure: &SourceFailure, against: &Against) -> String {
    let (revision, path) = (&against.revision, &against.source.path);
    unknown(match failure.kind {
        SourceFailureKind::Empty => {
            format!("unable to resolve '{revision}' to a commit SHA: {}; waiting for the first push", failure.message)
        }
        SourceFailureKind::RevisionMissing => {
            format!("unable to resolve '{revision}' to a commit SHA: {}", failure.message)
        }
        SourceFailureKind::PathMissing => format!("{path}: app path does not exist"),
        SourceFailureKind::Unreachable | SourceFailureKind::Denied => {
            format!("failed to list refs: {}", failure.message)
        }
        SourceFailureKind::NotAllowed | SourceFailureKind::TooLarge | SourceFailureKind::Other => {
            failure.message.clone()
        }
    })
}

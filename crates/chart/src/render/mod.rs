//! One render: values and objects of the release, every template in Helm's order, Helm's words for what fails.

mod errors;
mod objects;
#[cfg(test)]
mod tests;
mod top;

use std::{collections::BTreeMap, sync::Arc};

use api::env::{Clock, Entropy};
use gotemplate::{Dialect, Limits, Map, MapType, Offline, Run, Templates, Text, Value};
use memchr::memmem;

use crate::{
    Chart, Documents, Error, Rendered,
    loaded::Compiled,
    manifests::{self, Made},
    schema,
    values::{self, Coalesce, Table, to_map},
};

/// What is installed, and where.
#[derive(Debug, Clone)]
pub struct Release {
    pub dialect: Dialect,
    pub name: String,
    pub namespace: String,
    pub is_upgrade: bool,
    /// As `--kube-version` has it; without it Helm's own default.
    pub kube_version: Option<String>,
    /// Beside those of Kubernetes itself.
    pub api_versions: Vec<String>,
    pub include_crds: bool,
    pub skip_schema: bool,
    /// Whether to note what is read of the values.
    pub track: bool,
    pub limits: Limits,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            dialect: Dialect::Helm4,
            name: "release-name".to_owned(),
            namespace: "default".to_owned(),
            is_upgrade: false,
            kube_version: None,
            api_versions: Vec::new(),
            include_crds: false,
            skip_schema: false,
            track: false,
            limits: Limits::default(),
        }
    }
}

/// Renders a chart, as `helm template` does: nothing is asked of a cluster.
pub fn render(
    chart: &Chart,
    given: &Table,
    release: &Release,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> Result<Rendered, Error> {
    remembering(chart, given, release, clock, entropy, None)
}

/// A render that looks up the documents that it makes, and keeps those that are new.
pub(crate) fn remembering(
    chart: &Chart,
    given: &Table,
    release: &Release,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    memory: Option<&Documents>,
) -> Result<Rendered, Error> {
    let dialect = release.dialect;
    let helm4 = dialect == Dialect::Helm4;
    let mut warnings = chart.warnings.clone();
    let version = top::kube_version(release)?;
    if chart.metadata.deprecated {
        let told = if helm4 { "this chart is deprecated" } else { "WARNING: This chart is deprecated" };
        warnings.push(told.to_owned());
    }
    installable(chart, dialect)?;
    release_name(&release.name, helm4)?;
    let mut chart = chart.clone();
    let processed = values::process(&mut chart, given, dialect, &mut warnings);
    processed.map_err(|error| match helm4 {
        true => Error::new(format!("chart dependencies processing failed: {error}")),
        false => error,
    })?;
    let mut values = given.clone();
    Coalesce { dialect, warnings: &mut warnings }.chart(&chart, &mut values, "", false)?;
    if !release.skip_schema {
        schema::validate(&chart, &values, dialect)?;
    }
    let wanted = &chart.metadata.kube_version;
    if !wanted.is_empty() && !version.fits(wanted) {
        return Err(Error::new(format!(
            "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
            version.version
        )));
    }
    let values = to_map(&values).with_type(MapType::Values);
    share_globals(&chart, &values);
    let top = top::top(release, &version);
    let mut sources = BTreeMap::new();
    scope(&chart, "", &values, &top, dialect, &mut sources);
    let host = Offline { clock, entropy, dialect };
    let (files, unread, missing) = execute(&chart.compiled, &sources, &host, release, &values)?;
    let crds = if release.include_crds { crds(&chart, "") } else { Vec::new() };
    let mut rendered = manifests::sort(files, crds, dialect, memory, &mut warnings)?;
    rendered.warnings = warnings;
    rendered.unread = unread;
    rendered.missing = missing;
    Ok(rendered)
}

fn installable(chart: &Chart, dialect: Dialect) -> Result<(), Error> {
    if chart.is_library() {
        return Err(Error::new(format!("{} charts are not installable", chart.metadata.kind)));
    }
    chart.check_dependencies(dialect)
}

/// Labels of DNS, dots between them, at most 53 characters.
fn release_name(name: &str, helm4: bool) -> Result<(), Error> {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let label = |label: &str| {
        let bytes = label.as_bytes();
        edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(|byte| edge(Some(byte)) || *byte == b'-')
    };
    let before = if helm4 { "release name check failed: " } else { "" };
    if name.is_empty() {
        return Err(Error::new(format!("{before}release name {name:?}: no name provided")));
    }
    if name.len() > 53 || !name.split('.').all(label) {
        return Err(Error::new(format!(
            "{before}release name {name:?}: invalid release name, must match regex \
             ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53"
        )));
    }
    Ok(())
}

fn below(map: &Map, name: &str) -> Option<Map> {
    match map.get(name.as_bytes()) {
        Some(Value::Map(below)) => Some(below),
        _ => None,
    }
}

/// Tables within tables of the globals are one for a chart and its subcharts: what a template sets there, they all see.
fn share_globals(chart: &Chart, values: &Map) {
    let Some(global) = below(values, "global") else { return };
    let tables = |map: &Map| -> Vec<(Text, Map)> {
        let of = |(name, value): (&Text, &Value)| match value {
            Value::Map(map) => Some((name.clone(), map.clone())),
            _ => None,
        };
        map.read().iter().filter_map(of).collect()
    };
    for subchart in &chart.subcharts {
        let Some(own) = below(values, subchart.name()) else { continue };
        for (name, table) in tables(&global) {
            let Some(into) = below(&own, "global").and_then(|global| below(&global, &name.to_str())) else { continue };
            for (name, shared) in tables(&table) {
                if below(&into, &name.to_str()).is_some() {
                    into.insert(name, Value::Map(shared));
                }
            }
        }
        share_globals(subchart, &own);
    }
}

/// A template, and the object that it sees as `.`.
struct Source<'a> {
    text: &'a Arc<[u8]>,
    dot: Map,
    base: String,
}

/// The object of a chart and of those below it; their templates are collected.
fn scope<'a>(
    chart: &'a Chart,
    parent: &str,
    values: &Map,
    top: &top::Top,
    dialect: Dialect,
    sources: &mut BTreeMap<String, Source<'a>>,
) -> Map {
    let place = chart.place(parent);
    let subcharts = Map::default();
    let dot: Map = [
        ("Chart", objects::chart(chart, parent.is_empty(), dialect)),
        ("Files", objects::files(&chart.files)),
        ("Release", Value::Map(top.release.clone())),
        ("Capabilities", top.capabilities.clone()),
        ("Values", Value::Map(values.clone())),
        ("Subcharts", Value::Map(subcharts.clone())),
    ]
    .into_iter()
    .map(|(name, value)| (Text::from(name), value))
    .collect();
    let above = chart.origin.as_ref().unwrap_or(&place);
    for below in &chart.subcharts {
        let name = below.name();
        let own = match values.get(name.as_bytes()) {
            Some(Value::Map(own)) => own.with_type(MapType::Values),
            _ => Map::default().with_type(MapType::Values),
        };
        let object = scope(below, above, &own, top, dialect, sources);
        subcharts.insert(name.into(), Value::Map(object));
    }
    let base = format!("{place}/templates");
    for file in chart.templates.iter().filter(|file| chart.parses(&file.name)) {
        let source = Source { text: &file.data, dot: dot.clone(), base: base.clone() };
        sources.insert(format!("{place}/{}", file.name), source);
    }
    dot
}

pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

type Files = BTreeMap<String, Arc<Made>>;

/// Parses and executes in Helm's order, deep paths first: what one template sets, a later one sees.
fn execute(
    compiled: &Compiled,
    sources: &BTreeMap<String, Source<'_>>,
    host: &Offline<'_>,
    release: &Release,
    values: &Map,
) -> Result<(Files, Vec<String>, Vec<String>), Error> {
    let mut order: Vec<&String> = sources.keys().collect();
    order.sort_by_key(|name| std::cmp::Reverse((name.matches('/').count(), *name)));
    let texts: Vec<(&str, &Arc<[u8]>)> = order.iter().map(|name| (name.as_str(), sources[*name].text)).collect();
    let templates = compiled.templates(&texts).map_err(|error| Error::new(errors::of_parse(&error)))?;
    let mut run = Run::new(&templates, host, release.limits);
    if release.track {
        run.track("", values);
    }
    let mut files = Files::new();
    for name in order.into_iter().filter(|name| !base_name(name).starts_with('_')) {
        let source = &sources[name];
        let template: Map = [("Name", name.as_str()), ("BasePath", source.base.as_str())]
            .into_iter()
            .map(|(key, value)| (Text::from(key), Value::text(value)))
            .collect();
        source.dot.insert("Template".into(), Value::Map(template.with_type(MapType::Values)));
        let text = run.execute(name, &Value::Map(source.dot.clone()));
        let text = text.map_err(|error| errors::of_run(error, release.dialect))?;
        let made = Arc::new(Made::new(without_no_value(text), release.dialect));
        if let Some(early) = compiled.early.as_ref().filter(|_| !manifests::is_notes(name)) {
            early.ahead.push(Arc::<Made>::clone(&made));
        }
        files.insert(name.clone(), made);
    }
    let reads = run.reads();
    let missing = reads.map(|reads| reads.missing().map(str::to_owned).collect()).unwrap_or_default();
    Ok((files, reads.map(gotemplate::Reads::unread).unwrap_or_default(), missing))
}

fn without_no_value(text: Vec<u8>) -> Vec<u8> {
    const MARK: &[u8] = b"<no value>";
    let mark = memmem::Finder::new(MARK);
    let Some(first) = mark.find(&text) else { return text };
    let mut out = text[..first].to_vec();
    let mut rest = &text[first + MARK.len()..];
    while let Some(at) = mark.find(rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + MARK.len()..];
    }
    out.extend_from_slice(rest);
    out
}

fn crds(chart: &Chart, parent: &str) -> Vec<(String, Arc<[u8]>)> {
    let place = chart.place(parent);
    let is_manifest = |name: &str| {
        let extension = base_name(name).rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        extension.is_some_and(|extension| ["yaml", "yml", "json"].contains(&extension.as_str()))
    };
    let own = chart.files.iter().filter(|file| file.name.starts_with("crds/") && is_manifest(&file.name));
    let mut found: Vec<_> = own.map(|file| (format!("{place}/{}", file.name), Arc::clone(&file.data))).collect();
    let above = chart.origin.as_ref().unwrap_or(&place);
    found.extend(chart.subcharts.iter().flat_map(|chart| crds(chart, above)));
    found
}

/// A text for a release that a template makes of nothing.
pub fn name_from(template: &str, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<String, Error> {
    let mut templates = Templates::new();
    templates.parse("name-template", template).map_err(|error| Error::new(error.to_string()))?;
    let host = Offline { clock, entropy, dialect: Dialect::Helm4 };
    let name = Run::new(&templates, &host, Limits::default()).execute("name-template", &Value::Nil);
    let name = name.map_err(|error| Error::new(error.to_string()))?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

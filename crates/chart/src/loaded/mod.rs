//! A chart out of its files: metadata, values, templates, subcharts. Nothing of it changes afterwards.

mod compiled;
mod metadata;

use std::{collections::BTreeMap, sync::Arc};

use gotemplate::Dialect;

use crate::{
    Error,
    files::{Budget, File, FileSet},
    schema::Schema,
    values::{self, Table},
};
pub(crate) use compiled::Compiled;
pub(crate) use metadata::field;
pub use metadata::{Dependency, Metadata};

/// Charts within charts.
const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone)]
pub struct Chart {
    pub metadata: Metadata,
    pub(crate) values: Table,
    pub(crate) schema: Option<Arc<Schema>>,
    pub(crate) templates: Arc<Vec<File>>,
    pub(crate) files: Arc<Vec<File>>,
    pub(crate) subcharts: Vec<Chart>,
    /// What Helm warns of while it loads.
    pub warnings: Vec<String>,
    /// Templates that a render has parsed; clones of the chart share them.
    pub(crate) compiled: Arc<Compiled>,
}

impl Chart {
    pub fn load(files: FileSet, dialect: Dialect) -> Result<Self, Error> {
        let files = files.into_files();
        let how = How { generation: generation(&files, dialect)?, dialect };
        let chart = load(files, how, &mut Budget::default(), 0)?;
        if how.generation == Generation::Third {
            return Err(refuse_third(&chart));
        }
        Ok(chart)
    }

    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    pub(crate) fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }
}

/// What the root's API version asks for. Charts below it are loaded as it is, whatever their own version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    Second,
    /// Charts of `apiVersion: v3`, which helm 4 loads and does not render.
    Third,
}

#[derive(Clone, Copy)]
struct How {
    generation: Generation,
    dialect: Dialect,
}

fn generation(files: &[File], dialect: Dialect) -> Result<Generation, Error> {
    let file = files.iter().find(|file| file.name == "Chart.yaml").filter(|_| dialect == Dialect::Helm4);
    let Some(file) = file else { return Ok(Generation::Second) };
    let version = metadata::api_version(&file.data);
    match version.map_err(|error| Error::new(format!("cannot load Chart.yaml: {error}")))?.as_str() {
        "v1" | "v2" | "" => Ok(Generation::Second),
        "v3" => Ok(Generation::Third),
        _ => Err(Error::new("unsupported chart version")),
    }
}

/// Why helm 4 does not render a chart of version 3. Some of its checks are mistaken, and looked up by whoever meets them.
fn refuse_third(chart: &Chart) -> Error {
    let wanted = chart.metadata.dependencies.as_deref().unwrap_or_default().len();
    if chart.is_library() {
        return Error::new(format!("{} charts are not installable", chart.metadata.kind));
    }
    if chart.subcharts.len() > wanted {
        return Error::new(format!("{}: unsupported chart dependency type", chart.checking(Dialect::Helm4)));
    }
    chart.check_dependencies(Dialect::Helm4).err().unwrap_or_else(|| Error::new("invalid chart apiVersion"))
}

impl Chart {
    fn checking(&self, dialect: Dialect) -> String {
        let an = if dialect == Dialect::Helm4 { "an" } else { "An" };
        format!(
            "{an} error occurred while checking for chart dependencies. \
             You may need to run `helm dependency build` to fetch missing dependencies"
        )
    }

    pub(crate) fn check_dependencies(&self, dialect: Dialect) -> Result<(), Error> {
        let present = |name: &str| self.subcharts.iter().any(|chart| chart.name() == name);
        let wanted = self.metadata.dependencies.iter().flatten().map(|wanted| wanted.name.as_str());
        let missing: Vec<&str> = wanted.filter(|name| !present(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let checking = self.checking(dialect);
        let missing = missing.join(", ");
        Err(Error::new(format!("{checking}: found in Chart.yaml, but missing in charts/ directory: {missing}")))
    }
}

fn load(files: Vec<File>, how: How, budget: &mut Budget, depth: usize) -> Result<Chart, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::new(format!("charts are nested more than {DEPTH_MAX} deep")));
    }
    let mut metadata = None;
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let read = Metadata::default().read(&file.data, how.dialect);
        metadata = Some(read.map_err(|error| Error::new(format!("cannot load Chart.yaml: {error}")))?);
    }
    let mut chart = Chart {
        metadata: Metadata::default(),
        values: Table::new(),
        schema: None,
        templates: Arc::default(),
        files: Arc::default(),
        subcharts: Vec::new(),
        warnings: Vec::new(),
        compiled: Arc::default(),
    };
    let missing = metadata.is_none();
    chart.metadata = metadata.unwrap_or_default();
    if !missing && chart.metadata.api_version.is_empty() {
        "v1".clone_into(&mut chart.metadata.api_version);
    }
    let mut below: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        sort_in(&mut chart, file, how, &mut below)?;
    }
    if missing {
        return Err(Error::new("Chart.yaml file is missing"));
    }
    chart.metadata.validate().map_err(|error| Error::new(format!("validation: {error}")))?;
    for (name, files) in below.into_iter().filter(|(name, _)| !name.starts_with(['_', '.'])) {
        let unpacking = format!("error unpacking subchart {name} in {}", chart.name());
        let subchart = subchart(&name, files, &chart, how, budget, depth)
            .map_err(|error| Error::new(format!("{unpacking}: {error}")))?;
        chart.warnings.extend(subchart.warnings.iter().cloned());
        chart.subcharts.push(subchart);
    }
    Ok(chart)
}

fn subchart(
    name: &str,
    files: Vec<File>,
    parent: &Chart,
    how: How,
    budget: &mut Budget,
    depth: usize,
) -> Result<Chart, Error> {
    if !name.ends_with(".tgz") {
        let within =
            |file: File| file.name.split_once('/').map(|(_, rest)| File { name: rest.to_owned(), ..file.clone() });
        return load(files.into_iter().filter_map(within).collect(), how, budget, depth + 1);
    }
    match files.first() {
        Some(file) if file.name == name => {
            let refused = |error: crate::files::Error| Error::new(error.to_string());
            budget.enter().map_err(refused)?;
            let files = FileSet::from_archive_within(&file.data, budget).map_err(refused)?;
            let chart = load(files.into_files(), how, budget, depth + 1);
            budget.leave();
            chart
        }
        Some(file) => Err(Error::new(format!(
            "error unpacking subchart tar in {}: expected {name}, got {}",
            parent.name(),
            file.name
        ))),
        None => Err(Error::new("no files")),
    }
}

/// Dependencies and their lock, as charts of version 1 had them.
fn requirements(chart: &mut Chart, file: File, dialect: Dialect) -> Result<(), Error> {
    let first = chart.metadata.api_version == "v1";
    let failed = |error: String| Error::new(format!("cannot load {}: {error}", file.name));
    let mut warn = |text: &str| {
        if !first {
            chart.warnings.push(format!("Warning: {text}"));
        }
    };
    if file.name == "requirements.yaml" {
        warn(
            "Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.",
        );
        chart.metadata = std::mem::take(&mut chart.metadata).read(&file.data, dialect).map_err(failed)?;
    } else {
        metadata::check_lock(&file.data, dialect).map_err(failed)?;
        warn(
            "Dependency locking is handled in Chart.lock since apiVersion \"v2\". We recommend migrating to Chart.lock.",
        );
    }
    if chart.metadata.api_version == "v1" {
        Arc::make_mut(&mut chart.files).push(file);
    }
    Ok(())
}

fn sort_in(chart: &mut Chart, file: File, how: How, below: &mut BTreeMap<String, Vec<File>>) -> Result<(), Error> {
    match file.name.as_str() {
        "Chart.yaml" => {}
        "Chart.lock" => {
            let checked = metadata::check_lock(&file.data, how.dialect);
            checked.map_err(|error| Error::new(format!("cannot load Chart.lock: {error}")))?;
        }
        "values.yaml" => {
            let read = values::read_file(&file.data, how.dialect);
            chart.values = read.map_err(|error| Error::new(format!("cannot load values.yaml: {error}")))?;
        }
        "values.schema.json" => chart.schema = Some(Arc::new(Schema::new(file.data))),
        "requirements.yaml" | "requirements.lock" if how.generation == Generation::Second => {
            return requirements(chart, file, how.dialect);
        }
        name if name.starts_with("templates/") => Arc::make_mut(&mut chart.templates).push(file),
        name if name.starts_with("charts/") && !name.ends_with(".prov") => {
            let within = name["charts/".len()..].to_owned();
            let first = within.split('/').next().unwrap_or_default().to_owned();
            below.entry(first).or_default().push(File { name: within, data: file.data });
        }
        _ => Arc::make_mut(&mut chart.files).push(file),
    }
    Ok(())
}

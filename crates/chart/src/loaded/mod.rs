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
        load(files.into_files(), dialect, &mut Budget::default(), 0)
    }

    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    pub(crate) fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }
}

fn load(files: Vec<File>, dialect: Dialect, budget: &mut Budget, depth: usize) -> Result<Chart, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::new(format!("charts are nested more than {DEPTH_MAX} deep")));
    }
    let mut metadata = None;
    for file in files.iter().filter(|file| file.name == "Chart.yaml") {
        let read =
            Metadata::default().read(&file.data).map_err(|e| Error::new(format!("cannot load Chart.yaml: {e}")))?;
        metadata = Some(read);
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
        sort_in(&mut chart, file, dialect, &mut below)?;
    }
    if missing {
        return Err(Error::new("Chart.yaml file is missing"));
    }
    chart.metadata.validate().map_err(|error| Error::new(format!("validation: {error}")))?;
    for (name, files) in below.into_iter().filter(|(name, _)| !name.starts_with(['_', '.'])) {
        let unpacking = format!("error unpacking subchart {name} in {}", chart.name());
        let subchart = subchart(&name, files, &chart, dialect, budget, depth)
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
    dialect: Dialect,
    budget: &mut Budget,
    depth: usize,
) -> Result<Chart, Error> {
    if !name.ends_with(".tgz") {
        let within =
            |file: File| file.name.split_once('/').map(|(_, rest)| File { name: rest.to_owned(), ..file.clone() });
        return load(files.into_iter().filter_map(within).collect(), dialect, budget, depth + 1);
    }
    match files.first() {
        Some(file) if file.name == name => {
            let refused = |error: crate::files::Error| Error::new(error.to_string());
            budget.enter().map_err(refused)?;
            let files = FileSet::from_archive_within(&file.data, budget).map_err(refused)?;
            let chart = load(files.into_files(), dialect, budget, depth + 1);
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

fn sort_in(
    chart: &mut Chart,
    file: File,
    dialect: Dialect,
    below: &mut BTreeMap<String, Vec<File>>,
) -> Result<(), Error> {
    match file.name.as_str() {
        "Chart.yaml" | "Chart.lock" => {}
        "values.yaml" => {
            let read = values::read_file(&file.data, dialect);
            chart.values = read.map_err(|error| Error::new(format!("cannot load values.yaml: {error}")))?;
        }
        "values.schema.json" => chart.schema = Some(Arc::new(Schema::new(file.data))),
        "requirements.yaml" | "requirements.lock" => {
            let first = chart.metadata.api_version == "v1";
            if file.name == "requirements.yaml" {
                let metadata = std::mem::take(&mut chart.metadata);
                chart.metadata = metadata
                    .read(&file.data)
                    .map_err(|error| Error::new(format!("cannot load requirements.yaml: {error}")))?;
                if !first {
                    chart.warnings.push("Warning: Dependencies are handled in Chart.yaml since apiVersion \"v2\". We recommend migrating dependencies to Chart.yaml.".to_owned());
                }
            }
            if first {
                Arc::make_mut(&mut chart.files).push(file);
            }
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

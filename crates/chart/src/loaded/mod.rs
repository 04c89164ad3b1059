//! A chart out of its files: metadata, values, templates, subcharts. Nothing of it changes afterwards.

mod compiled;
mod metadata;

use std::{collections::BTreeMap, sync::Arc};

use gotemplate::Dialect;

use crate::{
    Ahead, Error,
    files::{Budget, File, FileSet},
    render::base_name,
    schema::Schema,
    values::{self, Table},
};
pub(crate) use compiled::Compiled;
use compiled::Early;
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
    /// The place that Helm 3 tells of to those below, where that is not the chart's own: it copies a chart that it renames,
    /// and leaves those below with the one that it was.
    pub(crate) origin: Option<String>,
    /// What Helm warns of while it loads.
    pub warnings: Vec<String>,
    /// Templates that a render has parsed; clones of the chart share them.
    pub(crate) compiled: Arc<Compiled>,
}

impl Chart {
    pub fn load(files: FileSet, dialect: Dialect) -> Result<Self, Error> {
        Self::loaded(files, dialect, None)
    }

    /// [`Chart::load`]; the templates, and later the documents that they make, are put into the queue as soon as they are there.
    pub fn load_ahead(files: FileSet, dialect: Dialect, ahead: &Arc<Ahead>) -> Result<Self, Error> {
        Self::loaded(files, dialect, Some(Early::new(Arc::clone(ahead))))
    }

    fn loaded(files: FileSet, dialect: Dialect, early: Option<Early>) -> Result<Self, Error> {
        let files = files.into_files();
        let how = How { generation: generation(&files, dialect)?, dialect };
        let mut loading = Loading { how, budget: Budget::default(), early };
        let mut chart = loading.load(files, "", 0)?;
        chart.compiled = Arc::new(Compiled::new(loading.early));
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

    /// Where templates and files of the chart say that they are from.
    pub(crate) fn place(&self, above: &str) -> String {
        if above.is_empty() { self.name().to_owned() } else { format!("{above}/charts/{}", self.name()) }
    }

    /// Whether a file of `templates/` is parsed: of a library only what others can use.
    pub(crate) fn parses(&self, name: &str) -> bool {
        !self.is_library() || base_name(name).starts_with('_')
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

/// One chart with all those below it.
struct Loading {
    how: How,
    budget: Budget,
    early: Option<Early>,
}

impl Loading {
    /// `above` is the place of the chart that this one belongs to.
    fn load(&mut self, files: Vec<File>, above: &str, depth: usize) -> Result<Chart, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::new(format!("charts are nested more than {DEPTH_MAX} deep")));
        }
        let mut metadata = None;
        for file in files.iter().filter(|file| file.name == "Chart.yaml") {
            let read = Metadata::default().read(&file.data, self.how.dialect);
            metadata = Some(read.map_err(|error| Error::new(format!("cannot load Chart.yaml: {error}")))?);
        }
        let missing = metadata.is_none();
        let mut chart = Chart {
            metadata: metadata.unwrap_or_default(),
            values: Table::new(),
            schema: None,
            templates: Arc::default(),
            files: Arc::default(),
            subcharts: Vec::new(),
            origin: None,
            warnings: Vec::new(),
            compiled: Arc::default(),
        };
        if !missing && chart.metadata.api_version.is_empty() {
            "v1".clone_into(&mut chart.metadata.api_version);
        }
        let place = chart.place(above);
        if let Some(early) = &mut self.early {
            let templates = files.iter().filter(|file| file.name.starts_with("templates/"));
            for file in templates.filter(|file| chart.parses(&file.name)) {
                early.begin(format!("{place}/{}", file.name), &file.data);
            }
        }
        let mut below: BTreeMap<String, Vec<File>> = BTreeMap::new();
        for file in files {
            sort_in(&mut chart, file, self.how, &mut below)?;
        }
        if missing {
            return Err(Error::new("Chart.yaml file is missing"));
        }
        chart.metadata.validate(self.how.dialect).map_err(|error| Error::new(format!("validation: {error}")))?;
        for (name, files) in below.into_iter().filter(|(name, _)| !name.starts_with(['_', '.'])) {
            let unpacking = format!("error unpacking subchart {name} in {}", chart.name());
            let subchart = self
                .subchart(&name, files, &chart, &place, depth)
                .map_err(|error| Error::new(format!("{unpacking}: {error}")))?;
            chart.warnings.extend(subchart.warnings.iter().cloned());
            chart.subcharts.push(subchart);
        }
        Ok(chart)
    }

    fn subchart(
        &mut self,
        name: &str,
        files: Vec<File>,
        parent: &Chart,
        above: &str,
        depth: usize,
    ) -> Result<Chart, Error> {
        if !name.ends_with(".tgz") {
            let within = |file: File| {
                let (_, rest) = file.name.split_once('/')?;
                Some(File { name: rest.to_owned(), data: file.data })
            };
            return self.load(files.into_iter().filter_map(within).collect(), above, depth + 1);
        }
        match files.first() {
            Some(file) if file.name == name => {
                let refused = |error: crate::files::Error| Error::new(error.to_string());
                self.budget.enter().map_err(refused)?;
                let files = FileSet::from_archive_within(&file.data, &mut self.budget).map_err(refused)?;
                let chart = self.load(files.into_files(), above, depth + 1);
                self.budget.leave();
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

//! `windlass render`: a chart from wherever it is, rendered as `helm template` does, printed byte for byte.

mod fetch;
mod files;
mod objects;
mod refused;
mod unused;
mod values;

use std::{sync::Arc, thread};

use chart::{Ahead, Chart, Release, Rendered, Show, files::FileSet};
use gotemplate::Dialect;
use source::chart::{Content, Fetched};

use crate::{
    args::{self, RenderFormat},
    error::Error,
    exit::Exit,
    output,
    process::{SystemClock, SystemEntropy},
};

/// What Helm calls a release without a name here.
const NAME: &str = "release-name";

pub(super) fn run(arguments: &args::Render) -> Result<Exit, Error> {
    refused::check(arguments)?;
    let helm3 = arguments.helm_version == "3";
    let dialect = if helm3 { Dialect::Helm3 } else { Dialect::Helm4 };
    let (name, reference) = name_and_chart(arguments)?;
    let fetched = fetch::chart(reference, &arguments.from)?;
    let given = values::merged(&arguments.values, &arguments.from, dialect)?;
    let chart = load(fetched, dialect)?;
    let release = Release {
        dialect,
        name,
        namespace: arguments.namespace.clone(),
        is_upgrade: arguments.cluster.is_upgrade,
        kube_version: arguments.cluster.kube_version.clone(),
        api_versions: arguments.cluster.api_versions.clone(),
        include_crds: arguments.shown.include_crds,
        skip_schema: arguments.values.skip_schema_validation,
        track: arguments.unused,
        ..Release::default()
    };
    let rendered =
        chart::render(&chart, &given, &release, &SystemClock, &SystemEntropy).map_err(|error| failed(&error))?;
    for warning in &rendered.warnings {
        output::note(warning);
    }
    if arguments.unused {
        return unused::print(arguments.output, &chart::findings(&chart, &given, &rendered));
    }
    if let Some(directory) = &arguments.shown.output_dir {
        files::write(&arguments.shown, directory, &release.name, &rendered)?;
        return Ok(Exit::Ok);
    }
    print(arguments, &rendered)?;
    // The process ends here: giving back a hundred thousand small pieces of memory is a tenth of a big chart's time.
    std::mem::forget((rendered, chart, given));
    Ok(Exit::Ok)
}

fn name_and_chart(arguments: &args::Render) -> Result<(String, &str), Error> {
    let (given, reference) = match arguments.chart.as_slice() {
        [chart] => (arguments.name.as_ref(), chart.as_str()),
        [name, chart] => {
            let also = [
                (arguments.generate_name, "--generate-name"),
                (arguments.name_template.is_some(), "--name-template"),
                (arguments.name.is_some(), "--name"),
            ];
            if let Some((_, flag)) = also.iter().find(|(given, _)| *given) {
                return Err(Error::usage(format!("cannot set {flag} and also specify a name")));
            }
            (Some(name), chart.as_str())
        }
        _ => return Err(Error::usage("a chart is expected, or a name and a chart")),
    };
    let name = match (&arguments.name_template, given) {
        (Some(template), None) => {
            chart::name_from(template, &SystemClock, &SystemEntropy).map_err(|error| Error::new(error.to_string()))?
        }
        (_, given) => given.map_or(NAME, String::as_str).to_owned(),
    };
    Ok((name, reference))
}

/// As many bytes of templates are parsed in the time that it takes to start a thread, and twice as many in vain.
const WORTH_A_THREAD: usize = 48 << 10;
/// As the main thread has it.
const STACK_BYTES: usize = 8 << 20;

fn load(fetched: Fetched, dialect: Dialect) -> Result<Chart, Error> {
    let files = match fetched.content {
        Content::Directory(files) => FileSet::from_walk(files),
        Content::Archive(bytes) => FileSet::from_archive(&bytes),
    };
    let files = files.map_err(|error| Error::new(error.to_string()).because(fetched.origin))?;
    let chart = match beside(&files) {
        Some(ahead) => Chart::load_ahead(files, dialect, &ahead),
        None => Chart::load(files, dialect),
    };
    chart.map_err(|error| failed(&error))
}

/// A second thread for what can be done ahead. It ends with the process.
fn beside(files: &FileSet) -> Option<Arc<Ahead>> {
    let templates = files.files().iter().filter(|file| file.name.ends_with(".tgz") || file.name.contains("templates/"));
    if templates.map(|file| file.data.len()).sum::<usize>() < WORTH_A_THREAD {
        return None;
    }
    let ahead = Arc::new(Ahead::default());
    let queue = Arc::clone(&ahead);
    // Where there is none to be had, one thread does it all.
    thread::Builder::new().stack_size(STACK_BYTES).spawn(move || queue.work()).ok().map(|_| ahead)
}

fn failed(error: &chart::Error) -> Error {
    let told = Error::new(error.to_string());
    match error {
        chart::Error::Template { error, .. } => chain(told, error),
        chart::Error::Output(_) => told.hint("what the template made is no YAML: look at its indentation"),
        chart::Error::Chart(_) => told,
    }
}

/// Where it happened, innermost last, when more than one template took part.
fn chain(mut told: Error, error: &gotemplate::ExecError) -> Error {
    let mut places = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if error.line > 0 {
            places.push(format!("{} line {}, in {:?} at <{}>", error.name, error.line, error.template, error.context));
        }
        next = error.below.as_deref();
    }
    if places.len() > 1 {
        told = told.hint(format!("through {}", places.join("; then ")));
    }
    if let Some(path) = error.root().context.split_whitespace().find_map(|word| word.strip_prefix(".Values.")) {
        told = told.hint(format!("the value is `{path}`"));
    }
    told
}

fn print(arguments: &args::Render, rendered: &Rendered) -> Result<(), Error> {
    let show = Show {
        no_hooks: arguments.shown.no_hooks,
        skip_tests: arguments.shown.skip_tests,
        only: arguments.shown.show_only.clone(),
    };
    let text = rendered.text(&show).map_err(|error| failed(&error))?;
    match arguments.output {
        RenderFormat::Yaml => output::raw(&text),
        RenderFormat::Json => output::data(&objects::list(&text)?),
    }
    Ok(())
}

//! `--output-dir`: a file for each template instead of stdout, written and told of as helm does. Notes are not written.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use chart::Rendered;

use crate::{
    args,
    error::{Context, Error},
    output,
};

pub(super) fn write(arguments: &args::Shown, directory: &Path, name: &str, rendered: &Rendered) -> Result<(), Error> {
    let directory = if arguments.release_name { directory.join(name) } else { directory.to_owned() };
    // What a template makes is one file: the first document begins it.
    let mut begun = BTreeSet::new();
    let crds = rendered.crds.iter().map(|(source, text)| (source, text));
    let manifests = rendered.manifests.iter().map(|manifest| (&manifest.source, &manifest.text));
    for (source, text) in crds.chain(manifests) {
        let begins = begun.insert(source);
        document(&directory, source, text, !begins)?;
    }
    let shown = |hook: &&chart::Hook| !(arguments.skip_tests && hook.events.iter().any(|event| event == "test"));
    for hook in rendered.hooks.iter().filter(shown).filter(|_| !arguments.no_hooks) {
        // As helm: a hook is added to a file that is there, even to one of an earlier run.
        let source = &hook.manifest.source;
        document(&directory, source, &hook.manifest.text, place(&directory, source).exists())?;
    }
    // What is left for stdout: no manifest, and the line end behind it.
    output::data("");
    match arguments.show_only.first() {
        Some(only) => Err(Error::new(format!("could not find template {only} in chart"))
            .hint("--output-dir writes every template; leave one of the two flags away")),
        None => Ok(()),
    }
}

/// As helm joins them: a slash between, nothing cleaned.
fn place(directory: &Path, source: &str) -> PathBuf {
    PathBuf::from(format!("{}/{source}", directory.display()))
}

fn document(directory: &Path, source: &str, text: &[u8], append: bool) -> Result<(), Error> {
    let path = place(directory, source);
    // Helm 3 takes `..` for the name of a chart.
    if source.split('/').any(|part| part == "..") {
        return Err(Error::new(format!("{} is not written: it is outside of {}", path.display(), directory.display())));
    }
    let failed = || format!("{} cannot be written", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).context(failed())?;
    }
    let mut options = OpenOptions::new();
    let mut file = match append {
        true => options.append(true),
        false => options.write(true).create(true).truncate(true),
    }
    .open(&path)
    .context(failed())?;
    let mut out = format!("---\n# Source: {source}\n").into_bytes();
    out.extend_from_slice(text);
    out.push(b'\n');
    file.write_all(&out).context(failed())?;
    output::data(&format!("wrote {}", path.display()));
    Ok(())
}

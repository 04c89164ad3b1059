//! The values of a command line: files, then the flags, in helm's order and with helm's words for what cannot be read.

use std::{fs, io::Read};

use chart::values::{Table, Tree, strvals};
use gotemplate::{Value, yaml};

use super::fetch;
use crate::{args, error::Error};

pub(super) fn merged(arguments: &args::Values, from: &args::From, helm3: bool) -> Result<Table, Error> {
    let mut values = Table::new();
    for name in &arguments.files {
        let table = parse(&read(name.trim(), from)?, helm3)
            .map_err(|error| Error::new(format!("failed to parse {}: {error}", name.trim())))?;
        merge(&mut values, table);
    }
    for text in &arguments.set_json {
        json(text, &mut values)?;
    }
    for text in &arguments.set {
        strvals::set(text, &mut values).map_err(|error| failed("--set", &error))?;
    }
    for text in &arguments.set_string {
        strvals::set_string(text, &mut values).map_err(|error| failed("--set-string", &error))?;
    }
    for text in &arguments.set_file {
        let mut file = |name: &str| read(name, from).map_err(|error| error.message().to_owned());
        strvals::set_file(text, &mut values, &mut file).map_err(|error| failed("--set-file", &error))?;
    }
    for text in &arguments.set_literal {
        strvals::set_literal(text, &mut values).map_err(|error| failed("--set-literal", &error))?;
    }
    Ok(values)
}

fn failed(flag: &str, error: &strvals::Error) -> Error {
    Error::new(format!("failed parsing {flag} data: {error}"))
}

fn read(name: &str, from: &args::From) -> Result<Vec<u8>, Error> {
    if name == "-" {
        let mut text = Vec::new();
        let read = std::io::stdin().read_to_end(&mut text);
        return read.map(|_| text).map_err(|error| Error::new(format!("read stdin: {}", plain(&error))));
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return fetch::document(name, from);
    }
    fs::read(name).map_err(|error| {
        let verb = if error.kind() == std::io::ErrorKind::IsADirectory { "read" } else { "open" };
        Error::new(format!("{verb} {name}: {}", plain(&error)))
    })
}

/// As Go words it: without a number, in lower case.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Helm 4 merges all documents of a file, helm 3 reads the first.
fn parse(text: &[u8], helm3: bool) -> Result<Table, String> {
    let first = yaml::read_map(text);
    if helm3 {
        return first.map(|map| table(&map.into())).map_err(|error| error.to_string());
    }
    let whole = || -> Result<Table, String> {
        let mut values = Table::new();
        for document in documents(text) {
            let map = yaml::read_map(document).map_err(|error| error.to_string())?;
            merge(&mut values, table(&map.into()));
        }
        Ok(values)
    };
    whole().map_err(|error| format!("cannot unmarshal yaml document: {error}"))
}

/// The texts between lines that begin with `---`, as Kubernetes' YAML reader cuts them.
fn documents(text: &[u8]) -> Vec<&[u8]> {
    let mut cuts = vec![];
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"---") {
            cuts.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    cuts.push(&text[start..]);
    cuts
}

fn table(value: &Value) -> Table {
    match Tree::of(value) {
        Tree::Table(table) => table,
        _ => Table::new(),
    }
}

/// Later wins; tables are merged.
fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Tree::Table(below)), Tree::Table(value)) => merge(below, value),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn json(text: &str, values: &mut Table) -> Result<(), Error> {
    let trimmed = text.trim();
    if !trimmed.starts_with('{') {
        return strvals::set_json(trimmed, values)
            .map_err(|_| Error::new(format!("failed parsing --set-json data {text}")));
    }
    let read: Result<serde_json::Value, _> = serde_json::from_str(trimmed);
    match read.map(|value| Tree::of_json(&value)) {
        Ok(Tree::Table(table)) => merge(values, table),
        _ => return Err(Error::new(format!("failed parsing --set-json data JSON: {text}"))),
    }
    Ok(())
}

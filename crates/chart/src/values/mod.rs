//! Values: what a chart's defaults, value files and `--set` flags become before a template sees them.

mod coalesce;
mod dependencies;
pub mod strvals;
mod tree;

use gotemplate::{Dialect, Value, yaml};

pub(crate) use coalesce::Coalesce;
pub(crate) use dependencies::process;
pub use tree::{Shared, Table, Tree};
pub(crate) use tree::{table_to_json, to_map};

/// A file of values. Helm 4 merges all documents of it, Helm 3 reads the first.
pub fn read_file(text: &[u8], dialect: Dialect) -> Result<Table, String> {
    if dialect == Dialect::Helm3 {
        return document(text);
    }
    let mut values = Table::new();
    for text in documents(text) {
        let table = document(text).map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
        merge(&mut values, table);
    }
    Ok(values)
}

/// Later wins; tables are merged.
pub fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Tree::Table(below)), Tree::Table(value)) => merge(below, value.into_inner()),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn document(text: &[u8]) -> Result<Table, String> {
    let map = yaml::read_map(text).map_err(|error| error.to_string())?;
    match Tree::of(&Value::Map(map)) {
        Tree::Table(table) => Ok(table.into_inner()),
        _ => Ok(Table::new()),
    }
}

/// As Kubernetes' reader cuts a stream: at lines of `---`, blanks and comments behind it allowed.
fn documents(text: &[u8]) -> Vec<&[u8]> {
    let (mut cuts, mut start, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let ends = line.strip_prefix(b"---").is_some_and(|rest| matches!(rest.trim_ascii().first(), None | Some(b'#')));
        if ends && at > start {
            cuts.push(&text[start..at]);
            start = at + line.len();
        }
        at += line.len();
    }
    if at > start {
        cuts.push(&text[start..]);
    }
    cuts
}

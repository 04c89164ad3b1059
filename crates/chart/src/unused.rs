//! What helm cannot tell: values that were given and that no template reads, and defaults that stay beside what was given.
//!
//! A value counts as read by the rules of gotemplate's `Reads`. Conditions and tags of dependencies are read by Helm itself.

use std::collections::BTreeSet;

use crate::{
    Chart, Rendered,
    values::{Table, Tree},
};

/// Something about the values that is probably not meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A given value that nothing reads, and a known name that is spelled alike.
    Unread { path: String, near: Option<String> },
    /// A default that is one of several named things, where others were given beside it.
    Kept { path: String },
}

/// Needs a render that has tracked what was read.
pub fn findings(chart: &Chart, given: &Table, rendered: &Rendered) -> Vec<Finding> {
    let mut paths = BTreeSet::new();
    collect(given, "", &mut paths);
    let read_by_helm = conditions(chart, "");
    let mut found = BTreeSet::new();
    for path in rendered.unread.iter().filter(|path| paths.contains(*path)) {
        let below = |condition: &String| condition == path || condition.starts_with(&format!("{path}."));
        if !read_by_helm.iter().any(below) {
            found.insert(Finding::Unread { path: path.clone(), near: near(path, chart, rendered) });
        }
    }
    kept(&chart.values, given, "", &mut found);
    found.into_iter().collect()
}

fn join(path: &str, key: &str) -> String {
    let key = key.replace('.', "\\.");
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

fn collect(table: &Table, path: &str, into: &mut BTreeSet<String>) {
    for (key, value) in table {
        let path = join(path, &key.to_str());
        if let Tree::Table(below) = value {
            collect(below, &path, into);
        }
        into.insert(path);
    }
}

fn conditions(chart: &Chart, path: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if path.is_empty() {
        found.insert("tags".to_owned());
        found.insert("global".to_owned());
    }
    for wanted in chart.metadata.dependencies.iter().flatten() {
        for condition in wanted.condition.split(',').map(str::trim).filter(|condition| !condition.is_empty()) {
            found.insert(format!("{path}{condition}"));
        }
        let name = if wanted.alias.is_empty() { &wanted.name } else { &wanted.alias };
        for below in chart.subcharts.iter().filter(|below| below.name() == wanted.name) {
            found.extend(conditions(below, &format!("{path}{name}.")));
        }
    }
    found
}

/// A name that a template asks for in vain, or a default beside it.
fn near(path: &str, chart: &Chart, rendered: &Rendered) -> Option<String> {
    let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
    let own = path.rsplit('.').next().unwrap_or(path);
    let mut table = Some(&chart.values);
    for name in parent.split('.').filter(|name| !name.is_empty()) {
        table = table.and_then(|table| table.get(name.as_bytes())).and_then(Tree::table);
    }
    let defaults = table.into_iter().flatten().map(|(key, _)| join(parent, &key.to_str()));
    let candidates = rendered.missing.iter().cloned().chain(defaults);
    candidates
        .filter(|candidate| candidate != path)
        .filter(|candidate| candidate.rsplit_once('.').map_or("", |(parent, _)| parent) == parent)
        .map(|candidate| (distance(own, candidate.rsplit('.').next().unwrap_or_default()), candidate))
        .filter(|(distance, _)| *distance <= 1 + own.len() / 5)
        .min()
        .map(|(_, candidate)| candidate)
}

fn distance(one: &str, other: &str) -> usize {
    strsim::levenshtein(&one.to_lowercase(), &other.to_lowercase())
}

/// Tables of named tables, such as pools: with a name of one's own, or with a default that is written out whole as if there were
/// none, the defaults' other names are still there.
fn kept(defaults: &Table, given: &Table, path: &str, found: &mut BTreeSet<Finding>) {
    let named = !defaults.is_empty() && defaults.values().all(|value| matches!(value, Tree::Table(_)));
    let new = given.iter().any(|(key, value)| !defaults.contains_key(key) && matches!(value, Tree::Table(_)));
    let whole = given.iter().any(|(key, value)| match (value, defaults.get(key)) {
        (Tree::Table(given), Some(Tree::Table(default))) => {
            default.len() > 1 && default.keys().all(|key| given.contains_key(key))
        }
        _ => false,
    });
    if named && (new || whole) && !path.is_empty() {
        for key in defaults.keys().filter(|key| !given.contains_key(*key)) {
            found.insert(Finding::Kept { path: join(path, &key.to_str()) });
        }
    }
    for (key, value) in given {
        if let (Tree::Table(given), Some(Tree::Table(defaults))) = (value, defaults.get(key)) {
            kept(defaults, given, &join(path, &key.to_str()), found);
        }
    }
}

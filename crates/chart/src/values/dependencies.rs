//! Which subcharts take part, under which names, and what their parents import of their values.

use gotemplate::{
    Dialect,
    semver::{Constraint, Version},
};

use super::{Coalesce, Table, Tree};
use crate::{Chart, Dependency, Error};

/// The chart as it takes part in a render with these values.
pub(crate) fn process(
    chart: &mut Chart,
    given: &Table,
    dialect: Dialect,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    enabled(chart, given, "", dialect, warnings)?;
    imports(chart, dialect, warnings)
}

fn fits(range: &str, version: &str) -> bool {
    match (Constraint::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => false,
    }
}

fn enabled(
    chart: &mut Chart,
    given: &Table,
    path: &str,
    dialect: Dialect,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let Some(mut wanted) = chart.metadata.dependencies.take() else { return Ok(()) };
    let found = std::mem::take(&mut chart.subcharts);
    let is = |chart: &Chart, wanted: &Dependency| {
        chart.name() == wanted.name && fits(&wanted.version, &chart.metadata.version)
    };
    // What is not asked for stays as it is.
    chart.subcharts = found.iter().filter(|found| !wanted.iter().any(|wanted| is(found, wanted))).cloned().collect();
    for wanted in &mut wanted {
        if let Some(found) = found.iter().find(|found| is(found, wanted)) {
            let mut copy = found.clone();
            if !wanted.alias.is_empty() {
                copy.metadata.name.clone_from(&wanted.alias);
            }
            chart.subcharts.push(copy);
        }
        if !wanted.alias.is_empty() {
            wanted.name.clone_from(&wanted.alias);
        }
        wanted.enabled = true;
    }
    let mut values = given.clone();
    Coalesce { dialect, warnings }.chart(chart, &mut values, "", false)?;
    tags(&mut wanted, &values);
    conditions(&mut wanted, &values, path, warnings);
    let off = |name: &str| wanted.iter().any(|wanted| !wanted.enabled && wanted.name == name);
    chart.subcharts.retain(|chart| !off(chart.name()));
    let kept: Vec<Dependency> = wanted.iter().filter(|wanted| !off(&wanted.name)).cloned().collect();
    for below in &mut chart.subcharts {
        let path = format!("{path}{}.", below.name());
        enabled(below, &values, &path, dialect, warnings)?;
    }
    chart.metadata.dependencies = Some(kept).filter(|kept| !kept.is_empty());
    Ok(())
}

fn tags(wanted: &mut [Dependency], values: &Table) {
    let Some(Tree::Table(tags)) = values.get("tags".as_bytes()) else { return };
    for wanted in wanted {
        let (mut yes, mut no) = (false, false);
        for tag in &wanted.tags {
            match tags.get(tag.as_bytes()) {
                Some(Tree::Bool(true)) => yes = true,
                Some(Tree::Bool(false)) => no = true,
                _ => {}
            }
        }
        wanted.enabled = yes || !no;
    }
}

fn conditions(wanted: &mut [Dependency], values: &Table, path: &str, warnings: &mut Vec<String>) {
    for wanted in wanted {
        for condition in wanted.condition.trim().split(',').filter(|condition| !condition.is_empty()) {
            match lookup(values, &format!("{path}{condition}")) {
                Some(Tree::Bool(value)) => {
                    wanted.enabled = *value;
                    break;
                }
                Some(Tree::Table(_)) | None => {}
                Some(_) => warnings.push(format!(
                    "Warning: Condition path '{condition}' for chart {} returned non-bool value",
                    wanted.name
                )),
            }
        }
    }
}

fn lookup<'a>(values: &'a Table, path: &str) -> Option<&'a Tree> {
    let (below, key) = path.rsplit_once('.').map_or((None, path), |(below, key)| (Some(below), key));
    let table = below.map_or(Some(values), |below| table(values, below))?;
    table.get(key.as_bytes())
}

fn table<'a>(values: &'a Table, path: &str) -> Option<&'a Table> {
    path.split('.').try_fold(values, |values, name| values.get(name.as_bytes())?.table())
}

fn imports(chart: &mut Chart, dialect: Dialect, warnings: &mut Vec<String>) -> Result<(), Error> {
    for below in &mut chart.subcharts {
        imports(below, dialect, warnings)?;
    }
    let Some(wanted) = &chart.metadata.dependencies else { return Ok(()) };
    let mut values = Table::new();
    let mut coalesce = Coalesce { dialect, warnings };
    coalesce.chart(chart, &mut values, "", true)?;
    let mut imported = Table::new();
    for wanted in wanted {
        for import in &wanted.import_values {
            let (child, parent) = match import {
                Tree::Text(name) => (format!("exports.{name}"), ".".to_owned()),
                Tree::Table(pair) => {
                    let text = |key: &str| match pair.get(key.as_bytes()) {
                        Some(Tree::Text(text)) => text.to_str().into_owned(),
                        _ => "<nil>".to_owned(),
                    };
                    (text("child"), text("parent"))
                }
                _ => continue,
            };
            match table(&values, &format!("{}.{child}", wanted.name)) {
                Some(found) => {
                    let placed = placed(&parent, found.clone());
                    coalesce.tables(&mut imported, &placed, "", true);
                }
                None => coalesce.warnings.push(format!(
                    "Warning: ImportValues missing table from chart {}: \"{child}\" is not a table",
                    wanted.name
                )),
            }
        }
    }
    coalesce.tables(&mut values, &imported, "", true);
    chart.values = values;
    Ok(())
}

fn placed(path: &str, values: Table) -> Table {
    if path == "." {
        return values;
    }
    path.rsplit('.').fold(values, |values, name| Table::from([(name.into(), Tree::from(values))]))
}

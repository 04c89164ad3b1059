//! Which subcharts take part, under which names, and what their parents import of their values.

use gotemplate::{
    Dialect,
    semver::{Constraint, Version},
};

use std::collections::BTreeSet;

use super::{Coalesce, Table, Tree};
use crate::{Chart, Dependency, Error};

/// The chart as it takes part in a render with these values.
pub(crate) fn process(
    chart: &mut Chart,
    given: &Table,
    dialect: Dialect,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    let mut pass = Pass { dialect, warnings, shared: None };
    if dialect == Dialect::Helm3 {
        number(chart, "", &mut 0);
        pass.shared = Some(Shared::default());
    }
    pass.enabled(chart, given, "")?;
    pass.imports(chart)
}

/// Helm 3 copies a chart that stands under several names without what it asks for: the copies share that, and what was done to a
/// dependency for the first of them is done for all.
#[derive(Default)]
struct Shared {
    renamed: BTreeSet<usize>,
    imported: BTreeSet<usize>,
}

struct Pass<'w> {
    dialect: Dialect,
    warnings: &'w mut Vec<String>,
    shared: Option<Shared>,
}

/// Tells dependencies apart, and charts where they are before any is copied.
fn number(chart: &mut Chart, above: &str, next: &mut usize) {
    let place = chart.place(above);
    for wanted in chart.metadata.dependencies.iter_mut().flatten() {
        wanted.number = *next;
        *next += 1;
    }
    chart.subcharts.iter_mut().for_each(|below| number(below, &place, next));
    chart.origin = Some(place);
}

fn fits(range: &str, version: &str) -> bool {
    match (Constraint::parse(range), Version::parse(version)) {
        (Ok(range), Ok(version)) => range.check(&version),
        _ => false,
    }
}

impl Pass<'_> {
    fn enabled(&mut self, chart: &mut Chart, given: &Table, path: &str) -> Result<(), Error> {
        let Some(mut wanted) = chart.metadata.dependencies.take() else { return Ok(()) };
        // What is below is told of the copy, not of the chart that it was made of.
        chart.origin = None;
        let found = std::mem::take(&mut chart.subcharts);
        for wanted in &mut wanted {
            if self.shared.as_ref().is_some_and(|shared| shared.renamed.contains(&wanted.number)) {
                wanted.name.clone_from(&wanted.alias);
            }
        }
        let is = |chart: &Chart, wanted: &Dependency| {
            chart.name() == wanted.name && fits(&wanted.version, &chart.metadata.version)
        };
        // What is not asked for stays as it is.
        chart.subcharts =
            found.iter().filter(|found| !wanted.iter().any(|wanted| is(found, wanted))).cloned().collect();
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
                if let Some(shared) = &mut self.shared {
                    shared.renamed.insert(wanted.number);
                }
            }
            wanted.enabled = true;
        }
        let mut values = given.clone();
        Coalesce { dialect: self.dialect, warnings: self.warnings }.chart(chart, &mut values, "", false)?;
        tags(&mut wanted, &values);
        conditions(&mut wanted, &values, path, self.warnings);
        let off = |name: &str| wanted.iter().any(|wanted| !wanted.enabled && wanted.name == name);
        chart.subcharts.retain(|chart| !off(chart.name()));
        let kept: Vec<Dependency> = wanted.iter().filter(|wanted| !off(&wanted.name)).cloned().collect();
        for below in &mut chart.subcharts {
            let path = format!("{path}{}.", below.name());
            self.enabled(below, &values, &path)?;
        }
        chart.metadata.dependencies = Some(kept).filter(|kept| !kept.is_empty());
        Ok(())
    }

    fn imports(&mut self, chart: &mut Chart) -> Result<(), Error> {
        for below in &mut chart.subcharts {
            self.imports(below)?;
        }
        let Some(wanted) = &chart.metadata.dependencies else { return Ok(()) };
        let mut values = Table::new();
        let mut coalesce = Coalesce { dialect: self.dialect, warnings: self.warnings };
        coalesce.chart(chart, &mut values, "", true)?;
        let mut imported = Table::new();
        for wanted in wanted {
            if self.shared.as_mut().is_some_and(|shared| !shared.imported.insert(wanted.number)) {
                continue;
            }
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

fn placed(path: &str, values: Table) -> Table {
    if path == "." {
        return values;
    }
    path.rsplit('.').fold(values, |values, name| Table::from([(name.into(), Tree::from(values))]))
}

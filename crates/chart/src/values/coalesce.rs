//! A chart's defaults under what the user gave, by Helm's rules: lists are replaced, tables merged, `null` deletes a default,
//! globals go down to subcharts.

use gotemplate::{Dialect, Text};

use super::{Table, Tree};
use crate::{Chart, Error};

pub(crate) struct Coalesce<'w> {
    pub(crate) dialect: Dialect,
    pub(crate) warnings: &'w mut Vec<String>,
}

const GLOBAL: &str = "global";

fn key(name: &str) -> Text {
    Text::from(name)
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// What Go's `%t` makes of what is no table.
fn not_a_bool(value: &Tree) -> String {
    match value {
        Tree::Null => "%!t(<nil>)".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(value) => format!("%!t(int64={value})"),
        Tree::Float(value) => format!("%!t(float64={value})"),
        Tree::Text(text) => format!("%!t(string={text})"),
        Tree::List(items) => {
            let item = |item: &Tree| if *item == Tree::Null { "<nil>".to_owned() } else { not_a_bool(item) };
            format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(" "))
        }
        // Of tables within lists only: a table is what is wanted.
        Tree::Table(_) => "map[]".to_owned(),
    }
}

impl Coalesce<'_> {
    /// `merge` keeps nulls.
    pub(crate) fn chart(&mut self, chart: &Chart, into: &mut Table, prefix: &str, merge: bool) -> Result<(), Error> {
        self.defaults(chart, into, prefix, merge);
        for below in &chart.subcharts {
            let name = below.name();
            let prefix = joined(prefix, chart.name());
            let globals = into.get(GLOBAL.as_bytes()).cloned();
            match into.entry(key(name)).or_insert_with(|| Tree::from(Table::new())) {
                Tree::Table(values) => {
                    self.globals(values, globals.as_ref(), &prefix);
                    self.chart(below, values, &prefix, merge)?;
                    let own = values.get(GLOBAL.as_bytes()).cloned();
                    if let (Some(own), Some(global)) = (own, into.get_mut(GLOBAL.as_bytes())) {
                        share(&own, global);
                    }
                }
                other => return Err(Error::new(format!("type mismatch on {name}: {}", not_a_bool(other)))),
            }
        }
        share_down(chart, into);
        Ok(())
    }

    fn globals(&mut self, into: &mut Table, from: Option<&Tree>, prefix: &str) {
        let skipping = |whose: &str| format!("warning: skipping globals because {whose} {GLOBAL} is not a table.");
        let mut known = match into.get(GLOBAL.as_bytes()) {
            None => Table::new(),
            Some(Tree::Table(known)) => (**known).clone(),
            Some(_) => return self.warnings.push(skipping("destination")),
        };
        match from {
            None => {}
            Some(Tree::Table(from)) => {
                from.iter().for_each(|(name, value)| self.global(&mut known, name, value, prefix))
            }
            Some(_) => return self.warnings.push(skipping("source")),
        }
        into.insert(key(GLOBAL), Tree::from(known));
    }

    fn global(&mut self, known: &mut Table, name: &Text, value: &Tree, prefix: &str) {
        match (value, known.get(name)) {
            (Tree::Table(value), Some(Tree::Table(below))) => {
                let mut merged = value.clone();
                self.tables(&mut merged, below, &joined(prefix, &name.to_str()), true);
                known.insert(name.clone(), Tree::Table(merged));
            }
            (Tree::Table(_), Some(_)) => {
                self.warnings.push(format!("Conflict: cannot merge map onto non-map for \"{name}\". Skipping."));
            }
            (Tree::Table(_), None) => {
                known.insert(name.clone(), value.clone());
            }
            (_, Some(Tree::Table(_))) => self.warnings.push(format!("key {name} is table. Skipping")),
            _ => {
                known.insert(name.clone(), value.clone());
            }
        }
    }

    fn defaults(&mut self, chart: &Chart, into: &mut Table, prefix: &str, merge: bool) {
        let prefix = joined(prefix, chart.name());
        for (name, default) in &chart.values {
            match into.get_mut(name) {
                None => {
                    into.insert(name.clone(), default.clone());
                }
                Some(Tree::Null) if !merge => {
                    into.remove(name);
                }
                Some(Tree::Table(given)) => match default {
                    Tree::Table(default) => {
                        let below = chart.subcharts.iter().any(|chart| chart.name().as_bytes() == name.as_bytes());
                        let path = joined(&prefix, &name.to_str());
                        self.tables(given, default, &path, below || merge);
                    }
                    Tree::Null => {}
                    _ => self.warnings.push(format!("warning: skipped value for {prefix}.{name}: Not a table.")),
                },
                Some(_) => {}
            }
        }
    }

    /// What `into` lacks comes from `from`.
    pub(crate) fn tables(&mut self, into: &mut Table, from: &Table, prefix: &str, merge: bool) {
        let helm4 = self.dialect == Dialect::Helm4;
        for (name, value) in from {
            match (into.get_mut(name), value) {
                (None, value) => {
                    into.insert(name.clone(), value.clone());
                }
                // Helm 4 keeps a null that overrides a null, and looks no further where there is one.
                (Some(Tree::Null), Tree::Null) if helm4 => {}
                (Some(Tree::Null), _) if !merge => {
                    into.remove(name);
                }
                (Some(Tree::Null), _) if helm4 => {}
                (Some(Tree::Table(known)), Tree::Table(value)) => {
                    self.tables(known, value, &joined(prefix, &name.to_str()), merge);
                }
                (Some(_), Tree::Table(_)) => {
                    let path = joined(prefix, &name.to_str());
                    self.warnings.push(format!("warning: cannot overwrite table with non table for {path}"));
                }
                (Some(Tree::Table(_)), value) if !matches!(value, Tree::Null) => {
                    let path = joined(prefix, &name.to_str());
                    self.warnings.push(format!("warning: destination for {path} is a table. Ignoring non-table value"));
                }
                _ => {}
            }
        }
    }
}

/// Helm copies globals one level deep. What is a table below that is one table of the parent and of all its subcharts: what a
/// subchart's defaults add to it, or take from it, they all see.
fn share(from: &Tree, into: &mut Tree) {
    let (Tree::Table(from), Tree::Table(into)) = (from, into) else { return };
    for (name, value) in from.iter() {
        let (Tree::Table(from), Some(Tree::Table(known))) = (value, into.get(name)) else { continue };
        let differs = |(inner, value): &(&Text, &Tree)| {
            matches!(value, Tree::Table(_))
                && known.get(*inner).is_some_and(|known| matches!(known, Tree::Table(_)) && known != *value)
        };
        let shared: Vec<(Text, Tree)> =
            from.iter().filter(differs).map(|(inner, value)| (inner.clone(), value.clone())).collect();
        if let Some(Tree::Table(known)) = into.get_mut(name).filter(|_| !shared.is_empty()) {
            known.extend(shared);
        }
    }
}

/// The tables that the parent has are the subcharts' too. A table that only a subchart has stays its own.
fn share_down(chart: &Chart, values: &mut Table) {
    let Some(global) = values.get(GLOBAL.as_bytes()).cloned() else { return };
    for below in &chart.subcharts {
        if let Some(Tree::Table(own)) = values.get_mut(below.name().as_bytes()) {
            if let Some(below) = own.get_mut(GLOBAL.as_bytes()) {
                share(&global, below);
            }
            share_down(below, own);
        }
    }
}

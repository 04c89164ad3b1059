//! Functions beyond the standard ones: cel-go's libraries of texts, sets and optional values, and Kubernetes' own.

mod collections;
pub(super) mod formats;
mod moments;
mod net;
mod patterns;
pub(super) mod quantity;
pub(super) mod semver;
mod texts;
mod texts_format;
pub(super) mod url;

use std::{collections::BTreeMap, sync::Arc};

use regex::Regex;

use super::value::{Fault, Items, List, Map, Outcome, Value};

/// A function of a rule: arguments in, the receiver first.
pub(super) type Function = for<'a> fn(&mut Scratch, &[Value<'a>]) -> Outcome<'a>;

/// Bytes that one evaluation may make: costs do not count what a result weighs.
const BYTES_MAX: usize = 128 << 20;
/// What an item of a list counts.
const ITEM_BYTES: usize = 64;
/// What an element that is compared counts.
const ELEMENT_BYTES: usize = 16;
/// Patterns of the data that one evaluation remembers.
const PATTERNS_MAX: usize = 16;

/// What an evaluation may still make, and the patterns that it compiled.
#[derive(Debug)]
pub(super) struct Scratch {
    bytes_left: usize,
    patterns: BTreeMap<String, Result<Arc<Regex>, String>>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { bytes_left: BYTES_MAX, patterns: BTreeMap::new() }
    }
}

impl Scratch {
    /// Room for so many bytes, before they are made.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(Fault::cancelled)?;
        Ok(())
    }

    pub(super) fn take_items(&mut self, count: usize) -> Result<(), Fault> {
        self.take(count.saturating_mul(ITEM_BYTES))
    }

    /// Comparing lists and maps walks them, whatever upstream's price says: so many elements are counted.
    pub(super) fn weigh(&mut self, args: &[Value<'_>]) -> Result<(), Fault> {
        args.iter().try_for_each(|arg| self.weigh_one(arg))
    }

    fn weigh_one(&mut self, value: &Value<'_>) -> Result<(), Fault> {
        match value {
            Value::List(List { items: Items::Data(items, _), .. }) => {
                items.iter().try_for_each(|item| self.weigh_data(item))
            }
            Value::List(List { items: Items::Made(items), .. }) => {
                items.iter().try_for_each(|item| self.weigh_one(item))
            }
            Value::Map(Map::Data(data)) => data.fields.values().try_for_each(|item| self.weigh_data(item)),
            Value::Map(Map::Made(entries)) => entries.values().try_for_each(|item| self.weigh_one(item)),
            Value::Unknown(data) => self.weigh_data(data),
            _ => Ok(()),
        }
    }

    fn weigh_data(&mut self, data: &serde_json::Value) -> Result<(), Fault> {
        self.take(ELEMENT_BYTES)?;
        match data {
            serde_json::Value::Array(items) => items.iter().try_for_each(|item| self.weigh_data(item)),
            serde_json::Value::Object(fields) => fields.values().try_for_each(|item| self.weigh_data(item)),
            _ => Ok(()),
        }
    }

    /// A pattern that is no constant: not kept beyond this evaluation.
    fn pattern(&mut self, source: &str) -> Result<Arc<Regex>, Fault> {
        if let Some(found) = self.patterns.get(source) {
            return found.clone().map_err(Fault::new);
        }
        let compiled = crate::schema::pattern::compile_once(source);
        if self.patterns.len() < PATTERNS_MAX {
            self.patterns.insert(source.to_string(), compiled.clone());
        }
        compiled.map_err(Fault::new)
    }
}

pub(super) fn find(name: &str) -> Option<Function> {
    texts::find(name)
        .or_else(|| collections::find(name))
        .or_else(|| patterns::find(name))
        .or_else(|| net::find(name))
        .or_else(|| url::find(name))
        .or_else(|| quantity::find(name))
        .or_else(|| semver::find(name))
        .or_else(|| formats::find(name))
        .or_else(|| moments::find(name))
}

/// For functions of one name that several libraries have: the first argument says whose it is.
fn mismatch<'a>() -> Outcome<'a> {
    Err(Fault::no_such_overload())
}

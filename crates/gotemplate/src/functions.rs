//! The one table of everything that a template can call. The families list their own; this file only joins them.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{crypto, function::Function, golang, helm, json, semver, sprig, time, toml};

/// The families. A new module of functions adds its line here and its names to the list in `tests.rs`. Where two families have a
/// name, the later one wins: Helm's `fail` and `toJson` replace Sprig's.
const FAMILIES: &[&[Function]] = &[
    golang::FUNCTIONS,
    crypto::FUNCTIONS,
    json::FUNCTIONS,
    semver::FUNCTIONS,
    sprig::casing::FUNCTIONS,
    sprig::defaults::FUNCTIONS,
    sprig::dicts::FUNCTIONS,
    sprig::encodings::FUNCTIONS,
    sprig::equal::FUNCTIONS,
    sprig::lists::FUNCTIONS,
    sprig::numbers::FUNCTIONS,
    sprig::paths::FUNCTIONS,
    sprig::random::FUNCTIONS,
    sprig::reflection::FUNCTIONS,
    sprig::regex::FUNCTIONS,
    sprig::strings::FUNCTIONS,
    sprig::url::FUNCTIONS,
    sprig::words::FUNCTIONS,
    time::FUNCTIONS,
    toml::FUNCTIONS,
    helm::DOCUMENTS,
    helm::FLOW,
];

/// The functions of every family, in order: a later one replaces an earlier one of its name.
pub(crate) fn all() -> impl Iterator<Item = &'static Function> + Clone {
    FAMILIES.iter().copied().flatten()
}

/// Go's own functions and those of every family, sorted by name, each name once.
pub fn functions() -> &'static [Function] {
    static ALL: LazyLock<Vec<Function>> = LazyLock::new(|| {
        let by_name: BTreeMap<&str, Function> = all().map(|function| (function.name, *function)).collect();
        by_name.into_values().collect()
    });
    &ALL
}

#[cfg(test)]
mod tests;

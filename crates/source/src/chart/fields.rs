//! The fields that an index may have. Helm reads `index.yaml` strictly, as it reads nothing else of a chart: a field that it does not know
//! makes the whole index invalid. An index in JSON is not held to that.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::index::Entry;

/// Of the index itself.
pub(super) const INDEX: [&str; 6] = ["serverInfo", "apiVersion", "generated", "entries", "publicKeys", "annotations"];

/// Of a version of a chart: what Chart.yaml has, where its archive is, and what helm 2 wrote.
const ENTRY: [&str; 25] = [
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
    "urls",
    "created",
    "removed",
    "digest",
    "checksum",
    "engine",
    "tillerVersion",
    "url",
];

trait Fields {
    const NAMES: &'static [&'static str];
}

struct Maintainer;

impl Fields for Maintainer {
    const NAMES: &'static [&'static str] = &["name", "email", "url"];
}

struct Dependency;

impl Fields for Dependency {
    const NAMES: &'static [&'static str] =
        &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];
}

/// As Go's JSON compares the names of fields.
pub(super) fn is_known(names: &[&str], key: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// The first field that a map should not have; nothing else of the map is kept.
struct Unknown<F>(Option<String>, PhantomData<F>);

type Unknowns<F> = Option<Vec<Option<Unknown<F>>>>;

fn first<F>(maps: Unknowns<F>) -> Option<String> {
    maps.into_iter().flatten().flatten().find_map(|map| map.0)
}

impl<'de, F: Fields> Deserialize<'de> for Unknown<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UnknownVisitor(PhantomData))
    }
}

struct UnknownVisitor<F>(PhantomData<F>);

impl<'de, F: Fields> Visitor<'de> for UnknownVisitor<F> {
    type Value = Unknown<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map of {}", F::NAMES.join(", "))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unknown<F>, A::Error> {
        let mut unknown = None;
        while let Some(key) = map.next_key::<String>()? {
            map.next_value::<IgnoredAny>()?;
            if !is_known(F::NAMES, &key) {
                unknown.get_or_insert(key);
            }
        }
        Ok(Unknown(unknown, PhantomData))
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version of a chart")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        while let Some(key) = map.next_key::<String>()? {
            let mut unknown = None;
            match key.to_ascii_lowercase().as_str() {
                "version" => entry.version = map.next_value::<Option<String>>()?.unwrap_or_default(),
                "urls" => entry.urls = map.next_value()?,
                "digest" => entry.digest = map.next_value()?,
                "maintainers" => unknown = first::<Maintainer>(map.next_value()?),
                "dependencies" => unknown = first::<Dependency>(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    unknown = (!is_known(&ENTRY, &key)).then_some(key);
                }
            }
            entry.unknown = entry.unknown.or(unknown);
        }
        Ok(entry)
    }
}

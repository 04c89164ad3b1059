//! `index.yaml` of a repository, which may have tens of megabytes: read as a stream, only the entries of one chart are kept.

use std::{collections::BTreeSet, fmt, io::BufRead};

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::{entries, fields};

/// One version of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) version: String,
    pub(super) urls: Option<Vec<String>>,
    pub(super) digest: Option<String>,
    /// The first field that helm does not know.
    pub(super) unknown: Option<String>,
}

/// What an index says about one chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chart {
    /// In the order of the index; `None` when it does not know the chart.
    pub(super) entries: Option<Vec<Entry>>,
    /// Names that are spelled alike.
    pub(super) near: Vec<String>,
}

/// Names kept at most for suggestions.
const NEAR_MAX: usize = 3;

/// Helm's words for what is wrong.
pub(super) fn read(mut input: impl BufRead, name: &str) -> Result<Chart, String> {
    // JSON is told by its first character: a whole index may stand on one line of it.
    loop {
        let head = input.fill_buf().map_err(|error| error.to_string())?;
        let blanks = head.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match (head.is_empty(), head.get(blanks)) {
            (true, _) => return Err("empty index.yaml file".to_owned()),
            (_, Some(_)) => break,
            _ => input.consume(blanks),
        }
    }
    let json = input.fill_buf().map_err(|error| error.to_string())?.trim_ascii_start().first() == Some(&b'{');
    let (index, near) = if json {
        let mut json = serde_json::Deserializer::from_reader(input);
        (Wanted(name).deserialize(&mut json).map_err(|error| error.to_string())?, BTreeSet::new())
    } else {
        let kept = entries::keep(input, name)?;
        let read = serde_saphyr::with_deserializer_from_reader_with_options(kept.text.as_slice(), options(), |yaml| {
            Wanted(name).deserialize(yaml)
        });
        let read = read.map_err(|error| first_line(&error.to_string()))?;
        if let Some(field) = read.unknown() {
            return Err(format!("error unmarshaling JSON: while decoding JSON: json: unknown field {field:?}"));
        }
        (read, kept.others)
    };
    if index.api_version.is_none_or(|version| version.is_empty()) {
        return Err("no API version specified".to_owned());
    }
    let mut chart = index.chart;
    chart.near.extend(near);
    chart.near = nearest(std::mem::take(&mut chart.near), name);
    Ok(chart)
}

/// The size is bounded by whoever reads; aliases and depth by the reader's own limits.
fn options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    if let Some(budget) = &mut options.budget {
        budget.max_reader_input_bytes = None;
        budget.max_events = usize::MAX;
        budget.max_nodes = usize::MAX;
        budget.max_total_scalar_bytes = usize::MAX;
    }
    options
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Index {
    api_version: Option<String>,
    chart: Chart,
    unknown: Option<String>,
}

impl Index {
    fn unknown(&self) -> Option<&String> {
        let mut entries = self.chart.entries.iter().flatten();
        entries.find_map(|entry| entry.unknown.as_ref()).or(self.unknown.as_ref())
    }
}

#[derive(Clone, Copy)]
struct Wanted<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Index;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Index, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Index;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an index of a chart repository")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Index, A::Error> {
        let mut index = Index::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => index.api_version = map.next_value()?,
                "entries" => index.chart = map.next_value_seed(Entries(self.0))?,
                other => {
                    let unknown = (!fields::is_known(&fields::INDEX, other)).then(|| other.to_owned());
                    index.unknown = index.unknown.or(unknown);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(index)
    }
}

#[derive(Clone, Copy)]
struct Entries<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Chart;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Chart, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Chart;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("charts by name")
    }

    fn visit_none<E>(self) -> Result<Chart, E> {
        Ok(Chart::default())
    }

    fn visit_unit<E>(self) -> Result<Chart, E> {
        Ok(Chart::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Chart, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Chart, A::Error> {
        let (mut entries, mut near) = (None, Vec::new());
        while let Some(key) = map.next_key::<String>()? {
            if key == self.0 {
                let found: Option<Vec<Option<Entry>>> = map.next_value()?;
                entries = Some(found.unwrap_or_default().into_iter().flatten().collect());
                continue;
            }
            map.next_value::<IgnoredAny>()?;
            if is_near(&key, self.0) {
                near.push(key);
            }
        }
        Ok(Chart { entries, near })
    }
}

pub(super) fn is_near(key: &str, name: &str) -> bool {
    distance(key, name) <= 1 + name.len() / 4
}

fn nearest(names: Vec<String>, name: &str) -> Vec<String> {
    let sorted: BTreeSet<(usize, String)> = names.into_iter().map(|near| (distance(&near, name), near)).collect();
    sorted.into_iter().take(NEAR_MAX).map(|(_, near)| near).collect()
}

/// Levenshtein's, of bytes; long names are far from everything.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 8 || one.len().max(other.len()) > 128 {
        return usize::MAX;
    }
    strsim::generic_levenshtein(&one.as_bytes().to_vec(), &other.as_bytes().to_vec())
}

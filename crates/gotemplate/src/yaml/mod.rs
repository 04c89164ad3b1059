//! YAML as Helm reads and writes it: go-yaml v2 through sigs.k8s.io/yaml in (YAML 1.1, libyaml's leniency, JSON's values), and
//! the bytes of go-yaml v2 (`toYaml`) or v3 (`toYamlPretty`) out.

mod build;
mod compose;
mod convert;
mod error;
mod input;
mod number;
mod parse;
mod resolve;
mod scan;
mod shown;
mod write;

#[cfg(test)]
mod tests;

pub use convert::{from_json, to_json};
pub use error::YamlError;

use crate::value::{Map, Value};
use build::{Build, ExactJsons, Jsons, Values};
use compose::Composer;
use input::Input;
use shown::Shown;

/// What a text may ask for. The default lets through whatever fits into a chart.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub bytes: usize,
    /// How deep collections nest. Kept low enough for code that walks trees by recursion.
    pub depth: usize,
    /// Nodes after the expansion of aliases.
    pub nodes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, depth: 512, nodes: 10_000_000 }
    }
}

/// Reads the first document of a text, as Helm does: what follows it is not looked at.
pub fn read(text: &[u8]) -> Result<Value, YamlError> {
    read_as::<Values>(text, Limits::default())
}

/// Reads the first document as JSON, without a detour.
pub fn read_json(text: &[u8]) -> Result<serde_json::Value, YamlError> {
    read_as::<Jsons>(text, Limits::default())
}

/// Like [`read_json`], but a number that was written as a float is one, also where it is whole: for what makes text of numbers.
pub fn read_json_exact(text: &[u8]) -> Result<serde_json::Value, YamlError> {
    read_as::<ExactJsons>(text, Limits::default())
}

/// Like [`read_json`], but builds only what is within so many collections, and leaves deeper ones empty. The whole document
/// is checked all the same. For the heads of manifests, whose bodies nobody asks for.
pub fn read_json_outline(text: &[u8], depth: usize) -> Result<serde_json::Value, YamlError> {
    let limits = Limits::default();
    if text.len() <= limits.bytes {
        let input = Input::new(text);
        let mut composer = Composer::<Jsons>::new(&input.text, limits).keep(depth);
        if let (Ok(document), false) = (composer.document(), composer.was_anchored())
            && input.bad.is_none()
        {
            return Ok(document.unwrap_or_default());
        }
    }
    // Anchors, and whatever is wrong, are for the full reading.
    read_json(text)
}

/// Reads the first document into any tree. No document is a null.
fn read_as<B: Build>(text: &[u8], limits: Limits) -> Result<B::Node, YamlError> {
    let mut first = read_all::<B>(text, limits, 1)?;
    Ok(first.pop().unwrap_or_else(B::null))
}

/// Reads all documents of a stream.
pub fn read_documents(text: &[u8]) -> Result<Vec<Value>, YamlError> {
    read_all::<Values>(text, Limits::default(), usize::MAX)
}

/// Reads into a `map[string]interface {}`: what values files and `fromYaml` are. A null is an empty map.
pub fn read_map(text: &[u8]) -> Result<Map, YamlError> {
    match read(text)? {
        Value::Map(map) => Ok(map),
        Value::Nil | Value::NilInterface => Ok(Map::default()),
        other => Err(mismatch(&other, "map[string]interface {}")),
    }
}

/// Reads into a `[]interface {}`: what `fromYamlArray` returns. A null is an empty list.
pub fn read_list(text: &[u8]) -> Result<crate::value::List, YamlError> {
    match read(text)? {
        Value::List(list) => Ok(list),
        Value::Nil | Value::NilInterface => Ok(crate::value::List::default()),
        other => Err(mismatch(&other, "[]interface {}")),
    }
}

/// Writes as Helm's `toYaml` does, with the final line feed that Helm cuts off. The error is sigs.k8s.io/yaml's text.
pub fn write(value: &Value) -> Result<Vec<u8>, String> {
    write::write(value)
}

/// Writes as Helm's `toYamlPretty` does, with the final line feed.
pub fn write_pretty(value: &Value) -> Result<Vec<u8>, String> {
    write::write_pretty(value)
}

fn mismatch(value: &Value, wanted: &str) -> YamlError {
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::Integer(_) | Value::Float(_) => "number",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "string",
    };
    YamlError::Decode(format!("json: cannot unmarshal {kind} into Go value of type {wanted}"))
}

fn read_all<B: Build>(text: &[u8], limits: Limits, at_most: usize) -> Result<Vec<B::Node>, YamlError> {
    if text.len() > limits.bytes {
        return Err(YamlError::yaml(format_args!("document is larger than {} bytes", limits.bytes)));
    }
    let input = Input::new(text);
    match compose::<B>(&input, limits, at_most) {
        // The message shows a part of the document as Go writes it, which needs another look at the text.
        Outcome { result: Err(error), unshown: true } => {
            Err(compose::<Shown>(&input, limits, at_most).result.err().unwrap_or(error))
        }
        outcome => outcome.result,
    }
}

struct Outcome<T> {
    result: Result<T, YamlError>,
    unshown: bool,
}

fn compose<B: Build>(input: &Input<'_>, limits: Limits, at_most: usize) -> Outcome<Vec<B::Node>> {
    let mut composer = Composer::<B>::new(&input.text, limits);
    let mut documents = Vec::new();
    let mut result = Ok(());
    while documents.len() < at_most {
        match composer.document() {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => break,
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    let unshown = composer.is_unshown();
    match input.bad {
        Some(bad) if composer.position() >= bad.noticed_at => {
            Outcome { result: Err(YamlError::yaml(bad.problem)), unshown: false }
        }
        _ => Outcome { result: result.map(|()| documents), unshown },
    }
}

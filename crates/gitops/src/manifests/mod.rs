//! Files of a directory source into objects: which files count, documents, lists, errors with file and document.
//!
//! Rules and wording follow Argo CD's repo server. Kustomize, jsonnet, plugins and `.argocd-source.yaml` are recognised and
//! refused by name; nothing is rendered here, charts are [`crate::helm`]'s.
//!
//! YAML is 1.1 where it matters, as in Argo CD: `yes`, `no`, `on`, `off`, `y` and `n` are booleans and `0644` is octal.
//! One deliberate difference: a duplicate key is an error, where Argo CD silently takes the last one.

mod files;
mod yaml;

use api::{ObjectExt, argoproj::Source, files::FileSet};
use serde_json::Value;

pub(crate) use files::{is_chart, refuse_overrides};
pub use yaml::decode_text;

#[cfg(test)]
mod tests;

/// All files together, as `reposerver.max.combined.directory.manifests.size` defaults to.
const COMBINED_BYTES_MAX: usize = 10 * 1024 * 1024;

/// An object and where in the source it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    pub object: Value,
    /// Path relative to the app path.
    pub file: String,
    /// From 1.
    pub document: usize,
}

/// Why no manifests came out. `Display` is what Argo CD's repo server would say after `rpc error: code = ... desc = `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{tool} sources are not supported yet: found {evidence}; use plain manifests in this path")]
    Tool { tool: &'static str, evidence: String },
    #[error("Failed to unmarshal {file:?}: {message}")]
    Unreadable { file: String, message: String },
    #[error("Found multiple objects in {file:?}. Only single objects are allowed in JSON files.")]
    SeveralInJson { file: String },
    #[error("exceeded max combined manifest file size of {limit_bytes} bytes")]
    TooLarge { limit_bytes: usize },
}

/// The objects of a directory source, in path order.
pub fn read(files: &FileSet, source: &Source) -> Result<Vec<Manifest>, Error> {
    let directory = source.directory.clone().unwrap_or_default();
    files::refuse_other_tools(files, source)?;
    let mut manifests = Vec::new();
    let mut bytes = 0;
    for (path, contents) in files::candidates(files, &directory) {
        bytes += contents.len();
        if bytes > COMBINED_BYTES_MAX {
            return Err(Error::TooLarge { limit_bytes: COMBINED_BYTES_MAX });
        }
        let text = decode_text(contents)
            .map_err(|message| Error::Unreadable { file: path.to_string(), message: message.to_string() })?;
        if text.contains(files::SKIP_MARKER) {
            continue;
        }
        if path.ends_with(".jsonnet") {
            return Err(Error::Tool { tool: "jsonnet", evidence: path.to_string() });
        }
        let documents = if path.ends_with(".json") { json_file(path, &text)? } else { yaml_file(path, &text)? };
        for (document, object) in documents {
            expand_list(path, document, object, &mut manifests)?;
        }
    }
    Ok(manifests)
}

fn json_file(path: &str, text: &str) -> Result<Vec<(usize, Value)>, Error> {
    let unreadable = |message: String| Error::Unreadable { file: path.to_string(), message };
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let object = match stream.next() {
        Some(object) => object.map_err(|error| unreadable(error.to_string()))?,
        None => return Err(unreadable("EOF".into())),
    };
    if stream.next().is_some() {
        return Err(Error::SeveralInJson { file: path.to_string() });
    }
    yaml::require_object(&object).map_err(unreadable)?;
    Ok(vec![(1, object)])
}

/// A file whose very first document fails and that does not look like a manifest is somebody else's YAML and is skipped.
fn yaml_file(path: &str, text: &str) -> Result<Vec<(usize, Value)>, Error> {
    let mut objects = Vec::new();
    for (index, document) in yaml::documents(text).enumerate() {
        match yaml::parse(document).and_then(|parsed| parsed.map(|o| yaml::require_object(&o).map(|()| o)).transpose())
        {
            Ok(None) => {}
            Ok(Some(object)) => objects.push((index + 1, object)),
            Err(_) if objects.is_empty() && !looks_like_a_manifest(text) => return Ok(Vec::new()),
            Err(message) => {
                let message = format!("failed to unmarshal manifest: document {}: {message}", index + 1);
                return Err(Error::Unreadable { file: path.to_string(), message });
            }
        }
    }
    Ok(objects)
}

fn looks_like_a_manifest(text: &str) -> bool {
    ["apiVersion:", "kind:", "metadata:"].iter().all(|word| text.contains(word))
}

/// `kind: List` and every other object with an `items` list become their items.
pub(crate) fn expand_list(file: &str, document: usize, object: Value, out: &mut Vec<Manifest>) -> Result<(), Error> {
    let is_list = object.kind().is_some_and(|kind| kind.ends_with("List"));
    match object.get("items") {
        Some(Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                complete(item).map_err(|message| Error::Unreadable {
                    file: file.to_string(),
                    message: format!("document {document}: items[{index}]: {message}"),
                })?;
                out.push(Manifest { object: item.clone(), file: file.to_string(), document });
            }
        }
        None | Some(Value::Null) if is_list => {}
        _ => {
            complete(&object).map_err(|message| Error::Unreadable {
                file: file.to_string(),
                message: format!("document {document}: {message}"),
            })?;
            out.push(Manifest { object, file: file.to_string(), document });
        }
    }
    Ok(())
}

/// What every object must have before it can be compared with anything.
fn complete(object: &Value) -> Result<(), String> {
    yaml::require_object(object)?;
    if object.api_version().is_none_or(str::is_empty) {
        return Err(format!("Object 'apiVersion' is missing in {}", yaml::excerpt(object)));
    }
    let generated =
        object.pointer("/metadata/generateName").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    if object.name().is_none() && !generated {
        return Err(format!("Object 'metadata.name' is missing in {}", yaml::excerpt(object)));
    }
    Ok(())
}

//! `spec.source.helm`, typed, and what of it is refused by name.

use api::argoproj::Source;
use serde::Deserialize;
use serde_json::Value;

use super::expand;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Options {
    pub(crate) version: String,
    pub(crate) release_name: String,
    pub(crate) namespace: String,
    pub(crate) kube_version: String,
    pub(crate) api_versions: Vec<String>,
    pub(crate) values: String,
    pub(crate) values_object: Option<Value>,
    pub(crate) value_files: Vec<String>,
    pub(crate) ignore_missing_value_files: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) file_parameters: Vec<FileParameter>,
    pub(crate) pass_credentials: bool,
    pub(crate) skip_crds: bool,
    pub(crate) skip_tests: bool,
    pub(crate) skip_schema_validation: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) force_string: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct FileParameter {
    pub(crate) name: String,
    pub(crate) path: String,
}

impl Options {
    /// Nothing when the source has no such block. Fields that are null are absent.
    pub(crate) fn of(source: &Source) -> Result<Self, String> {
        let Some(block) = &source.helm else { return Ok(Self::default()) };
        let mut block = block.clone();
        if let Some(fields) = block.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        serde_json::from_value(block).map_err(|error| format!("spec.source.helm cannot be read: {error}"))
    }

    /// Whether the block says anything. One that does not is as good as none.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// A repository URL without a scheme is a registry, as upstream reads it; one with `oci://` too.
pub(crate) fn is_registry(url: &str) -> bool {
    url.starts_with("oci://") || !url.contains("://")
}

/// Everything about the block that this version cannot do, by name.
pub(crate) fn problems(source: &Source) -> Vec<String> {
    let options = match Options::of(source) {
        Ok(options) => options,
        Err(message) => return vec![message],
    };
    let mut problems = Vec::new();
    // Helm 2 has been gone for years; 3 and 4 render the same here.
    if !["", "v3", "v4"].contains(&options.version.as_str()) {
        problems.push(format!("spec.source.helm.version: helm version '{}' is not supported", options.version));
    }
    let of_values = options.value_files.iter().map(|path| ("valueFiles", path));
    let of_parameters = options.file_parameters.iter().map(|parameter| ("fileParameters", &parameter.path));
    for (field, path) in of_values.chain(of_parameters) {
        let refused = |why: &str| format!("spec.source.helm.{field}: {path:?} is not supported yet: {why}");
        if let Some(rest) = path.strip_prefix('$')
            && !expand::name(rest).0.starts_with("ARGOCD_APP_")
            && !rest.starts_with('$')
        {
            problems.push(refused("it names another source, and there is only one"));
        } else if path.contains("://") {
            problems.push(refused("files are read from the source, not by URL"));
        } else if path.contains(['*', '?', '[']) {
            problems.push(refused("patterns are not expanded; name each file"));
        }
    }
    problems
}

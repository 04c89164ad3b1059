//! A chart as Helm records it beside a release. Subcharts are not part of it, as in Helm.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::trimmed;
use crate::{Chart, Dependency, Metadata, files::File, values::table_to_json};

pub(super) fn json(chart: &Chart) -> Value {
    json!({
        "metadata": metadata(&chart.metadata),
        "lock": null,
        "templates": files(&chart.templates),
        "values": table_to_json(&chart.values),
        "schema": chart.schema.as_ref().map(|schema| BASE64_STANDARD.encode(schema.text())),
        "files": files(&chart.files),
    })
}

fn files(files: &[File]) -> Vec<Value> {
    files.iter().map(|file| json!({ "name": file.name, "data": BASE64_STANDARD.encode(&file.data) })).collect()
}

fn metadata(of: &Metadata) -> Value {
    let maintainers: Vec<Value> = of
        .maintainers
        .iter()
        .map(|[name, email, url]| trimmed(json!({ "name": name, "email": email, "url": url })))
        .collect();
    let dependencies: Vec<Value> = of.dependencies.iter().flatten().map(dependency).collect();
    trimmed(json!({
        "name": of.name,
        "home": of.home,
        "sources": of.sources,
        "version": of.version,
        "description": of.description,
        "keywords": of.keywords,
        "maintainers": maintainers,
        "icon": of.icon,
        "apiVersion": of.api_version,
        "condition": of.condition,
        "tags": of.tags,
        "appVersion": of.app_version,
        "deprecated": of.deprecated,
        "annotations": of.annotations,
        "kubeVersion": of.kube_version,
        "dependencies": dependencies,
        "type": of.kind,
    }))
}

fn dependency(of: &Dependency) -> Value {
    let mut value = trimmed(json!({
        "version": of.version,
        "condition": of.condition,
        "tags": of.tags,
        "enabled": of.enabled,
        "import-values": of.import_values.iter().map(|import| import.to_json()).collect::<Vec<_>>(),
        "alias": of.alias,
    }));
    value["name"] = of.name.as_str().into();
    value["repository"] = of.repository.as_str().into();
    value
}

//! CustomResourceDefinitions of Azure kinds, made from the catalogue when asked for. Every api-version is served under both
//! spellings (`v1api20230701`, `v20230701`); what is stored is a further version whose schema holds what any version holds.

pub mod pattern;
pub mod schema;
mod superset;

use serde_json::{Value, json};

use crate::{Catalogue, Facts, facts::group_of};

/// The version whose schema holds what any version holds: controllers read and write it, nobody else needs it.
pub fn storage_version(facts: &Facts) -> String {
    let newest = newest_stable(facts);
    format!("v1api{}storage", newest.replace('-', ""))
}

fn newest_stable(facts: &Facts) -> &str {
    let stable = facts.versions.iter().filter(|version| !version.contains("preview")).max();
    stable.or_else(|| facts.versions.iter().max()).map(String::as_str).unwrap_or_default()
}

/// The complete CustomResourceDefinition of a kind; `None` when the catalogue has no such kind.
pub fn definition(catalogue: &Catalogue, group: &str, kind: &str) -> Option<Value> {
    let facts = catalogue.facts(group, kind)?;
    let mut versions = Vec::new();
    let mut widest: Option<Value> = None;
    let mut ordered: Vec<&String> = facts.versions.iter().collect();
    ordered.sort();
    for api_version in ordered {
        let resource = catalogue.resource_by_arm(&facts.arm, api_version)?;
        let schema = schema::object(catalogue, resource)?;
        match &mut widest {
            Some(widest) => superset::widen(widest, &schema),
            None => widest = Some(schema.clone()),
        }
        for name in resource.kubernetes_versions() {
            versions.push(version(&name, schema.clone(), false));
        }
    }
    let mut widest = widest?;
    widest["properties"]["spec"]["properties"]["originalVersion"] = json!({"type": "string"});
    versions.push(version(&storage_version(facts), widest, true));
    let (plural, singular) = (facts.plural(), facts.kind.to_lowercase());
    let mut definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": format!("{plural}.{group}"),
            "labels": {"app.kubernetes.io/name": "azure-service-operator"},
        },
        "spec": {
            "group": group,
            "names": {
                "kind": facts.kind,
                "listKind": format!("{}List", facts.kind),
                "plural": plural,
                "singular": singular,
                "categories": ["azure", group.split('.').next().unwrap_or_default()],
            },
            "scope": "Namespaced",
            "preserveUnknownFields": false,
            "conversion": {"strategy": "None"},
            "versions": versions,
        }
    });
    if let Some(why) = &facts.extension {
        definition["metadata"]["annotations"] = json!({ EXTENSION: why });
    }
    Some(definition)
}

/// Marks a CustomResourceDefinition that upstream does not have; the value says so in words.
pub const EXTENSION: &str = "windlass.dev/extension";

/// The definitions of every kind that `--crd-pattern` selects, sorted by name.
pub fn matching(catalogue: &Catalogue, pattern: &str) -> Vec<Value> {
    let pattern = pattern::Pattern::parse(pattern);
    let mut found: Vec<Value> = catalogue
        .all_facts()
        .map(|facts| (group_of(&facts.arm), facts))
        .filter(|(group, facts)| pattern.selects(group, &facts.kind))
        .filter_map(|(group, facts)| definition(catalogue, &group, &facts.kind))
        .collect();
    found.sort_by_key(|definition| definition["metadata"]["name"].as_str().unwrap_or_default().to_string());
    found
}

fn version(name: &str, schema: Value, storage: bool) -> Value {
    let column = |title: &str, field: &str| {
        let path = format!(".status.conditions[?(@.type=='Ready')].{field}");
        json!({"name": title, "type": "string", "jsonPath": path})
    };
    json!({
        "name": name,
        "served": true,
        "storage": storage,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [
            column("Ready", "status"),
            column("Severity", "severity"),
            column("Reason", "reason"),
            column("Message", "message"),
        ],
    })
}

#[cfg(test)]
mod tests;

//! Every kind at every version, with every field of its schema set: the schema accepts it, the type data accepts the body
//! that is made of it, the schema accepts the status that is made of Azure's answer, and the
//! storage version holds all of it.

use api::Redacted;
use catalogue::{builtin, crd, validate::validate_body};
use machinery::schema::{self, Schema};
use serde_json::{Map, Value, json};

use super::{resource_type, status, to_arm::build};
use crate::observed::Observed;

const ARM_ID: &str = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.X/y/z";

/// A value that the schema accepts; `None` when none was found (a pattern that no candidate matches).
fn sample(schema: &Value) -> Option<Value> {
    if let Some(values) = schema["enum"].as_array() {
        return values.first().cloned();
    }
    match schema["type"].as_str() {
        Some("string") => text(schema),
        Some("boolean") => Some(json!(true)),
        Some("integer") => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
        Some("array") => Some(json!([sample(&schema["items"])?])),
        Some("object") => object(schema),
        _ => Some(json!("anything")),
    }
}

fn text(schema: &Value) -> Option<Value> {
    let candidates = [
        "abcdef",
        "10:30",
        "+10:30",
        "10.0.0.1",
        "abcdefghij",
        "aaaaaaaa-1111-1111-1111-111111111111",
        ARM_ID,
        "a1",
        "P1D",
    ];
    let fits = |text: &&&str| {
        let pattern = schema["pattern"].as_str().and_then(|pattern| regex::Regex::new(pattern).ok());
        pattern.is_none_or(|pattern| pattern.is_match(text))
            && schema["minLength"].as_u64().is_none_or(|min| text.len() as u64 >= min)
            && schema["maxLength"].as_u64().is_none_or(|max| text.len() as u64 <= max)
    };
    candidates.iter().find(fits).map(|text| json!(text))
}

fn object(schema: &Value) -> Option<Value> {
    if schema["additionalProperties"].is_object() {
        return Some(json!({"key": sample(&schema["additionalProperties"])?}));
    }
    let Some(properties) = schema["properties"].as_object() else { return Some(json!({})) };
    if properties.contains_key("armId") {
        return Some(json!({"armId": ARM_ID}));
    }
    let mut map = Map::new();
    for (name, property) in properties {
        let skipped =
            ["operatorSpec", "azureName", "originalVersion"].contains(&name.as_str()) || name.ends_with("FromConfig");
        if skipped {
            continue;
        }
        if let Some(value) = sample(property) {
            map.insert(name.clone(), value);
        }
    }
    Some(Value::Object(map))
}

#[test]
fn every_kind_agrees_with_itself() {
    let mut checked = 0;
    for (group, facts) in builtin().kinds() {
        let definition = crd::definition(builtin(), &group, &facts.kind).expect("a kind");
        let versions = definition["spec"]["versions"].as_array().expect("versions");
        let stored = versions.iter().find(|version| version["storage"] == true).expect("one is stored");
        let widest = Schema::compile(&stored["schema"]["openAPIV3Schema"]).expect("structural");
        for version in versions {
            if version["storage"] == true {
                continue;
            }
            let openapi = &version["schema"]["openAPIV3Schema"];
            let name = version["name"].as_str().expect("a name");
            let mut object = json!({
                "apiVersion": format!("{group}/{name}"), "kind": facts.kind,
                "metadata": {"name": "abcdef", "namespace": "ns"},
                "spec": sample(&openapi["properties"]["spec"]).expect("a spec"),
            });
            let what = format!("{group}/{name} {}", facts.kind);
            let compiled = Schema::compile(openapi).expect("structural");
            assert_eq!(schema::validate(&compiled, &object, None), [], "{what}");

            let resource = resource_type(builtin(), &object).expect("a kind");
            let mut observed = Observed::new(object.clone());
            let secret = json!({"stringData": {"abcdef": "abcdef"}});
            observed.secrets.insert(("ns".into(), "abcdef".into()), Some(Redacted::new(secret)));
            let body = build(builtin(), resource, &observed, "").unwrap_or_else(|stop| panic!("{what}: {stop:?}"));
            assert_eq!(validate_body(builtin(), resource, &body), [], "{what}: {body:#}");

            let mut answer = body;
            answer["id"] = json!(ARM_ID);
            answer["type"] = json!(resource.arm_type.as_ref());
            object["status"] = Value::Object(status(builtin(), resource, &answer));
            assert_eq!(schema::prune(&compiled, &mut object), Vec::<String>::new(), "{what}");
            assert_eq!(schema::validate(&compiled, &object, None), [], "{what}");
            assert_eq!(schema::prune(&widest, &mut object), Vec::<String>::new(), "{what}: stored");
            assert_eq!(schema::validate(&widest, &object, None), [], "{what}: stored");
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

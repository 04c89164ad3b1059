//! `FieldsV1`: field sets as the JSON of `managedFields` (`f:name`, `k:{"name":"web"}`, `v:"x"`, `i:0`, `.`).

use serde_json::{Map, Value, json};

use super::{path::Element, set::Set};
use crate::depth;

pub(super) fn encode(set: &Set) -> Value {
    Value::Object(encode_node(set, false))
}

fn encode_node(set: &Set, include_self: bool) -> Map<String, Value> {
    let mut map = Map::new();
    if include_self && !(set.members.is_empty() && set.children.is_empty()) {
        map.insert(".".into(), json!({}));
    }
    for element in &set.members {
        map.insert(spell(element), json!({}));
    }
    for (element, child) in &set.children {
        map.insert(spell(element), Value::Object(encode_node(child, set.members.contains(element))));
    }
    map
}

fn spell(element: &Element) -> String {
    match element {
        Element::Field(name) => format!("f:{name}"),
        Element::Key(fields) => {
            let fields: Map<String, Value> = fields.iter().cloned().collect();
            format!("k:{}", Value::Object(fields))
        }
        Element::Value(value) => format!("v:{value}"),
        Element::Index(index) => format!("i:{index}"),
    }
}

/// Refuses malformed path elements; unknown kinds of path elements are dropped, as upstream does.
pub(super) fn decode(fields: &Value) -> Result<Set, String> {
    if depth::exceeds(fields, depth::MAX) {
        return Err(depth::message());
    }
    match fields {
        Value::Null => Ok(Set::default()),
        Value::Object(map) => Ok(decode_node(map)?.0.unwrap_or_default()),
        _ => Err("fieldsV1 must be an object".into()),
    }
}

/// The set below, and whether the node itself is a member (it says so, or it has nothing below).
fn decode_node(map: &Map<String, Value>) -> Result<(Option<Set>, bool), String> {
    let (mut set, mut member) = (None::<Set>, false);
    for (key, below) in map {
        if key == "." {
            member = true;
            continue;
        }
        let Some(element) = read(key)? else { continue };
        let Value::Object(below) = below else { return Err(format!("expected an object below {key:?}")) };
        let (below, below_member) = decode_node(below)?;
        if below_member {
            set.get_or_insert_default().members.insert(element.clone());
        }
        if let Some(below) = below {
            set.get_or_insert_default().children.insert(element, below);
        }
    }
    let member = member || set.is_none();
    Ok((set, member))
}

fn read(key: &str) -> Result<Option<Element>, String> {
    if key.len() < 2 {
        return Err("key must be 2 characters long:".into());
    }
    let (kind, rest) = match key.split_once(':') {
        Some((kind, rest)) if kind.len() == 1 => (kind, rest),
        _ => return Err(format!("missing colon: {key}")),
    };
    Ok(Some(match kind {
        "f" => Element::field(rest),
        "v" => Element::Value(serde_json::from_str(rest).map_err(|error| error.to_string())?),
        "k" => {
            let fields: Map<String, Value> = serde_json::from_str(rest).map_err(|error| error.to_string())?;
            Element::Key(fields.into_iter().collect())
        }
        "i" => Element::Index(rest.parse().map_err(|_| format!("invalid index {rest:?}"))?),
        _ => return Ok(None),
    }))
}

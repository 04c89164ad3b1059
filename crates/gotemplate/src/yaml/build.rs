//! What documents are built into: a template's values, or JSON. Neither goes through the other.

use std::{collections::BTreeMap, vec::Drain};

use serde_json::{Number, Value as Json};

use super::{number::format_integral, resolve::Resolved};
use crate::{
    print::runes::runes,
    value::{List, Map, Text, Value},
};

/// A kind of tree that documents can be read into.
pub(super) trait Build {
    type Node;
    type Key: Ord + Clone;
    type Entries: IntoIterator<Item = (Self::Key, Self::Node)>;

    fn null() -> Self::Node;
    fn bool(value: bool) -> Self::Node;
    fn int(value: i64) -> Self::Node;
    fn uint(value: u64) -> Self::Node;
    /// A finite number.
    fn float(value: f64) -> Self::Node;
    fn text(text: &str) -> Self::Node;
    /// Like `text`, where the text has no other owner.
    fn owned_text(text: String) -> Self::Node;
    fn key(text: &str, resolved: &Resolved) -> Self::Key;
    /// A key that JSON cannot have.
    fn odd_key(resolved: &Resolved) -> Option<Self::Key> {
        let _ = resolved;
        None
    }
    fn list(items: Vec<Self::Node>) -> Self::Node;
    /// Later entries win.
    fn map(entries: Drain<'_, (Self::Key, Self::Node)>) -> Self::Node;
    /// A copy that shares nothing mutable.
    fn copy(node: &Self::Node) -> Self::Node;
    /// The entries, where the node is a map.
    fn entries(node: Self::Node) -> Option<Self::Entries>;
    /// The items, where the node is a list.
    fn items(node: Self::Node) -> Option<Vec<Self::Node>>;
    /// The node as Go's `%#v` prints it: only messages need it, and only one kind of tree knows.
    fn go_syntax(node: &Self::Node) -> Option<String> {
        let _ = node;
        None
    }
}

/// Builds a template's values: all numbers become floats, as they do in Helm.
#[derive(Debug)]
pub(super) struct Values;

impl Build for Values {
    type Node = Value;
    type Key = Text;
    type Entries = BTreeMap<Text, Value>;

    fn null() -> Value {
        Value::NilInterface
    }

    fn bool(value: bool) -> Value {
        Value::Bool(value)
    }

    fn int(value: i64) -> Value {
        Value::Float(value as f64)
    }

    fn uint(value: u64) -> Value {
        Value::Float(value as f64)
    }

    fn float(value: f64) -> Value {
        Value::Float(value)
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn owned_text(text: String) -> Value {
        Value::Text(text.into())
    }

    fn key(text: &str, _: &Resolved) -> Text {
        text.into()
    }

    fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(items))
    }

    fn map(entries: Drain<'_, (Text, Value)>) -> Value {
        Value::Map(Map::new(tree(entries)))
    }

    fn copy(node: &Value) -> Value {
        match node {
            Value::List(list) => Self::list(list.iter().map(Self::copy).collect()),
            Value::Map(map) => {
                Value::Map(Map::new(map.read().iter().map(|(key, value)| (key.clone(), Self::copy(value))).collect()))
            }
            other => other.clone(),
        }
    }

    fn entries(node: Value) -> Option<BTreeMap<Text, Value>> {
        match node {
            Value::Map(map) => Some(map.read().clone()),
            _ => None,
        }
    }

    fn items(node: Value) -> Option<Vec<Value>> {
        match node {
            Value::List(list) => Some(list.to_vec()),
            _ => None,
        }
    }
}

/// Builds JSON as the Kubernetes API reads it: integers stay integers, and so do floats without a fraction.
#[derive(Debug)]
pub(super) struct JsonsOf<const EXACT: bool>;

/// Numbers as Go's JSON text of them reads back.
pub(super) type Jsons = JsonsOf<false>;
/// Floats stay floats, also whole ones.
pub(super) type ExactJsons = JsonsOf<true>;

impl<const EXACT: bool> Build for JsonsOf<EXACT> {
    type Node = Json;
    type Key = String;
    type Entries = serde_json::Map<String, Json>;

    fn null() -> Json {
        Json::Null
    }

    fn bool(value: bool) -> Json {
        Json::Bool(value)
    }

    fn int(value: i64) -> Json {
        Json::Number(value.into())
    }

    fn uint(value: u64) -> Json {
        Json::Number(value.into())
    }

    fn float(value: f64) -> Json {
        let exact = if EXACT { Number::from_f64(value) } else { None };
        Json::Number(exact.unwrap_or_else(|| json_number(value)))
    }

    fn text(text: &str) -> Json {
        Json::String(text.to_owned())
    }

    fn owned_text(text: String) -> Json {
        Json::String(text)
    }

    fn key(text: &str, _: &Resolved) -> String {
        text.to_owned()
    }

    fn list(items: Vec<Json>) -> Json {
        Json::Array(items)
    }

    fn map(entries: Drain<'_, (String, Json)>) -> Json {
        // No quicker way in: only serde_json can make its map.
        let few = entries.len() <= FEW;
        if few {
            let mut map = serde_json::Map::new();
            map.extend(entries);
            return Json::Object(map);
        }
        Json::Object(entries.collect())
    }

    fn copy(node: &Json) -> Json {
        node.clone()
    }

    fn entries(node: Json) -> Option<serde_json::Map<String, Json>> {
        match node {
            Json::Object(map) => Some(map),
            _ => None,
        }
    }

    fn items(node: Json) -> Option<Vec<Json>> {
        match node {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// Up to so many entries it is quicker to insert them than to sort them.
const FEW: usize = 8;

fn tree<K: Ord, V>(entries: Drain<'_, (K, V)>) -> BTreeMap<K, V> {
    if entries.len() > FEW {
        return entries.collect();
    }
    let mut tree = BTreeMap::new();
    tree.extend(entries);
    tree
}

/// The number that Go's JSON text of a float reads back as: without a fraction and below 1e21 that text is an integer's.
pub(super) fn json_number(value: f64) -> Number {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 {
        if value.abs() < EXACT {
            return (value as i64).into();
        }
        if value.abs() < 1e21 {
            // Go prints the fewest digits that make the same float, and zeros after them.
            let text = format_integral(value);
            if let Some(number) = text.parse::<i64>().ok().map(Number::from) {
                return number;
            }
            if let Some(number) = text.parse::<u64>().ok().map(Number::from) {
                return number;
            }
        }
    }
    Number::from_f64(value).unwrap_or_else(|| 0.into())
}

/// The node of a resolved scalar whose number is finite.
pub(super) fn scalar<B: Build>(resolved: &Resolved, text: std::borrow::Cow<'_, str>) -> B::Node {
    match resolved {
        Resolved::Null => B::null(),
        Resolved::Bool(value) => B::bool(*value),
        Resolved::Int(value) => B::int(*value),
        Resolved::Uint(value) => B::uint(*value),
        Resolved::Float(value) => B::float(*value),
        Resolved::Text | Resolved::Time => match text {
            std::borrow::Cow::Borrowed(text) => B::text(text),
            std::borrow::Cow::Owned(text) => B::owned_text(text),
        },
        // Go's JSON replaces what is no UTF-8.
        Resolved::Binary(bytes) => B::owned_text(runes(bytes).collect()),
    }
}

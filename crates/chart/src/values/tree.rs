//! Values at rest: unlike a template's values these can be shared between threads, and nobody writes into them.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use gotemplate::{Integer, List, Map, Text, Value};

/// Go's `map[string]interface {}` at rest.
pub type Table = BTreeMap<Text, Tree>;

/// A value of `values.yaml`, of a value file or of a flag.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Tree {
    #[default]
    Null,
    Bool(bool),
    /// Only `--set` makes integers: numbers of YAML and JSON are floats, as in Helm.
    Int(i64),
    Float(f64),
    Text(Text),
    List(Shared<Vec<Tree>>),
    Table(Shared<Table>),
}

/// A list or a table that its copies share until one of them is written to: coalescing copies charts' values again and again, and
/// changes little of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shared<T>(Arc<T>);

impl<T: Clone> Shared<T> {
    /// The content. It is copied where others hold it too.
    pub fn into_inner(self) -> T {
        Arc::unwrap_or_clone(self.0)
    }
}

impl<T> From<T> for Shared<T> {
    fn from(content: T) -> Self {
        Self(Arc::new(content))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Table> for Tree {
    fn from(table: Table) -> Self {
        Self::Table(table.into())
    }
}

impl From<Vec<Tree>> for Tree {
    fn from(items: Vec<Tree>) -> Self {
        Self::List(items.into())
    }
}

impl Tree {
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    pub fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A copy that a template may write into.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::NilInterface,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::int64(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Text(text) => Value::Text(text.clone()),
            Self::List(items) => Value::List(List::new(items.iter().map(Self::to_value).collect())),
            Self::Table(table) => Value::Map(to_map(table)),
        }
    }

    /// A template's value at rest. What has a type of its own becomes what `toJson` makes of it.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Nil | Value::NilInterface => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Integer(Integer::Int64(value) | Integer::Int(value)) => Self::Int(*value),
            Value::Integer(integer) => i64::try_from(integer.wide()).map_or(Self::Null, Self::Int),
            Value::Float(value) => Self::Float(*value),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Bytes(bytes) => Self::Text(Text::from(&bytes[..])),
            Value::List(list) => Self::from(list.iter().map(Self::of).collect::<Vec<_>>()),
            Value::Map(map) => Self::from(of_map(map)),
            Value::Object(object) => Self::of_json(&object.to_json()),
        }
    }

    /// JSON as Go decodes it: every number is a float.
    pub fn of_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Float(number.as_f64().unwrap_or_default()),
            serde_json::Value::String(text) => Self::text(text.as_str()),
            serde_json::Value::Array(items) => Self::from(items.iter().map(Self::of_json).collect::<Vec<_>>()),
            serde_json::Value::Object(fields) => Self::from(
                fields.iter().map(|(key, value)| (Text::from(key.as_str()), Self::of_json(value))).collect::<Table>(),
            ),
        }
    }

    /// JSON as Go encodes it: whole floats have no fraction, text that is not UTF-8 gets replacement characters.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Float(value) => float_to_json(*value),
            Self::Text(text) => text.to_str().into_owned().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Table(table) => table_to_json(table),
        }
    }
}

pub(crate) fn table_to_json(table: &Table) -> serde_json::Value {
    table.iter().map(|(key, value)| (key.to_str().into_owned(), value.to_json())).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 53 bits")]
fn float_to_json(value: f64) -> serde_json::Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT { (value as i64).into() } else { value.into() }
}

/// A deep copy that a template may write into.
pub(crate) fn to_map(table: &Table) -> Map {
    table.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
}

/// A deep copy at rest.
pub(crate) fn of_map(map: &Map) -> Table {
    map.read().iter().map(|(key, value)| (key.clone(), Tree::of(value))).collect()
}

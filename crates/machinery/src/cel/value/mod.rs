//! Values while a rule runs. Data of the object is read where it lies, as its schema says, and never copied.

pub(crate) mod data;
mod equal;
pub(crate) mod names;
pub(super) mod show;
pub(super) mod time;

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap, net::IpAddr, ops::Deref, sync::Arc};

use jiff::Timestamp;
use serde_json::{Map as Json, Value as Data};

use super::library::{formats::Format, quantity::Quantity, semver::Version, url::Url};
use crate::schema::{ListType, ObjectShape, Schema};

/// Why a rule could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    /// The budget is used up: nothing absorbs this.
    pub(crate) cancelled: bool,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), cancelled: false }
    }

    pub(super) fn no_such_overload() -> Self {
        Self::new("no such overload")
    }

    pub(super) fn cancelled() -> Self {
        Self { message: "operation cancelled: actual cost limit exceeded".into(), cancelled: true }
    }
}

pub(super) type Outcome<'a> = Result<Value<'a>, Fault>;

/// A text of the object, or one that was made.
#[derive(Clone, Debug)]
pub(super) enum Text<'a> {
    Lent(&'a str),
    Made(Arc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Lent(text) => text,
            Text::Made(text) => text,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Bytes(Arc<[u8]>),
    Timestamp(Timestamp),
    /// Nanoseconds.
    Duration(i64),
    List(List<'a>),
    Map(Map<'a>),
    Type(Cow<'static, str>),
    Optional(Option<Arc<Value<'a>>>),
    Quantity(Quantity),
    Ip(IpAddr),
    Cidr(IpAddr, u8),
    Url(Arc<Url>),
    Format(&'static Format),
    Version(Arc<Version>),
    /// Data without a schema: can be compared, nothing else.
    Unknown(&'a Data),
}

/// A list; `kind` says how it is compared and joined.
#[derive(Clone, Debug)]
pub(super) struct List<'a> {
    pub(super) items: Items<'a>,
    pub(super) kind: &'a ListType,
}

#[derive(Clone, Debug)]
pub(super) enum Items<'a> {
    Data(&'a [Data], &'a Schema),
    Made(Arc<Vec<Value<'a>>>),
}

static ATOMIC: ListType = ListType::Atomic;

impl<'a> List<'a> {
    pub(super) fn made(items: Vec<Value<'a>>) -> Self {
        Self { items: Items::Made(Arc::new(items)), kind: &ATOMIC }
    }

    pub(super) fn len(&self) -> usize {
        match &self.items {
            Items::Data(items, _) => items.len(),
            Items::Made(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Outcome<'a>> {
        match &self.items {
            Items::Data(items, schema) => items.get(index).map(|item| data::wrap(item, schema)),
            Items::Made(items) => items.get(index).cloned().map(Ok),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Outcome<'a>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

#[derive(Clone, Debug)]
pub(super) enum Map<'a> {
    Made(Arc<BTreeMap<Key<'a>, Value<'a>>>),
    Data(DataMap<'a>),
}

/// A map or an object of the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataMap<'a> {
    pub(super) fields: &'a Json<String, Data>,
    pub(super) shape: Option<&'a ObjectShape>,
    /// An object's fields have escaped names, a map's keys have not.
    pub(super) is_object: bool,
}

/// The key of a map. `1` and `1u` are the same key.
#[derive(Clone, Debug)]
pub(super) enum Key<'a> {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Text(Text<'a>),
}

impl Key<'_> {
    fn number(&self) -> Option<i128> {
        match self {
            Key::Int(number) => Some((*number).into()),
            Key::Uint(number) => Some((*number).into()),
            _ => None,
        }
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Key::Bool(left), Key::Bool(right)) => left.cmp(right),
            (Key::Text(left), Key::Text(right)) => (**left).cmp(&**right),
            (Key::Bool(_), _) | (_, Key::Text(_)) => Ordering::Less,
            (_, Key::Bool(_)) | (Key::Text(_), _) => Ordering::Greater,
            (left, right) => left.number().cmp(&right.number()),
        }
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key<'_> {}

impl<'a> Key<'a> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "compared after the cast")]
    pub(super) fn of(value: &Value<'a>) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Key::Bool(*value),
            Value::Int(value) => Key::Int(*value),
            Value::Uint(value) => Key::Uint(*value),
            Value::Text(value) => Key::Text(value.clone()),
            Value::Double(value) if (*value as i64) as f64 == *value => Key::Int(*value as i64),
            _ => return None,
        })
    }

    pub(super) fn value(&self) -> Value<'a> {
        match self {
            Key::Bool(value) => Value::Bool(*value),
            Key::Int(value) => Value::Int(*value),
            Key::Uint(value) => Value::Uint(*value),
            Key::Text(value) => Value::Text(value.clone()),
        }
    }
}

impl<'a> Map<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Map::Made(entries) => entries.len(),
            Map::Data(data) => data.fields.len(),
        }
    }

    pub(super) fn find(&self, key: &Value<'a>) -> Result<Option<Value<'a>>, Fault> {
        match self {
            Map::Made(entries) => Ok(Key::of(key).and_then(|key| entries.get(&key).cloned())),
            Map::Data(data) => match key {
                Value::Text(key) => data.find(key),
                _ => Err(Fault::no_such_overload()),
            },
        }
    }

    /// By a name that a source has.
    pub(super) fn field(&self, name: &str) -> Result<Option<Value<'a>>, Fault> {
        match self {
            Map::Made(entries) => Ok(entries.get(&Key::Text(Text::Made(name.into()))).cloned()),
            Map::Data(data) => data.find(name),
        }
    }

    /// The keys that a rule can see.
    pub(super) fn keys(&self) -> Vec<Value<'a>> {
        match self {
            Map::Made(entries) => entries.keys().map(Key::value).collect(),
            Map::Data(data) => data.keys(),
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn text(text: impl Into<Arc<str>>) -> Self {
        Value::Text(Text::Made(text.into()))
    }

    pub(super) fn list(items: Vec<Value<'a>>) -> Self {
        Value::List(List::made(items))
    }

    pub(super) fn some(value: Value<'a>) -> Self {
        Value::Optional(Some(Arc::new(value)))
    }

    /// What `size()` says, for costs too; one for what has no size.
    pub(super) fn size(&self) -> u64 {
        let size = match self {
            Value::Text(text) if text.is_ascii() => text.len(),
            Value::Text(text) => text.chars().count(),
            Value::Bytes(bytes) => bytes.len(),
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            Value::Optional(Some(value)) => return value.size(),
            Value::Ip(ip) => address_bytes(ip),
            Value::Cidr(ip, length) => address_bytes(ip).min(usize::from(*length).div_ceil(8)),
            _ => 1,
        };
        size as u64
    }

    /// The name of the type, as `type()` gives it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null_type",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Uint(_) => "uint",
            Value::Double(_) => "double",
            Value::Text(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::List(_) => "list",
            Value::Map(_) => "map",
            Value::Type(_) => "type",
            Value::Optional(_) => "optional_type",
            Value::Quantity(_) => "kubernetes.Quantity",
            Value::Ip(_) => "net.IP",
            Value::Cidr(..) => "net.CIDR",
            Value::Url(_) => "kubernetes.URL",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Version(_) => "kubernetes.Semver",
            Value::Unknown(_) => "unknown",
        }
    }
}

fn address_bytes(ip: &IpAddr) -> usize {
    if ip.is_ipv4() { 4 } else { 16 }
}

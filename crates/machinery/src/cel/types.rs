//! Types of expressions, and what is declared about the data that a rule sees.

use std::{collections::BTreeMap, fmt, sync::Arc};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Dyn,
    /// The type of what did not check; agrees with everything, so that one mistake is reported once.
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Timestamp,
    Duration,
    List(Arc<Type>),
    Map(Arc<(Type, Type)>),
    /// The type of a type.
    Meta(Arc<Type>),
    Optional(Arc<Type>),
    /// Kubernetes' own: `kubernetes.Quantity`, `net.IP`.
    Opaque(&'static str),
    Object(Arc<Object>),
    /// A type parameter, bound while checking.
    Variable(usize),
}

/// An object with declared fields. Objects are the same when their names are.
#[derive(Debug)]
pub(crate) struct Object {
    /// `selfType.spec`
    pub(crate) name: String,
    /// By escaped name.
    pub(crate) fields: BTreeMap<Arc<str>, Declared>,
}

impl Object {
    /// A field by its name in a rule; words that mean something in a source need no escape after a dot.
    pub(super) fn field(&self, name: &str) -> Option<&Declared> {
        self.fields.get(name).or_else(|| self.fields.get(format!("__{name}__").as_str()))
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A type with the sizes that cost estimates need.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    pub(crate) of: Type,
    /// The most characters, bytes, items or entries that a value can have.
    pub(crate) elements_max: u64,
    /// The fewest bytes of JSON.
    pub(crate) bytes_min: u64,
    /// What a list's items or a map's values are.
    pub(crate) element: Option<Arc<Declared>>,
}

impl Declared {
    pub(crate) fn scalar(of: Type, elements_max: u64, bytes_min: u64) -> Self {
        Self { of, elements_max, bytes_min, element: None }
    }

    /// The declaration at `@items`, `@values`, `@keys` or a field.
    pub(crate) fn below(&self, step: &str) -> Option<Below<'_>> {
        match (step, &self.of) {
            ("@items" | "@values", Type::List(_) | Type::Map(_)) => self.element.as_deref().map(Below::Declared),
            ("@keys", Type::Map(_)) => Some(Below::Key),
            (field, Type::Object(object)) => object.field(field).map(Below::Declared),
            _ => None,
        }
    }
}

pub(crate) enum Below<'a> {
    Declared(&'a Declared),
    /// The key of a map: upstream declares no length for it.
    Key,
}

impl Type {
    pub(crate) fn list(of: Type) -> Self {
        Type::List(Arc::new(of))
    }

    pub(crate) fn map(key: Type, value: Type) -> Self {
        Type::Map(Arc::new((key, value)))
    }

    pub(crate) fn optional(of: Type) -> Self {
        Type::Optional(Arc::new(of))
    }

    pub(super) fn is_dyn_or_error(&self) -> bool {
        matches!(self, Type::Dyn | Type::Error)
    }

    /// Of a size that is known: what is compared in one step.
    pub(super) fn is_scalar(&self) -> bool {
        match self {
            Type::Bool | Type::Double | Type::Duration | Type::Int | Type::Timestamp | Type::Uint => true,
            Type::Optional(of) => of.is_scalar(),
            _ => false,
        }
    }
}

/// As upstream's messages spell types.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Dyn => f.write_str("dyn"),
            Type::Error => f.write_str("!error!"),
            Type::Null => f.write_str("null"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Uint => f.write_str("uint"),
            Type::Double => f.write_str("double"),
            Type::Text => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Duration => f.write_str("duration"),
            Type::List(of) => write!(f, "list({of})"),
            Type::Map(of) => write!(f, "map({}, {})", of.0, of.1),
            Type::Meta(of) => write!(f, "type({of})"),
            Type::Optional(of) => write!(f, "optional_type({of})"),
            Type::Opaque(name) => f.write_str(name),
            Type::Object(object) => f.write_str(&object.name),
            Type::Variable(number) => write!(f, "_var{number}"),
        }
    }
}

//! Go's values as a template sees them. Maps are shared and mutable, because `set` must be visible to every holder; text is
//! bytes, because Go's is; and there are two nils, because templates can tell them apart.

mod list;
mod map;
mod object;
mod text;

use std::sync::Arc;

pub use list::{Element, List};
pub use map::{Map, MapType};
pub use object::{Methods, Object};
pub use text::Text;

/// Go's `[]byte`, which prints as a list of numbers and which a parameter of type string refuses.
pub type Bytes = Arc<[u8]>;

/// A value of a template. Cloning is cheap: everything large is shared.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// The constant `nil`, or a result that is no value at all: Go's invalid `reflect.Value`. Prints `<no value>`.
    #[default]
    Nil,
    /// A nil that a map or a list holds as its element (`interface {}`), also what a missing key of a map gives. Prints `<nil>`
    /// within `%v`, `<no value>` as a pipeline's result; a chain through it is an error.
    NilInterface,
    Bool(bool),
    Integer(Integer),
    Float(f64),
    Text(Text),
    Bytes(Bytes),
    List(List),
    Map(Map),
    /// A value with methods or a type of its own: a version, a time, `.Files`, `.Capabilities`.
    Object(Object),
}

/// Go's integer types, as far as templates can meet them. Constants of a template are `int`, runes are `int32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    Int(i64),
    Int64(i64),
    Int32(i32),
    Uint8(u8),
    Uint64(u64),
}

impl Integer {
    /// The value, whatever the type is. Total: Go's `uint64` beyond `i64` still fits.
    pub fn wide(self) -> i128 {
        match self {
            Self::Int(value) | Self::Int64(value) => value.into(),
            Self::Int32(value) => value.into(),
            Self::Uint8(value) => value.into(),
            Self::Uint64(value) => value.into(),
        }
    }

    /// Go's name of the type, as `%T` prints it.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Int32(_) => "int32",
            Self::Uint8(_) => "uint8",
            Self::Uint64(_) => "uint64",
        }
    }

    pub fn is_unsigned(self) -> bool {
        matches!(self, Self::Uint8(_) | Self::Uint64(_))
    }
}

impl Value {
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Go's `int`, the type of integer constants and of `len`.
    pub fn int(value: i64) -> Self {
        Self::Integer(Integer::Int(value))
    }

    /// Go's `int64`, the type of `--set` numbers and of Sprig's arithmetic.
    pub fn int64(value: i64) -> Self {
        Self::Integer(Integer::Int64(value))
    }

    fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Drops values that nest, however deep, in a loop.
    fn dismantle(mut pending: Vec<Self>) {
        while let Some(mut value) = pending.pop() {
            match &mut value {
                Self::List(list) => list.dismantle(&mut pending),
                Self::Map(map) => map.dismantle(&mut pending),
                _ => {}
            }
        }
    }

    /// As what a map or a list holds: a function may have stored the constant nil in one.
    pub fn as_element(self) -> Self {
        match self {
            Self::Nil => Self::NilInterface,
            other => other,
        }
    }

    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Nil | Self::NilInterface)
    }

    /// Go's name of the type, as `%T` and Sprig's `typeOf` print it.
    pub fn type_name(&self) -> String {
        match self {
            Self::Nil | Self::NilInterface => "<nil>".to_owned(),
            Self::Bool(_) => "bool".to_owned(),
            Self::Integer(integer) => integer.type_name().to_owned(),
            Self::Float(_) => "float64".to_owned(),
            Self::Text(_) => "string".to_owned(),
            Self::Bytes(_) => "[]uint8".to_owned(),
            Self::List(list) => format!("[]{}", list.element().go_name()),
            Self::Map(map) => map.map_type().go_name().to_owned(),
            Self::Object(object) => object.type_name().into_owned(),
        }
    }

    /// Go's kind, as Sprig's `kindOf` prints it.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Nil | Self::NilInterface => "invalid",
            Self::Bool(_) => "bool",
            Self::Integer(integer) => integer.type_name(),
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Bytes(_) | Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Object(object) => object.kind_name(),
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

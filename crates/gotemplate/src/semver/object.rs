//! A version as a template holds it, with the methods of Go's type that do not write into it.

use std::{any::Any, borrow::Cow};

use super::Version;
use crate::{
    function::{FunctionError, Param},
    value::{Bytes, Integer, Methods, Object, Value},
};

/// `*semver.Version`, which `semver` returns, or `semver.Version`, which the methods return that make the next one. The latter has
/// no methods that take their receiver by pointer, because the result of a call is not addressable in Go.
#[derive(Debug)]
pub(super) struct VersionObject {
    version: Version,
    is_pointer: bool,
}

const POINTER: &str = "*semver.Version";

impl VersionObject {
    pub(super) fn parsed(version: Version) -> Self {
        Self { version, is_pointer: true }
    }

    fn made(version: Version) -> Value {
        Value::Object(Object::new(Self { version, is_pointer: false }))
    }

    /// Methods of the value.
    fn call_value(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let version = &self.version;
        let number = |number: u64| Value::Integer(Integer::Uint64(number));
        let bytes = |text: String| Value::Bytes(Bytes::from(text.into_bytes()));
        let changed = |made: Result<Version, super::Error>| {
            made.map(Self::made).map_err(|error| FunctionError::new(error.to_string()))
        };
        Some(match name {
            "Major" => Ok(number(version.major())),
            "Minor" => Ok(number(version.minor())),
            "Patch" => Ok(number(version.patch())),
            "Prerelease" => Ok(version.prerelease().into()),
            "Metadata" => Ok(version.metadata().into()),
            "String" | "Value" => Ok(version.to_string().into()),
            "IncMajor" => Ok(Self::made(version.next_major())),
            "IncMinor" => Ok(Self::made(version.next_minor())),
            "IncPatch" => Ok(Self::made(version.next_patch())),
            "SetPrerelease" => changed(version.with_prerelease(&text(arguments))),
            "SetMetadata" => changed(version.with_metadata(&text(arguments))),
            "MarshalText" => Ok(bytes(version.to_string())),
            "MarshalJSON" => Ok(bytes(format!("\"{version}\""))),
            _ => return None,
        })
    }

    /// Methods of the pointer that compare.
    fn compare(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let holds: fn(std::cmp::Ordering) -> Value = match name {
            "Compare" => |order| Value::int(order as i64),
            "Equal" => |order| order.is_eq().into(),
            "LessThan" => |order| order.is_lt().into(),
            "LessThanEqual" => |order| order.is_le().into(),
            "GreaterThan" => |order| order.is_gt().into(),
            "GreaterThanEqual" => |order| order.is_ge().into(),
            _ => return None,
        };
        let other = match arguments.first() {
            Some(Value::Object(object)) => object.as_any().downcast_ref::<Self>(),
            _ => None,
        };
        Some(match other {
            Some(other) => Ok(holds(self.version.compare(&other.version))),
            None => Err(FunctionError::new(format!("{name} compares with a {POINTER}"))),
        })
    }
}

impl Methods for VersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.is_pointer { POINTER } else { "semver.Version" })
    }

    fn kind_name(&self) -> &'static str {
        if self.is_pointer { "ptr" } else { "struct" }
    }

    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        Some(match name {
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" => {
                &[Param::Object(POINTER)]
            }
            "SetPrerelease" | "SetMetadata" => &[Param::Text],
            _ => &[],
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        match name {
            "Original" if self.is_pointer => Some(Ok(self.version.original().into())),
            _ if self.is_pointer => self.compare(name, arguments).or_else(|| self.call_value(name, arguments)),
            _ => self.call_value(name, arguments),
        }
    }

    fn print(&self) -> Vec<u8> {
        self.version.to_string().into_bytes()
    }

    fn to_json(&self) -> serde_json::Value {
        self.version.to_string().into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn text(arguments: &[Value]) -> String {
    if let Some(Value::Text(text)) = arguments.first() { text.to_str().into_owned() } else { String::new() }
}

//! Values whose type is not one of Go's basic ones: what the host passes (`.Files`, `.Capabilities`) and what functions return
//! (versions, times, certificates).

use std::{any::Any, borrow::Cow, fmt::Debug, ops::Deref, rc::Rc};

use super::{Text, Value};
use crate::function::{FunctionError, Param};

/// What a Go type with fields and methods answers to a template.
pub trait Methods: Debug {
    /// As `%T` prints it: `*semver.Version`.
    fn type_name(&self) -> Cow<'static, str>;

    /// Go's kind: `struct`, `ptr`, `map`, `slice`.
    fn kind_name(&self) -> &'static str {
        "struct"
    }

    /// An exported field, or a key where the type is a map. `None` where there is no such field.
    fn field(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// The parameters of a method, so that the executor can check and convert its arguments as Go would. Without it a method gets
    /// its arguments as they are.
    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        let _ = name;
        None
    }

    /// Calls a method. `None` where there is no such method.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let _ = (name, arguments);
        None
    }

    /// What `range` and `index` see where the type is a map: entries in the order of their keys.
    fn entries(&self) -> Option<Vec<(Text, Value)>> {
        None
    }

    /// What `print` and `%v` write.
    fn print(&self) -> Vec<u8>;

    /// Go's truth of the value (`if`). A struct is always true, an empty map is not.
    fn is_true(&self) -> bool {
        self.entries().is_none_or(|entries| !entries.is_empty())
    }

    /// What `toJson` and `toYaml` write.
    fn to_json(&self) -> serde_json::Value;

    /// For functions that take their own type back (a time, a version).
    fn as_any(&self) -> &dyn Any;
}

/// A shared [`Methods`].
#[derive(Debug, Clone)]
pub struct Object(Rc<dyn Methods>);

impl Object {
    pub fn new(methods: impl Methods + 'static) -> Self {
        Self(Rc::new(methods))
    }
}

impl Deref for Object {
    type Target = dyn Methods;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

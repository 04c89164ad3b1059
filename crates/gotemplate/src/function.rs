//! What a template can call: a table of names, typed parameters and plain functions. Arity and types are checked in one place
//! (the executor) from the table, so that Go's error texts come out of one place too.

use std::fmt;

use crate::value::{Text, Value};

/// A parameter's Go type. The executor converts as text/template does: a nil becomes the zero value of a list or a map and is
/// refused for text and numbers, constants take the parameter's type, other types are refused with Go's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: anything, also nil.
    Any,
    /// `string`
    Text,
    Bool,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint32`: arrives as `Integer::Uint64` that fits; a constant is cut to 32 bits, as Go cuts it.
    Uint32,
    /// `float64`
    Float,
    /// `[]string`
    Texts,
    /// `map[string]interface {}`: arrives as `Value::Map`, `Map::nil` for nil.
    Map,
    /// `[]interface {}`: arrives as `Value::List`, `List::nil` for nil.
    List,
    /// A Go type with methods, by its name as `%T` prints it (`time.Time`): arrives as a `Value::Object` of that `type_name`.
    Object(&'static str),
}

/// A function of a template: Go's, Sprig's or Helm's.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    pub params: &'static [Param],
    /// The type of further arguments, where the function is variadic.
    pub rest: Option<Param>,
    pub call: Implementation,
}

impl Function {
    /// A row of a table.
    pub(crate) const fn new(name: &'static str, params: &'static [Param], call: Implementation) -> Self {
        Self { name, params, rest: None, call }
    }

    /// A row of a table for a variadic function.
    pub(crate) const fn variadic(
        name: &'static str,
        params: &'static [Param],
        rest: Param,
        call: Implementation,
    ) -> Self {
        Self { name, params, rest: Some(rest), call }
    }
}

/// What a function does. The arguments have been checked and converted.
pub type Implementation = fn(&mut Call<'_>, &[Value]) -> Result<Value, FunctionError>;

/// What a function can reach besides its arguments.
pub struct Call<'a> {
    pub host: &'a dyn Host,
    pub templates: &'a mut dyn Templating,
}

/// The way back into the engine, for `include` and `tpl`.
pub trait Templating {
    /// Executes a defined template in a fresh variable scope.
    fn include(&mut self, name: &str, data: &Value) -> Result<Text, FunctionError>;

    /// Parses and executes a text that sees all definitions, and whose own definitions end with it.
    fn render(&mut self, text: &Text, data: &Value) -> Result<Text, FunctionError>;
}

/// What the caller of a template decides: time, randomness, look-ups, the dialect.
pub trait Host {
    fn clock(&self) -> &dyn api::env::Clock;

    /// Seedable: the same entropy gives the same passwords and certificates.
    fn entropy(&self) -> &dyn api::env::Entropy;

    /// Helm's `lookup`: the object, a list object where `name` is empty, or an empty map.
    fn lookup(&self, api_version: &str, kind: &str, namespace: &str, name: &str) -> Result<Value, FunctionError>;

    /// Which Helm's behaviour is asked for, where the two differ.
    fn dialect(&self) -> Dialect {
        Dialect::default()
    }

    /// Whether this is a lint: `required` and `fail` then pass.
    fn is_lint(&self) -> bool {
        false
    }
}

/// A host without a cluster: `lookup` finds nothing, as in `helm template`.
#[derive(Clone, Copy)]
pub struct Offline<'a> {
    pub clock: &'a dyn api::env::Clock,
    pub entropy: &'a dyn api::env::Entropy,
    pub dialect: Dialect,
}

impl Host for Offline<'_> {
    fn clock(&self) -> &dyn api::env::Clock {
        self.clock
    }

    fn entropy(&self) -> &dyn api::env::Entropy {
        self.entropy
    }

    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Result<Value, FunctionError> {
        Ok(Value::Map(crate::Map::default()))
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// The two generations of Helm. Their templates differ in few places, most through the libraries that they are built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    Helm3,
    #[default]
    Helm4,
}

/// Why a function failed: what Go's function returned as its error, or what the engine below it said.
#[derive(Debug, Clone)]
pub enum FunctionError {
    /// The function's own error. The executor adds `error calling NAME: ` and the position.
    Message(String),
    /// An error of a template that this function executed (`include`), already with its positions.
    Template(Box<crate::error::ExecError>),
    /// The same with the function's own words before it (`tpl`).
    Wrapped { message: String, error: Box<crate::error::ExecError> },
}

impl FunctionError {
    pub fn new(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => formatter.write_str(message),
            Self::Template(error) => error.fmt(formatter),
            Self::Wrapped { message, error } => write!(formatter, "{message}: {error}"),
        }
    }
}

impl std::error::Error for FunctionError {}

//! The Common Expression Language, as Kubernetes uses it in `x-kubernetes-validations`: parsed, type-checked against what is
//! declared of `self`, estimated, and run within a budget. No rule can panic, run for long, or take much memory.
//!
//! What a schema declares and when a rule applies is [`crate::schema`]'s business. Messages, costs and limits are upstream's;
//! syntax errors say the same place in other words where upstream's come out of its parser generator.

mod check;
mod cost;
mod eval;
mod library;
mod syntax;
mod types;
mod value;

pub(crate) use self::types::{Below, Declared, Object, Type};
pub(crate) use self::{
    eval::Program,
    value::{Fault, data::metadata, names::escape},
};
use crate::schema::Schema;

/// An expression that may be run, and what it costs at most.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) program: Program,
    pub(crate) cost_max: u64,
    /// Whether it mentions `oldSelf`.
    pub(crate) uses_old: bool,
    pub(crate) result: Type,
}

/// Why an expression does not compile, in upstream's words.
#[derive(Debug)]
pub(crate) enum Refusal {
    Source(String),
    /// A constant that no function could take.
    Constant(String),
}

/// Compiles an expression over `self`; with `old_optional`, `oldSelf` is an optional value.
pub(crate) fn compile(source: &str, this: &Declared, old_optional: bool) -> Result<Compiled, Refusal> {
    let old = if old_optional { Type::optional(this.of.clone()) } else { this.of.clone() };
    let variables = [("self", this.of.clone()), ("oldSelf", old)].into();
    let checked = syntax::parse(source)
        .and_then(|parsed| check::check(parsed, &variables))
        .map_err(|faults| Refusal::Source(syntax::show(source, faults)))?;
    let cost_max = cost::estimate(&checked, this).max;
    let uses_old = checked.used.contains(&"oldSelf");
    let result = checked.type_of(&checked.root).clone();
    let program = Program::new(&checked).map_err(Refusal::Constant)?;
    Ok(Compiled { program, cost_max, uses_old, result })
}

/// Compiles an expression over variables whose types are not declared; it must be a boolean, or of a type that shows only later.
pub(crate) fn compile_named(source: &str, names: &[&'static str]) -> Result<Program, String> {
    let variables = names.iter().map(|name| (*name, Type::Dyn)).collect();
    let checked = syntax::parse(source)
        .and_then(|parsed| check::check(parsed, &variables))
        .map_err(|faults| format!("compilation failed: {}", syntax::show(source, faults)))?;
    match checked.type_of(&checked.root) {
        Type::Bool | Type::Dyn => Program::new(&checked).map_err(|why| format!("program instantiation failed: {why}")),
        _ => Err("must evaluate to bool".into()),
    }
}

/// What a rule sees: a value of the object and its schema, and the same of the old object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) this: &'a serde_json::Value,
    pub(crate) old: Option<&'a serde_json::Value>,
    pub(crate) schema: &'a Schema,
    /// `oldSelf` is an optional value.
    pub(crate) old_optional: bool,
}

/// What an expression came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Bool(bool),
    Text(String),
    Other,
}

impl Answer {
    fn of(value: &value::Value<'_>) -> Self {
        match value {
            value::Value::Bool(value) => Answer::Bool(*value),
            value::Value::Text(text) => Answer::Text(text.to_string()),
            _ => Answer::Other,
        }
    }
}

impl Program {
    /// The answer and what it cost.
    pub(crate) fn answer(&self, subject: &Subject<'_>, limit: u64) -> (Result<Answer, Fault>, u64) {
        use value::{Value, data::wrap};
        let old = subject.old.map(|old| wrap(old, subject.schema));
        let old = match (subject.old_optional, old) {
            (true, Some(old)) => Some(old.map(Value::some)),
            (true, None) => Some(Ok(Value::Optional(None))),
            (false, old) => old,
        };
        let inputs = eval::Inputs { this: wrap(subject.this, subject.schema), old, named: Vec::new() };
        let (result, cost) = self.run(&inputs, limit);
        (result.map(|value| Answer::of(&value)), cost)
    }

    /// The same over named values.
    pub(crate) fn answer_named(
        &self,
        named: &[(&'static str, &serde_json::Value)],
        limit: u64,
    ) -> (Result<Answer, Fault>, u64) {
        let named = named.iter().map(|(name, data)| (*name, value::data::plain(data))).collect();
        let inputs = eval::Inputs { this: Ok(value::Value::Null), old: None, named };
        let (result, cost) = self.run(&inputs, limit);
        (result.map(|value| Answer::of(&value)), cost)
    }
}

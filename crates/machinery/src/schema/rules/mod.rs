//! `x-kubernetes-validations`: what a definition may say, and what an object must hold. The language itself is
//! [`crate::cel`].

mod admit;
mod declare;
mod equal;
mod path;
mod run;

use std::sync::{Arc, OnceLock};

use serde_json::Value;

pub(super) use admit::admit;
pub use path::selectable_field;
pub(super) use run::run;

use super::{Schema, Shape};
use crate::cel::{self, Compiled, Declared, Refusal, Type};

/// What one rule may cost by estimate, for all values that it may meet.
const RULE_COST_MAX: u64 = 10_000_000;
/// What all rules of a version may.
const SCHEMA_COST_MAX: u64 = 100_000_000;
/// What one evaluation may cost.
const CALL_COST_MAX: u64 = 1_000_000;
/// What all evaluations for one object may.
const OBJECT_COST_MAX: u64 = 10_000_000;
/// The largest request upstream takes: what bounds sizes that a schema does not.
const REQUEST_BYTES_MAX: u64 = 3 * 1024 * 1024;
/// The longest message that an expression may make.
const MESSAGE_BYTES_MAX: usize = 5 * 1024;

/// One rule as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub rule: String,
    pub message: String,
    pub message_expression: String,
    pub reason: Option<String>,
    pub field_path: String,
    pub optional_old: Option<bool>,
}

impl Rule {
    fn of(rule: &Value) -> Self {
        let text = |key: &str| rule.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
        Self {
            rule: text("rule"),
            message: text("message"),
            message_expression: text("messageExpression"),
            reason: rule.get("reason").and_then(Value::as_str).map(Into::into),
            field_path: text("fieldPath"),
            optional_old: rule.get("optionalOldSelf").and_then(Value::as_bool),
        }
    }

    fn old_optional(&self) -> bool {
        self.optional_old == Some(true)
    }

    /// How errors name the rule.
    fn shown(&self) -> &str {
        if self.message.is_empty() { self.rule.trim() } else { self.message.trim() }
    }
}

/// The rules of a node; compiled when the first object needs them, then shared.
#[derive(Debug, Default)]
pub struct Rules {
    written: Vec<Rule>,
    compiled: OnceLock<Vec<CompiledRule>>,
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

#[derive(Debug)]
struct CompiledRule {
    /// `None` for a rule without text.
    rule: Option<Result<Compiled, String>>,
    message: Option<Compiled>,
    /// `fieldPath` as errors show it.
    field: Option<String>,
}

impl Rules {
    /// The rules of a schema's node as written; `None` when it has none.
    pub(super) fn of(node: &Value) -> Option<Arc<Rules>> {
        let written: Vec<Rule> = node.get("x-kubernetes-validations")?.as_array()?.iter().map(Rule::of).collect();
        (!written.is_empty()).then(|| Arc::new(Rules { written, compiled: OnceLock::new() }))
    }

    pub fn len(&self) -> usize {
        self.written.len()
    }

    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    fn compiled(&self, schema: &Schema) -> &[CompiledRule] {
        self.compiled.get_or_init(|| {
            let declared = declare::declare(schema, "selfType");
            self.written.iter().map(|rule| compile(rule, declared.as_ref(), schema)).collect()
        })
    }
}

fn compile(rule: &Rule, declared: Option<&Declared>, schema: &Schema) -> CompiledRule {
    let Some(declared) = declared else { return CompiledRule { rule: None, message: None, field: None } };
    let old_optional = rule.old_optional();
    let compiled = (!rule.rule.trim().is_empty()).then(|| compile_rule(rule, declared));
    let message = (!rule.message_expression.is_empty())
        .then(|| cel::compile(&rule.message_expression, declared, old_optional).ok())
        .flatten();
    let field = (!rule.field_path.is_empty()).then(|| path::resolve(&rule.field_path, schema, true).ok()).flatten();
    CompiledRule { rule: compiled, message, field: field.map(|(field, _)| field) }
}

fn compile_rule(rule: &Rule, declared: &Declared) -> Result<Compiled, String> {
    let compiled = cel::compile(&rule.rule, declared, rule.old_optional()).map_err(|refusal| match refusal {
        Refusal::Source(faults) => format!("compilation failed: {faults}"),
        Refusal::Constant(why) => format!("program instantiation failed: {why}"),
    })?;
    if compiled.result == Type::Bool { Ok(compiled) } else { Err("cel expression must evaluate to a bool".into()) }
}

fn compile_message(rule: &Rule, declared: &Declared) -> Result<Compiled, String> {
    let compiled =
        cel::compile(&rule.message_expression, declared, rule.old_optional()).map_err(|refusal| match refusal {
            Refusal::Source(faults) => format!("messageExpression compilation failed: {faults}"),
            Refusal::Constant(why) => format!("messageExpression instantiation failed: {why}"),
        })?;
    if compiled.result == Type::Text { Ok(compiled) } else { Err("messageExpression must evaluate to a string".into()) }
}

/// `path.child`; the root of an object has no name.
fn child(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

/// The `type` of a schema, which errors show in place of the value.
fn type_of(schema: &Schema) -> &'static str {
    match schema.shape {
        Shape::Object(_) | Shape::Named(_) => "object",
        Shape::Array(_) => "array",
        Shape::String => "string",
        Shape::Integer => "integer",
        Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::IntOrString | Shape::Any => "",
    }
}

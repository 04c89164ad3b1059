//! Rules against an object.

use api::status::Cause;
use serde_json::{Value, json};

use super::{
    CALL_COST_MAX, CompiledRule, MESSAGE_BYTES_MAX, OBJECT_COST_MAX, Rule, child,
    equal::{Place, Ratchet},
    type_of,
};
use crate::{
    cel::{Answer, Compiled, Fault, Program, Subject},
    field,
    schema::{Schema, Shape, lists::correlate},
};

/// What rules say about an object: errors, and warnings for what was wrong before.
pub(crate) fn run(schema: &Schema, new: &Value, old: Option<&Value>) -> (Vec<Cause>, Vec<String>) {
    let mut walk = Walk { causes: Vec::new(), warnings: Vec::new(), budget: OBJECT_COST_MAX, stopped: false };
    let ratchet = Ratchet::root(old.map(|old| Place::new(new, old, schema)));
    walk.node(schema, new, old, "", ratchet);
    (walk.causes, walk.warnings)
}

struct Walk {
    causes: Vec<Cause>,
    warnings: Vec<String>,
    /// What the rules may still cost.
    budget: u64,
    /// No further rule is run.
    stopped: bool,
}

fn at(path: &str) -> &str {
    if path.is_empty() { "<nil>" } else { path }
}

impl Walk {
    fn node(&mut self, schema: &Schema, new: &Value, old: Option<&Value>, path: &str, ratchet: Ratchet<'_>) {
        if !schema.ruled || new.is_null() || self.stopped {
            return;
        }
        if let Some(rules) = schema.checks.as_ref().and_then(|checks| checks.rules.as_ref()) {
            let old = old.filter(|old| !old.is_null());
            for (rule, compiled) in rules.written.iter().zip(rules.compiled(schema)) {
                if self.stopped {
                    return;
                }
                let subject = Subject { this: new, old, schema, old_optional: rule.old_optional() };
                self.rule(rule, compiled, &subject, path, ratchet);
            }
        }
        match (&schema.shape, new) {
            (Shape::Array(shape), Value::Array(items)) => {
                let before = old.and_then(Value::as_array);
                for (index, item) in items.iter().enumerate() {
                    let old = before.and_then(|old| correlate(&shape.list, old, item));
                    self.node(&shape.items, item, old, &format!("{path}[{index}]"), ratchet.item(index));
                }
            }
            (Shape::Object(shape), Value::Object(fields)) => {
                for (name, value) in fields {
                    let old = old.and_then(|old| old.get(name));
                    if let Some(property) = shape.properties.get(name.as_str()) {
                        self.node(property, value, old, &child(path, name), ratchet.field(name));
                    } else if let Some(additional) = &shape.additional {
                        self.node(additional, value, old, &format!("{path}[{name}]"), ratchet.field(name));
                    }
                }
            }
            _ => {}
        }
    }

    fn invalid(&mut self, path: &str, schema: &Schema, detail: &str) {
        self.causes.push(field::invalid(at(path), &json!(type_of(schema)), detail));
    }

    fn out_of_budget(&mut self, path: &str, schema: &Schema) {
        let detail = "validation failed due to running out of cost budget, no further validation rules will be run";
        self.invalid(path, schema, detail);
        self.stopped = true;
    }

    fn rule(&mut self, rule: &Rule, compiled: &CompiledRule, subject: &Subject<'_>, path: &str, ratchet: Ratchet<'_>) {
        let program = match &compiled.rule {
            None => return,
            Some(Ok(program)) => program,
            Some(Err(why)) => return self.invalid(path, subject.schema, &format!("rule compile error: {why}")),
        };
        if program.uses_old && subject.old.is_none() && !subject.old_optional {
            return;
        }
        if self.budget == 0 {
            return self.out_of_budget(path, subject.schema);
        }
        let (answer, cost) = program.program.answer(subject, CALL_COST_MAX);
        if cost > self.budget {
            return self.out_of_budget(path, subject.schema);
        }
        self.budget -= cost;
        match answer {
            Ok(Answer::Bool(true)) => {}
            Ok(_) => self.broken(rule, compiled, program, subject, path, ratchet),
            Err(fault) => self.failed(rule, &fault, subject, path),
        }
    }

    /// The rule could not be evaluated.
    fn failed(&mut self, rule: &Rule, fault: &Fault, subject: &Subject<'_>, path: &str) {
        let (message, shown) = (&fault.message, rule.shown());
        let detail = if message.starts_with("no such overload") {
            format!(
                "'{message}': call arguments did not match a supported operator, function or macro signature for rule: \
                 {shown}"
            )
        } else if fault.cancelled {
            self.stopped = true;
            format!(
                "'{message}': no further validation rules will be run due to call cost exceeds limit for rule: {shown}"
            )
        } else {
            format!("{message} evaluating rule: {shown}")
        };
        self.invalid(path, subject.schema, &detail);
    }

    /// The rule does not hold.
    fn broken(
        &mut self,
        rule: &Rule,
        compiled: &CompiledRule,
        program: &Compiled,
        subject: &Subject<'_>,
        path: &str,
        ratchet: Ratchet<'_>,
    ) {
        let place = match &compiled.field {
            Some(field) if field.starts_with('[') => format!("{path}{field}"),
            Some(field) => child(path, field),
            None => path.to_string(),
        };
        let written = || match rule.message.is_empty() {
            true => format!("failed rule: {}", rule.shown()),
            false => rule.message.trim().to_string(),
        };
        let message = match &compiled.message {
            None => Ok(written()),
            Some(expression) => {
                self.message(&expression.program, rule, subject).map(|made| made.unwrap_or_else(written))
            }
        };
        let cause = match message {
            Ok(message) => cause_for(rule, at(&place), subject.schema, &message),
            Err(why) => {
                self.stopped = true;
                field::invalid(at(&place), &json!(type_of(subject.schema)), &why)
            }
        };
        if !program.uses_old && ratchet.holds() {
            self.warnings.push(format!("{}: {}", cause.field, cause.message));
        } else {
            self.causes.push(cause);
        }
    }

    /// The message that an expression makes; `None` when it makes none that can be used, an error when the budget ends.
    fn message(&mut self, program: &Program, rule: &Rule, subject: &Subject<'_>) -> Result<Option<String>, String> {
        let (answer, cost) = program.answer(subject, CALL_COST_MAX);
        if cost > self.budget {
            return Err(
                "messageExpression evaluation failed due to running out of cost budget, no further validation \
                        rules will be run"
                    .into(),
            );
        }
        self.budget -= cost;
        match answer {
            Err(fault) if fault.cancelled => Err(format!(
                "no further validation rules will be run due to call cost exceeds limit for messageExpression: {:?}",
                rule.message_expression
            )),
            Ok(Answer::Text(text)) => {
                let text = text.trim();
                let usable = !text.is_empty() && !text.contains('\n') && text.len() <= MESSAGE_BYTES_MAX;
                Ok(usable.then(|| text.to_string()))
            }
            _ => Ok(None),
        }
    }
}

fn cause_for(rule: &Rule, path: &str, schema: &Schema, message: &str) -> Cause {
    let value = json!(type_of(schema));
    match rule.reason.as_deref() {
        Some("FieldValueForbidden") => field::forbidden(path, message),
        Some("FieldValueRequired") => field::required(path, message),
        Some("FieldValueDuplicate") => field::duplicate(path, &value),
        _ => field::invalid(path, &value, message),
    }
}

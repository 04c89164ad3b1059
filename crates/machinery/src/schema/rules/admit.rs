//! Rules of a definition: their form, their types, and what they may cost.

use api::status::Cause;
use serde_json::{Value, json};

use super::{
    REQUEST_BYTES_MAX, RULE_COST_MAX, Rule, SCHEMA_COST_MAX, child, compile_message, compile_rule, declare, path,
};
use crate::{
    cel::{Below, Compiled, Declared, escape},
    field,
    schema::{Schema, Shape},
};

const REASONS: [&str; 4] = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/// What is wrong with the rules of a schema that is fine otherwise. Fields are below `path`.
pub(crate) fn admit(node: &Value, schema: &Schema, path: &str) -> Vec<Cause> {
    let mut forms = Vec::new();
    check_forms(node, schema, path, &mut forms);
    if !forms.is_empty() {
        return forms;
    }
    let mut walk = Walk { causes: Vec::new(), total: 0, expensive: Vec::new() };
    walk.node(node, schema, path, Scope { declared: None, cardinality: Some(1), uncorrelatable: None });
    walk.expensive.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    if walk.total > SCHEMA_COST_MAX {
        for (path, _) in walk.expensive.iter().take(4) {
            let detail = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
            walk.causes.push(field::forbidden(path, detail));
        }
        let what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
        walk.causes.push(field::forbidden(path, &over_budget(what, walk.total, SCHEMA_COST_MAX)));
    }
    walk.causes
}

/// A schema's children by where they stand: JSON, compiled form, path.
fn below<'a>(node: &'a Value, schema: &'a Schema, path: &str) -> Vec<(&'a Value, &'a Schema, String, Step<'a>)> {
    let mut children = Vec::new();
    match &schema.shape {
        Shape::Object(shape) => {
            for (key, node) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if let Some(schema) = shape.properties.get(key.as_str()) {
                    children.push((node, schema, child(path, &format!("properties[{key}]")), Step::Field(key)));
                }
            }
            if let (Some(node @ Value::Object(_)), Some(schema)) = (node.get("additionalProperties"), &shape.additional)
            {
                children.push((node, schema, child(path, "additionalProperties"), Step::Values));
            }
        }
        Shape::Array(shape) => {
            if let Some(node) = node.get("items") {
                children.push((node, &shape.items, child(path, "items"), Step::Items));
            }
        }
        _ => {}
    }
    children
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Items,
    Values,
}

fn check_forms(node: &Value, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    if !schema.ruled {
        return;
    }
    for (node, schema, path, _) in below(node, schema, path) {
        check_forms(node, schema, &path, causes);
    }
    for (index, rule) in rules(node).enumerate() {
        check_form(&Rule::of(rule), schema, &child(path, &format!("x-kubernetes-validations[{index}]")), causes);
    }
}

fn rules(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten()
}

fn check_form(rule: &Rule, schema: &Schema, path: &str, causes: &mut Vec<Cause>) {
    let at = |name: &str| format!("{path}.{name}");
    let lines = |text: &str| text.contains(['\n', '\r']);
    let (text, message) = (rule.rule.trim(), rule.message.trim());
    if text.is_empty() {
        causes.push(field::required(&at("rule"), "rule is not specified"));
    } else if !rule.message.is_empty() && message.is_empty() {
        causes.push(field::invalid(&at("message"), &json!(rule.message), "message must be non-empty if specified"));
    } else if lines(message) {
        causes.push(field::invalid(&at("message"), &json!(rule.message), "message must not contain line breaks"));
    } else if lines(text) && message.is_empty() {
        causes.push(field::required(&at("message"), "message must be specified if rule contains line breaks"));
    }
    if !rule.message_expression.is_empty() && rule.message_expression.trim().is_empty() {
        let detail = "messageExpression must be non-empty if specified";
        causes.push(field::required(&at("messageExpression"), detail));
    }
    if let Some(reason) = rule.reason.as_deref().filter(|reason| !REASONS.contains(reason)) {
        causes.push(field::not_supported(&at("reason"), &json!(reason), &REASONS.map(Into::into)));
    }
    if rule.field_path.is_empty() {
        return;
    }
    let mut invalid = |detail: &str| causes.push(field::invalid(&at("fieldPath"), &json!(rule.field_path), detail));
    if rule.field_path.trim().is_empty() {
        invalid("fieldPath must be non-empty if specified");
    }
    if lines(&rule.field_path) {
        invalid("fieldPath must not contain line breaks");
    }
    if path::resolve(&rule.field_path, schema, true).is_err() {
        invalid("fieldPath must be a valid path");
    }
}

/// What is known of a node from above.
#[derive(Clone)]
struct Scope<'a> {
    /// Set below a node with rules.
    declared: Option<&'a Declared>,
    /// How many values of the node an object can have; `None` when nothing bounds it.
    cardinality: Option<u64>,
    /// Where the last node stands whose values have no old counterpart.
    uncorrelatable: Option<String>,
}

struct Walk {
    causes: Vec<Cause>,
    total: u64,
    expensive: Vec<(String, u64)>,
}

impl Walk {
    fn node(&mut self, node: &Value, schema: &Schema, path: &str, scope: Scope<'_>) {
        if !schema.ruled {
            return;
        }
        let has_rules = rules(node).next().is_some();
        let made = if scope.declared.is_none() && has_rules { declare::declare(schema, "selfType") } else { None };
        let declared = scope.declared.or(made.as_ref());
        let factor = match &schema.shape {
            Shape::Object(shape) if shape.additional.is_some() => bound(schema, |checks| checks.max_properties),
            Shape::Array(_) => bound(schema, |checks| checks.max_items),
            _ => Some(1),
        };
        let cardinality = scope.cardinality.zip(factor).map(|(count, factor)| count.saturating_mul(factor));
        let is_map_list = matches!(&schema.shape, Shape::Array(shape)
            if matches!(shape.list, crate::schema::ListType::Map(_)));
        for (node, schema, below, step) in below(node, schema, path) {
            let name = match step {
                Step::Field(name) => escape(name),
                Step::Items => Some("@items".into()),
                Step::Values => Some("@values".into()),
            };
            let declared = match declared.zip(name).and_then(|(declared, name)| declared.below(&name)) {
                Some(Below::Declared(declared)) => Some(declared),
                _ => None,
            };
            let uncorrelatable = match step {
                Step::Items if !is_map_list => scope.uncorrelatable.clone().or_else(|| Some(path.to_string())),
                _ => scope.uncorrelatable.clone(),
            };
            self.node(node, schema, &below, Scope { declared, cardinality, uncorrelatable });
        }
        if has_rules {
            self.rules(node, path, declared, &scope);
        }
    }

    fn rules(&mut self, node: &Value, path: &str, declared: Option<&Declared>, scope: &Scope<'_>) {
        let Some(declared) = declared else {
            let at = child(path, "x-kubernetes-validations");
            let why = "internal error: failed to construct type information for x-kubernetes-validations rules: unable to \
                       convert structural schema to CEL declarations";
            self.causes.push(Cause {
                reason: "InternalError".into(),
                message: format!("Internal error: {why}"),
                field: at,
            });
            return;
        };
        let fits = REQUEST_BYTES_MAX / (declared.bytes_min + 1);
        let times = scope.cardinality.unwrap_or(fits);
        for (index, rule) in rules(node).enumerate() {
            let rule = Rule::of(rule);
            let at = child(path, &format!("x-kubernetes-validations[{index}]"));
            let compiled = compile_rule(&rule, declared);
            let cost = compiled.as_ref().map_or(0, |compiled| compiled.cost_max.saturating_mul(times));
            self.observe(&format!("{at}.rule"), "estimated rule cost", cost);
            match &compiled {
                Ok(compiled) => {
                    self.message(&rule, declared, &at);
                    self.old(&rule, compiled, scope, &at);
                }
                Err(why) => {
                    self.causes.push(invalid_rule(&format!("{at}.rule"), &rule, why));
                    if rule.optional_old.is_some() {
                        self.unused_old(&rule, &at);
                    }
                }
            }
        }
    }

    /// Counts a cost, and refuses one that is too high.
    fn observe(&mut self, at: &str, what: &str, cost: u64) {
        if cost > RULE_COST_MAX {
            self.causes.push(field::forbidden(at, &over_budget(what, cost, RULE_COST_MAX)));
        }
        self.total = self.total.saturating_add(cost);
        if cost >= SCHEMA_COST_MAX / 100 {
            self.expensive.push((at.to_string(), cost));
        }
    }

    fn message(&mut self, rule: &Rule, declared: &Declared, at: &str) {
        if rule.message_expression.is_empty() {
            return;
        }
        let at = format!("{at}.messageExpression");
        match compile_message(rule, declared) {
            Ok(compiled) => self.observe(&at, "estimated messageExpression cost", compiled.cost_max),
            Err(why) => self.causes.push(invalid_rule(&at, rule, &why)),
        }
    }

    fn old(&mut self, rule: &Rule, compiled: &Compiled, scope: &Scope<'_>, at: &str) {
        if compiled.uses_old {
            if let Some(within) = &scope.uncorrelatable {
                let detail =
                    format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {within}");
                self.causes.push(field::invalid(&format!("{at}.rule"), &json!(rule.rule), &detail));
            }
        } else if rule.optional_old.is_some() {
            self.unused_old(rule, at);
        }
    }

    fn unused_old(&mut self, rule: &Rule, at: &str) {
        let detail = "may not be set if oldSelf is not used in rule";
        self.causes.push(field::invalid(&format!("{at}.optionalOldSelf"), &json!(rule.optional_old), detail));
    }
}

fn bound(schema: &Schema, limit: fn(&crate::schema::Checks) -> Option<u64>) -> Option<u64> {
    schema.checks.as_deref().and_then(limit)
}

/// The rule as Go prints the struct.
fn invalid_rule(at: &str, rule: &Rule, why: &str) -> Cause {
    let reason = match &rule.reason {
        None => "(*apiextensions.FieldValueErrorReason)(nil)".to_string(),
        Some(reason) => format!("{reason:?}"),
    };
    let old = rule.optional_old.map_or("(*bool)(nil)".to_string(), |old| old.to_string());
    let shown = format!(
        "apiextensions.ValidationRule{{Rule:{:?}, Message:{:?}, MessageExpression:{:?}, Reason:{reason}, FieldPath:{:?}, \
         OptionalOldSelf:{old}}}",
        rule.rule, rule.message, rule.message_expression, rule.field_path
    );
    let message = format!("Invalid value: {shown}: {why}");
    Cause { reason: "FieldValueInvalid".into(), message, field: at.to_string() }
}

#[expect(clippy::cast_precision_loss, reason = "a factor for people")]
fn over_budget(what: &str, cost: u64, limit: u64) -> String {
    let factor = cost as f64 / limit as f64;
    let factor = if factor > 100.0 {
        "more than 100x".to_string()
    } else if factor < 1.5 {
        format!("{factor:.6}x")
    } else {
        format!("{factor:.1}x")
    };
    format!(
        "{what} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and \
         maxLength where arrays, maps, and strings are declared)"
    )
}

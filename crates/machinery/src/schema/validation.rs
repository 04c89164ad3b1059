//! Field errors of objects against a schema, worded and counted as kube-openapi's validator and apiextensions-apiserver do,
//! with their ratcheting: on update, an invalid part that did not change passes.

use api::status::Cause;
use serde_json::{Value, json};

use super::{
    Checks, Schema, Shape,
    lists::{check_lists, correlate},
    metadata::validate_embedded,
    rules, scalar,
};
use crate::{depth, field};

/// What is wrong with an object, and what was wrong with it before and therefore passes.
#[derive(Debug, Default, PartialEq)]
pub struct Judgement {
    pub causes: Vec<Cause>,
    pub warnings: Vec<String>,
}

/// Upstream's field errors of `new`, not counting the metadata of the object itself ([`super::validate_metadata`]). With
/// `old`, unchanged invalid parts pass.
pub fn judge(schema: &Schema, new: &Value, old: Option<&Value>) -> Judgement {
    if depth::exceeds(new, depth::MAX) || old.is_some_and(|old| depth::exceeds(old, depth::MAX)) {
        let causes = vec![field::invalid("<nil>", &json!(""), &depth::message())];
        return Judgement { causes, warnings: Vec::new() };
    }
    let mut causes = faults(schema, new, old, "");
    validate_embedded(schema, new, "", &mut causes);
    let lists = check_lists(schema, new, "");
    if !lists.is_empty() && old.is_none_or(|old| check_lists(schema, old, "").is_empty()) {
        causes.extend(lists);
    }
    let mut warnings = Vec::new();
    if schema.ruled {
        if causes.iter().any(|cause| BLOCKING.contains(&cause.reason.as_str())) {
            let detail = "some validation rules were not checked because the object was invalid; correct the existing errors \
                          to complete validation";
            causes.push(field::invalid("<nil>", &Value::Null, detail));
        } else {
            let (broken, passed) = rules::run(schema, new, old);
            causes.extend(broken);
            warnings = passed;
        }
    }
    Judgement { causes, warnings }
}

/// Errors that keep rules from being run: they could not rely on the schema.
const BLOCKING: [&str; 5] =
    ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

/// The field errors of [`judge`].
pub fn validate(schema: &Schema, new: &Value, old: Option<&Value>) -> Vec<Cause> {
    judge(schema, new, old).causes
}

/// A value that is not a whole object (a default), with fields below `base`.
pub(super) fn validate_at(schema: &Schema, value: &Value, base: &str) -> Vec<Cause> {
    let mut causes = faults(schema, value, None, base);
    validate_embedded(schema, value, base, &mut causes);
    causes
}

fn faults(schema: &Schema, new: &Value, old: Option<&Value>, base: &str) -> Vec<Cause> {
    let outcome = Walk { base }.node(schema, new, old, "", false);
    outcome.causes
}

/// Errors, and how much matched: of several failed alternatives the one that matched most is reported.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) causes: Vec<Cause>,
    pub(super) matched: usize,
}

impl Outcome {
    fn merge(&mut self, other: Outcome) {
        self.causes.extend(other.causes);
        self.matched += other.matched;
    }
}

pub(super) struct Walk<'a> {
    pub(super) base: &'a str,
}

impl Walk<'_> {
    pub(super) fn field(&self, path: &str) -> String {
        let path = path.trim_start_matches('.');
        match (self.base.is_empty(), path.is_empty()) {
            (true, true) => "<nil>".into(),
            (true, false) => path.into(),
            (false, true) => self.base.into(),
            (false, false) => format!("{}.{path}", self.base),
        }
    }

    /// Errors that upstream reports without a field.
    fn whole(&self, message: String) -> Cause {
        field::invalid(&self.field(""), &json!(""), &message)
    }

    /// A node under ratcheting: errors of a value equal to the old one do not count.
    fn ratchet(&self, schema: &Schema, new: &Value, old: Option<&Value>, path: &str, junctor: bool) -> Outcome {
        let mut outcome = self.node(schema, new, old, path, junctor);
        if old == Some(new) {
            outcome.causes.clear();
        }
        outcome
    }

    /// Under a junctor (`junctor`) nothing is said about types of maps and lists.
    fn node(&self, schema: &Schema, new: &Value, old: Option<&Value>, path: &str, junctor: bool) -> Outcome {
        let resolved = schema.resolve();
        let mut outcome = Outcome::default();
        let types = scalar::types(&resolved.shape, junctor);
        if new.is_null() {
            let nullable = schema.nullable || resolved.nullable;
            if !types.is_empty() && !nullable {
                outcome.causes.push(self.wrong_type(path, types, "null"));
            }
            if let Some(checks) = schema.checks.as_deref().or(resolved.checks.as_deref()) {
                outcome.causes.extend(self.not_in_enum(checks, new, path));
            }
            return outcome;
        }
        match scalar::mismatch(types, new) {
            Some(found) => outcome.causes.push(self.wrong_type(path, types, found)),
            None => outcome.matched += 2,
        }
        if let Some(checks) = &schema.checks {
            self.checks(checks, resolved, new, old, path, &mut outcome);
        }
        if !std::ptr::eq(schema, resolved)
            && let Some(checks) = &resolved.checks
        {
            self.checks(checks, resolved, new, old, path, &mut outcome);
        }
        match (&resolved.shape, new) {
            (Shape::Array(shape), Value::Array(items)) => {
                let old = old.and_then(Value::as_array);
                for (index, item) in items.iter().enumerate() {
                    let before = old.and_then(|old| correlate(&shape.list, old, item));
                    outcome.merge(self.ratchet(&shape.items, item, before, &format!("{path}[{index}]"), junctor));
                }
            }
            (Shape::Object(_), Value::Object(_)) => {
                self.fields(resolved, new, old, path, junctor, &mut outcome);
            }
            _ => {}
        }
        outcome.matched += 1;
        outcome
    }

    fn wrong_type(&self, path: &str, types: &[&str], found: &str) -> Cause {
        let message = format!("{path} in body must be of type {}: {found:?}", types.join(","));
        field::type_invalid(&self.field(path), &json!(found), &message)
    }

    fn fields(
        &self,
        schema: &Schema,
        new: &Value,
        old: Option<&Value>,
        path: &str,
        junctor: bool,
        outcome: &mut Outcome,
    ) {
        let (Shape::Object(shape), Value::Object(map)) = (&schema.shape, new) else { return };
        let old = old.and_then(Value::as_object).filter(|_| !shape.atomic);
        if let Some(additional) = &shape.additional {
            for (key, value) in map.iter().filter(|(key, _)| !shape.properties.contains_key(key.as_str())) {
                let before = old.and_then(|old| old.get(key));
                outcome.merge(self.ratchet(additional, value, before, &format!("{path}.{key}"), junctor));
            }
        }
        for (key, property) in &shape.properties {
            let Some(value) = map.get(&**key) else { continue };
            let type_meta = path.is_empty() && matches!(&**key, "kind" | "apiVersion");
            let before = old.filter(|_| !type_meta).and_then(|old| old.get(&**key));
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            outcome.merge(self.ratchet(property, value, before, &below, junctor));
        }
        for key in &shape.required {
            if !map.contains_key(&**key) {
                outcome.causes.push(field::required(&self.field(&format!("{path}.{key}")), ""));
            }
        }
    }

    fn checks(
        &self,
        checks: &Checks,
        schema: &Schema,
        new: &Value,
        old: Option<&Value>,
        path: &str,
        outcome: &mut Outcome,
    ) {
        self.junctors(checks, new, old, path, outcome);
        let at = self.field(path);
        match new {
            Value::String(text) => outcome.causes.extend(scalar::check_text(checks, text, path, &at)),
            Value::Number(number) => {
                let found = scalar::check_number(checks, &schema.shape, number, path, &at, &self.field(""));
                outcome.causes.extend(found);
            }
            Value::Array(items) => self.sizes(checks.min_items, checks.max_items, items.len(), "items", path, outcome),
            Value::Object(map) => {
                let (min, max) = (checks.min_properties, checks.max_properties);
                self.sizes(min, max, map.len(), "properties", path, outcome);
            }
            _ => {}
        }
        if let Value::Array(items) = new
            && checks.unique_items
            && items.iter().enumerate().any(|(index, item)| items[..index].contains(item))
        {
            let message = format!("{path} in body shouldn't contain duplicates");
            outcome.causes.push(field::invalid(&at, &json!(""), &message));
        }
        outcome.causes.extend(self.not_in_enum(checks, new, path));
    }

    fn sizes(&self, min: Option<u64>, max: Option<u64>, size: usize, what: &str, path: &str, outcome: &mut Outcome) {
        if let Some(min) = min.filter(|min| (size as u64) < *min) {
            let message = format!("{path} in body should have at least {min} {what}");
            outcome.causes.push(field::invalid(&self.field(path), &json!(size), &message));
        }
        if let Some(max) = max.filter(|max| (size as u64) > *max) {
            outcome.causes.push(field::too_many(&self.field(path), size, max));
        }
    }

    fn not_in_enum(&self, checks: &Checks, value: &Value, path: &str) -> Option<Cause> {
        let listed = checks.enumeration.iter().any(|allowed| !allowed.is_null() && scalar::equal(allowed, value));
        if checks.enumeration.is_empty() || listed {
            return None;
        }
        let supported = checks.enumeration.iter().map(|allowed| match allowed {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        Some(field::not_supported(&self.field(path), value, &supported.collect::<Vec<_>>()))
    }

    fn junctors(&self, checks: &Checks, new: &Value, old: Option<&Value>, path: &str, outcome: &mut Outcome) {
        let run = |schema: &Schema| self.node(schema, new, old, path, true);
        if !checks.any_of.is_empty() {
            let mut results = checks.any_of.iter().map(run);
            let mut failed = Vec::new();
            match results.by_ref().find_map(|result| keep_failure(result, &mut failed)) {
                Some(success) => outcome.merge(success),
                None => {
                    let message = format!("{path:?} must validate at least one schema (anyOf)");
                    outcome.causes.push(self.whole(message));
                    outcome.merge(best(failed));
                }
            }
        }
        if !checks.one_of.is_empty() {
            let (good, bad): (Vec<_>, Vec<_>) =
                checks.one_of.iter().map(run).partition(|result| result.causes.is_empty());
            let found = good.len();
            if found == 1 {
                good.into_iter().for_each(|result| outcome.merge(result));
            } else {
                let found_text = match found {
                    0 => "Found none valid".into(),
                    found => format!("Found {found} valid alternatives"),
                };
                let message = format!("{path:?} must validate one and only one schema (oneOf). {found_text}");
                outcome.causes.push(self.whole(message));
                if found == 0 {
                    outcome.merge(best(bad));
                }
            }
        }
        if !checks.all_of.is_empty() {
            let results: Vec<Outcome> = checks.all_of.iter().map(run).collect();
            let valid = results.iter().filter(|result| result.causes.is_empty()).count();
            let total = results.len();
            results.into_iter().for_each(|result| outcome.merge(result));
            if valid != total {
                let none = if valid == 0 { ". None validated" } else { "" };
                outcome.causes.push(self.whole(format!("{path:?} must validate all the schemas (allOf){none}")));
            }
        }
        if checks.not.as_deref().is_some_and(|not| run(not).causes.is_empty()) {
            outcome.causes.push(self.whole(format!("{path:?} must not validate the schema (not)")));
        }
        outcome.matched += 1;
    }
}

fn keep_failure(result: Outcome, failed: &mut Vec<Outcome>) -> Option<Outcome> {
    if result.causes.is_empty() {
        return Some(result);
    }
    failed.push(result);
    None
}

/// The first of those that matched most.
fn best(failed: Vec<Outcome>) -> Outcome {
    let most = failed.iter().map(|result| result.matched).max().unwrap_or_default();
    failed.into_iter().find(|result| result.matched == most).unwrap_or_default()
}

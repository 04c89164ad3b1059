//! Facts to schemas: what prune, default, validate, strategic merge and server-side apply read of built-in types.
//!
//! The schema of a type refers to other types by name, because built-in types are recursive. Upstream checks its built-in
//! kinds in code, where an absent field is the zero value; so `required` comes from the table [`super::overlay`], and not
//! from the documents, which call every field required that Go prints when it is empty.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{
    facts::{Field, FieldType, TypeFacts},
    overlay,
};
use crate::schema::{ArrayShape, Checks, ListType, ObjectShape, PatchFacts, Schema, Shape};

pub(super) fn schema(of: &'static TypeFacts) -> &'static Schema {
    of.schema.get_or_init(|| if of.special { special(of.short_name) } else { object(of) })
}

fn object(of: &'static TypeFacts) -> Schema {
    let mut properties = BTreeMap::new();
    if of.kind {
        for name in ["apiVersion", "kind"] {
            properties.insert(Arc::from(name), Schema { shape: Shape::String, ..Schema::default() });
        }
    }
    insert_fields(of, of, &mut properties);
    let required = overlay::required(&of.name).iter().map(|name| Arc::from(*name)).collect();
    let shape = ObjectShape { properties, required, additional: None, atomic: of.atomic };
    Schema { shape: Shape::Object(Arc::new(shape)), ..Schema::default() }
}

fn insert_fields(into: &TypeFacts, of: &'static TypeFacts, properties: &mut BTreeMap<Arc<str>, Schema>) {
    for field in of.fields() {
        match (&field.of, field.name) {
            (FieldType::Of(inlined), "") => insert_fields(into, inlined, properties),
            (_, name) => {
                properties.insert(Arc::from(name), property(into, field));
            }
        }
    }
}

fn property(into: &TypeFacts, field: &Field) -> Schema {
    let mut schema = of_type(&field.of);
    if let Some(list) = field.list
        && let Shape::Array(array) = &mut schema.shape
    {
        Arc::make_mut(array).list = list_type(list);
    }
    if field.atomic
        && let Shape::Object(object) = &mut schema.shape
    {
        Arc::make_mut(object).atomic = true;
    }
    schema.patch = field.patch.map(|patch| Arc::new(patch_facts(patch)));
    let default = overlay::default(&into.name, field.name).or(field.default);
    // A default that is Go's zero value says nothing: what is absent stays absent.
    let default = default.filter(|default| field.pointer || !["\"\"", "0", "false"].contains(default));
    schema.default = default.and_then(|default| serde_json::from_str(default).ok());
    // Statuses are written by components, and upstream does not check what they report.
    let reported = into.short_name.ends_with("Status") || into.short_name.ends_with("Condition");
    if let (Some(values), false) = (field.values, reported) {
        let enumeration = values.split('|').map(Value::from).collect();
        schema.checks = Some(Arc::new(Checks { enumeration, ..Checks::default() }));
    }
    schema
}

fn of_type(of: &FieldType) -> Schema {
    let (shape, format) = match of {
        FieldType::Any => (Shape::Any, None),
        FieldType::String => (Shape::String, None),
        FieldType::Bool => (Shape::Boolean, None),
        FieldType::Int32 => (Shape::Integer, Some("int32")),
        FieldType::Int64 => (Shape::Integer, Some("int64")),
        FieldType::Double => (Shape::Number, Some("double")),
        FieldType::Bytes => (Shape::String, Some("byte")),
        FieldType::Of(of) if of.special => return schema(of).clone(),
        FieldType::Of(of) => (Shape::Named(&of.name), None),
        FieldType::List(items) | FieldType::NullableList(items) => {
            (Shape::Array(Arc::new(ArrayShape { items: of_type(items), list: ListType::Atomic })), None)
        }
        FieldType::Map(values) => {
            let shape = ObjectShape { additional: Some(of_type(values)), ..ObjectShape::default() };
            (Shape::Object(Arc::new(shape)), None)
        }
    };
    // Upstream decodes null into the zero value, whatever the type.
    Schema { shape, nullable: true, checks: format.map(format_check), ..Schema::default() }
}

/// Types whose JSON form upstream writes by hand.
fn special(name: &str) -> Schema {
    let base = Schema { nullable: true, ..Schema::default() };
    match name {
        "IntOrString" => Schema { shape: Shape::IntOrString, ..base },
        "Quantity" => {
            let number_or_text = [Shape::String, Shape::Number].map(|shape| Schema { shape, ..Schema::default() });
            let checks = Checks { any_of: number_or_text.into(), ..Checks::default() };
            Schema { checks: Some(Arc::new(checks)), ..base }
        }
        "Time" | "MicroTime" | "Timestamp" => {
            Schema { shape: Shape::String, checks: Some(format_check("date-time")), ..base }
        }
        "Duration" => Schema { shape: Shape::String, ..base },
        // RawExtension, FieldsV1, JSON and the unions of JSONSchemaProps: kept as they come.
        _ => Schema { preserve_unknown: true, ..base },
    }
}

fn format_check(format: &str) -> Arc<Checks> {
    Arc::new(Checks { format: Some(Arc::from(format)), ..Checks::default() })
}

fn list_type(text: &str) -> ListType {
    match text.split_once(':').unwrap_or((text, "")) {
        ("set", _) => ListType::Set,
        ("map", keys) => ListType::Map(keys.split(',').map(Arc::from).collect()),
        _ => ListType::Atomic,
    }
}

/// `merge,retainKeys:name`
fn patch_facts(text: &str) -> PatchFacts {
    let (strategies, key) = text.split_once(':').unwrap_or((text, ""));
    PatchFacts {
        merge: strategies.split(',').any(|strategy| strategy == "merge"),
        retain_keys: strategies.split(',').any(|strategy| strategy == "retainKeys"),
        merge_key: (!key.is_empty()).then(|| Arc::from(key)),
    }
}

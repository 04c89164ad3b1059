//! What Azure would refuse in the body of a PUT, by the type data. Whether to be lenient about a finding (Azure ignores
//! read-only properties that are sent back, for example) is the caller's decision: every kind of error has its name.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Catalogue, Node, Property, Type, TypeRef, node::Object};

/// Deeper than any body of Azure's; a recursive type with hostile data must end.
const DEPTH_MAX: usize = 100;

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyError {
    /// `properties.sku.name`, `properties.accessPolicies[0].tenantId`
    pub path: String,
    pub kind: BodyErrorKind,
    /// What would be right, in a few words: `a string`, `one of standard, premium`, `at most 24 characters`.
    pub expected: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyErrorKind {
    MissingRequired,
    UnknownProperty,
    WrongType,
    NotInEnum,
    TooShort,
    TooLong,
    TooSmall,
    TooBig,
    Pattern,
    /// A property that only Azure sets has a value.
    ReadOnlySet,
    TooDeep,
}

/// Checks the body of a PUT. `id`, `name`, `type` and `apiVersion` at the top are accepted without a look.
pub fn validate_body(catalogue: &Catalogue, resource: &Type, body: &Value) -> Vec<BodyError> {
    let mut check = Check { catalogue, errors: Vec::new() };
    match body {
        Value::Object(map) => {
            let mut map = map.clone();
            for implicit in ["id", "name", "type", "apiVersion"] {
                map.remove(implicit);
            }
            check.value(resource.body, &Value::Object(map), "", 0);
        }
        _ => check.add("", BodyErrorKind::WrongType, "an object"),
    }
    check.errors
}

/// Checks the last segment of a resource's id against the type of its name.
pub fn validate_name(catalogue: &Catalogue, resource: &Type, name: &str) -> Vec<BodyError> {
    let mut check = Check { catalogue, errors: Vec::new() };
    if let Some(of) = resource.name {
        check.value(of, &Value::String(name.to_string()), "name", 0);
    }
    check.errors
}

struct Check<'a> {
    catalogue: &'a Catalogue,
    errors: Vec<BodyError>,
}

impl Check<'_> {
    fn add(&mut self, path: &str, kind: BodyErrorKind, expected: impl Into<String>) {
        self.errors.push(BodyError { path: path.to_string(), kind, expected: expected.into() });
    }

    fn value(&mut self, of: TypeRef, value: &Value, path: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return self.add(path, BodyErrorKind::TooDeep, format!("at most {DEPTH_MAX} levels"));
        }
        let catalogue = self.catalogue;
        match catalogue.node(of) {
            Node::Any => {}
            Node::Boolean if value.is_boolean() => {}
            Node::Boolean => self.add(path, BodyErrorKind::WrongType, "a boolean"),
            // The type data has no floats: numbers of any form come as IntegerType.
            Node::Integer { min, max } => match value.as_f64() {
                Some(number) => self.range(number, *min, *max, path),
                None => self.add(path, BodyErrorKind::WrongType, "a number"),
            },
            Node::String { min_length, max_length, pattern, .. } => match value.as_str() {
                Some(text) => self.string(text, *min_length, *max_length, pattern.as_ref(), path),
                None => self.add(path, BodyErrorKind::WrongType, "a string"),
            },
            Node::Literal(wanted) => match value.as_str() {
                Some(text) if text.eq_ignore_ascii_case(wanted) => {}
                Some(_) => self.add(path, BodyErrorKind::NotInEnum, wanted.to_string()),
                None => self.add(path, BodyErrorKind::WrongType, "a string"),
            },
            Node::Union(elements) => self.union(elements, value, path, depth),
            Node::Array { item, min_length, max_length } => match value.as_array() {
                Some(items) => {
                    self.length(items.len(), *min_length, *max_length, "items", path);
                    for (index, value) in items.iter().enumerate() {
                        self.value(*item, value, &format!("{path}[{index}]"), depth + 1);
                    }
                }
                None => self.add(path, BodyErrorKind::WrongType, "a list"),
            },
            Node::Object(object) => match value.as_object() {
                Some(map) => self.object(object, map, path, depth),
                None => self.add(path, BodyErrorKind::WrongType, "an object"),
            },
            Node::Discriminated { discriminator, base, variants } => match value.as_object() {
                Some(map) => self.discriminated(discriminator, base, variants, map, path, depth),
                None => self.add(path, BodyErrorKind::WrongType, "an object"),
            },
        }
    }

    fn range(&mut self, number: f64, min: Option<i64>, max: Option<i64>, path: &str) {
        if let Some(min) = min.filter(|min| number < *min as f64) {
            self.add(path, BodyErrorKind::TooSmall, format!("at least {min}"));
        }
        if let Some(max) = max.filter(|max| number > *max as f64) {
            self.add(path, BodyErrorKind::TooBig, format!("at most {max}"));
        }
    }

    fn length(&mut self, length: usize, min: Option<u64>, max: Option<u64>, what: &str, path: &str) {
        if let Some(min) = min.filter(|min| (length as u64) < *min) {
            self.add(path, BodyErrorKind::TooShort, format!("at least {min} {what}"));
        }
        if let Some(max) = max.filter(|max| length as u64 > *max) {
            self.add(path, BodyErrorKind::TooLong, format!("at most {max} {what}"));
        }
    }

    fn string(&mut self, text: &str, min: Option<u64>, max: Option<u64>, pattern: Option<&Arc<str>>, path: &str) {
        self.length(text.chars().count(), min, max, "characters", path);
        if let Some(pattern) = pattern
            && self.catalogue.pattern(pattern).is_some_and(|regex| !regex.is_match(text))
        {
            self.add(path, BodyErrorKind::Pattern, format!("a string that matches {pattern}"));
        }
    }

    /// An enum: literals, open when a plain string is among them. Azure compares enum values without regard to case.
    fn union(&mut self, elements: &[TypeRef], value: &Value, path: &str, depth: usize) {
        let catalogue = self.catalogue;
        let literals = literals(catalogue, elements);
        if literals.len() == elements.len() {
            match value.as_str() {
                Some(text) if literals.iter().any(|literal| literal.eq_ignore_ascii_case(text)) => {}
                Some(_) => self.add(path, BodyErrorKind::NotInEnum, format!("one of {}", literals.join(", "))),
                None => self.add(path, BodyErrorKind::WrongType, "a string"),
            }
            return;
        }
        let fits = |of: &&TypeRef| {
            let mut attempt = Check { catalogue, errors: Vec::new() };
            attempt.value(**of, value, path, depth + 1);
            attempt.errors.is_empty()
        };
        if !elements.iter().any(|of| fits(&of)) {
            let expected = if literals.is_empty() { "a value of another type" } else { "a string" };
            self.add(path, BodyErrorKind::WrongType, expected);
        }
    }

    fn object(&mut self, object: &Object, map: &Map<String, Value>, path: &str, depth: usize) {
        for property in object.properties.iter().filter(|property| property.flags.required()) {
            self.required(property, map, path);
        }
        for (name, value) in map {
            let at = join(path, name);
            match (find(&object.properties, name), object.additional) {
                (Some(property), _) => self.property(property, value, &at, depth),
                (None, Some(of)) => self.value(of, value, &at, depth + 1),
                (None, None) => self.add(&at, BodyErrorKind::UnknownProperty, "no such property"),
            }
        }
    }

    fn required(&mut self, property: &Property, map: &Map<String, Value>, path: &str) {
        let given = map.iter().any(|(name, value)| name.eq_ignore_ascii_case(&property.name) && !value.is_null());
        if !given && !property.flags.read_only() {
            self.add(&join(path, &property.name), BodyErrorKind::MissingRequired, "a value");
        }
    }

    fn property(&mut self, property: &Property, value: &Value, path: &str, depth: usize) {
        // A null means "not given", as everywhere in ARM.
        if value.is_null() {
            return;
        }
        if property.flags.read_only() {
            return self.add(path, BodyErrorKind::ReadOnlySet, "no value: Azure sets it");
        }
        self.value(property.of, value, path, depth + 1);
    }

    fn discriminated(
        &mut self,
        discriminator: &str,
        base: &[Property],
        variants: &[(Arc<str>, TypeRef)],
        map: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) {
        let at = join(path, discriminator);
        let Some(chosen) = map.get(discriminator).and_then(Value::as_str) else {
            return self.add(&at, BodyErrorKind::MissingRequired, "a string");
        };
        let Some((_, variant)) = variants.iter().find(|(value, _)| value.eq_ignore_ascii_case(chosen)) else {
            let known: Vec<&str> = variants.iter().map(|(value, _)| value.as_ref()).collect();
            return self.add(&at, BodyErrorKind::NotInEnum, format!("one of {}", known.join(", ")));
        };
        let mut merged = Object { properties: base.to_vec(), ..Object::default() };
        if let Node::Object(variant) = self.catalogue.node(*variant) {
            merged.properties.extend(variant.properties.iter().cloned());
            merged.additional = variant.additional;
        }
        self.object(&merged, map, path, depth);
    }
}

/// The literals among a union's elements.
pub fn literals<'a>(catalogue: &'a Catalogue, elements: &[TypeRef]) -> Vec<&'a str> {
    let literal = |of: &TypeRef| match catalogue.node(*of) {
        Node::Literal(value) => Some(value.as_ref()),
        _ => None,
    };
    elements.iter().filter_map(literal).collect()
}

/// ARM matches property names without regard to case.
fn find<'a>(properties: &'a [Property], name: &str) -> Option<&'a Property> {
    let exact = properties.iter().find(|property| property.name.as_ref() == name);
    exact.or_else(|| properties.iter().find(|property| property.name.eq_ignore_ascii_case(name)))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

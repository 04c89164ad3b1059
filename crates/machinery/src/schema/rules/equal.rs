//! Whether a part of an object is what it was: unchanged parts that break a rule pass on update.

use serde_json::Value;

use crate::schema::{Schema, Shape, lists::correlate};

/// Where the walk is, in the new object and in the old one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    new: &'a Value,
    old: &'a Value,
    schema: &'a Schema,
}

impl<'a> Place<'a> {
    pub(super) fn new(new: &'a Value, old: &'a Value, schema: &'a Schema) -> Self {
        Self { new, old, schema }
    }

    fn field(&self, name: &str) -> Option<Place<'a>> {
        let Shape::Object(shape) = &self.schema.resolve().shape else { return None };
        let schema = shape.properties.get(name).or(shape.additional.as_ref())?;
        Some(Place { new: self.new.get(name)?, old: self.old.get(name)?, schema })
    }

    fn item(&self, index: usize) -> Option<Place<'a>> {
        let Shape::Array(shape) = &self.schema.resolve().shape else { return None };
        let new = self.new.get(index)?;
        let old = correlate(&shape.list, self.old.as_array()?, new)?;
        Some(Place { new, old, schema: &shape.items })
    }

    fn is_same(&self) -> bool {
        match (self.new, self.old) {
            (Value::Array(new), Value::Array(old)) => {
                let is_map = matches!(&self.schema.resolve().shape, Shape::Array(shape)
                    if matches!(shape.list, crate::schema::ListType::Map(_)));
                if !is_map {
                    return new == old;
                }
                let same = |index| self.item(index).is_some_and(|item| item.is_same());
                new.len() == old.len() && (0..new.len()).all(same)
            }
            (Value::Object(new), Value::Object(old)) => {
                let same = |name: &String| self.field(name).is_some_and(|field| field.is_same());
                new.len() == old.len() && new.keys().all(same)
            }
            (new, old) => new == old,
        }
    }
}

/// The place, when it has a counterpart, and the nearest place above that has one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ratchet<'a> {
    current: Option<Place<'a>>,
    above: Option<Place<'a>>,
}

impl<'a> Ratchet<'a> {
    pub(super) fn root(place: Option<Place<'a>>) -> Self {
        Self { current: place, above: None }
    }

    /// Whether what is wrong here was so before.
    pub(super) fn holds(&self) -> bool {
        self.current.or(self.above).is_some_and(|place| place.is_same())
    }

    pub(super) fn field(self, name: &str) -> Self {
        let Some(current) = self.current else { return self };
        if self.above.is_none() && matches!(name, "apiVersion" | "kind") {
            return Self::default();
        }
        Self { current: current.field(name), above: Some(current) }
    }

    pub(super) fn item(self, index: usize) -> Self {
        let Some(current) = self.current else { return self };
        Self { current: current.item(index), above: Some(current) }
    }
}

//! One schema form for built-in kinds and custom resources: what prune, default, validate, strategic merge, server-side
//! apply and OpenAPI read. It is compiled from a CRD's structural schema or from the built-in facts, and shared.

mod build;
mod compile;
mod decode;
mod defaulting;
pub(crate) mod format;
pub(crate) mod lists;
mod metadata;
pub(crate) mod pattern;
mod prune;
mod rules;
mod scalar;
mod standard;
mod structural;
#[cfg(test)]
mod tests;
mod validation;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

#[cfg(test)]
pub(crate) use self::tests::any_json;
pub use self::{
    decode::{decode_errors, metadata_errors},
    defaulting::{default, drop_nulls},
    metadata::{ANNOTATIONS_SIZE_MAX, annotations_size, validate_field_manager, validate_metadata},
    prune::prune,
    rules::{Rule, Rules, selectable_field},
    validation::{Judgement, judge, validate},
};

/// A compiled schema node. Cheap to clone, shared between versions and kinds where equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub shape: Shape,
    pub nullable: bool,
    /// `x-kubernetes-preserve-unknown-fields`
    pub preserve_unknown: bool,
    /// `x-kubernetes-embedded-resource`
    pub embedded_resource: bool,
    /// Whether there are `x-kubernetes-validations` here or below.
    pub ruled: bool,
    pub default: Option<Value>,
    pub description: Option<Arc<str>>,
    /// Value validations; absent for most nodes.
    pub checks: Option<Arc<Checks>>,
    /// Strategic merge facts; built-in kinds only.
    pub patch: Option<Arc<PatchFacts>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shape {
    /// Any JSON. Server-side apply merges its maps and replaces its lists, as upstream does with untyped values.
    #[default]
    Any,
    Object(Arc<ObjectShape>),
    Array(Arc<ArrayShape>),
    String,
    Integer,
    Number,
    Boolean,
    IntOrString,
    /// A named built-in type, looked up in [`crate::builtin`]: built-in types are recursive.
    Named(&'static str),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectShape {
    pub properties: BTreeMap<Arc<str>, Schema>,
    pub required: Vec<Arc<str>>,
    /// `additionalProperties`: the schema of a map's values.
    pub additional: Option<Schema>,
    /// `x-kubernetes-map-type: atomic`
    pub atomic: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArrayShape {
    pub items: Schema,
    pub list: ListType,
}

/// `x-kubernetes-list-type`; without one a list is atomic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListType {
    #[default]
    Atomic,
    Set,
    /// `x-kubernetes-list-map-keys`
    Map(Vec<Arc<str>>),
}

/// `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchFacts {
    pub merge: bool,
    pub retain_keys: bool,
    pub merge_key: Option<Arc<str>>,
}

/// OpenAPI value validations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    pub enumeration: Vec<Value>,
    pub pattern: Option<Arc<str>>,
    pub format: Option<Arc<str>>,
    pub minimum: Option<f64>,
    pub exclusive_minimum: bool,
    pub maximum: Option<f64>,
    pub exclusive_maximum: bool,
    pub multiple_of: Option<f64>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
    pub unique_items: bool,
    pub all_of: Vec<Schema>,
    pub any_of: Vec<Schema>,
    pub one_of: Vec<Schema>,
    pub not: Option<Box<Schema>>,
    /// `x-kubernetes-validations`
    pub rules: Option<Arc<rules::Rules>>,
}

impl Schema {
    /// Follows [`Shape::Named`]; a name that is not known stays as it is, and is treated as any JSON.
    pub fn resolve(&self) -> &Schema {
        match self.shape {
            Shape::Named(name) => crate::builtin::types().get(name).unwrap_or(self),
            _ => self,
        }
    }
}

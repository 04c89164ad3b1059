//! The bridge from client-side apply: kubectl's `last-applied-configuration` annotation says what kubectl owns until its
//! first server-side apply, and stays in step while it exists.

use api::ObjectExt;
use serde_json::Value;

use super::{
    Context,
    merge::{Comparison, field_set},
    set::Set,
    typed,
};
use crate::{depth, schema::ANNOTATIONS_SIZE_MAX};

pub(super) const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The fields that the annotation mentions and that still have its values; `None` without a usable annotation.
pub(super) fn owned(live: &Value, context: &Context<'_>) -> Option<Set> {
    let annotation = live.annotation(ANNOTATION).filter(|text| !text.is_empty())?;
    let applied: Value = serde_json::from_str(annotation).ok()?;
    if depth::exceeds(&applied, depth::MAX) || applied.api_version() != Some(context.api_version) {
        return None;
    }
    typed::validate(context.schema, live, false).ok()?;
    typed::validate(context.schema, &applied, false).ok()?;
    let compared = Comparison::new(context.schema, &applied, live);
    let owned = field_set(context.schema, &applied);
    Some(owned.difference(&compared.modified).difference(&compared.added).difference(&compared.removed))
}

/// Writes the configuration into the annotation when the object has one; too large, and the annotation goes.
pub(super) fn refresh(object: &mut Value, applied: &Value) {
    if object.annotation(ANNOTATION).is_none_or(str::is_empty) {
        return;
    }
    let mut applied = applied.clone();
    applied.remove_annotation(ANNOTATION);
    object.set_annotation(ANNOTATION, &format!("{applied}\n"));
    let annotations = object.pointer("/metadata/annotations").and_then(Value::as_object);
    let size: usize =
        annotations.into_iter().flatten().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum();
    if size > ANNOTATIONS_SIZE_MAX {
        object.remove_annotation(ANNOTATION);
    }
}

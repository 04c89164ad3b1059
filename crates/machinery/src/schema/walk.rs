//! Signatures first; bodies follow.

use api::status::Cause;
use serde_json::Value;

use super::Schema;

impl Schema {
    /// Compiles a CRD's `openAPIV3Schema`, refusing what is not structural with upstream's messages. Fields are relative to
    /// the schema (`properties[spec].type`): the caller prefixes `spec.validation.openAPIV3Schema` or the version's path.
    pub fn compile(_openapi: &Value) -> Result<Schema, Vec<Cause>> {
        Ok(Schema { preserve_unknown: true, ..Schema::default() })
    }

    /// Follows [`super::Shape::Named`].
    pub fn resolve(&self) -> &Schema {
        match self.shape {
            super::Shape::Named(name) => crate::builtin::types().get(name).unwrap_or(self),
            _ => self,
        }
    }

    /// Whether any node carries `x-kubernetes-validations`, which are not evaluated yet.
    pub fn has_rules(&self) -> bool {
        false
    }
}

/// Removes what the schema does not know; answers the removed paths (`spec.owner.kind`).
pub fn prune(_schema: &Schema, _object: &mut Value) -> Vec<String> {
    Vec::new()
}

/// Fills in defaults.
pub fn default(_schema: &Schema, _object: &mut Value) {}

/// Upstream's field errors of `new`; with `old`, unchanged invalid parts pass.
pub fn validate(_schema: &Schema, _new: &Value, _old: Option<&Value>) -> Vec<Cause> {
    Vec::new()
}

/// What upstream's decoder would say about values of the wrong JSON type.
pub fn decode_errors(_schema: &Schema, _object: &Value) -> Option<String> {
    None
}

/// Names, labels, annotations, finalizers and owner references.
pub fn validate_metadata(_object: &Value, _namespaced: bool) -> Vec<Cause> {
    Vec::new()
}

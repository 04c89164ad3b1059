//! CustomResourceDefinitions: what is checked when one is written, and how it comes to be served.

use std::sync::Arc;

use api::{ObjectExt, status::Cause, status::Status};
use serde_json::Value;

use crate::{Objects, Resource, registry::resources_of};

/// Held by a definition until its instances are gone.
pub const CLEANUP_FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

pub(crate) fn is_definition(resource: &Resource) -> bool {
    resource.is("apiextensions.k8s.io", "customresourcedefinitions")
}

pub(crate) fn prepare(_new: &mut Value) {}
pub(crate) fn warnings(_new: &Value) -> Vec<String> {
    Vec::new()
}
pub(crate) fn validate(_new: &Value, _old: Option<&Value>) -> Vec<Cause> {
    Vec::new()
}
pub(crate) async fn settle(_objects: &Objects, _name: &str) -> Result<Option<Value>, Status> {
    let _: Option<Vec<Arc<Resource>>> =
        None.map(|value: Value| resources_of(&value, store::Revision(value.generation() as u64)));
    Ok(None)
}
pub(crate) async fn load(_objects: &Objects) -> Result<(), Status> {
    Ok(())
}

//! Values of a spec that are elsewhere: references to other resources, Secrets and ConfigMaps. Collects what is still to
//! be asked, so that one round asks for everything.

use std::cell::RefCell;

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use catalogue::{Catalogue, ResourceType};
use serde_json::{Value, json};

use crate::{
    credential,
    names::{RESOURCE_ID, reason},
    observed::{Observed, Query},
    owner::object_ref,
    problem::{Problem, Stop},
};

/// Looks inputs up among what was observed.
pub(crate) struct Inputs<'a> {
    pub catalogue: &'a Catalogue,
    pub resource: &'a ResourceType,
    pub observed: &'a Observed,
    pub subscription: &'a str,
    needs: RefCell<Vec<Query>>,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(
        catalogue: &'a Catalogue,
        resource: &'a ResourceType,
        observed: &'a Observed,
        subscription: &'a str,
    ) -> Self {
        Self { catalogue, resource, observed, subscription, needs: RefCell::default() }
    }

    fn namespace(&self) -> &str {
        self.observed.object.namespace().unwrap_or_default()
    }

    /// Stands in for a value that is still to be asked for.
    fn need(&self, query: Query) -> Value {
        let mut needs = self.needs.borrow_mut();
        if !needs.contains(&query) {
            needs.push(query);
        }
        Value::Null
    }

    /// Fails when anything is still to be asked.
    pub(crate) fn complete(self) -> Result<(), Stop> {
        let needs = self.needs.into_inner();
        if needs.is_empty() { Ok(()) } else { Err(Stop::Need(needs)) }
    }

    /// The ARM id that `{group, kind, name}`, `{armId}` or `{wellKnownName}` stands for.
    pub(crate) fn reference(&self, field: &str, path: &str, value: &Value) -> Result<Value, Problem> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.is_empty());
        if let Some(id) = text("armId") {
            return Ok(json!(id));
        }
        if let Some(name) = text("wellKnownName") {
            return self.well_known(field, path, name);
        }
        let (Some(group), Some(kind), Some(name)) = (text("group"), text("kind"), text("name")) else {
            let message = format!("{field} must have group, kind and name, or armId: found {value}");
            return Err(Problem::fatal(reason::REFERENCE_NOT_FOUND, message));
        };
        let Some(target) = object_ref(self.catalogue, group, kind, self.namespace(), name) else {
            let message = format!("{field} refers to kind {kind} of group {group}, which is not served here");
            return Err(Problem::warning(reason::REFERENCE_NOT_FOUND, message));
        };
        let Some(answer) = self.observed.objects.get(&target) else { return Ok(self.need(Query::Object(target))) };
        let missing = |cause: String| {
            let message = format!("{}/{name} does not exist ({cause})", self.namespace());
            Problem::warning(reason::REFERENCE_NOT_FOUND, message)
        };
        let plural = self.catalogue.facts(group, kind).map(|facts| facts.plural()).unwrap_or_default();
        let object = answer.as_ref().ok_or_else(|| missing(format!("{plural}.{group} \"{name}\" not found")))?;
        let id = object.annotation(RESOURCE_ID);
        id.map(|id| json!(id)).ok_or_else(|| missing(format!("{kind} \"{name}\" has no ARM id yet")))
    }

    fn well_known(&self, field: &str, path: &str, name: &str) -> Result<Value, Problem> {
        let table = self.resource.facts.as_ref().and_then(|facts| facts.well_known.get(path));
        let known = table.and_then(|table| table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
        let Some((_, id)) = known else {
            let message = format!("{field}.wellKnownName {name:?} is not a name known here; use armId");
            return Err(Problem::fatal(reason::REFERENCE_NOT_FOUND, message));
        };
        let subscription = self.subscription;
        Ok(json!(format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{id}")))
    }

    /// The value of a Secret's key.
    pub(crate) fn secret(&self, field: &str, reference: &Value) -> Result<Value, Problem> {
        let (name, key) = name_and_key(field, reference, reason::SECRET_NOT_FOUND)?;
        let at = (self.namespace().to_string(), name.to_string());
        let Some(answer) = self.observed.secrets.get(&at) else {
            let (namespace, name) = at;
            return Ok(self.need(Query::Secret { namespace, name }));
        };
        let missing = |cause: String| {
            Problem::warning(reason::SECRET_NOT_FOUND, format!("{}/{name} does not exist ({cause})", at.0))
        };
        let secret = answer.as_ref().ok_or_else(|| missing(format!("secrets \"{name}\" not found")))?;
        let value = credential::data(secret.reveal(), key);
        value.map(|value| json!(value)).ok_or_else(|| missing(format!("the Secret has no key {key:?}")))
    }

    /// The value of a ConfigMap's key.
    pub(crate) fn config_map(&self, field: &str, reference: &Value) -> Result<Value, Problem> {
        let (name, key) = name_and_key(field, reference, reason::CONFIG_MAP_NOT_FOUND)?;
        let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "ConfigMap"), self.namespace(), name);
        let Some(answer) = self.observed.objects.get(&target) else { return Ok(self.need(Query::Object(target))) };
        let missing = |cause: String| {
            let message = format!("{}/{name} does not exist ({cause})", self.namespace());
            Problem::warning(reason::CONFIG_MAP_NOT_FOUND, message)
        };
        let map = answer.as_ref().ok_or_else(|| missing(format!("configmaps \"{name}\" not found")))?;
        map["data"].get(key).cloned().ok_or_else(|| missing(format!("the ConfigMap has no key {key:?}")))
    }
}

fn name_and_key<'v>(field: &str, reference: &'v Value, reason: &str) -> Result<(&'v str, &'v str), Problem> {
    match (reference["name"].as_str(), reference["key"].as_str()) {
        (Some(name), Some(key)) => Ok((name, key)),
        _ => Err(Problem::fatal(reason, format!("{field} must have name and key"))),
    }
}

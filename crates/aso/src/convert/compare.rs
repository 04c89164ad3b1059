//! Which properties that we would send differ from what Azure has. Ids, locations, GUIDs and enum values are compared
//! without regard to case, what Azure adds is ignored, and what Azure never returns or rewrites is compared by the hash of
//! what was sent and answered last ([`super::Settled`]).

use std::fmt;

use catalogue::{Catalogue, Node, ResourceType, TypeRef, validate::literals};
use serde_json::{Map, Value};

use super::to_arm::is_secret;
use crate::arm_id::is_arm_id;

/// One property that differs. Its `Debug` leaves out values that may not be printed.
#[derive(Clone, PartialEq)]
pub struct Difference {
    /// In the ARM body: `properties.accessPolicies[0].objectId`.
    pub path: String,
    /// The same in the notation of the facts: `properties.accessPolicies[].objectId`.
    pub pattern: String,
    pub desired: Value,
    /// `None` when Azure's answer has no such property.
    pub live: Option<Value>,
    /// Neither value may be printed.
    pub secret: bool,
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Difference");
        shown.field("path", &self.path).field("secret", &self.secret);
        if !self.secret {
            shown.field("desired", &self.desired).field("live", &self.live);
        }
        shown.finish()
    }
}

/// Every property of `desired` that `live` does not have with an equal value.
pub fn differences(catalogue: &Catalogue, resource: &ResourceType, desired: &Value, live: &Value) -> Vec<Difference> {
    let mut walk = Walk { catalogue, resource, found: Vec::new() };
    let (Some(desired), Some(live)) = (desired.as_object(), live.as_object()) else { return Vec::new() };
    let mut desired = desired.clone();
    // The name is in the id; it cannot differ.
    desired.remove("name");
    walk.members(Some(resource.body), &desired, Some(live), "", "");
    walk.found
}

struct Walk<'a> {
    catalogue: &'a Catalogue,
    resource: &'a ResourceType,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn members(
        &mut self,
        of: Option<TypeRef>,
        desired: &Map<String, Value>,
        live: Option<&Map<String, Value>>,
        path: &str,
        pattern: &str,
    ) {
        for (name, value) in desired {
            let (member, pattern) = self.member(of, name, pattern);
            if is_left(self.resource, &pattern, desired) {
                continue;
            }
            let live = live.and_then(|live| {
                live.get(name)
                    .or_else(|| live.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
            });
            self.value(member, value, live, &join(path, name), &pattern);
        }
    }

    /// The type of a member and its path in the notation of the facts.
    fn member(&self, of: Option<TypeRef>, name: &str, pattern: &str) -> (Option<TypeRef>, String) {
        match of.map(|of| self.catalogue.node(of)) {
            Some(Node::Object(object)) => match object.property(name) {
                Some(property) => (Some(property.of), join(pattern, name)),
                None => (object.additional, format!("{pattern}{{}}")),
            },
            _ => (None, join(pattern, name)),
        }
    }

    fn value(&mut self, of: Option<TypeRef>, desired: &Value, live: Option<&Value>, path: &str, pattern: &str) {
        let facts = self.resource.facts.as_deref();
        // An instruction to the operator (createMode) is no state.
        if facts.is_some_and(|facts| facts.operator_values.contains_key(pattern)) {
            return;
        }
        let live = live.filter(|live| !live.is_null());
        match (desired, live) {
            (Value::Null, _) => {}
            (Value::Object(desired), Some(Value::Object(live))) => {
                self.members(of, desired, Some(live), path, pattern);
            }
            (Value::Object(map), None) => self.members(of, map, None, path, pattern),
            (Value::Array(list), None) if list.is_empty() => {}
            (Value::Array(list), live) if self.child_key(pattern).is_some() => {
                self.children(of, list, live.and_then(Value::as_array), path, pattern);
            }
            (Value::Array(desired_items), Some(Value::Array(live_items)))
                if desired_items.len() == live_items.len() =>
            {
                let item = match of.map(|of| self.catalogue.node(of)) {
                    Some(Node::Array { item, .. }) => Some(*item),
                    _ => None,
                };
                if desired_items.iter().all(|value| !value.is_object() && !value.is_array()) {
                    if !same_set(desired_items, live_items, |one, other| self.same(item, one, other, path)) {
                        self.add(desired, live, path, pattern);
                    }
                    return;
                }
                for (index, (one, other)) in desired_items.iter().zip(live_items).enumerate() {
                    self.value(item, one, Some(other), &format!("{path}[{index}]"), &format!("{pattern}[]"));
                }
            }
            (desired, Some(live)) if self.same(of, desired, live, path) => {}
            _ => self.add(desired, live, path, pattern),
        }
    }

    fn child_key(&self, pattern: &str) -> Option<&str> {
        self.resource.facts.as_deref()?.child_lists.get(pattern).map(String::as_str)
    }

    /// Items that are resources of their own: found by name, and those that the body does not have are somebody else's.
    fn children(
        &mut self,
        of: Option<TypeRef>,
        desired: &[Value],
        live: Option<&Vec<Value>>,
        path: &str,
        pattern: &str,
    ) {
        let key = self.child_key(pattern).unwrap_or_default().to_string();
        let item = match of.map(|of| self.catalogue.node(of)) {
            Some(Node::Array { item, .. }) => Some(*item),
            _ => None,
        };
        let same_name = |one: &Value, other: &Value| match (one[&key].as_str(), other[&key].as_str()) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => false,
        };
        for (index, one) in desired.iter().enumerate() {
            let (at, below) = (format!("{path}[{index}]"), format!("{pattern}[]"));
            match live.into_iter().flatten().find(|other| same_name(one, other)) {
                Some(other) => self.value(item, one, Some(other), &at, &below),
                None => self.add(one, None, &at, &below),
            }
        }
    }

    fn add(&mut self, desired: &Value, live: Option<&Value>, path: &str, pattern: &str) {
        let secret = is_secret(self.catalogue, self.resource, pattern);
        self.found.push(Difference {
            path: path.to_string(),
            pattern: pattern.to_string(),
            desired: desired.clone(),
            live: live.cloned(),
            secret,
        });
    }

    fn same(&self, of: Option<TypeRef>, desired: &Value, live: &Value, path: &str) -> bool {
        match (desired, live) {
            (Value::String(desired), Value::String(live)) => {
                desired == live
                    || (is_location(path) && location(desired) == location(live))
                    || (self.ignores_case(of, desired) && desired.eq_ignore_ascii_case(live))
            }
            (Value::Number(desired), Value::Number(live)) => desired.as_f64() == live.as_f64(),
            _ => desired == live,
        }
    }

    fn ignores_case(&self, of: Option<TypeRef>, text: &str) -> bool {
        let is_enum = match of.map(|of| self.catalogue.node(of)) {
            Some(Node::Union(elements)) => !literals(self.catalogue, elements).is_empty(),
            Some(Node::Literal(_)) => true,
            _ => false,
        };
        is_enum || is_arm_id(text) || is_guid(text)
    }
}

/// Whether a member of an object is Azure's own business, as the boolean beside it says (the autoscaler's count).
pub(crate) fn is_left(resource: &ResourceType, pattern: &str, beside: &Map<String, Value>) -> bool {
    let switch = resource.facts.as_deref().and_then(|facts| facts.left_to_azure.get(pattern));
    switch.is_some_and(|switch| beside.get(switch) == Some(&Value::Bool(true)))
}

/// The body without what is Azure's own business. With `live`, only where Azure has taken it over already.
pub(crate) fn without_left(resource: &ResourceType, body: &Value, live: Option<&Value>) -> Value {
    let mut body = body.clone();
    for (path, switch) in resource.facts.iter().flat_map(|facts| &facts.left_to_azure) {
        let segments: Vec<&str> = path.split('.').collect();
        take(&mut body, &segments, switch, live);
    }
    body
}

fn take(body: &mut Value, segments: &[&str], switch: &str, live: Option<&Value>) {
    let Some(map) = body.as_object_mut() else { return };
    let [name, rest @ ..] = segments else { return };
    if rest.is_empty() {
        let on = |value: Option<&Value>| value.is_some_and(|value| *value == Value::Bool(true));
        if on(map.get(switch)) && live.is_none_or(|live| on(live.get(switch))) {
            map.remove(*name);
        }
        return;
    }
    let list = name.strip_suffix("[]");
    let Some(below) = map.get_mut(list.unwrap_or(name)) else { return };
    let live = live.map(|live| &live[list.unwrap_or(name)]);
    match below {
        // Items are told apart by name, as child resources are.
        Value::Array(items) => items.iter_mut().for_each(|item| {
            let same = |other: &&Value| other["name"].is_string() && other["name"] == item["name"];
            let nothing = Value::Null;
            let other = live.map(|live| live.as_array().into_iter().flatten().find(same).unwrap_or(&nothing));
            take(item, rest, switch, other);
        }),
        below => take(below, rest, switch, live),
    }
}

/// Lists of plain values are compared as sets of the same size: Azure returns many of them in its own order.
fn same_set(desired: &[Value], live: &[Value], same: impl Fn(&Value, &Value) -> bool) -> bool {
    let mut rest: Vec<&Value> = live.iter().collect();
    desired.iter().all(|wanted| match rest.iter().position(|found| same(wanted, found)) {
        Some(at) => {
            rest.swap_remove(at);
            true
        }
        None => false,
    })
}

fn is_location(path: &str) -> bool {
    path == "location" || path.ends_with(".location")
}

/// `West US 3` and `westus3` are one place.
pub(crate) fn location(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

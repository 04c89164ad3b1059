//! Mutators: what Cluster API's objects say goes into the user's ASO objects, and a user's other value is refused with
//! upstream's words.

pub(super) mod cluster;
pub(super) mod pool;

use api::go;
use serde_json::{Map, Value};

use crate::conditions::NotReady;

/// Upstream's text, without its prefix.
pub(super) fn incompatible(location: &str, user: &str, wanted: &str, reason: &str) -> String {
    format!(
        "incompatible value: value at {location} set by user to {user} but CAPZ must set it to {wanted} {reason}. The user-defined value must not be defined, or must match CAPZ's desired value."
    )
}

fn refusal(message: &str) -> NotReady {
    NotReady::error("IncompatibleValue", format!("failed to run mutator: {message}"))
}

/// One field that Cluster API decides about.
struct Mutation<'a> {
    /// `spec.resources[0]`
    at: &'a str,
    /// `["spec", "kubernetesVersion"]`
    path: &'a [&'a str],
    value: Value,
    because: String,
}

impl Mutation<'_> {
    fn apply(self, resource: &mut Value) -> Result<(), NotReady> {
        let known = self.path.iter().try_fold(&*resource, |value, part| value.get(part));
        if let Some(known) = known.filter(|known| **known != self.value) {
            if std::mem::discriminant(known) != std::mem::discriminant(&self.value) {
                return Err(refusal(&accessor_error(self.path, known, &self.value)));
            }
            let location = format!("{}.{}", self.at, self.path.join("."));
            return Err(refusal(&incompatible(&location, &shown(known), &shown(&self.value), &self.because)));
        }
        set(resource, self.path, self.value).map_err(|message| refusal(&message))
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// Puts the value there, making maps on the way. What is no map on the way is an error, as in upstream's library.
fn set(resource: &mut Value, path: &[&str], value: Value) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        *resource = value;
        return Ok(());
    };
    // An explicit null is nothing.
    if resource.is_null() {
        *resource = Value::Object(Map::new());
    }
    match resource.as_object_mut() {
        Some(map) => set(map.entry(*first).or_insert(Value::Null), rest, value),
        None => Err(format!(
            "value cannot be set because the parent of .{} is not a map[string]interface{{}}",
            path.join(".")
        )),
    }
}

/// The text of `unstructured.NestedString` and its like.
fn accessor_error(path: &[&str], known: &Value, wanted: &Value) -> String {
    let path = path.join(".");
    format!(
        ".{path} accessor error: {} is of the type {}, expected {}",
        shown(known),
        go::kind(known),
        go::kind(wanted)
    )
}

//! What is remembered of the last successful PUT, in an annotation: which properties it sent, so that one that is taken out
//! of the spec is taken out of Azure too, and how Azure answers those that it answers differently (secrets are never
//! returned, some values are rewritten), as keyed hashes, so that only a further change counts.

use std::collections::BTreeMap;

use api::Redacted;
use catalogue::{Catalogue, ResourceType};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Difference, compare::is_left, to_arm::is_secret};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// JSON pointers of every value that was sent.
    #[serde(default)]
    sent: Vec<String>,
    /// By path: the hash of what was sent and what is answered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<String, String>,
}

impl Settled {
    /// Out of the annotation; what is not readable counts as nothing, which costs at most one PUT.
    pub fn parse(annotation: Option<&str>) -> Self {
        annotation.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// What to remember when Azure answers a body like this.
    pub fn of(desired: &Value, differences: &[Difference], key: &Redacted<[u8; 32]>) -> Self {
        let hashed = |difference: &Difference| (difference.path.clone(), hash(difference, key));
        Self { sent: leaves(desired), answers: differences.iter().map(hashed).collect() }
    }

    /// The differences that are new since.
    pub fn new_among(&self, differences: Vec<Difference>, key: &Redacted<[u8; 32]>) -> Vec<Difference> {
        let is_new = |difference: &Difference| self.answers.get(&difference.path) != Some(&hash(difference, key));
        differences.into_iter().filter(is_new).collect()
    }

    /// What was sent last time, is no longer in the body, and still is in Azure.
    pub fn removed(
        &self,
        catalogue: &Catalogue,
        resource: &ResourceType,
        desired: &Value,
        live: &Value,
    ) -> Vec<Difference> {
        let kept = leaves(desired);
        let gone = self.sent.iter().filter(|pointer| !kept.contains(pointer));
        let found = gone.filter_map(|pointer| {
            let live = live.pointer(pointer).filter(|live| !live.is_null())?;
            let (path, pattern) = dotted(pointer);
            let (parent, _) = pointer.rsplit_once('/')?;
            let beside = desired.pointer(parent).and_then(Value::as_object);
            if is_child(resource, &pattern) || beside.is_some_and(|beside| is_left(resource, &pattern, beside)) {
                return None;
            }
            let secret = is_secret(catalogue, resource, &pattern);
            Some(Difference { path, pattern, desired: Value::Null, live: Some(live.clone()), secret })
        });
        found.collect()
    }

    pub fn to_annotation(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Whether the value is in a list of child resources: what a body no longer says of those says nothing.
fn is_child(resource: &ResourceType, pattern: &str) -> bool {
    let lists = resource.facts.iter().flat_map(|facts| facts.child_lists.keys());
    lists
        .into_iter()
        .any(|list| pattern.strip_prefix(list.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('[')))
}

/// JSON pointers of every plain value, and of every empty object (an identity in a dictionary).
fn leaves(body: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    walk(value, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
                }
            }
            Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
                for (index, value) in list.iter().enumerate() {
                    walk(value, &format!("{at}/{index}"), found);
                }
            }
            Value::Null => {}
            _ => found.push(at.to_string()),
        }
    }
    let mut found = Vec::new();
    walk(body, "", &mut found);
    // The name is in the id; it cannot go.
    found.retain(|pointer| pointer != "/name");
    found
}

/// `/properties/accessPolicies/0/objectId` as a path of a body, and in the notation of the facts.
fn dotted(pointer: &str) -> (String, String) {
    let (mut path, mut pattern) = (String::new(), String::new());
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        if !path.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            path += &format!("[{name}]");
            pattern += "[]";
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            path += &format!("{dot}{name}");
            pattern += &format!("{dot}{name}");
        }
    }
    (path, pattern)
}

fn hash(difference: &Difference, key: &Redacted<[u8; 32]>) -> String {
    let live = difference.live.as_ref().map_or_else(|| "absent".to_string(), Value::to_string);
    keyed_hash(key, &[&difference.path, &difference.desired.to_string(), &live])
}

/// HMAC-SHA-256 over the parts, shortened: enough to see a change, too little to be of other use.
pub(crate) fn keyed_hash(key: &Redacted<[u8; 32]>, parts: &[&str]) -> String {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        for (at, key) in block.iter_mut().zip(key.reveal()) {
            *at ^= key;
        }
        block
    };
    let mut inner = Sha256::new();
    inner.update(pad(0x36));
    for part in parts {
        inner.update((part.len() as u64).to_le_bytes());
        inner.update(part.as_bytes());
    }
    let mut outer = Sha256::new();
    outer.update(pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

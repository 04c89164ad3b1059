//! The twin's only door to the catalogue: which types and api-versions there are, what a body may carry, how a type's
//! operations answer.

use catalogue::{
    Catalogue, Node, Property, ResourceType, TypeRef,
    validate::{BodyError, BodyErrorKind, validate_body, validate_name},
};
use serde_json::Value;

use crate::reply::Reply;

/// Deeper than any body of Azure's.
const DEPTH_MAX: usize = 64;

fn data() -> &'static Catalogue {
    catalogue::builtin()
}

/// The type in Azure's casing, when there is such a type.
pub(crate) fn canonical(kind: &str) -> Option<String> {
    data().resources_by_arm(kind).next().map(|resource| resource.arm_type.to_string())
}

pub(crate) fn canonical_namespace(namespace: &str) -> String {
    let types = data().resource_types(namespace);
    let known = types.first().and_then(|kind| kind.split('/').next());
    known.unwrap_or(namespace).to_string()
}

pub(crate) fn namespaces() -> Vec<&'static str> {
    data().providers()
}

pub(crate) fn types_of(namespace: &str) -> Vec<&'static str> {
    data().resource_types(namespace)
}

/// Newest first, as Azure lists them.
pub(crate) fn api_versions(kind: &str) -> Vec<&'static str> {
    let mut versions = data().api_versions(kind);
    versions.sort_unstable();
    versions.dedup();
    versions.reverse();
    versions
}

/// Providers of which the catalogue's source has only some api-versions: those that lie between two known ones are served too.
const INCOMPLETE: [&str; 1] = ["Microsoft.Network/"];

/// The type at an api-version; `None` for one that it does not have. Azure's tools are ahead of any catalogue: a version that is
/// newer than all known ones has the schema of the newest, without complaint about what that does not know.
pub(crate) fn at(kind: &str, api_version: &str) -> Option<&'static ResourceType> {
    data().resource_by_arm(kind, api_version).or_else(|| nearest(kind, api_version))
}

fn nearest(kind: &str, api_version: &str) -> Option<&'static ResourceType> {
    if !is_version(api_version) {
        return None;
    }
    let known = || data().resources_by_arm(kind);
    let newest = known().max_by(|one, other| one.api_version.cmp(&other.api_version))?;
    if newest.api_version.as_ref() < api_version {
        return Some(newest);
    }
    let incomplete = INCOMPLETE.iter().any(|provider| kind.to_lowercase().starts_with(&provider.to_lowercase()));
    let older = known().filter(|resource| resource.api_version.as_ref() < api_version);
    older.max_by(|one, other| one.api_version.cmp(&other.api_version)).filter(|_| incomplete)
}

/// `2024-05-01` or `2024-05-01-preview`
fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    date.len() == 10
        && date.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Whether bodies of the type carry `properties.provisioningState`.
pub(crate) fn has_provisioning_state(resource: &ResourceType) -> bool {
    property(resource.body, "properties").and_then(|of| property(of, "provisioningState")).is_some()
}

/// Whether the type has a location, that is: is a tracked resource.
/// Whether a resource is in a place that its maker says. What only shows its parent's (an event hub) is not.
pub(crate) fn has_location(resource: &ResourceType) -> bool {
    member(resource.body, "location").is_some_and(|location| !location.flags.read_only())
}

fn property(of: TypeRef, name: &str) -> Option<TypeRef> {
    member(of, name).map(|property| property.of)
}

fn member(of: TypeRef, name: &str) -> Option<&'static Property> {
    match data().node(of) {
        Node::Object(object) => object.property(name),
        Node::Discriminated { base, .. } => base.iter().find(|property| property.name.as_ref() == name),
        _ => None,
    }
}

/// What Azure says about the body of a PUT, if it would refuse it.
pub(crate) fn check(resource: &ResourceType, api_version: &str, name: &str, body: &Value) -> Result<(), Reply> {
    let exact = resource.api_version.eq_ignore_ascii_case(api_version);
    let name = validate_name(data(), resource, name);
    if let Some(error) = name.first() {
        let message = format!("The resource name is invalid: expected {}.", error.expected);
        return Err(Reply::error(400, "InvalidResourceName", message));
    }
    let errors = validate_body(data(), resource, body);
    // Azure ignores read-only properties that are sent back to it.
    let matters = |error: &&BodyError| match error.kind {
        BodyErrorKind::ReadOnlySet => false,
        BodyErrorKind::UnknownProperty | BodyErrorKind::NotInEnum => exact,
        _ => true,
    };
    match errors.iter().find(matters) {
        Some(error) => Err(refusal(resource, error)),
        None => Ok(()),
    }
}

fn refusal(resource: &ResourceType, error: &BodyError) -> Reply {
    let (parent, member) = match error.path.rsplit_once('.') {
        Some((parent, member)) => (parent, member),
        None => ("", error.path.as_str()),
    };
    let content = |text: String| {
        let message = format!("The request content was invalid and could not be deserialized: '{text}'.");
        Reply::error(400, "InvalidRequestContent", message)
    };
    let invalid = || {
        let message = format!("The value of parameter {} is invalid: expected {}.", error.path, error.expected);
        Reply::error(400, "InvalidParameterValue", message)
    };
    match error.kind {
        BodyErrorKind::MissingRequired if error.path == "location" => {
            Reply::error(400, "LocationRequired", "The location property is required for this definition.")
        }
        BodyErrorKind::MissingRequired => {
            content(format!("Required property '{member}' not found in JSON. Path '{parent}', line 1, position 1."))
        }
        BodyErrorKind::UnknownProperty => content(format!(
            "Could not find member '{member}' on object of type '{}'. Path '{}', line 1, position 1.",
            resource.segment(),
            error.path
        )),
        BodyErrorKind::WrongType => content(format!(
            "Error converting value at path '{}': expected {}. Path '{}', line 1, position 1.",
            error.path, error.expected, error.path
        )),
        _ => invalid(),
    }
}

/// What a property of a type is to the twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trait {
    ReadOnly,
    /// Sensitive, or never returned by a GET.
    Hidden,
}

/// Removes what only Azure sets: sent back by a client, it is ignored.
pub(crate) fn strip_read_only(resource: &ResourceType, body: &mut Value) {
    walk(resource.body, body, Trait::ReadOnly, 0, &mut |_| None);
}

/// Removes what a GET never returns.
pub(crate) fn strip_hidden(resource: &ResourceType, body: &mut Value) {
    walk(resource.body, body, Trait::Hidden, 0, &mut |_| None);
    for path in secret_paths(resource) {
        edit(body, path, &|_| None);
    }
}

/// The same values masked, for logs.
pub(crate) fn mask_hidden(resource: &ResourceType, body: &mut Value, mask: &Value) {
    walk(resource.body, body, Trait::Hidden, 0, &mut |_| Some(mask.clone()));
    for path in secret_paths(resource) {
        edit(body, path, &|_| Some(mask.clone()));
    }
}

/// Paths that the facts call secret or write-only.
fn secret_paths(resource: &ResourceType) -> Vec<&str> {
    let Some(facts) = &resource.facts else { return Vec::new() };
    let lists = [&facts.secrets, &facts.literal_secrets, &facts.write_only];
    lists.into_iter().flatten().map(String::as_str).collect()
}

/// Replaces (or removes, for `None`) every value that has the trait.
fn walk(of: TypeRef, value: &mut Value, wanted: Trait, depth: usize, replace: &mut dyn FnMut(&Value) -> Option<Value>) {
    if depth > DEPTH_MAX {
        return;
    }
    match (data().node(of), value) {
        (Node::Array { item, .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|entry| walk(*item, entry, wanted, depth + 1, replace));
        }
        (Node::Object(object), Value::Object(map)) => {
            properties(&object.properties, map, wanted, depth, replace);
            if let Some(additional) = object.additional {
                let known: Vec<&str> = object.properties.iter().map(|property| property.name.as_ref()).collect();
                for (_, entry) in map.iter_mut().filter(|(name, _)| !known.contains(&name.as_str())) {
                    walk(additional, entry, wanted, depth + 1, replace);
                }
            }
        }
        (Node::Discriminated { discriminator, base, variants }, Value::Object(map)) => {
            let chosen = map.get(discriminator.as_ref()).and_then(Value::as_str).map(str::to_string);
            properties(base, map, wanted, depth, replace);
            let variant = variants.iter().find(|(name, _)| chosen.as_deref() == Some(name.as_ref()));
            if let Some((_, variant)) = variant
                && let Node::Object(object) = data().node(*variant)
            {
                properties(&object.properties, map, wanted, depth, replace);
            }
        }
        _ => {}
    }
}

fn properties(
    of: &[catalogue::Property],
    map: &mut serde_json::Map<String, Value>,
    wanted: Trait,
    depth: usize,
    replace: &mut dyn FnMut(&Value) -> Option<Value>,
) {
    for property in of {
        let Some(value) = map.get_mut(property.name.as_ref()) else { continue };
        let has = match wanted {
            Trait::ReadOnly => property.flags.read_only(),
            Trait::Hidden => property.flags.write_only() || is_sensitive(property.of),
        };
        match has.then(|| replace(value)) {
            None => walk(property.of, value, wanted, depth + 1, replace),
            Some(Some(replacement)) => *value = replacement,
            Some(None) => {
                map.remove(property.name.as_ref());
            }
        }
    }
}

fn is_sensitive(of: TypeRef) -> bool {
    match data().node(of) {
        Node::String { sensitive, .. } => *sensitive,
        Node::Object(object) => object.sensitive,
        _ => false,
    }
}

/// Edits the value at a path of the facts (`a.b[].c`, `a{}.b`).
fn edit(value: &mut Value, path: &str, replace: &dyn Fn(&Value) -> Option<Value>) {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let name = head.trim_end_matches("[]").trim_end_matches("{}");
    let Some(map) = value.as_object_mut() else { return };
    let Some(found) = map.get_mut(name) else { return };
    match rest {
        None => match replace(found) {
            Some(replacement) => *found = replacement,
            None => {
                map.remove(name);
            }
        },
        Some(rest) => match found {
            Value::Array(items) => items.iter_mut().for_each(|item| edit(item, rest, replace)),
            Value::Object(entries) if head.ends_with("{}") => {
                entries.iter_mut().for_each(|(_, entry)| edit(entry, rest, replace));
            }
            other => edit(other, rest, replace),
        },
    }
}

//! How the fields of an object's spec or status map to the ARM body, after Azure Service Operator's rules: read-only
//! properties are not in the spec, listed objects are flattened into the one around them, ARM ids become references,
//! secrets become references to Secrets, some values may come from a ConfigMap.
//!
//! It is a map of one level at a time, because types are recursive: a walk goes along data, or keeps a stack.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

use crate::{Catalogue, Facts, Flags, Node, Object, Property, ResourceType, TypeRef};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Spec,
    Status,
}

/// One field of a spec or status object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As it is in the Kubernetes object.
    pub name: String,
    /// Where it is in the ARM body, from the ARM object that belongs to the object around it.
    pub segments: Vec<Arc<str>>,
    /// The whole ARM path, in the notation of the facts.
    pub path: String,
    pub of: TypeRef,
    pub flags: Flags,
    pub required: bool,
    pub form: Form,
}

/// What stands in the Kubernetes object for the ARM value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Plain,
    /// `{group, kind, name, armId}` for an ARM id.
    Reference,
    /// A list of them.
    ReferenceList,
    /// A list of `{reference}` for a dictionary with ARM ids as keys.
    ReferenceMap,
    /// `{name, key}` of a Secret; with `literal` also the value itself.
    Secret {
        literal: bool,
    },
    /// The value, or `{name, key}` of a ConfigMap in the field named here.
    ConfigMapInput {
        field: String,
    },
}

type Level = ((Arc<str>, Arc<str>), Side, TypeRef, String);

/// Levels that were asked for, by resource type and api-version, side, type and path.
#[derive(Debug, Default)]
pub(crate) struct Levels(RwLock<BTreeMap<Level, Arc<[Field]>>>);

impl Levels {
    fn of(&self, key: Level, make: impl FnOnce() -> Vec<Field>) -> Arc<[Field]> {
        let known = self.0.read().ok().and_then(|levels| levels.get(&key).cloned());
        known.unwrap_or_else(|| {
            let made: Arc<[Field]> = make().into();
            if let Ok(mut levels) = self.0.write() {
                levels.insert(key, made.clone());
            }
            made
        })
    }
}

/// One side of a resource type.
#[derive(Clone, Copy, Debug)]
pub struct Projection<'a> {
    pub catalogue: &'a Catalogue,
    pub resource: &'a ResourceType,
    facts: &'a Facts,
    side: Side,
}

impl<'a> Projection<'a> {
    /// `None` when the type is not a Kubernetes kind.
    pub fn new(catalogue: &'a Catalogue, resource: &'a ResourceType, side: Side) -> Option<Self> {
        Some(Self { catalogue, resource, facts: resource.facts.as_deref()?, side })
    }

    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    pub fn side(&self) -> Side {
        self.side
    }

    /// The fields at the top, without `azureName`, `owner`, `operatorSpec`, `conditions`, `id`, `name` and `type`.
    pub fn root(&self) -> Vec<Field> {
        match self.catalogue.node(self.resource.body) {
            Node::Object(object) => self.fields(object, ""),
            Node::Discriminated { base, .. } => {
                self.fields(&Object { properties: base.clone(), ..Object::default() }, "")
            }
            _ => Vec::new(),
        }
    }

    /// The fields of a type at an ARM path: [`Self::root`] at the top, below it [`Self::fields`]. Made once and kept, for walks
    /// that come by the same levels with every object.
    pub fn level(&self, of: TypeRef, path: &str) -> Arc<[Field]> {
        let resource = (self.resource.arm_type.clone(), self.resource.api_version.clone());
        let key = (resource, self.side, of, path.to_owned());
        self.catalogue.levels.of(key, || match self.catalogue.node(of) {
            _ if path.is_empty() => self.root(),
            Node::Object(object) => self.fields(object, path),
            _ => Vec::new(),
        })
    }

    /// The fields of an object at an ARM path (in the notation of the facts; empty at the top).
    pub fn fields(&self, object: &Object, path: &str) -> Vec<Field> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        if path.is_empty() {
            let reserved: &[&str] = match self.side {
                Side::Spec => &["azureName", "owner", "operatorSpec", "originalVersion"],
                Side::Status => &["id", "name", "type", "conditions"],
            };
            taken.extend(reserved.iter().map(ToString::to_string));
        }
        let mut fields = Vec::new();
        let mut flattened = Vec::new();
        for property in &object.properties {
            let at = join(path, &property.name);
            if self.hidden(property, &at) {
                continue;
            }
            if self.flattens(&at) {
                flattened.push((property, at));
            } else {
                let field = self.field(property, at);
                taken.insert(field.name.clone());
                fields.push(field);
            }
        }
        for (outer, at) in flattened {
            let Node::Object(inner) = self.catalogue.node(outer.of) else { continue };
            for mut field in self.fields(inner, &at) {
                field.segments.insert(0, outer.name.clone());
                field.required &= outer.flags.required();
                if !taken.insert(field.name.clone()) {
                    field.name = format!("{}{}", camel(&outer.name), pascal(&field.name));
                    taken.insert(field.name.clone());
                }
                fields.push(field);
            }
        }
        fields
    }

    fn field(&self, property: &Property, path: String) -> Field {
        let wire = camel(&property.name);
        let form = self.form(property, &path, &wire);
        let (name, required) = match &form {
            Form::Reference => (reference_name(&wire, false), property.flags.required()),
            Form::ReferenceList => (reference_name(&wire, true), property.flags.required()),
            Form::ConfigMapInput { .. } => (wire, false),
            Form::Plain | Form::ReferenceMap | Form::Secret { .. } => (wire, property.flags.required()),
        };
        let required = required && self.side == Side::Spec;
        let segments = vec![property.name.clone()];
        Field { name, segments, path, of: property.of, flags: property.flags, required, form }
    }

    fn form(&self, property: &Property, path: &str, wire: &str) -> Form {
        if self.side == Side::Status {
            return Form::Plain;
        }
        let references = |path: String| Facts::lists(&self.facts.references, &path);
        let marked_sensitive = matches!(self.catalogue.node(property.of), Node::String { sensitive: true, .. });
        if references(path.to_string()) {
            Form::Reference
        } else if references(format!("{path}[]")) {
            Form::ReferenceList
        } else if references(format!("{path}{{}}")) {
            Form::ReferenceMap
        } else if Facts::lists(&self.facts.literal_secrets, path) {
            Form::Secret { literal: true }
        } else if marked_sensitive || Facts::lists(&self.facts.secrets, path) {
            Form::Secret { literal: false }
        } else if Facts::lists(&self.facts.config_map_inputs, path) {
            Form::ConfigMapInput { field: format!("{wire}FromConfig") }
        } else {
            Form::Plain
        }
    }

    fn flattens(&self, path: &str) -> bool {
        Facts::lists(&self.facts.flatten, path)
            || (self.side == Side::Status && Facts::lists(&self.facts.flatten_status, path))
    }

    fn hidden(&self, property: &Property, path: &str) -> bool {
        match self.side {
            Side::Spec => property.flags.read_only() || self.nothing_to_set(property.of, path, &mut Vec::new()),
            Side::Status => self.never_shown(property, path),
        }
    }

    /// A secret, or what a GET never returns.
    fn never_shown(&self, property: &Property, path: &str) -> bool {
        let sensitive = match self.catalogue.node(property.of) {
            Node::String { sensitive, .. } => *sensitive,
            Node::Object(object) => object.sensitive,
            _ => false,
        };
        sensitive
            || property.flags.write_only()
            || self.facts.is_secret(path)
            || Facts::lists(&self.facts.write_only, path)
    }

    /// An object all of whose members only Azure sets is not part of the spec (unless it holds references).
    fn nothing_to_set(&self, of: TypeRef, path: &str, open: &mut Vec<TypeRef>) -> bool {
        let Node::Object(object) = self.catalogue.node(of) else { return false };
        if object.properties.is_empty() || object.additional.is_some() || open.contains(&of) {
            return false;
        }
        open.push(of);
        let nothing = object.properties.iter().all(|property| {
            property.flags.read_only() || self.nothing_to_set(property.of, &join(path, &property.name), open)
        });
        open.pop();
        nothing
    }
}

/// `vnetSubnetID` -> `vnetSubnetReference`, `id` -> `reference`, `userAssignedIdentity` -> `userAssignedIdentityReference`.
pub fn reference_name(wire: &str, many: bool) -> String {
    let suffix = if many { "References" } else { "Reference" };
    if wire.eq_ignore_ascii_case("id") {
        return if many { "references" } else { "reference" }.to_string();
    }
    let stem = ["Ids", "IDs", "Id", "ID"].iter().find_map(|ending| wire.strip_suffix(ending));
    format!("{}{suffix}", stem.unwrap_or(wire))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}

/// The wire name as a field name: `release_policy` -> `releasePolicy`, `Type` -> `type`.
fn camel(wire: &str) -> String {
    let mut name = String::with_capacity(wire.len());
    let mut upper = false;
    for (index, letter) in wire.chars().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            upper = !name.is_empty();
        } else if upper {
            name.push(letter.to_ascii_uppercase());
            upper = false;
        } else {
            name.push(if index == 0 { letter.to_ascii_lowercase() } else { letter });
        }
    }
    name
}

fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

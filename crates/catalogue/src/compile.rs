//! Azure's published type data (`types.json`: an array whose entries refer to each other by index) to a [`Catalogue`].
//! Descriptions are dropped, equal types are stored once, also across versions and providers and also when recursive.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::{
    Flags, Function, Node, Property, TypeRef,
    codec::references,
    facts::Facts,
    node::Object,
    resource::{Catalogue, Scopes, Type},
};

/// These four are in every body with the same meaning; they are facts of the resource, not of its body.
const IMPLICIT: [&str; 4] = ["id", "name", "type", "apiVersion"];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {entry} of the type data: {why}")]
pub struct Error {
    pub entry: usize,
    pub why: String,
}

/// Collects documents, then merges equal types.
#[derive(Debug, Default)]
pub struct Compiler {
    nodes: Vec<Node>,
    types: Vec<Type>,
    /// Patterns that RE2-like engines cannot run (look-around); validation goes without them.
    pub dropped_patterns: usize,
}

impl Compiler {
    /// Adds the resource types of one document that are wanted by (type name, api-version).
    pub fn add(&mut self, document: &Value, wanted: impl Fn(&str, &str) -> bool) -> Result<(), Error> {
        let entries = document.as_array().ok_or(Error { entry: 0, why: "a JSON array is expected".into() })?;
        let mut known = BTreeMap::new();
        let mut added = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            if entry["$type"] != "ResourceType" {
                continue;
            }
            let name = entry["name"].as_str().unwrap_or_default();
            let Some((arm_type, api_version)) = name.split_once('@') else {
                return Err(Error { entry: index, why: format!("{name:?} has no @api-version") });
            };
            if !wanted(arm_type, api_version) || self.knows(arm_type, api_version) {
                continue;
            }
            let body = self.import(entries, reference(&entry["body"], index)?, &mut known)?;
            let (body, name) = self.strip(body);
            added.push(Type {
                arm_type: arm_type.into(),
                api_version: api_version.into(),
                readable: scopes(entry, "readableScopes"),
                writable: scopes(entry, "writableScopes"),
                body,
                name,
                functions: Vec::new(),
            });
        }
        for (index, entry) in entries.iter().enumerate() {
            if entry["$type"] != "ResourceFunctionType" {
                continue;
            }
            let (of, at) = (entry["resourceType"].as_str().unwrap_or_default(), entry["apiVersion"].as_str());
            let Some(resource) = added.iter_mut().find(|resource| {
                resource.arm_type.eq_ignore_ascii_case(of) && Some(resource.api_version.as_ref()) == at
            }) else {
                continue;
            };
            let output = self.import(entries, reference(&entry["output"], index)?, &mut known)?;
            let input = match entry.get("input") {
                Some(input) => Some(self.import(entries, reference(input, index)?, &mut known)?),
                None => None,
            };
            let name: Arc<str> = entry["name"].as_str().unwrap_or_default().into();
            resource.functions.push(Function { name, input, output });
        }
        self.types.extend(added);
        Ok(())
    }

    fn knows(&self, arm_type: &str, api_version: &str) -> bool {
        self.types.iter().any(|known| {
            known.arm_type.eq_ignore_ascii_case(arm_type) && known.api_version.eq_ignore_ascii_case(api_version)
        })
    }

    /// Copies everything reachable from `root`, numbering it anew; an explicit stack, because types nest deeply.
    fn import(
        &mut self,
        entries: &[Value],
        root: usize,
        known: &mut BTreeMap<usize, TypeRef>,
    ) -> Result<TypeRef, Error> {
        let mut open = Vec::new();
        let number =
            |compiler: &mut Self, index: usize, known: &mut BTreeMap<usize, TypeRef>, open: &mut Vec<usize>| {
                *known.entry(index).or_insert_with(|| {
                    compiler.nodes.push(Node::Any);
                    open.push(index);
                    TypeRef((compiler.nodes.len() - 1) as u32)
                })
            };
        let first = number(self, root, known, &mut open);
        while let Some(index) = open.pop() {
            let entry = entries.get(index).ok_or_else(|| Error { entry: index, why: "does not exist".into() })?;
            let mut child = |value: &Value| -> Result<TypeRef, Error> {
                Ok(number(self, reference(value, index)?, known, &mut open))
            };
            let node = node(entry, index, &mut child)?;
            let node = self.checked(node);
            self.nodes[known[&index].0 as usize] = node;
        }
        Ok(first)
    }

    fn checked(&mut self, node: Node) -> Node {
        match node {
            Node::String { sensitive, min_length, max_length, pattern: Some(pattern) }
                if regex::Regex::new(&pattern).is_err() =>
            {
                self.dropped_patterns += 1;
                Node::String { sensitive, min_length, max_length, pattern: None }
            }
            node => node,
        }
    }

    /// The body without the implicit properties, and the type of its name.
    fn strip(&mut self, body: TypeRef) -> (TypeRef, Option<TypeRef>) {
        let mut node = self.nodes[body.0 as usize].clone();
        let properties = match &mut node {
            Node::Object(object) => &mut object.properties,
            Node::Discriminated { base, .. } => base,
            _ => return (body, None),
        };
        let name = properties.iter().find(|property| property.name.as_ref() == "name").map(|property| property.of);
        properties.retain(|property| !IMPLICIT.contains(&property.name.as_ref()));
        self.nodes.push(node);
        (TypeRef((self.nodes.len() - 1) as u32), name)
    }

    /// Merges equal types and orders everything, so that the same input gives the same catalogue.
    pub fn finish(mut self, facts: Vec<Facts>) -> Catalogue {
        self.types.sort_by_key(|resource| (resource.arm_type.to_lowercase(), resource.api_version.to_string()));
        for resource in &mut self.types {
            resource.functions.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let classes = classes(&self.nodes);
        let mut nodes: Vec<Node> = Vec::new();
        let mut numbers: BTreeMap<u32, TypeRef> = BTreeMap::new();
        // Numbered from the resources down, so that unreachable nodes fall away.
        let mut open = Vec::new();
        let mut number = |of: TypeRef, open: &mut Vec<TypeRef>| {
            let next = TypeRef(numbers.len() as u32);
            *numbers.entry(classes[of.0 as usize]).or_insert_with(|| {
                open.push(of);
                next
            })
        };
        for resource in &mut self.types {
            resource.body = number(resource.body, &mut open);
            resource.name = resource.name.map(|of| number(of, &mut open));
            for function in &mut resource.functions {
                function.input = function.input.map(|of| number(of, &mut open));
                function.output = number(function.output, &mut open);
            }
        }
        let mut done = 0;
        while done < open.len() {
            let of = open[done];
            done += 1;
            let mut waiting = Vec::new();
            let node = renumbered(&self.nodes[of.0 as usize], |child| number(child, &mut waiting));
            open.extend(waiting);
            nodes.push(node);
        }
        Catalogue::new(nodes, self.types, facts)
    }
}

/// The class of every node: two nodes are in one class when no walk can tell them apart. Starts with "same without
/// looking at children" and splits until nothing splits any more.
fn classes(nodes: &[Node]) -> Vec<u32> {
    let mut shapes: BTreeMap<String, u32> = BTreeMap::new();
    let mut class: Vec<u32> = nodes
        .iter()
        .map(|node| {
            let next = shapes.len() as u32;
            *shapes.entry(format!("{:?}", renumbered(node, |_| TypeRef(0)))).or_insert(next)
        })
        .collect();
    let children: Vec<Vec<TypeRef>> = nodes.iter().map(references).collect();
    let mut count = shapes.len();
    loop {
        let mut finer: BTreeMap<(u32, Vec<u32>), u32> = BTreeMap::new();
        let next: Vec<u32> = (0..nodes.len())
            .map(|index| {
                let key = (class[index], children[index].iter().map(|child| class[child.0 as usize]).collect());
                let fresh = finer.len() as u32;
                *finer.entry(key).or_insert(fresh)
            })
            .collect();
        class = next;
        if finer.len() == count {
            return class;
        }
        count = finer.len();
    }
}

fn renumbered(node: &Node, mut number: impl FnMut(TypeRef) -> TypeRef) -> Node {
    let mut node = node.clone();
    let mut all = |properties: &mut Vec<Property>| {
        for property in properties {
            property.of = number(property.of);
        }
    };
    match &mut node {
        Node::Any | Node::Boolean | Node::Integer { .. } | Node::String { .. } | Node::Literal(_) => {}
        Node::Array { item, .. } => *item = number(*item),
        Node::Union(elements) => elements.iter_mut().for_each(|of| *of = number(*of)),
        Node::Object(object) => {
            all(&mut object.properties);
            object.additional = object.additional.map(number);
        }
        Node::Discriminated { base, variants, .. } => {
            all(base);
            variants.iter_mut().for_each(|(_, of)| *of = number(*of));
        }
    }
    node
}

fn scopes(entry: &Value, field: &str) -> Scopes {
    Scopes(entry[field].as_u64().and_then(|bits| u8::try_from(bits).ok()).unwrap_or_default())
}

/// `{"$ref": "#/12"}` -> 12
fn reference(value: &Value, entry: usize) -> Result<usize, Error> {
    let text = value["$ref"].as_str().and_then(|text| text.strip_prefix("#/"));
    text.and_then(|number| number.parse().ok())
        .ok_or_else(|| Error { entry, why: format!("{value} is not a reference like {{\"$ref\":\"#/12\"}}") })
}

fn node(entry: &Value, index: usize, child: &mut impl FnMut(&Value) -> Result<TypeRef, Error>) -> Result<Node, Error> {
    let length = |field: &str| entry[field].as_u64();
    Ok(match entry["$type"].as_str().unwrap_or_default() {
        "AnyType" | "NullType" => Node::Any,
        "BooleanType" => Node::Boolean,
        "IntegerType" => Node::Integer { min: entry["minValue"].as_i64(), max: entry["maxValue"].as_i64() },
        "StringType" => Node::String {
            sensitive: entry["sensitive"] == true,
            min_length: length("minLength"),
            max_length: length("maxLength"),
            pattern: entry["pattern"].as_str().map(Arc::from),
        },
        "StringLiteralType" => Node::Literal(entry["value"].as_str().unwrap_or_default().into()),
        "ArrayType" => Node::Array {
            item: child(&entry["itemType"])?,
            min_length: length("minLength"),
            max_length: length("maxLength"),
        },
        "UnionType" => Node::Union(items(&entry["elements"]).map(&mut *child).collect::<Result<_, _>>()?),
        "ObjectType" => Node::Object(Object {
            name: entry["name"].as_str().unwrap_or_default().into(),
            sensitive: entry["sensitive"] == true,
            properties: properties(&entry["properties"], child)?,
            additional: entry.get("additionalProperties").map(&mut *child).transpose()?,
        }),
        "DiscriminatedObjectType" => {
            let mut variants = Vec::new();
            for (value, of) in entry["elements"].as_object().into_iter().flatten() {
                variants.push((Arc::from(value.as_str()), child(of)?));
            }
            Node::Discriminated {
                discriminator: entry["discriminator"].as_str().unwrap_or_default().into(),
                base: properties(&entry["baseProperties"], child)?,
                variants,
            }
        }
        other => return Err(Error { entry: index, why: format!("unknown $type {other:?}") }),
    })
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn properties(value: &Value, child: &mut impl FnMut(&Value) -> Result<TypeRef, Error>) -> Result<Vec<Property>, Error> {
    let mut properties = Vec::new();
    for (name, property) in value.as_object().into_iter().flatten() {
        let flags = property["flags"].as_u64().and_then(|flags| u8::try_from(flags).ok()).unwrap_or_default();
        properties.push(Property {
            name: name.as_str().into(),
            of: child(&property["type"])?,
            // Only what the catalogue reads: the other bits differ between versions and would keep equal types apart.
            flags: Flags(flags & (Flags::REQUIRED | Flags::READ_ONLY | Flags::WRITE_ONLY)),
        });
    }
    Ok(properties)
}

//! The compact committed form: a table of strings, the nodes, the resource types and the facts, as variable-length
//! integers, deflated. Encoding the same input gives the same bytes.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    Flags, Function, Node, Property, TypeRef,
    facts::Facts,
    node::Object,
    resource::{Catalogue, Scopes, Type},
};

const MAGIC: &[u8] = b"WLAZ1";
/// More than any catalogue needs; a corrupt file must not take the memory.
const INFLATED_BYTES_MAX: usize = 256 << 20;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a catalogue file: it does not start with WLAZ1")]
    Magic,
    #[error("the catalogue file cannot be inflated: {0}")]
    Inflate(String),
    #[error("the catalogue file ends early or refers to what it does not hold")]
    Truncated,
    #[error("the facts in the catalogue file cannot be read: {0}")]
    Facts(String),
}

/// The committed form of a catalogue.
pub fn encode(catalogue: &Catalogue) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.list(catalogue.nodes(), Writer::node);
    writer.list(catalogue.types(), Writer::resource);
    let facts = serde_json::to_string(&catalogue.all_facts().collect::<Vec<_>>()).unwrap_or_else(|_| "[]".into());
    let mut strings = Writer::default();
    strings.number(writer.strings.len() as u64);
    let mut ordered: Vec<(&Arc<str>, &u64)> = writer.strings.iter().collect();
    ordered.sort_by_key(|(_, index)| **index);
    for (string, _) in ordered {
        strings.number(string.len() as u64);
        strings.out.extend_from_slice(string.as_bytes());
    }
    let mut plain = strings.out;
    plain.extend_from_slice(&writer.out);
    let mut tail = Writer::default();
    tail.number(facts.len() as u64);
    plain.extend_from_slice(&tail.out);
    plain.extend_from_slice(facts.as_bytes());
    let mut file = MAGIC.to_vec();
    file.extend(miniz_oxide::deflate::compress_to_vec(&plain, 9));
    file
}

/// Reads the committed form.
pub fn decode(file: &[u8]) -> Result<Catalogue, Error> {
    let deflated = file.strip_prefix(MAGIC).ok_or(Error::Magic)?;
    let plain = miniz_oxide::inflate::decompress_to_vec_with_limit(deflated, INFLATED_BYTES_MAX)
        .map_err(|error| Error::Inflate(error.to_string()))?;
    let mut reader = Reader { rest: &plain, strings: Vec::new() };
    let count = reader.count()?;
    for _ in 0..count {
        let length = reader.count()?;
        let string: Arc<str> = std::str::from_utf8(reader.bytes(length)?).map_err(|_| Error::Truncated)?.into();
        reader.strings.push(string);
    }
    let nodes = reader.list(Reader::node)?;
    let types = reader.list(Reader::resource)?;
    let length = reader.count()?;
    let facts: Vec<Facts> =
        serde_json::from_slice(reader.bytes(length)?).map_err(|error| Error::Facts(error.to_string()))?;
    if nodes.iter().flat_map(references).any(|of| of.0 as usize >= nodes.len()) {
        return Err(Error::Truncated);
    }
    Ok(Catalogue::new(nodes, types, facts))
}

/// Every type that a node refers to.
pub(crate) fn references(node: &Node) -> Vec<TypeRef> {
    match node {
        Node::Any | Node::Boolean | Node::Integer { .. } | Node::String { .. } | Node::Literal(_) => Vec::new(),
        Node::Array { item, .. } => vec![*item],
        Node::Union(elements) => elements.clone(),
        Node::Object(object) => object.properties.iter().map(|property| property.of).chain(object.additional).collect(),
        Node::Discriminated { base, variants, .. } => {
            base.iter().map(|property| property.of).chain(variants.iter().map(|(_, of)| *of)).collect()
        }
    }
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    strings: BTreeMap<Arc<str>, u64>,
}

impl Writer {
    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.out.push(((value & 0x7f) | 0x80) as u8);
            value >>= 7;
        }
        self.out.push(value as u8);
    }

    fn optional(&mut self, value: Option<u64>) {
        self.number(value.map_or(0, |value| value.saturating_add(1)));
    }

    /// Zigzag, so that small negative numbers stay small.
    fn signed(&mut self, value: Option<i64>) {
        self.optional(value.map(|value| ((value << 1) ^ (value >> 63)) as u64));
    }

    fn string(&mut self, string: &Arc<str>) {
        let next = self.strings.len() as u64;
        let index = *self.strings.entry(string.clone()).or_insert(next);
        self.number(index);
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u64);
        for item in items {
            write(self, item);
        }
    }

    fn properties(&mut self, properties: &[Property]) {
        self.list(properties, |writer, property| {
            writer.string(&property.name);
            writer.number(property.of.0.into());
            writer.out.push(property.flags.0);
        });
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Any => self.out.push(0),
            Node::Boolean => self.out.push(1),
            Node::Integer { min, max } => {
                self.out.push(2);
                self.signed(*min);
                self.signed(*max);
            }
            Node::String { sensitive, min_length, max_length, pattern } => {
                self.out.push(3);
                self.out.push(u8::from(*sensitive) | (u8::from(pattern.is_some()) << 1));
                self.optional(*min_length);
                self.optional(*max_length);
                if let Some(pattern) = pattern {
                    self.string(pattern);
                }
            }
            Node::Literal(value) => {
                self.out.push(4);
                self.string(value);
            }
            Node::Array { item, min_length, max_length } => {
                self.out.push(5);
                self.number(item.0.into());
                self.optional(*min_length);
                self.optional(*max_length);
            }
            Node::Union(elements) => {
                self.out.push(6);
                self.list(elements, |writer, of| writer.number(of.0.into()));
            }
            Node::Object(object) => {
                self.out.push(7);
                self.string(&object.name);
                self.out.push(u8::from(object.sensitive));
                self.properties(&object.properties);
                self.optional(object.additional.map(|of| of.0.into()));
            }
            Node::Discriminated { discriminator, base, variants } => {
                self.out.push(8);
                self.string(discriminator);
                self.properties(base);
                self.list(variants, |writer, (value, of)| {
                    writer.string(value);
                    writer.number(of.0.into());
                });
            }
        }
    }

    fn resource(&mut self, resource: &Type) {
        self.string(&resource.arm_type);
        self.string(&resource.api_version);
        self.out.push(resource.readable.0);
        self.out.push(resource.writable.0);
        self.number(resource.body.0.into());
        self.optional(resource.name.map(|of| of.0.into()));
        self.list(&resource.functions, |writer, function| {
            writer.string(&function.name);
            writer.optional(function.input.map(|of| of.0.into()));
            writer.number(function.output.0.into());
        });
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    strings: Vec<Arc<str>>,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::Truncated)
    }

    fn count(&mut self) -> Result<usize, Error> {
        usize::try_from(self.number()?).map_err(|_| Error::Truncated)
    }

    fn optional(&mut self) -> Result<Option<u64>, Error> {
        Ok(self.number()?.checked_sub(1))
    }

    fn signed(&mut self) -> Result<Option<i64>, Error> {
        Ok(self.optional()?.map(|value| ((value >> 1) as i64) ^ -((value & 1) as i64)))
    }

    fn string(&mut self) -> Result<Arc<str>, Error> {
        let index = self.count()?;
        self.strings.get(index).cloned().ok_or(Error::Truncated)
    }

    fn type_ref(&mut self) -> Result<TypeRef, Error> {
        u32::try_from(self.number()?).map(TypeRef).map_err(|_| Error::Truncated)
    }

    fn optional_type_ref(&mut self) -> Result<Option<TypeRef>, Error> {
        let number = self.optional()?;
        number.map(|number| u32::try_from(number).map(TypeRef).map_err(|_| Error::Truncated)).transpose()
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let count = self.count()?;
        // Every item takes a byte at least: a count beyond the rest is corrupt, and must not reserve memory.
        if count > self.rest.len() {
            return Err(Error::Truncated);
        }
        (0..count).map(|_| read(self)).collect()
    }

    fn properties(&mut self) -> Result<Vec<Property>, Error> {
        self.list(|reader| {
            Ok(Property { name: reader.string()?, of: reader.type_ref()?, flags: Flags(reader.byte()?) })
        })
    }

    fn node(&mut self) -> Result<Node, Error> {
        Ok(match self.byte()? {
            0 => Node::Any,
            1 => Node::Boolean,
            2 => Node::Integer { min: self.signed()?, max: self.signed()? },
            3 => {
                let bits = self.byte()?;
                let (min_length, max_length) = (self.optional()?, self.optional()?);
                let pattern = if bits & 2 != 0 { Some(self.string()?) } else { None };
                Node::String { sensitive: bits & 1 != 0, min_length, max_length, pattern }
            }
            4 => Node::Literal(self.string()?),
            5 => Node::Array { item: self.type_ref()?, min_length: self.optional()?, max_length: self.optional()? },
            6 => Node::Union(self.list(Reader::type_ref)?),
            7 => {
                let (name, sensitive) = (self.string()?, self.byte()? != 0);
                let properties = self.properties()?;
                Node::Object(Object { name, sensitive, properties, additional: self.optional_type_ref()? })
            }
            8 => {
                let (discriminator, base) = (self.string()?, self.properties()?);
                let variants = self.list(|reader| Ok((reader.string()?, reader.type_ref()?)))?;
                Node::Discriminated { discriminator, base, variants }
            }
            _ => return Err(Error::Truncated),
        })
    }

    fn resource(&mut self) -> Result<Type, Error> {
        Ok(Type {
            arm_type: self.string()?,
            api_version: self.string()?,
            readable: Scopes(self.byte()?),
            writable: Scopes(self.byte()?),
            body: self.type_ref()?,
            name: self.optional_type_ref()?,
            functions: self.list(|reader| {
                let (name, input) = (reader.string()?, reader.optional_type_ref()?);
                Ok(Function { name, input, output: reader.type_ref()? })
            })?,
        })
    }
}

//! The nodes of Azure's type data: a flat table of hash-consed types that refer to each other by number. Types may be
//! recursive, so a walk over them needs its own end (data, or a stack of what is open).

use std::sync::Arc;

/// A type: the number of a [`Node`] in its catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeRef(pub u32);

/// One type. An open enum is a union of literals and one plain string; a closed one has literals only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    Any,
    Boolean,
    Integer {
        min: Option<i64>,
        max: Option<i64>,
    },
    String {
        sensitive: bool,
        min_length: Option<u64>,
        max_length: Option<u64>,
        pattern: Option<Arc<str>>,
    },
    Literal(Arc<str>),
    Array {
        item: TypeRef,
        min_length: Option<u64>,
        max_length: Option<u64>,
    },
    Union(Vec<TypeRef>),
    Object(Object),
    /// An object whose further properties depend on the value of one of them.
    Discriminated {
        discriminator: Arc<str>,
        base: Vec<Property>,
        variants: Vec<(Arc<str>, TypeRef)>,
    },
}

/// An object with known properties, or a dictionary (`additional` and no properties), or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Object {
    /// Azure's own name of the model; types of one shape and different names stay apart.
    pub name: Arc<str>,
    pub sensitive: bool,
    pub properties: Vec<Property>,
    pub additional: Option<TypeRef>,
}

impl Object {
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name.as_ref() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Property {
    pub name: Arc<str>,
    pub of: TypeRef,
    pub flags: Flags,
}

/// What Azure's type data says about a property, as its bit mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    pub const REQUIRED: u8 = 1;
    pub const READ_ONLY: u8 = 2;
    pub const WRITE_ONLY: u8 = 4;

    /// Required in a PUT.
    pub fn required(self) -> bool {
        self.0 & Self::REQUIRED != 0
    }

    /// Azure sets it; a PUT may not.
    pub fn read_only(self) -> bool {
        self.0 & Self::READ_ONLY != 0
    }

    /// A GET never returns it.
    pub fn write_only(self) -> bool {
        self.0 & Self::WRITE_ONLY != 0
    }
}

/// A POST action of a resource that has a response schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Function {
    /// `listKeys`
    pub name: Arc<str>,
    pub input: Option<TypeRef>,
    pub output: TypeRef,
}

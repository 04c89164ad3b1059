//! The tree of an expression after macros are expanded. Every node has a number, by which types and functions are noted.

use std::sync::Arc;

pub(in crate::cel) type Id = usize;

/// A constant as written.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cel) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
}

#[derive(Clone, Debug)]
pub(in crate::cel) struct Expr {
    pub(in crate::cel) id: Id,
    /// Where it stands in the source, in characters.
    pub(in crate::cel) at: usize,
    pub(in crate::cel) kind: Kind,
}

#[derive(Clone, Debug)]
pub(in crate::cel) enum Kind {
    Literal(Literal),
    Ident(Arc<str>),
    /// `operand.field`; with `test` it is `has(operand.field)`.
    Select {
        operand: Box<Expr>,
        field: Arc<str>,
        test: bool,
    },
    Call {
        function: Arc<str>,
        target: Option<Box<Expr>>,
        args: Vec<Expr>,
    },
    /// The flag marks `?element`.
    List(Vec<(Expr, bool)>),
    Map(Vec<Entry>),
    /// `Name{field: value}`
    Struct {
        name: Arc<str>,
        fields: Vec<(Arc<str>, Expr)>,
    },
    Fold(Box<Fold>),
}

#[derive(Clone, Debug)]
pub(in crate::cel) struct Entry {
    pub(in crate::cel) key: Expr,
    pub(in crate::cel) value: Expr,
    pub(in crate::cel) optional: bool,
}

/// A comprehension: what all macros over lists and maps become.
#[derive(Clone, Debug)]
pub(in crate::cel) struct Fold {
    pub(in crate::cel) range: Expr,
    pub(in crate::cel) variable: Arc<str>,
    /// With two variables the first is an index or a key, the second an element or a value.
    pub(in crate::cel) second: Option<Arc<str>>,
    pub(in crate::cel) accumulator: Arc<str>,
    pub(in crate::cel) init: Expr,
    pub(in crate::cel) condition: Expr,
    pub(in crate::cel) step: Expr,
    pub(in crate::cel) result: Expr,
}

impl Expr {
    /// `a.b.c` as one name, when it is nothing but that.
    pub(in crate::cel) fn qualified_name(&self) -> Option<String> {
        match &self.kind {
            Kind::Ident(name) => Some(name.to_string()),
            Kind::Select { operand, field, test: false } => Some(format!("{}.{field}", operand.qualified_name()?)),
            _ => None,
        }
    }

    pub(in crate::cel) fn text(&self) -> Option<&Arc<str>> {
        match &self.kind {
            Kind::Literal(Literal::Text(text)) => Some(text),
            _ => None,
        }
    }
}

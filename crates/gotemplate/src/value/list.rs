//! Go's slices. No function of a template writes into one, so a list is immutable and shared.

use std::{ops::Deref, rc::Rc};

use super::Value;

/// What Go says that the elements are; only `typeOf`, `%T` and `%#v` can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Element {
    #[default]
    Interface,
    String,
    Int,
}

impl Element {
    pub fn go_name(self) -> &'static str {
        match self {
            Self::Interface => "interface {}",
            Self::String => "string",
            Self::Int => "int",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct List {
    element: Element,
    items: Rc<[Value]>,
}

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(Element::Interface, items)
    }

    pub fn typed(element: Element, items: Vec<Value>) -> Self {
        Self { element, items: items.into() }
    }

    pub fn element(&self) -> Element {
        self.element
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::List(List::new(items))
    }
}

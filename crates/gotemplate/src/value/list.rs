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
    /// `[]interface {}`: the elements of what `chunk` returns.
    List,
}

impl Element {
    pub fn go_name(self) -> &'static str {
        match self {
            Self::Interface => "interface {}",
            Self::String => "string",
            Self::Int => "int",
            Self::List => "[]interface {}",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct List {
    element: Element,
    nil: bool,
    items: Rc<[Value]>,
}

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(Element::Interface, items)
    }

    pub fn typed(element: Element, items: Vec<Value>) -> Self {
        Self { element, nil: false, items: items.into() }
    }

    /// Go's nil slice, which `rest` of an empty list returns: an empty list that JSON writes as `null`.
    pub fn nil(element: Element) -> Self {
        Self { element, nil: true, items: Rc::from([]) }
    }

    /// Whether this is Go's nil slice. Only JSON, YAML and `deepEqual` can tell it from an empty one.
    pub fn is_nil(&self) -> bool {
        self.nil
    }

    pub fn element(&self) -> Element {
        self.element
    }
}

/// Lists within lists come apart in a loop: no depth of them is the depth of the thread's stack.
impl Drop for List {
    fn drop(&mut self) {
        if Rc::strong_count(&self.items) == 1 && self.iter().any(Value::is_nested) {
            let mut pending = Vec::new();
            self.dismantle(&mut pending);
            Value::dismantle(pending);
        }
    }
}

impl List {
    /// Takes out what nests, where nobody else holds the list.
    pub(super) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        let items = Rc::get_mut(&mut self.items).into_iter().flatten();
        pending.extend(items.filter(|item| item.is_nested()).map(std::mem::take));
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

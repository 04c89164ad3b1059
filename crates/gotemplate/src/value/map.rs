//! Go's maps with string keys: shared by reference and mutable, iterated in the order of their keys as text/template does.

use std::{
    cell::{Ref, RefCell, RefMut},
    collections::BTreeMap,
    rc::Rc,
};

use super::{Text, Value};

/// What Go says that the map is; `typeOf`, `%T` and a few of Sprig's checks can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapType {
    /// `map[string]interface {}`
    #[default]
    Interface,
    /// `map[string]string`
    String,
    /// Helm's named type of `.Values`: `map[string]interface {}` with another name.
    Values,
}

impl MapType {
    pub fn go_name(self) -> &'static str {
        match self {
            Self::Interface => "map[string]interface {}",
            Self::String => "map[string]string",
            Self::Values => "common.Values",
        }
    }
}

/// Two clones are the same map: what one writes, the other reads.
#[derive(Debug, Clone, Default)]
pub struct Map {
    map_type: MapType,
    nil: bool,
    entries: Rc<RefCell<BTreeMap<Text, Value>>>,
}

impl Map {
    pub fn new(entries: BTreeMap<Text, Value>) -> Self {
        Self::typed(MapType::Interface, entries)
    }

    pub fn typed(map_type: MapType, entries: BTreeMap<Text, Value>) -> Self {
        Self { map_type, nil: false, entries: Rc::new(RefCell::new(entries)) }
    }

    /// Go's nil map: what a parameter of a map's type receives for `nil`. It reads as an empty one, JSON writes it as `null`, and
    /// a function that writes into it must refuse with Go's words.
    pub fn nil() -> Self {
        Self { map_type: MapType::Interface, nil: true, entries: Rc::default() }
    }

    pub fn is_nil(&self) -> bool {
        self.nil
    }

    pub fn map_type(&self) -> MapType {
        self.map_type
    }

    /// The same map under another of Go's type names.
    pub fn with_type(&self, map_type: MapType) -> Self {
        Self { map_type, nil: self.nil, entries: Rc::clone(&self.entries) }
    }

    pub fn get(&self, key: &[u8]) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }

    pub fn insert(&self, key: Text, value: Value) {
        self.entries.borrow_mut().insert(key, value);
    }

    pub fn remove(&self, key: &[u8]) -> Option<Value> {
        self.entries.borrow_mut().remove(key)
    }

    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    /// Reads all entries. Hold it briefly: a write while it is held is a bug that panics, so never call back into a template
    /// (or drop to user-visible code) with it.
    pub fn read(&self) -> Ref<'_, BTreeMap<Text, Value>> {
        self.entries.borrow()
    }

    /// Writes entries. The same rule as for [`Map::read`].
    pub fn write(&self) -> RefMut<'_, BTreeMap<Text, Value>> {
        self.entries.borrow_mut()
    }

    /// What tells this map from every other that lives; clones have the same.
    pub fn identity(&self) -> usize {
        Rc::as_ptr(&self.entries) as *const () as usize
    }

    /// Whether both are the same map, not merely equal ones.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }
}

/// As for lists: no recursion.
impl Drop for Map {
    fn drop(&mut self) {
        if Rc::strong_count(&self.entries) > 1 {
            return;
        }
        let mut pending = Vec::new();
        self.dismantle(&mut pending);
        Value::dismantle(pending);
    }
}

impl Map {
    /// Takes out what nests, where nobody else holds the map.
    pub(super) fn dismantle(&mut self, pending: &mut Vec<Value>) {
        let entries = Rc::get_mut(&mut self.entries).into_iter().flat_map(|entries| entries.get_mut().values_mut());
        pending.extend(entries.filter(|value| value.is_nested()).map(std::mem::take));
    }
}

impl FromIterator<(Text, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

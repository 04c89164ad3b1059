//! The typed walks of server-side apply over one or two values: merge, compare, remove, and the set of fields a value
//! mentions. They expect values that [`super::typed::validate`] accepted, and skip what does not fit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    path::{Element, Path, equal},
    set::Set,
    typed::{Atom, Fields, List, atom, item_element, same_form},
};
use crate::schema::Schema;

static NULL: Value = Value::Null;

/// `right` laid over `left`. Nothing is removed; a leaf of `right` wins.
pub(super) fn merge(schema: &Schema, left: Option<&Value>, right: Option<&Value>) -> Option<Value> {
    let leaf = || right.or(left).cloned();
    match atom(schema, right.or(left)) {
        Atom::Scalar(_) => leaf(),
        Atom::Map(fields) => {
            let (left, right) = (map_of(left), map_of(right));
            if fields.atomic || (is_empty(left) && is_empty(right)) {
                return leaf();
            }
            let mut merged = Map::new();
            for key in keys(left, right) {
                let (left, right) = (left.and_then(|map| map.get(key)), right.and_then(|map| map.get(key)));
                let Some(below) = fields.below(key) else { continue };
                if let Some(value) = merge(below, left, right) {
                    merged.insert(key.clone(), value);
                }
            }
            (!merged.is_empty()).then_some(Value::Object(merged))
        }
        Atom::List(list) => {
            let (left, right) = (items_of(left), items_of(right));
            if list.is_atomic() || (left.is_empty() && right.is_empty()) {
                return leaf();
            }
            let merged = merge_items(&list, left, right);
            (!merged.is_empty()).then_some(Value::Array(merged))
        }
    }
}

/// Items of an associative list: in the order of `right` where it says something, else in the order of `left`.
fn merge_items(list: &List<'_>, left: &[Value], right: &[Value]) -> Vec<Value> {
    let named = |items: &'_ [Value]| -> Vec<Element> {
        items.iter().filter_map(|item| item_element(list, item).ok()).collect()
    };
    let (left_names, right_names) = (named(left), named(right));
    if left_names.len() != left.len() || right_names.len() != right.len() {
        return right.to_vec();
    }
    let left_items = index(&left_names, left);
    let right_items = index(&right_names, right);
    let mut shared = right_names.iter().filter(|name| left_items.contains_key(name));
    let mut next_shared = shared.next();
    let (mut merged, mut done) = (Vec::new(), BTreeSet::new());
    let (mut l, mut r) = (0, 0);
    while l < left_names.len() || r < right_names.len() {
        if let (Some(left_name), Some(right_name)) = (left_names.get(l), right_names.get(r)) {
            if left_name == right_name {
                done.insert(left_name);
                let (old, new) = (left_items.get(left_name).copied(), right_items.get(left_name).copied());
                merged.extend(merge(list.items, old, new));
                (l, r) = (l + 1, r + 1);
                next_shared = shared.next();
                continue;
            }
            // A shared item, but its turn in the order of `right` has not come.
            if right_items.contains_key(left_name) && next_shared.is_some_and(|next| next != left_name) {
                l += 1;
                continue;
            }
        }
        if let Some(left_name) = left_names.get(l) {
            if !right_items.contains_key(left_name) {
                merged.extend(merge(list.items, left.get(l), None));
                l += 1;
                continue;
            }
            if done.contains(left_name) {
                l += 1;
            }
        }
        if let Some(name) = right_names.get(r) {
            done.insert(name);
            merged.extend(merge(list.items, left_items.get(name).copied(), right_items.get(name).copied()));
            r += 1;
            if next_shared == Some(name) {
                next_shared = shared.next();
            }
        }
    }
    merged
}

/// Items by name; what occurs twice is not merged with anything.
fn index<'a>(names: &'a [Element], items: &'a [Value]) -> BTreeMap<&'a Element, &'a Value> {
    let mut index = BTreeMap::new();
    for (name, item) in names.iter().zip(items) {
        index.entry(name).and_modify(|found| *found = &NULL).or_insert(item);
    }
    index
}

/// What differs between two values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub removed: Set,
    pub modified: Set,
    pub added: Set,
}

impl Comparison {
    pub(super) fn new(schema: &Schema, left: &Value, right: &Value) -> Self {
        let mut comparison = Self::default();
        comparison.walk(schema, Some(left), Some(right), &mut Vec::new());
        comparison
    }

    pub(super) fn without(mut self, excluded: &Set) -> Self {
        for set in [&mut self.removed, &mut self.modified, &mut self.added] {
            *set = set.recursive_difference(excluded);
        }
        self
    }

    fn walk(&mut self, schema: &Schema, left: Option<&Value>, right: Option<&Value>, path: &mut Path) {
        // Most of an object is as it was, and finding that out is cheaper than naming its fields.
        if left == right {
            return;
        }
        let leaf = match (left, right) {
            (None, None) => return,
            (Some(_), None) => self.walk_form(&atom(schema, left), left, right, path),
            (None, Some(_)) => self.walk_form(&atom(schema, right), left, right, path),
            (Some(_), Some(_)) => {
                let (before, after) = (atom(schema, left), atom(schema, right));
                if !same_form(&before, &after) {
                    self.walk_form(&before, left, right, path);
                }
                self.walk_form(&after, left, right, path)
            }
        };
        if !leaf && left.is_none() {
            self.added.insert(path);
        } else if !leaf && right.is_none() {
            self.removed.insert(path);
        }
    }

    /// Answers whether the node was compared whole.
    fn walk_form(&mut self, form: &Atom<'_>, left: Option<&Value>, right: Option<&Value>, path: &mut Path) -> bool {
        match form {
            Atom::Scalar(_) => self.leaf(left, right, path),
            Atom::Map(fields) => {
                let (before, after) = (map_of(left), map_of(right));
                if fields.atomic || (is_empty(before) && is_empty(after)) {
                    return self.leaf(left, right, path);
                }
                for key in keys(before, after) {
                    let Some(below) = fields.below(key) else { continue };
                    path.push(Element::field(key));
                    let (before, after) = (before.and_then(|map| map.get(key)), after.and_then(|map| map.get(key)));
                    self.walk(below, before, after, path);
                    path.pop();
                }
                false
            }
            Atom::List(list) => {
                let (before, after) = (items_of(left), items_of(right));
                if list.is_atomic() || (before.is_empty() && after.is_empty()) {
                    return self.leaf(left, right, path);
                }
                self.walk_items(list, before, after, path);
                false
            }
        }
    }

    fn leaf(&mut self, left: Option<&Value>, right: Option<&Value>, path: &[Element]) -> bool {
        match (left, right) {
            (None, _) => self.added.insert(path),
            (_, None) => self.removed.insert(path),
            (Some(left), Some(right)) if !equal(left, right) => self.modified.insert(path),
            _ => {}
        }
        true
    }

    /// Items that occur twice on a side are compared as one atom.
    fn walk_items(&mut self, list: &List<'_>, left: &[Value], right: &[Value], path: &mut Path) {
        let mut names: BTreeMap<Element, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
        for item in left {
            if let Ok(name) = item_element(list, item) {
                names.entry(name).or_default().0.push(item);
            }
        }
        for item in right {
            if let Ok(name) = item_element(list, item) {
                names.entry(name).or_default().1.push(item);
            }
        }
        for (name, (left, right)) in names {
            path.push(name);
            match (left.as_slice(), right.as_slice()) {
                ([] | [_], [] | [_]) => {
                    self.walk(list.items, left.first().copied(), right.first().copied(), path);
                }
                ([_, _, ..], [_, _, ..]) => {
                    let same = left.len() == right.len() && left.iter().zip(&right).all(|(old, new)| equal(old, new));
                    if !same {
                        self.modified.insert(path);
                    }
                }
                ([_, _, ..], right) => {
                    self.walk(list.items, None, right.first().copied(), path);
                    self.removed.insert(path);
                }
                (left, _) => {
                    self.walk(list.items, left.first().copied(), None, path);
                    self.added.insert(path);
                }
            }
            path.pop();
        }
    }
}

/// The value without the fields and items of `unwanted`. A map or list that loses everything and is not unwanted itself is
/// owned by somebody: it stays, empty, where upstream leaves a null that its defaulting drops.
pub(super) fn remove(schema: &Schema, value: &Value, unwanted: &Set) -> Value {
    match (atom(schema, Some(value)), value) {
        (Atom::Map(fields), Value::Object(map)) if !fields.atomic => {
            let mut left = Map::new();
            for (key, value) in map {
                let element = Element::field(key);
                if unwanted.members.contains(&element) {
                    continue;
                }
                let value = match (unwanted.children.get(&element), fields.below(key)) {
                    (Some(below), Some(schema)) => remove(schema, value, below),
                    _ => value.clone(),
                };
                left.insert(key.clone(), value);
            }
            Value::Object(left)
        }
        (Atom::List(list), Value::Array(items)) if !list.is_atomic() => {
            let mut left = Vec::new();
            for item in items {
                let Ok(element) = item_element(&list, item) else { continue };
                if unwanted.members.contains(&element) {
                    continue;
                }
                left.push(match unwanted.children.get(&element) {
                    Some(below) => remove(list.items, item, below),
                    None => item.clone(),
                });
            }
            Value::Array(left)
        }
        (_, value) => value.clone(),
    }
}

/// Every leaf field and list item that a value mentions.
pub(super) fn field_set(schema: &Schema, value: &Value) -> Set {
    let mut set = Set::default();
    collect(schema, value, false, &mut Vec::new(), &mut set);
    set
}

/// The same after [`remove`], where an empty list is one that lost its items and counts as mentioned.
pub(super) fn remaining_set(schema: &Schema, value: &Value) -> Set {
    let mut set = Set::default();
    collect(schema, value, true, &mut Vec::new(), &mut set);
    set
}

fn collect(schema: &Schema, value: &Value, remaining: bool, path: &mut Path, set: &mut Set) {
    match (atom(schema, Some(value)), value) {
        (Atom::Scalar(_), _) => set.insert(path),
        (Atom::Map(fields), _) if fields.atomic => set.insert(path),
        (Atom::List(list), _) if list.is_atomic() => set.insert(path),
        (Atom::Map(fields), Value::Object(map)) => collect_map(&fields, map, remaining, path, set),
        (Atom::List(list), Value::Array(items)) => collect_items(&list, items, remaining, path, set),
        _ => {}
    }
}

fn collect_map(fields: &Fields<'_>, map: &Map<String, Value>, remaining: bool, path: &mut Path, set: &mut Set) {
    for (key, value) in map {
        let Some(below) = fields.below(key) else { continue };
        path.push(Element::field(key));
        collect(below, value, remaining, path, set);
        let empty = match value {
            Value::Null => true,
            Value::Object(map) => map.is_empty(),
            Value::Array(items) => remaining && items.is_empty(),
            _ => false,
        };
        if empty || fields.field(key).is_none() {
            set.insert(path);
        }
        path.pop();
    }
}

fn collect_items(list: &List<'_>, items: &[Value], remaining: bool, path: &mut Path, set: &mut Set) {
    let names: Vec<Option<Element>> = items.iter().map(|item| item_element(list, item).ok()).collect();
    let mut count: BTreeMap<&Element, usize> = BTreeMap::new();
    for name in names.iter().flatten() {
        *count.entry(name).or_default() += 1;
    }
    for (name, item) in names.iter().zip(items) {
        let Some(name) = name else { continue };
        path.push(name.clone());
        if count.get(name) == Some(&1) {
            collect(list.items, item, remaining, path, set);
        }
        set.insert(path);
        path.pop();
    }
}

fn map_of(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn items_of(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_empty(map: Option<&Map<String, Value>>) -> bool {
    map.is_none_or(Map::is_empty)
}

fn keys<'a>(left: Option<&'a Map<String, Value>>, right: Option<&'a Map<String, Value>>) -> BTreeSet<&'a String> {
    left.into_iter().chain(right).flat_map(Map::keys).collect()
}

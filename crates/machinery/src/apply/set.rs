//! Sets of field paths, as trees: membership of a parent and of its children are independent facts.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Element, Path};
use crate::{
    apply::typed::{Atom, atom},
    schema::Schema,
};

/// A set of paths below one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    pub members: BTreeSet<Element>,
    /// Never holds an empty set.
    pub children: BTreeMap<Element, Set>,
}

impl Set {
    /// The whole object (an empty path) is never tracked.
    pub(super) fn insert(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    pub(super) fn of(paths: impl IntoIterator<Item = Path>) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(&path);
        }
        set
    }

    pub(super) fn has(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.members.contains(last),
            [first, rest @ ..] => self.children.get(first).is_some_and(|child| child.has(rest)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.values().all(Self::is_empty)
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.add(other);
        union
    }

    fn add(&mut self, other: &Self) {
        self.members.extend(other.members.iter().cloned());
        for (element, child) in &other.children {
            self.children.entry(element.clone()).or_default().add(child);
        }
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        let members = self.members.intersection(&other.members).cloned().collect();
        let both = self.children.iter().filter_map(|(element, child)| {
            let common = child.intersection(other.children.get(element)?);
            (!common.is_empty()).then(|| (element.clone(), common))
        });
        Self { members, children: both.collect() }
    }

    /// Without the members of `other`; a parent in `other` does not take its children away.
    pub(super) fn difference(&self, other: &Self) -> Self {
        let members = self.members.difference(&other.members).cloned().collect();
        let left = self.children.iter().filter_map(|(element, child)| {
            let left = match other.children.get(element) {
                Some(other) => child.difference(other),
                None => child.clone(),
            };
            (!left.is_empty()).then(|| (element.clone(), left))
        });
        Self { members, children: left.collect() }
    }

    /// Without the members of `other` and everything below them.
    pub(super) fn recursive_difference(&self, other: &Self) -> Self {
        let members = self.members.difference(&other.members).cloned().collect();
        let left = self.children.iter().filter(|(element, _)| !other.members.contains(element));
        let left = left.filter_map(|(element, child)| {
            let left = match other.children.get(element) {
                Some(other) => child.recursive_difference(other),
                None => child.clone(),
            };
            (!left.is_empty()).then(|| (element.clone(), left))
        });
        Self { members, children: left.collect() }
    }

    /// With the parents that are named fields of the schema: what holds `a.b` then also holds `a`.
    pub(super) fn with_named_parents(&self, schema: Option<&Schema>) -> Self {
        let kind = schema.map(|schema| atom(schema, None));
        let mut members = self.members.clone();
        let mut children = BTreeMap::new();
        for (element, child) in &self.children {
            let below = match (&kind, element) {
                (Some(Atom::Map(map)), Element::Field(name)) => {
                    if map.field(name).is_some() {
                        members.insert(element.clone());
                    }
                    map.below(name)
                }
                (Some(Atom::List(list)), Element::Key(_)) => Some(list.items),
                _ => None,
            };
            children.insert(element.clone(), child.with_named_parents(below));
        }
        Self { members, children }
    }

    /// Members of a node before what is below it.
    pub(super) fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Path, paths: &mut Vec<Path>) {
        for element in &self.members {
            let mut path = prefix.clone();
            path.push(element.clone());
            paths.push(path);
        }
        for (element, child) in &self.children {
            prefix.push(element.clone());
            child.collect(prefix, paths);
            prefix.pop();
        }
    }
}

//! Which values a render reads, so that a caller can list those that no template reads.
//!
//! What counts as read:
//! - A field (`.a.b`), `index`, `get`, `hasKey`, `dig`, `pick` and `pluck` with it, and `range` over the map that holds it read a key. A
//!   key that is read is read whole where its value is no map; of a map, the keys below count for themselves.
//! - A map that is printed, or given to a function that may look into it (`toYaml`, `merge`, `keys`, ...), is read as a whole.
//!   `if`, `with`, variables, `include`, `tpl`, and functions that only pass their arguments on or look at their type read nothing
//!   below.
//! - Lists of maps work like maps: of a list that was not looked into, nothing is missed.
//!
//! Maps are known by identity. What a template copies into a map of its own counts as read when it is copied.

use std::collections::{BTreeMap, BTreeSet};

use crate::value::{List, Map, Text, Value};

/// Values within values, beyond which nothing is tracked.
const DEPTH_MAX: usize = 100;

/// What was read of one or more maps, and of everything in them.
#[derive(Debug, Default)]
pub struct Reads {
    /// By [`Map::identity`].
    known: BTreeMap<usize, Known>,
    roots: Vec<usize>,
    missing: BTreeSet<String>,
}

#[derive(Debug)]
struct Known {
    /// Held, so that its identity is not given to another map.
    _map: Map,
    path: String,
    /// As they were when tracking began: templates may change the map.
    entries: BTreeMap<Text, Value>,
    read: BTreeSet<Text>,
    whole: bool,
}

impl Reads {
    /// The highest paths that nothing has read, in the order of their keys: `image.tag`, `hosts[0].name`. A dot in a key is `\.`.
    pub fn unread(&self) -> Vec<String> {
        let mut out = Vec::new();
        for root in &self.roots {
            self.collect(*root, &mut out);
        }
        out
    }

    /// Paths that templates have read and that were not there.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.missing.iter().map(String::as_str)
    }

    fn collect(&self, identity: usize, out: &mut Vec<String>) {
        let Some(known) = self.known.get(&identity).filter(|known| !known.whole) else { return };
        for (key, value) in &known.entries {
            if !known.read.contains(key) {
                out.push(join(&known.path, key));
                continue;
            }
            match value {
                Value::Map(map) => self.collect(map.identity(), out),
                Value::List(list) if self.is_entered(list) => {
                    list.iter().filter_map(as_map).for_each(|map| self.collect(map.identity(), out));
                }
                _ => {}
            }
        }
    }

    /// Whether anything of the maps in a list was read.
    fn is_entered(&self, list: &List) -> bool {
        let mut maps = list.iter().filter_map(as_map).filter_map(|map| self.known.get(&map.identity()));
        maps.any(|known| known.whole || !known.read.is_empty())
    }

    pub(super) fn add(&mut self, path: &str, root: &Map) {
        self.roots.push(root.identity());
        self.learn(path.to_owned(), root, 0);
    }

    fn learn(&mut self, path: String, map: &Map, depth: usize) {
        if depth > DEPTH_MAX || self.known.contains_key(&map.identity()) {
            return;
        }
        let entries = map.read().clone();
        let below: Vec<_> = entries.iter().map(|(key, value)| (join(&path, key), value.clone())).collect();
        let known = Known { _map: map.clone(), path, entries, read: BTreeSet::new(), whole: false };
        self.known.insert(map.identity(), known);
        for (path, value) in below {
            self.learn_value(path, &value, depth + 1);
        }
    }

    fn learn_value(&mut self, path: String, value: &Value, depth: usize) {
        match value {
            Value::Map(map) => self.learn(path, map, depth),
            Value::List(list) if depth <= DEPTH_MAX => {
                for (at, value) in list.iter().enumerate() {
                    self.learn_value(format!("{path}[{at}]"), value, depth + 1);
                }
            }
            _ => {}
        }
    }

    pub(super) fn key(&mut self, map: &Map, name: &[u8]) {
        let Some(known) = self.known.get_mut(&map.identity()) else { return };
        if known.entries.contains_key(name) {
            if !known.read.contains(name) {
                known.read.insert(Text::from(name));
            }
        } else if map.get(name).is_none() {
            self.missing.insert(join(&known.path, name));
        }
    }

    pub(super) fn range(&mut self, value: &Value) {
        if let Value::Map(map) = value
            && let Some(known) = self.known.get_mut(&map.identity())
        {
            known.read.extend(known.entries.keys().cloned());
        }
    }

    pub(super) fn whole(&mut self, value: &Value) {
        self.whole_within(value, 0);
    }

    fn whole_within(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Map(map) => {
                if let Some(known) = self.known.get_mut(&map.identity()) {
                    known.whole = true;
                } else if depth <= DEPTH_MAX {
                    // A map of the template's own can hold tracked ones: `toYaml (dict "a" .Values.a)`.
                    let values: Vec<_> = map.read().values().filter(|value| is_nested(value)).cloned().collect();
                    values.iter().for_each(|value| self.whole_within(value, depth + 1));
                }
            }
            Value::List(list) if depth <= DEPTH_MAX => {
                list.iter().for_each(|value| self.whole_within(value, depth + 1))
            }
            _ => {}
        }
    }

    /// A function is about to look at its arguments.
    pub(super) fn call(&mut self, function: &str, arguments: &[Value]) {
        match function {
            "index" => self.path(arguments),
            "get" | "hasKey" => {
                if let [Value::Map(map), Value::Text(key), ..] = arguments {
                    self.key(map, key);
                }
            }
            "dig" => {
                if let [keys @ .., _, map] = arguments {
                    let path: Vec<_> = std::iter::once(map).chain(keys).cloned().collect();
                    self.path(&path);
                }
            }
            "pick" => {
                if let [Value::Map(map), keys @ ..] = arguments {
                    keys.iter().for_each(|key| self.path(&[Value::Map(map.clone()), key.clone()]));
                }
            }
            "pluck" => {
                if let [Value::Text(key), maps @ ..] = arguments {
                    maps.iter().filter_map(as_map).for_each(|map| self.key(map, key));
                }
            }
            _ if passes_on(function) => {}
            _ => arguments.iter().for_each(|argument| self.whole(argument)),
        }
    }

    /// A map, and the keys into it and what it holds.
    fn path(&mut self, arguments: &[Value]) {
        let Some((first, keys)) = arguments.split_first() else { return };
        let mut value = first.clone();
        for key in keys {
            value = match (&value, key) {
                (Value::Map(map), Value::Text(key)) => {
                    self.key(map, key);
                    map.get(key).unwrap_or_default()
                }
                (Value::List(list), Value::Integer(at)) => {
                    usize::try_from(at.wide()).ok().and_then(|at| list.get(at)).cloned().unwrap_or_default()
                }
                _ => return,
            };
        }
    }
}

/// Functions whose result holds their arguments, or that look at no more than their type and size.
fn passes_on(function: &str) -> bool {
    const NAMES: &[&str] = &[
        "append",
        "coalesce",
        "concat",
        "default",
        "dict",
        "empty",
        "eq",
        "first",
        "has",
        "include",
        "initial",
        "kindIs",
        "kindOf",
        "last",
        "len",
        "list",
        "mustAppend",
        "mustFirst",
        "mustHas",
        "mustInitial",
        "mustLast",
        "mustPrepend",
        "mustRest",
        "mustReverse",
        "mustSlice",
        "ne",
        "not",
        "prepend",
        "push",
        "mustPush",
        "required",
        "rest",
        "reverse",
        "set",
        "slice",
        "ternary",
        "tpl",
        "tuple",
        "typeIs",
        "typeIsLike",
        "typeOf",
        "unset",
    ];
    NAMES.contains(&function)
}

fn as_map(value: &Value) -> Option<&Map> {
    match value {
        Value::Map(map) => Some(map),
        _ => None,
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Map(_) | Value::List(_))
}

fn join(path: &str, key: &[u8]) -> String {
    let key = String::from_utf8_lossy(key).replace('.', "\\.");
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

//! Something for each of many texts, within a number of bytes. When there is more, all is forgotten: a service that renders the
//! same charts fills it again at once, and nobody has to note who was used when.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use serde_json::Value;

/// What an entry takes beside its text and its content: a place in a tree, counters.
const ENTRY_BYTES: usize = 96;

#[derive(Debug)]
pub(super) struct Kept<T> {
    known: RwLock<Known<T>>,
    bytes_max: usize,
}

#[derive(Debug)]
struct Known<T> {
    entries: BTreeMap<Arc<[u8]>, T>,
    bytes: usize,
}

impl<T: Clone> Kept<T> {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { known: RwLock::new(Known { entries: BTreeMap::new(), bytes: 0 }), bytes_max }
    }

    pub(super) fn bytes(&self) -> usize {
        self.known.read().unwrap_or_else(PoisonError::into_inner).bytes
    }

    pub(super) fn get(&self, text: &[u8]) -> Option<(Arc<[u8]>, T)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.entries.get_key_value(text).map(|(text, content)| (Arc::clone(text), content.clone()))
    }

    /// `bytes` is what the content takes.
    pub(super) fn put(&self, text: Arc<[u8]>, content: T, bytes: usize) {
        let bytes = bytes + text.len() + ENTRY_BYTES;
        if bytes > self.bytes_max {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.bytes + bytes > self.bytes_max {
            known.entries.clear();
            known.bytes = 0;
        }
        if known.entries.insert(text, content).is_none() {
            known.bytes += bytes;
        }
    }
}

/// What a tree takes, about: its maps' nodes are made for eleven entries and are half full or fuller.
pub(super) fn estimate(value: &Value) -> usize {
    const NODE_BYTES: usize = 11 * (size_of::<String>() + size_of::<Value>());
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.capacity(),
        Value::Array(items) => items.capacity() * size_of::<Value>() + items.iter().map(estimate).sum::<usize>(),
        Value::Object(fields) => {
            let below = fields.iter().map(|(key, value)| key.capacity() + estimate(value));
            fields.len().div_ceil(6) * NODE_BYTES + below.sum::<usize>()
        }
    }
}

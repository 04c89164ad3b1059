//! Which values a render reads: by field, by index, in a loop, or as a whole.

use crate::value::{Map, Value};

/// What was read of a map, and of everything in it.
#[derive(Debug)]
pub struct Reads {}

impl Reads {
    pub(super) fn new(_root: &Map) -> Self {
        Self {}
    }

    pub(super) fn key(&mut self, _map: &Map, _name: &[u8]) {}

    pub(super) fn range(&mut self, _value: &Value) {}

    pub(super) fn whole(&mut self, _value: &Value) {}

    pub(super) fn call(&mut self, _function: &str, _arguments: &[Value]) {}
}

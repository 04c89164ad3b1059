//! The facts of the built-in kinds.

use crate::schema::Schema;

/// Named built-in types.
#[derive(Debug, Default)]
pub struct Types {}

impl Types {
    pub fn get(&self, _name: &str) -> Option<&'static Schema> {
        None
    }
}

pub fn types() -> &'static Types {
    static TYPES: Types = Types {};
    &TYPES
}

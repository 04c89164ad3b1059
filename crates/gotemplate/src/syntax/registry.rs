//! Names to functions: an open table that never changes. Every second word of a template is looked up in it, so that an ordered map
//! and its comparisons are felt.

use crate::function::Function;

#[derive(Debug)]
pub(crate) struct Registry {
    /// A power of two, at least four times as many as there are functions: there is always a free one to end a search.
    slots: Box<[Option<&'static Function>]>,
}

impl Registry {
    /// Of several functions of a name the last one counts.
    pub(crate) fn new(functions: impl Iterator<Item = &'static Function> + Clone) -> Self {
        let slots = functions.clone().count().max(1).saturating_mul(4).next_power_of_two();
        let mut registry = Self { slots: vec![None; slots].into() };
        for function in functions {
            let at = registry.place(function.name.as_bytes());
            registry.slots[at] = Some(function);
        }
        registry
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&'static Function> {
        self.slots[self.place(name)]
    }

    /// Where the name is, or would be.
    fn place(&self, name: &[u8]) -> usize {
        // FNV-1a.
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = name.iter().fold(0xcbf2_9ce4_8422_2325, step);
        let last = self.slots.len() - 1;
        let mut at = (hash ^ (hash >> 32)) as usize & last;
        while self.slots[at].is_some_and(|function| function.name.as_bytes() != name) {
            at = (at + 1) & last;
        }
        at
    }
}

//! The one table of everything that a template can call. The families list their own; this file only joins them.

use std::sync::LazyLock;

use crate::{function::Function, golang, json, semver};

/// Go's own functions and those of every family, by name. Where two families have a name, the later one wins.
pub fn functions() -> &'static [Function] {
    static ALL: LazyLock<Vec<Function>> = LazyLock::new(|| {
        let families: [&[Function]; 3] = [golang::FUNCTIONS, json::FUNCTIONS, semver::FUNCTIONS];
        families.into_iter().flatten().copied().collect()
    });
    &ALL
}

//! Sets of templates by name: what a chart's files define, once parsed shared by every run.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{compile::compile, op::Program};
use crate::{
    error::ParseError,
    function::Function,
    functions,
    syntax::{self, Registry},
};

/// Templates by name, compiled. Clones share what they hold until one of them parses more.
#[derive(Debug, Clone)]
pub struct Templates {
    functions: Arc<Registry>,
    pub(super) programs: Arc<Layer>,
}

pub(super) type Layer = BTreeMap<String, Arc<Program>>;

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// An empty set whose templates can call everything in [`functions`].
    pub fn new() -> Self {
        static ALL: LazyLock<Arc<Registry>> = LazyLock::new(|| Arc::new(registry(functions())));
        Self { functions: Arc::clone(&ALL), programs: Arc::default() }
    }

    /// An empty set whose templates can call these functions only.
    pub fn with_functions(functions: &'static [Function]) -> Self {
        Self { functions: Arc::new(registry(functions)), programs: Arc::default() }
    }

    /// Adds the template of this name and those that the text defines. A later definition replaces an earlier one, unless it is
    /// empty.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<(), ParseError> {
        let parsed = self.compile(name, text.as_ref())?;
        let programs = Arc::make_mut(&mut self.programs);
        for program in parsed {
            define(programs, program);
        }
        Ok(())
    }

    pub fn defined(&self, name: &str) -> bool {
        self.programs.contains_key(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    pub(super) fn compile(&self, name: &str, text: &[u8]) -> Result<Vec<Arc<Program>>, ParseError> {
        let trees = syntax::parse(name, text, &self.functions)?;
        Ok(trees.into_iter().map(|tree| Arc::new(compile(tree))).collect())
    }
}

fn registry(functions: &'static [Function]) -> Registry {
    functions.iter().map(|function| (function.name, function)).collect()
}

pub(super) fn define(programs: &mut Layer, program: Arc<Program>) {
    if !(program.is_empty && programs.contains_key(&program.tree.name)) {
        programs.insert(program.tree.name.clone(), program);
    }
}

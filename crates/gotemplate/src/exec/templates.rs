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

/// The templates of one text.
#[derive(Debug, Clone)]
pub struct Parsed {
    file: Arc<str>,
    programs: Vec<Arc<Program>>,
}

impl Parsed {
    /// The same text in another file: a library chart is often there once for each chart that uses it. `None` where the text names
    /// its own file, and has to be parsed again: it may define a template that is called as its file is.
    pub fn in_file(&self, name: &str) -> Option<Self> {
        let text = &self.programs.first()?.code.tree.source.text;
        if memchr::memmem::find(text, self.file.as_bytes()).is_some() {
            return None;
        }
        let file: Arc<str> = name.into();
        let moved = |program: &Arc<Program>| {
            let mut program = Program { file: Arc::clone(&file), ..(**program).clone() };
            if *program.name == *self.file {
                name.clone_into(&mut program.name);
            }
            Arc::new(program)
        };
        Some(Self { programs: self.programs.iter().map(moved).collect(), file })
    }
}

pub(super) type Layer = BTreeMap<String, Arc<Program>>;

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// An empty set whose templates can call everything in [`crate::functions`].
    pub fn new() -> Self {
        static ALL: LazyLock<Arc<Registry>> = LazyLock::new(|| Arc::new(Registry::new(functions::all())));
        Self { functions: Arc::clone(&ALL), programs: Arc::default() }
    }

    /// An empty set whose templates can call these functions only.
    pub fn with_functions(functions: &'static [Function]) -> Self {
        Self { functions: Arc::new(Registry::new(functions.iter())), programs: Arc::default() }
    }

    /// Adds the template of this name and those that the text defines. A later definition replaces an earlier one, unless it is
    /// empty.
    pub fn parse(&mut self, name: &str, text: impl AsRef<[u8]>) -> Result<(), ParseError> {
        let parsed = self.parsed(name, text.as_ref().into())?;
        self.add(&parsed);
        Ok(())
    }

    /// The templates of a text, not added yet. They hold the text.
    pub fn parsed(&self, name: &str, text: Arc<[u8]>) -> Result<Parsed, ParseError> {
        Ok(Parsed { file: name.into(), programs: self.compile(name, text)? })
    }

    /// As [`Templates::parse`], of a text that was parsed before.
    pub fn add(&mut self, parsed: &Parsed) {
        let programs = Arc::make_mut(&mut self.programs);
        for program in &parsed.programs {
            define(programs, Arc::clone(program));
        }
    }

    pub fn defined(&self, name: &str) -> bool {
        self.programs.contains_key(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.programs.keys().map(String::as_str)
    }

    pub(super) fn compile(&self, name: &str, text: Arc<[u8]>) -> Result<Vec<Arc<Program>>, ParseError> {
        let trees = syntax::parse(name, text, &self.functions)?;
        Ok(trees.into_iter().map(|tree| Arc::new(compile(tree))).collect())
    }
}

pub(super) fn define(programs: &mut Layer, program: Arc<Program>) {
    if !(program.is_empty && programs.contains_key(&program.name)) {
        programs.insert(program.name.clone(), program);
    }
}

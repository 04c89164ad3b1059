//! One render: the templates executed in it share mutable values, guards against recursion, and limits.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use super::{
    machine::{Frame, Kind, Registers, Scoped},
    op::{At, Program},
    reads::Reads,
    templates::{Layer, Templates},
};
use crate::{
    error::ExecError,
    function::{FunctionError, Host, Templating},
    print::quote,
    value::{Map, Text, Value},
};

/// What a run may use up before it ends with an error.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes that templates write and functions return as text, all together.
    pub output_bytes: usize,
    /// Templates within templates.
    pub depth: usize,
    /// Turns of loops and calls.
    pub steps: u64,
}

impl Default for Limits {
    /// More than any chart needs: half a gigabyte, Go's depth of templates, some ten seconds.
    fn default() -> Self {
        Self { output_bytes: 512 << 20, depth: 100_000, steps: 50_000_000 }
    }
}

/// `include` and `tpl` within each other. Go's stack would end somewhere above.
const INCLUDES_MAX: usize = 10_000;
/// Helm's guard: how often one name can be within itself.
const NESTED_NAMES_MAX: u32 = 1000;
/// Functions that call back into templates on the thread's own stack.
const NATIVE_DEPTH_MAX: usize = 16;
/// What errors call the set of templates, and the text of a `tpl`: Helm's name for it.
const ROOT_NAME: &str = "gotpl";

/// One render of a set of templates.
pub struct Run<'r> {
    pub(super) templates: &'r Templates,
    pub(super) host: &'r dyn Host,
    pub(super) limits: Limits,
    /// Definitions of the `tpl`s that run, the innermost last.
    pub(super) layers: Vec<Rc<Layer>>,
    pub(super) frames: Vec<Frame>,
    pub(super) stack: Vec<Value>,
    /// The variables of all frames; what has not been declared is `None`.
    pub(super) slots: Vec<Option<Scoped>>,
    pub(super) registers: Registers,
    /// The dots that `with` and `range` have put aside.
    pub(super) dots: Vec<Scoped>,
    pub(super) loops: Vec<super::range::Turns>,
    pub(super) out: Vec<u8>,
    /// Whether the value on top came out of an interface: what Go calls its type then is `interface {}`.
    pub(super) boxed: bool,
    pub(super) steps: u64,
    pub(super) written: usize,
    pub(super) includes: usize,
    pub(super) reads: Option<Reads>,
    nested: BTreeMap<Text, u32>,
    parsed: BTreeMap<Text, Parsed>,
    native: usize,
}

type Parsed = Vec<Arc<Program>>;

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Run")
            .field("frames", &self.frames.len())
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl<'r> Run<'r> {
    pub fn new(templates: &'r Templates, host: &'r dyn Host, limits: Limits) -> Self {
        Self {
            templates,
            host,
            limits,
            layers: Vec::new(),
            frames: Vec::new(),
            stack: Vec::new(),
            slots: Vec::new(),
            registers: Registers::default(),
            dots: Vec::new(),
            loops: Vec::new(),
            out: Vec::new(),
            boxed: false,
            steps: 0,
            written: 0,
            includes: 0,
            reads: None,
            nested: BTreeMap::new(),
            parsed: BTreeMap::new(),
            native: 0,
        }
    }

    /// Executes a template. A key that a map lacks is Go's `missingkey=zero`.
    pub fn execute(&mut self, name: &str, data: &Value) -> Result<Vec<u8>, ExecError> {
        let Some(program) = self.find(name) else {
            return Err(ExecError::new(no_template(name)));
        };
        let outcome = self.nest(program, data, Kind::Root);
        let out = std::mem::take(&mut self.out);
        outcome.map(|()| out)
    }

    /// From here on, notes what is read of this map and of everything in it. `path` is what the map itself is called: empty for
    /// the values of a chart.
    pub fn track(&mut self, path: &str, root: &Map) {
        self.reads.get_or_insert_default().add(path, root);
    }

    /// What has been read of the tracked map.
    pub fn reads(&self) -> Option<&Reads> {
        self.reads.as_ref()
    }

    /// The template of this name, in the innermost scope that has one.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Program>> {
        let inner = self.layers.iter().rev().find_map(|layer| layer.get(name));
        inner.or_else(|| self.templates.programs.get(name)).cloned()
    }

    /// Runs a program on top of whatever runs, to its end. Leaves everything but the output as it was.
    fn nest(&mut self, program: Arc<Program>, data: &Value, kind: Kind) -> Result<(), ExecError> {
        let base = self.frames.len();
        let heights = (self.stack.len(), self.slots.len(), self.dots.len(), self.loops.len(), self.layers.len());
        let dot = Scoped { value: data.clone(), boxed: false };
        self.enter(program, dot, kind);
        let outcome = self.run(base);
        if outcome.is_err() {
            self.frames.truncate(base);
            self.stack.truncate(heights.0);
            self.slots.truncate(heights.1);
            self.dots.truncate(heights.2);
            self.loops.truncate(heights.3);
            self.layers.truncate(heights.4);
            if base == 0 {
                self.nested.clear();
                self.includes = 0;
            }
        }
        outcome
    }

    /// Starts an `include`. The output that it makes stands behind what there is.
    pub(super) fn begin_include(&mut self, name: &Text, data: Value, command: At) -> Result<(), FunctionError> {
        if self.nested.get(name).is_some_and(|count| *count > NESTED_NAMES_MAX) {
            let message = format!("rendering template has a nested reference name: {name}: unable to execute template");
            return Err(FunctionError::new(message));
        }
        let shown = name.to_str();
        let Some(program) = self.find(&shown) else {
            return Err(FunctionError::new(no_template(&shown)));
        };
        self.check_includes()?;
        *self.nested.entry(name.clone()).or_default() += 1;
        let kind = Kind::Include { name: name.clone(), start: self.out.len(), command };
        self.enter(program, Scoped { value: data, boxed: false }, kind);
        Ok(())
    }

    pub(super) fn end_include(&mut self, name: &Text) {
        self.includes -= 1;
        if let Some(count) = self.nested.get_mut(name) {
            *count -= 1;
        }
    }

    /// Starts a `tpl`. Its definitions are the innermost until it ends.
    pub(super) fn begin_tpl(&mut self, text: Text, data: Value, command: At) -> Result<(), FunctionError> {
        self.check_includes()?;
        let programs = match self.parsed.get(&text) {
            Some(programs) => programs.clone(),
            None => {
                let parsed = self.templates.compile(ROOT_NAME, text.shared());
                let programs = parsed
                    .map_err(|error| FunctionError::new(format!("cannot parse template {}: {error}", quote(&text))))?;
                self.parsed.insert(text.clone(), programs.clone());
                programs
            }
        };
        let main = programs.iter().find(|program| program.name == ROOT_NAME).cloned();
        let Some(main) = main else {
            return Err(FunctionError::new("the text has no template of its own"));
        };
        let mut layer = Layer::new();
        for program in programs {
            if !(program.is_empty && self.find(&program.name).is_some()) {
                layer.insert(program.name.clone(), program);
            }
        }
        self.layers.push(Rc::new(layer));
        let kind = Kind::Tpl { text, start: self.out.len(), command };
        self.enter(main, Scoped { value: data, boxed: false }, kind);
        Ok(())
    }

    fn check_includes(&mut self) -> Result<(), FunctionError> {
        if self.includes >= INCLUDES_MAX.min(self.limits.depth) {
            let depth = self.includes;
            return Err(FunctionError::new(format!("templates include each other more than {depth} deep")));
        }
        self.includes += 1;
        Ok(())
    }

    fn native<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, FunctionError>) -> Result<T, FunctionError> {
        if self.native >= NATIVE_DEPTH_MAX {
            return Err(FunctionError::new("functions that render templates are nested too deep"));
        }
        self.native += 1;
        let outcome = act(self);
        self.native -= 1;
        outcome
    }
}

/// The way in for functions of a table of their own. `include` and `tpl` of templates do not pass here: the machine runs them itself.
impl Templating for Run<'_> {
    fn include(&mut self, name: &str, data: &Value) -> Result<Text, FunctionError> {
        let program = self.find(name).ok_or_else(|| FunctionError::new(no_template(name)))?;
        self.native(|run| {
            let start = run.out.len();
            let outcome = run.nest(program, data, Kind::Root);
            let text = Text::from(&run.out[start.min(run.out.len())..]);
            run.out.truncate(start);
            outcome.map(|()| text).map_err(|error| FunctionError::Template(Box::new(error)))
        })
    }

    fn render(&mut self, text: &Text, data: &Value) -> Result<Text, FunctionError> {
        let mut templates = self.templates.clone();
        let wrapped = |error: ExecError| FunctionError::Wrapped { message: tpl_failure(text), error: Box::new(error) };
        templates
            .parse(ROOT_NAME, &**text)
            .map_err(|error| FunctionError::new(format!("cannot parse template {}: {error}", quote(text))))?;
        self.native(|run| {
            let mut inner = Run::new(&templates, run.host, run.limits);
            inner.native = run.native;
            inner.layers.clone_from(&run.layers);
            inner.execute(ROOT_NAME, data).map(Text::from).map_err(wrapped)
        })
    }
}

pub(super) fn tpl_failure(text: &[u8]) -> String {
    format!("error during tpl function execution for {}", quote(text))
}

fn no_template(name: &str) -> String {
    format!("template: no template {} associated with template {}", quote(name.as_bytes()), quote(ROOT_NAME.as_bytes()))
}

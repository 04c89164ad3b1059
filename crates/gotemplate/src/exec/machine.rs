//! The stack machine: one operation after the other, frames for templates within templates, and errors with the position of whatever
//! ran.

use std::sync::Arc;

use super::{
    compile_pipe::ALONE,
    failure::{Done, Failure, called, fail},
    fields,
    op::{At, Loop, Op, Program},
    range::Turns,
    run::Run,
    truth::is_true,
};
use crate::{
    error::ExecError,
    exec::arguments,
    function::{Call, Function, FunctionError},
    print::{self, quote},
    syntax::Statement,
    value::{Text, Value},
};

/// A value where Go also knows whether it came out of an interface: a dot, a variable, a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scoped {
    pub(crate) value: Value,
    pub(crate) boxed: bool,
}

/// A template that runs, and what its caller goes on with.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) program: Arc<Program>,
    kind: Kind,
    caller: Registers,
}

/// How a template was entered.
#[derive(Debug)]
pub(super) enum Kind {
    /// From outside.
    Root,
    /// By a `template` statement: writes to the same output.
    Template,
    /// By `include`: what it writes behind `start` becomes a value.
    Include {
        name: Text,
        start: usize,
        command: At,
    },
    Tpl {
        text: Text,
        start: usize,
        command: At,
    },
}

/// Where a template is.
#[derive(Debug)]
pub(super) struct Registers {
    pub(super) pc: usize,
    pub(super) dot: Scoped,
    pub(super) at: At,
    /// The frame's first slot.
    pub(super) base: usize,
}

impl Default for Registers {
    fn default() -> Self {
        Self { pc: 0, dot: Scoped::default(), at: At::Start, base: 0 }
    }
}

/// What comes after an operation.
enum Step {
    On,
    /// Another frame is on top.
    Switch,
}

impl Run<'_> {
    /// Puts a frame on top.
    pub(super) fn enter(&mut self, program: Arc<Program>, mut dot: Scoped, kind: Kind) {
        // As data of a template, Go forgets which of its nils it was.
        if let Value::NilInterface = dot.value {
            dot.value = Value::Nil;
        }
        let base = self.slots.len();
        self.slots.push(Some(dot.clone()));
        self.slots.resize(base + program.code.tree.slots as usize, None);
        let registers = Registers { pc: 0, dot, at: At::Start, base };
        let caller = std::mem::replace(&mut self.registers, registers);
        self.frames.push(Frame { program, kind, caller });
    }

    pub(super) fn leave(&mut self) -> Option<Kind> {
        let frame = self.frames.pop()?;
        self.slots.truncate(self.registers.base);
        self.registers = frame.caller;
        Some(frame.kind)
    }

    /// Runs until only `base` frames are left.
    pub(super) fn run(&mut self, base: usize) -> Result<(), ExecError> {
        while self.frames.len() > base {
            let Some(frame) = self.frames.last() else { break };
            let program = Arc::clone(&frame.program);
            if let Err(failure) = self.run_frame(&program) {
                return Err(self.unwind(*failure, base));
            }
        }
        Ok(())
    }

    fn run_frame(&mut self, program: &Program) -> Done {
        loop {
            let Some(op) = program.code.ops.get(self.registers.pc) else {
                return fail("the template has no end");
            };
            self.registers.pc += 1;
            if let Step::Switch = self.step(program, *op)? {
                return Ok(());
            }
        }
    }

    fn step(&mut self, program: &Program, op: Op) -> Done<Step> {
        match op {
            Op::Text(span) => self.write_text(span.of(&program.code.tree.source.text), span.start)?,
            Op::Print(at) => {
                self.registers.at = at;
                let value = self.pop();
                self.print(&value)?;
            }
            Op::Drop => drop(self.pop()),
            Op::Mark(at) => self.registers.at = at,
            Op::Dot(at) => {
                self.registers.at = at;
                let dot = self.registers.dot.clone();
                self.push(dot);
            }
            Op::Literal(index, at) => {
                self.registers.at = at;
                let value = program.code.literals[index as usize].value();
                self.push(Scoped { value, boxed: false });
            }
            Op::Strip => self.strip(),
            Op::Interface => {
                if let Some(top @ Value::Nil) = self.stack.last_mut() {
                    *top = Value::NilInterface;
                }
            }
            Op::Check(param) => {
                let value = self.pop();
                self.stack.push(arguments::convert(value, param).map_err(Failure::from)?);
            }
            Op::Rotate(count) => {
                let start = self.stack.len() - count as usize;
                self.stack[start..].rotate_left(1);
            }
            Op::Decide { stop_on, target } => {
                if self.stack.last().is_some_and(is_true) == stop_on {
                    self.registers.pc = target as usize;
                } else {
                    self.pop();
                }
            }
            Op::DropUnder => drop(self.stack.swap_remove(self.stack.len() - 2)),
            Op::Set(slot) => {
                let value = self.stack.last().cloned().unwrap_or_default();
                self.set(slot, Scoped { value, boxed: false });
            }
            Op::Variable(..) | Op::DotField(..) | Op::VariableField { .. } | Op::Field(..) => self.load(program, op)?,
            Op::Method(method, skip) => self.method(program, method, skip)?,
            Op::MethodArgument { name, index, node } => self.method_argument(program, name, index, node)?,
            Op::CallMethod(method, at) => self.call_method(program, method, at)?,
            Op::Call { function, count, command } => self.call(function, count as usize, command)?,
            Op::Fail(index) => return fail(&*program.code.failures[index as usize]),
            Op::FailAt(index, at) => {
                self.registers.at = at;
                return fail(&*program.code.failures[index as usize]);
            }
            Op::Jump(_) | Op::JumpIfFalse(_) | Op::With(_) | Op::EndWith | Op::EndRange => self.jump(op),
            Op::Range(target, turns) => self.range(program, target as usize, turns)?,
            Op::Next(target, turns) => self.next(program, target as usize, turns)?,
            Op::Defined(index) => self.check_defined(program, index)?,
            Op::Include { .. } | Op::Tpl { .. } | Op::Template(_) | Op::Return => return self.switch(program, op),
        }
        Ok(Step::On)
    }

    fn push(&mut self, scoped: Scoped) {
        self.boxed = scoped.boxed;
        self.stack.push(scoped.value);
    }

    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }

    fn strip(&mut self) {
        self.boxed = false;
        if let Some(top @ Value::NilInterface) = self.stack.last_mut() {
            *top = Value::Nil;
        }
    }

    fn set(&mut self, slot: u32, scoped: Scoped) {
        let index = self.registers.base + slot as usize;
        if let Some(place) = self.slots.get_mut(index) {
            *place = Some(scoped);
        }
    }

    fn load(&mut self, program: &Program, op: Op) -> Done {
        let name = |index: u32| program.code.tree.bytes(program.code.tree.fields[index as usize]);
        let found = match op {
            Op::Variable(slot, at) => {
                self.registers.at = at;
                match self.slots.get(self.registers.base + slot as usize) {
                    Some(Some(scoped)) => Ok(scoped.clone()),
                    _ => return self.undefined(program),
                }
            }
            Op::DotField(index, at) => {
                self.registers.at = at;
                let dot = &self.registers.dot;
                fields::field(&dot.value, dot.boxed, name(index), &mut self.reads)
            }
            Op::VariableField { slot, name: index, at } => {
                self.registers.at = at;
                match self.slots.get(self.registers.base + slot as usize) {
                    Some(Some(scoped)) => fields::field(&scoped.value, scoped.boxed, name(index), &mut self.reads),
                    _ => return self.undefined(program),
                }
            }
            Op::Field(index, at) => {
                let receiver = self.pop();
                let found = fields::field(&receiver, self.boxed, name(index), &mut self.reads);
                if let Err(fields::Error::Method(_)) = found {
                    self.registers.at = at;
                }
                found
            }
            _ => return Ok(()),
        };
        let scoped = found.map_err(|error| Box::new(self.method_failure(error)))?;
        self.push(scoped);
        Ok(())
    }

    /// A variable whose declaration did not run: it stands in an argument that `and` or `or` skipped.
    fn undefined(&self, program: &Program) -> Done {
        let (_, shown) = program.locate(self.registers.at);
        let name = shown.split('.').next().unwrap_or_default();
        fail(format!("undefined variable: {name}"))
    }

    pub(super) fn method_failure(&self, error: fields::Error) -> Failure {
        match error {
            fields::Error::Message(message) => message.into(),
            fields::Error::Method((name, error)) => called(&name, error),
        }
    }

    fn call(&mut self, function: &'static Function, count: usize, command: u32) -> Done {
        self.steps += weight(&self.stack[self.stack.len() - count..]);
        self.count_step()?;
        // The functions see their arguments where they stand; templates below them work on a stack of their own.
        let mut stack = std::mem::take(&mut self.stack);
        let start = stack.len() - count;
        if let Some(reads) = &mut self.reads {
            reads.call(function.name, &stack[start..]);
        }
        let host = self.host;
        let outcome = (function.call)(&mut Call { host, templates: self }, &stack[start..]);
        stack.truncate(start);
        self.stack = stack;
        match outcome {
            Ok(value) => {
                if let Value::Text(text) = &value {
                    self.count_bytes(text.len())?;
                }
                self.push(Scoped { value, boxed: false });
                Ok(())
            }
            Err(error) => {
                self.registers.at = command_at(command);
                Err(Box::new(called(function.name, error)))
            }
        }
    }

    fn jump(&mut self, op: Op) {
        match op {
            Op::Jump(target) => self.registers.pc = target as usize,
            Op::JumpIfFalse(target) => {
                let value = self.pop();
                if !is_true(&value) {
                    self.registers.pc = target as usize;
                }
            }
            Op::With(target) => {
                let value = self.pop();
                if is_true(&value) {
                    let dot = std::mem::replace(&mut self.registers.dot, Scoped { value, boxed: false });
                    self.dots.push(dot);
                } else {
                    self.registers.pc = target as usize;
                }
            }
            Op::EndRange => {
                self.loops.pop();
                self.registers.dot = self.dots.pop().unwrap_or_default();
            }
            _ => self.registers.dot = self.dots.pop().unwrap_or_default(),
        }
    }

    fn range(&mut self, program: &Program, target: usize, Loop { pipe }: Loop) -> Done {
        let value = self.pop();
        if let Some(reads) = &mut self.reads {
            reads.range(&value);
        }
        let declared = program.code.tree.pipe(pipe).declarations.len();
        match Turns::over(value, declared).map_err(Failure::from)? {
            None => self.registers.pc = target,
            Some(turns) => {
                self.loops.push(turns);
                let dot = self.registers.dot.clone();
                self.dots.push(dot);
            }
        }
        Ok(())
    }

    fn next(&mut self, program: &Program, target: usize, Loop { pipe }: Loop) -> Done {
        self.count_step()?;
        let Some(turn) = self.loops.last_mut().and_then(Turns::next) else {
            self.registers.pc = target;
            return Ok(());
        };
        match program.code.tree.pipe(pipe).declarations.as_slice() {
            [] => {}
            [only] => self.set(only.slot.unwrap_or_default(), turn.element.clone()),
            [index, element, ..] => {
                self.set(index.slot.unwrap_or_default(), Scoped { value: turn.index, boxed: false });
                self.set(element.slot.unwrap_or_default(), turn.element.clone());
            }
        }
        self.registers.dot = turn.element;
        Ok(())
    }

    fn check_defined(&mut self, program: &Program, index: u32) -> Done {
        self.registers.at = At::Statement(index);
        let name = called_template(program, index);
        if self.find(name).is_none() {
            return fail(format!("template {} not defined", quote(name.as_bytes())));
        }
        if self.frames.len() > self.limits.depth {
            return fail(format!("exceeded maximum template depth ({})", self.limits.depth));
        }
        Ok(())
    }

    /// Operations that change frames.
    fn switch(&mut self, program: &Program, op: Op) -> Done<Step> {
        self.count_step()?;
        match op {
            Op::Template(index) => {
                let value = self.pop();
                let name = called_template(program, index);
                let Some(called) = self.find(name) else {
                    return fail(format!("template {} not defined", quote(name.as_bytes())));
                };
                self.enter(called, Scoped { value, boxed: false }, Kind::Template);
            }
            Op::Include { command } => {
                let (data, name) = (self.pop(), self.pop());
                let Value::Text(name) = name else { return fail("include needs a name") };
                self.begin("include", command, |run, at| run.begin_include(&name, data, at))?;
            }
            Op::Tpl { command } => {
                let (data, text) = (self.pop(), self.pop());
                let Value::Text(text) = text else { return fail("tpl needs a text") };
                self.begin("tpl", command, |run, at| run.begin_tpl(text, data, at))?;
            }
            _ => self.finish(),
        }
        Ok(Step::Switch)
    }

    fn begin(
        &mut self,
        name: &str,
        command: u32,
        begin: impl FnOnce(&mut Self, At) -> Result<(), FunctionError>,
    ) -> Done {
        let at = command_at(command);
        begin(self, at).map_err(|error| {
            self.registers.at = at;
            Box::new(called(name, error))
        })
    }

    /// The end of a template.
    fn finish(&mut self) {
        match self.leave() {
            Some(Kind::Include { name, start, .. }) => {
                self.end_include(&name);
                let text = Text::from(&self.out[start..]);
                self.out.truncate(start);
                self.push(Scoped { value: Value::Text(text), boxed: false });
            }
            Some(Kind::Tpl { start, .. }) => {
                self.layers.pop();
                self.includes -= 1;
                let text = Text::from(print::without_no_value(&self.out[start..]));
                self.out.truncate(start);
                self.push(Scoped { value: Value::Text(text), boxed: false });
            }
            Some(Kind::Root | Kind::Template) | None => {}
        }
    }

    fn write_text(&mut self, text: &[u8], start: u32) -> Done {
        self.out.extend_from_slice(text);
        let counted = self.count_bytes(text.len());
        if counted.is_err() {
            self.registers.at = At::Text(start);
        }
        counted
    }

    fn print(&mut self, value: &Value) -> Done {
        self.consider(value);
        let before = self.out.len();
        match value {
            Value::Text(text) => self.out.extend_from_slice(text),
            other => print::append_result(&mut self.out, other),
        }
        self.count_bytes(self.out.len() - before)
    }

    /// Notes that a value was used as a whole.
    fn consider(&mut self, value: &Value) {
        if let Some(reads) = &mut self.reads {
            reads.whole(value);
        }
    }

    pub(super) fn count_step(&mut self) -> Done {
        self.steps += 1;
        if self.steps > self.limits.steps {
            return fail(format!("the templates take more than {} steps", self.limits.steps));
        }
        Ok(())
    }

    fn count_bytes(&mut self, bytes: usize) -> Done {
        self.written = self.written.saturating_add(bytes);
        if self.written > self.limits.output_bytes {
            return fail(format!("the templates write more than {} bytes", self.limits.output_bytes));
        }
        Ok(())
    }
}

/// How many steps the size of the arguments counts for: a function may look at every byte and every element of them.
fn weight(arguments: &[Value]) -> u64 {
    const BYTES_PER_STEP: usize = 256;
    const ELEMENTS_PER_STEP: usize = 32;
    let steps = |value: &Value| match value {
        Value::Text(text) => text.len() / BYTES_PER_STEP,
        Value::Bytes(bytes) => bytes.len() / BYTES_PER_STEP,
        Value::List(list) => list.len() / ELEMENTS_PER_STEP,
        Value::Map(map) => map.len() / ELEMENTS_PER_STEP,
        _ => 0,
    };
    arguments.iter().map(steps).sum::<usize>() as u64
}

fn command_at(command: u32) -> At {
    if command & ALONE == 0 { At::Command(command) } else { At::Node(command & !ALONE) }
}

fn called_template(program: &Program, index: u32) -> &str {
    match program.code.tree.statements[index as usize] {
        Statement::Template(call) => &program.code.tree.calls[call.name as usize],
        _ => "",
    }
}

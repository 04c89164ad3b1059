//! Pipelines, commands and operands to operations. What Go finds wrong only when it runs (the number of arguments, a constant of
//! the wrong type) is found here, and reported when the run gets there.

use super::{
    arguments,
    compile::Compiler,
    op::{At, Literal, Method, Op},
};
use crate::{
    function::{Function, Param},
    syntax::{Fields, NodeId, Operand, PipeId},
};

impl Compiler<'_> {
    /// Leaves the pipeline's value on the stack.
    pub(super) fn pipe(&mut self, id: PipeId) {
        let tree = self.tree;
        let pipe = tree.pipe(id);
        for (stage, command) in tree.stages(id).iter().enumerate() {
            let first = tree.arguments(*command)[0];
            if stage == 0 && matches!(tree.node(first).operand, Operand::Pipe(_)) {
                self.ops.push(Op::Mark(At::Pipe(id)));
            }
            self.command(*command, stage > 0);
            self.ops.push(Op::Strip);
        }
        for declaration in &pipe.declarations {
            match declaration.slot {
                Some(slot) => self.ops.push(Op::Set(slot)),
                None => {
                    let name = String::from_utf8_lossy(tree.bytes(declaration.name));
                    let failure = self.failure(format!("undefined variable: {name}"));
                    self.ops.push(Op::Fail(failure));
                }
            }
        }
    }

    fn command(&mut self, id: u32, has_final: bool) {
        let tree = self.tree;
        let arguments = tree.arguments(id);
        let first = arguments[0];
        let at = At::Node(first);
        let is_bare = arguments.len() == 1 && !has_final;
        match tree.node(first).operand {
            Operand::Field(fields) => self.chain(Start::Dot, fields, at, &arguments[1..], has_final),
            Operand::Chain { inner, fields } => {
                if self.chain_start(inner, first) {
                    self.chain(Start::Top, fields, at, &arguments[1..], has_final);
                }
            }
            Operand::Function(function) => self.function(function, first, Some(id), &arguments[1..], has_final),
            Operand::Pipe(pipe) => {
                if is_bare {
                    self.pipe(pipe);
                } else {
                    self.not_a_function(first, None);
                }
            }
            Operand::Variable { slot, fields, name } => {
                let Some(slot) = self.slot(slot, name, at) else { return };
                if fields.count > 0 {
                    self.chain(Start::Slot(slot), fields, at, &arguments[1..], has_final);
                } else if is_bare {
                    self.ops.push(Op::Variable(slot, at));
                } else {
                    self.not_a_function(first, Some(at));
                }
            }
            _ if !is_bare => self.not_a_function(first, Some(at)),
            Operand::Dot => self.ops.push(Op::Dot(at)),
            Operand::Nil => self.fail_at("nil is not a command".to_owned(), at),
            Operand::Bool(_) | Operand::Number(_) | Operand::Text(_) => self.constant(first, Param::Any),
        }
    }

    fn fail_at(&mut self, message: String, at: At) {
        let failure = self.failure(message);
        self.ops.push(Op::FailAt(failure, at));
    }

    fn not_a_function(&mut self, first: NodeId, at: Option<At>) {
        let shown = self.tree.show_node(first);
        let failure = self.failure(format!("can't give argument to non-function {shown}"));
        self.ops.push(match at {
            Some(at) => Op::FailAt(failure, at),
            None => Op::Fail(failure),
        });
    }

    fn slot(&mut self, slot: Option<u32>, name: crate::syntax::Span, at: At) -> Option<u32> {
        if slot.is_none() {
            let name = String::from_utf8_lossy(self.tree.bytes(name));
            self.fail_at(format!("undefined variable: {name}"), at);
        }
        slot
    }

    /// Evaluates what a chain hangs on. False where that cannot work.
    fn chain_start(&mut self, inner: NodeId, chain: NodeId) -> bool {
        match self.tree.node(inner).operand {
            Operand::Pipe(pipe) => self.pipe(pipe),
            Operand::Function(function) => self.function(function, inner, None, &[], false),
            _ => {
                self.fail_at("can't evaluate the start of a chain".to_owned(), At::Node(chain));
                return false;
            }
        }
        true
    }

    fn chain(&mut self, start: Start, fields: Fields, at: At, arguments: &[NodeId], has_final: bool) {
        let has_arguments = !arguments.is_empty() || has_final;
        let plain = if has_arguments { fields.count - 1 } else { fields.count };
        for index in 0..plain {
            let name = fields.first + index;
            self.ops.push(match start {
                Start::Dot if index == 0 => Op::DotField(name, at),
                Start::Slot(slot) if index == 0 => Op::VariableField { slot, name, at },
                _ => Op::Field(name, at),
            });
        }
        if !has_arguments {
            return;
        }
        if plain == 0 {
            match start {
                Start::Dot => self.ops.push(Op::Dot(at)),
                Start::Slot(slot) => self.ops.push(Op::Variable(slot, at)),
                Start::Top => {}
            }
        }
        let method = Method { name: fields.first + plain, count: arguments.len() as u16, has_final };
        let check = self.ops.len();
        self.ops.push(Op::Method(method, 0));
        for (index, argument) in arguments.iter().enumerate() {
            self.argument(*argument, Param::Any);
            self.ops.push(Op::MethodArgument { name: method.name, index: index as u32, node: *argument });
        }
        self.ops.push(Op::CallMethod(method, at));
        let here = self.ops.len() as u32;
        self.patch_to(check, here);
    }

    /// A function's call. `command` is missing where it stands as an argument, alone.
    fn function(
        &mut self,
        function: &'static Function,
        node: NodeId,
        command: Option<u32>,
        arguments: &[NodeId],
        has_final: bool,
    ) {
        if arguments.is_empty() {
            self.ops.push(Op::Mark(At::Node(node)));
        }
        if let Some(message) = wrong_count(function, arguments.len(), has_final) {
            return self.fail_at(message, At::Node(node));
        }
        if matches!(function.name, "and" | "or") {
            return self.logic(function.name == "or", arguments, has_final);
        }
        let mut count = arguments.len() as u32;
        for (index, argument) in arguments.iter().enumerate() {
            self.argument(*argument, param(function, index));
        }
        if has_final {
            self.ops.push(Op::Rotate(count + 1));
            self.check(param(function, arguments.len()));
            count += 1;
        }
        // Alone as an argument, the function itself is the node that errors name.
        let command = command.unwrap_or(ALONE | node);
        if function.name == "call" {
            // Its error names what it was to call, which only the tree knows.
            let named = arguments.first().map(|first| Literal::Text(self.tree.show_node(*first).into()));
            self.literal(named.unwrap_or(Literal::Nil), At::Node(node));
            count += 1;
        }
        self.ops.push(match function.name {
            "include" => Op::Include { command },
            "tpl" => Op::Tpl { command },
            _ => Op::Call { function, count, command },
        });
    }

    /// The lazy ones. On the stack: the pipeline's value where there is one, then the argument in question.
    fn logic(&mut self, stop_on: bool, arguments: &[NodeId], has_final: bool) {
        let mut decided = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            self.argument(*argument, Param::Any);
            if has_final || index + 1 < arguments.len() {
                self.ops.push(Op::Decide { stop_on, target: 0 });
                decided.push(self.ops.len() - 1);
            }
        }
        if has_final && !decided.is_empty() {
            self.ops.push(Op::Jump(self.ops.len() as u32 + 2));
            let here = self.ops.len() as u32;
            self.ops.push(Op::DropUnder);
            decided.drain(..).for_each(|index| self.patch_to(index, here));
        }
        let here = self.ops.len() as u32;
        decided.drain(..).for_each(|index| self.patch_to(index, here));
    }

    fn check(&mut self, param: Param) {
        if param != Param::Any {
            self.ops.push(Op::Check(param));
        }
    }

    /// Go's `evalArg`.
    fn argument(&mut self, id: NodeId, param: Param) {
        let at = At::Node(id);
        match self.tree.node(id).operand {
            Operand::Dot => self.ops.push(Op::Dot(at)),
            Operand::Field(fields) => self.chain(Start::Dot, fields, at, &[], false),
            Operand::Variable { slot, fields, name } => {
                let Some(slot) = self.slot(slot, name, at) else { return };
                if fields.count == 0 {
                    self.ops.push(Op::Variable(slot, at));
                } else {
                    self.chain(Start::Slot(slot), fields, at, &[], false);
                }
            }
            Operand::Pipe(pipe) => self.pipe(pipe),
            Operand::Function(function) => {
                self.function(function, id, None, &[], false);
                self.ops.push(Op::Interface);
            }
            Operand::Chain { inner, fields } => {
                if self.chain_start(inner, id) {
                    self.chain(Start::Top, fields, at, &[], false);
                }
            }
            Operand::Nil | Operand::Bool(_) | Operand::Number(_) | Operand::Text(_) => return self.constant(id, param),
        }
        self.check(param);
    }

    fn constant(&mut self, id: NodeId, param: Param) {
        match arguments::constant(self.tree, id, param) {
            Ok(literal) => self.literal(literal, At::Node(id)),
            Err(message) => self.fail_at(message, At::Node(id)),
        }
    }
}

/// Marks the command of a function that stands alone as an argument: the rest is the node.
pub(super) const ALONE: u32 = 1 << 31;

/// What a chain of fields starts from.
#[derive(Clone, Copy)]
enum Start {
    Dot,
    Slot(u32),
    /// The value on the stack.
    Top,
}

fn param(function: &Function, index: usize) -> Param {
    function.params.get(index).copied().or(function.rest).unwrap_or(Param::Any)
}

/// Go's complaint about the number of arguments. A variadic function's counts only those that are written.
pub(super) fn wrong_count(function: &Function, written: usize, has_final: bool) -> Option<String> {
    arguments::wrong_count(function.name, function.params.len(), function.rest.is_some(), written, has_final)
}

//! Statements of a tree to operations. Control structures become jumps; their nesting is a stack of our own.

use std::sync::Arc;

use super::op::{At, Code, Literal, Loop, Op, Program, Target};
use crate::syntax::{PipeId, Statement, Tree};

pub(crate) fn compile(tree: Tree) -> Program {
    // About: growing by halves copies what there is again and again.
    let ops = Vec::with_capacity(tree.statements.len() + 2 * tree.nodes.len() + 1);
    let mut compiler = Compiler { tree: &tree, ops, literals: Vec::new(), failures: Vec::new(), open: Vec::new() };
    for (index, statement) in tree.statements.iter().enumerate() {
        compiler.statement(index as u32, *statement);
    }
    compiler.ops.push(Op::Return);
    let Compiler { ops, literals, failures, .. } = compiler;
    let is_empty = tree.is_empty();
    Program {
        name: tree.name.clone(),
        file: Arc::clone(&tree.source.name),
        code: Arc::new(Code { tree, ops, literals, failures }),
        is_empty,
    }
}

pub(super) struct Compiler<'t> {
    pub(super) tree: &'t Tree,
    pub(super) ops: Vec<Op>,
    pub(super) literals: Vec<Literal>,
    pub(super) failures: Vec<String>,
    open: Vec<Open>,
}

/// A control structure that waits for its `End`.
enum Open {
    /// `forward` is the jump to patch to what follows.
    If {
        forward: usize,
    },
    With {
        forward: usize,
        in_else: bool,
    },
    Range {
        start: usize,
        next: usize,
        breaks: Vec<usize>,
        forward: Option<usize>,
    },
}

impl Compiler<'_> {
    fn here(&self) -> Target {
        self.ops.len() as Target
    }

    /// Emits an operation whose target is not known yet.
    fn pending(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len() - 1
    }

    fn patch(&mut self, index: usize) {
        let here = self.here();
        self.patch_to(index, here);
    }

    pub(super) fn patch_to(&mut self, index: usize, to: Target) {
        match &mut self.ops[index] {
            Op::Jump(target)
            | Op::JumpIfFalse(target)
            | Op::With(target)
            | Op::Range(target, _)
            | Op::Next(target, _) => *target = to,
            Op::Method(_, target) => *target = to,
            Op::Decide { target, .. } => *target = to,
            _ => {}
        }
    }

    pub(super) fn failure(&mut self, message: String) -> u32 {
        self.failures.push(message);
        self.failures.len() as u32 - 1
    }

    fn statement(&mut self, index: u32, statement: Statement) {
        match statement {
            Statement::Text(span) => self.ops.push(Op::Text(span)),
            Statement::Action(pipe) => self.action(pipe),
            Statement::If(pipe) => {
                self.pipe(pipe);
                let forward = self.pending(Op::JumpIfFalse(0));
                self.open.push(Open::If { forward });
            }
            Statement::With(pipe) => {
                self.pipe(pipe);
                let forward = self.pending(Op::With(0));
                self.open.push(Open::With { forward, in_else: false });
            }
            Statement::Range(pipe) => {
                self.pipe(pipe);
                let start = self.pending(Op::Range(0, Loop { pipe }));
                let next = self.pending(Op::Next(0, Loop { pipe }));
                self.open.push(Open::Range { start, next, breaks: Vec::new(), forward: None });
            }
            Statement::Else => self.alternative(),
            Statement::End => self.end(),
            Statement::Template(call) => {
                self.ops.push(Op::Defined(index));
                match call.data {
                    Some(pipe) => self.pipe(pipe),
                    None => self.literal(Literal::Nil, At::Statement(index)),
                }
                self.ops.push(Op::Template(index));
            }
            Statement::Break => self.leave(false),
            Statement::Continue => self.leave(true),
        }
    }

    fn action(&mut self, pipe: PipeId) {
        self.pipe(pipe);
        let declares = !self.tree.pipe(pipe).declarations.is_empty();
        self.ops.push(if declares { Op::Drop } else { Op::Print(At::Action(pipe)) });
    }

    fn alternative(&mut self) {
        match self.open.pop() {
            Some(Open::If { forward }) => {
                let jump = self.pending(Op::Jump(0));
                self.patch(forward);
                self.open.push(Open::If { forward: jump });
            }
            Some(Open::With { forward, .. }) => {
                self.ops.push(Op::EndWith);
                let jump = self.pending(Op::Jump(0));
                self.patch(forward);
                self.open.push(Open::With { forward: jump, in_else: true });
            }
            Some(Open::Range { start, next, mut breaks, .. }) => {
                self.ops.push(Op::Jump(next as Target));
                // Whoever has run at least once goes on behind the else.
                self.patch(next);
                self.ops.push(Op::EndRange);
                let jump = self.pending(Op::Jump(0));
                self.patch(start);
                for index in breaks.drain(..) {
                    self.patch_to(index, jump as Target);
                }
                self.open.push(Open::Range { start, next, breaks, forward: Some(jump) });
            }
            None => {}
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Open::If { forward }) => self.patch(forward),
            Some(Open::With { forward, in_else }) => {
                if !in_else {
                    self.ops.push(Op::EndWith);
                }
                self.patch(forward);
            }
            Some(Open::Range { forward: Some(jump), .. }) => self.patch(jump),
            Some(Open::Range { start, next, breaks, .. }) => {
                self.ops.push(Op::Jump(next as Target));
                self.patch(next);
                self.ops.push(Op::EndRange);
                self.patch(start);
                for index in breaks {
                    self.patch(index);
                }
            }
            None => {}
        }
    }

    /// `break` and `continue`: out of every `with` up to the loop.
    fn leave(&mut self, again: bool) {
        let depth = self.open.iter().rev().take_while(|open| !in_loop(open)).filter(|open| has_dot(open)).count();
        self.ops.extend(std::iter::repeat_n(Op::EndWith, depth));
        if !again {
            self.ops.push(Op::EndRange);
        }
        let jump = self.pending(Op::Jump(0));
        let Some(Open::Range { next, breaks, .. }) = self.open.iter_mut().rev().find(|open| in_loop(open)) else {
            return;
        };
        if again {
            let next = *next as Target;
            self.patch_to(jump, next);
        } else {
            breaks.push(jump);
        }
    }

    pub(super) fn literal(&mut self, literal: Literal, at: At) {
        self.literals.push(literal);
        self.ops.push(Op::Literal(self.literals.len() as u32 - 1, at));
    }
}

/// A loop whose body is being compiled: its else is outside.
fn in_loop(open: &Open) -> bool {
    matches!(open, Open::Range { forward: None, .. })
}

fn has_dot(open: &Open) -> bool {
    matches!(open, Open::With { in_else: false, .. })
}

//! A parsed template: flat statements and an arena of expressions, with the positions that Go's errors name. Holds no values of a
//! run, so it is shared between threads.

use std::sync::Arc;

use super::{item::Span, number::Number};
use crate::{function::Function, value::Text};

/// The text that one or more templates were parsed from.
#[derive(Debug)]
pub(crate) struct Source {
    /// What errors call it.
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<[u8]>,
}

pub(crate) type PipeId = u32;
pub(crate) type CommandId = u32;
pub(crate) type NodeId = u32;

/// One template: the text of a file, or what a `define` or `block` in it holds.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: String,
    pub(crate) source: Arc<Source>,
    pub(crate) statements: Vec<Statement>,
    pub(crate) pipes: Vec<Pipe>,
    pub(crate) commands: Vec<Command>,
    pub(crate) nodes: Vec<Node>,
    /// Commands of pipelines and arguments of commands, by [`Row`].
    pub(crate) ids: Vec<u32>,
    /// Names of field chains, by [`Fields`].
    pub(crate) fields: Vec<Span>,
    pub(crate) numbers: Vec<Number>,
    pub(crate) texts: Vec<Constant>,
    /// Names of templates that `template` statements call.
    pub(crate) calls: Vec<String>,
    /// The size of the frame of variables. The first is `$`.
    pub(crate) slots: u32,
}

impl Tree {
    pub(crate) fn new(name: String, source: Arc<Source>) -> Self {
        Self {
            name,
            source,
            statements: Vec::new(),
            pipes: Vec::new(),
            commands: Vec::new(),
            nodes: Vec::new(),
            ids: Vec::new(),
            fields: Vec::new(),
            numbers: Vec::new(),
            texts: Vec::new(),
            calls: Vec::new(),
            slots: 1,
        }
    }

    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        span.of(&self.source.text)
    }

    pub(crate) fn fields(&self, fields: Fields) -> &[Span] {
        &self.fields[fields.first as usize..][..fields.count as usize]
    }

    pub(crate) fn pipe(&self, id: PipeId) -> &Pipe {
        &self.pipes[id as usize]
    }

    pub(crate) fn command(&self, id: CommandId) -> &Command {
        &self.commands[id as usize]
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The commands of a pipeline.
    pub(crate) fn stages(&self, id: PipeId) -> &[CommandId] {
        self.row(self.pipe(id).commands)
    }

    /// The arguments of a command; the first one is what is called.
    pub(crate) fn arguments(&self, id: CommandId) -> &[NodeId] {
        self.row(self.command(id).arguments)
    }

    pub(super) fn row(&self, row: Row) -> &[u32] {
        &self.ids[row.first as usize..][..row.count as usize]
    }

    /// Go's `IsEmptyTree`: nothing but white space and comments.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements.iter().all(|statement| match statement {
            Statement::Text(span) => is_blank(self.bytes(*span)),
            _ => false,
        })
    }
}

/// Whether `bytes.TrimSpace` leaves nothing.
fn is_blank(text: &[u8]) -> bool {
    if text.iter().all(u8::is_ascii_whitespace) {
        return true;
    }
    std::str::from_utf8(text).is_ok_and(|text| text.chars().all(char::is_whitespace))
}

/// Statements stand in a row; `End` closes what `If`, `With` and `Range` open.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Statement {
    Text(Span),
    Action(PipeId),
    If(PipeId),
    With(PipeId),
    Range(PipeId),
    Else,
    End,
    Template(Call),
    Break,
    Continue,
}

/// `template` or `block`: an index of [`Tree::calls`], its position, and the data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) name: u32,
    pub(crate) pos: u32,
    pub(crate) data: Option<PipeId>,
}

#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) pos: u32,
    pub(crate) is_assign: bool,
    pub(crate) declarations: Vec<Declaration>,
    pub(super) commands: Row,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Declaration {
    pub(crate) name: Span,
    /// `None` where an assignment finds no variable of that name.
    pub(crate) slot: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) pos: u32,
    pub(super) arguments: Row,
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) pos: u32,
    pub(crate) operand: Operand,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    /// An index of [`Tree::numbers`].
    Number(u32),
    /// An index of [`Tree::texts`].
    Text(u32),
    Field(Fields),
    /// A variable with what follows it. `slot` is `None` where no declaration is in scope when it runs.
    Variable {
        name: Span,
        slot: Option<u32>,
        fields: Fields,
    },
    Function(&'static Function),
    Pipe(PipeId),
    /// Fields of a parenthesised pipeline or of a function's result.
    Chain {
        inner: NodeId,
        fields: Fields,
    },
}

/// A range of [`Tree::ids`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row {
    pub(super) first: u32,
    pub(super) count: u32,
}

/// A range of [`Tree::fields`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fields {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

impl Fields {
    /// With those that stand behind them.
    pub(super) fn and(self, added: Self) -> Self {
        let first = if self.count > 0 { self.first } else { added.first };
        Self { first, count: self.count + added.count }
    }
}

/// A string constant: as written, and what it stands for.
#[derive(Debug)]
pub(crate) struct Constant {
    pub(crate) written: Span,
    pub(crate) text: Text,
}

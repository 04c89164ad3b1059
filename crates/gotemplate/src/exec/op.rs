//! What templates compile to: operations of a stack machine, so that no template's depth is the depth of the thread's stack, and so
//! that nothing is looked up twice.

use std::sync::Arc;

use crate::{
    function::{Function, Param},
    syntax::{NodeId, Span, Statement, Tree},
    value::{Element, Integer, List, Map, Text, Value},
};

/// A template ready to run. Shared between threads and runs.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: String,
    /// What errors call the text that it was parsed from.
    pub(crate) file: Arc<str>,
    pub(crate) code: Arc<Code>,
    /// Go's `IsEmptyTree`.
    pub(crate) is_empty: bool,
}

/// What a template is under any name and in any file.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) tree: Tree,
    pub(crate) ops: Vec<Op>,
    pub(crate) literals: Vec<Literal>,
    /// Errors that are known before the run, and reported when it gets there.
    pub(crate) failures: Vec<String>,
}

/// The node that an error names: Go's `state.at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Pipe(u32),
    Action(u32),
    Command(u32),
    Node(NodeId),
    /// An index of the tree's statements.
    Statement(u32),
    /// Plain text, by its position.
    Text(u32),
    /// Nothing has run yet.
    Start,
}

/// The index of an operation.
pub(crate) type Target = u32;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    /// Writes a stretch of the template.
    Text(Span),
    /// Writes the value on top.
    Print(At),
    Drop,
    /// Only says where the template is.
    Mark(At),
    Dot(At),
    Literal(u32, At),
    Variable(u32, At),
    /// A field of the top value. The name is an index of the tree's fields.
    Field(u32, At),
    /// `.name` and `$x.name` without copying the receiver.
    DotField(u32, At),
    VariableField {
        slot: u32,
        name: u32,
        at: At,
    },
    /// Sees to it that the top value has the method, before its arguments are evaluated.
    /// A nil has none, and is what the call then gives: on behind it.
    Method(Method, Target),
    /// Checks the last argument of the method that is about to be called.
    MethodArgument {
        name: u32,
        index: u32,
        node: NodeId,
    },
    CallMethod(Method, At),
    /// Forgets that a value came out of an interface: the end of a command.
    Strip,
    /// A nil that a function returned is one in an interface, until its command ends.
    Interface,
    /// Checks and converts the top value to a parameter's type.
    Check(Param),
    /// Brings the lowest of the top values to the top: the value of the pipeline is the last argument.
    Rotate(u32),
    /// `and` and `or`: keeps the top value and jumps where it decides, else drops it.
    Decide {
        stop_on: bool,
        target: Target,
    },
    DropUnder,
    Call {
        function: &'static Function,
        count: u32,
        command: u32,
    },
    Include {
        command: u32,
    },
    Tpl {
        command: u32,
    },
    Set(u32),
    Fail(u32),
    FailAt(u32, At),
    Jump(Target),
    JumpIfFalse(Target),
    /// Takes the top value as the dot, or jumps where it is not true.
    With(Target),
    EndWith,
    Range(Target, Loop),
    /// The next turn, or on behind the loop.
    Next(Target, Loop),
    EndRange,
    /// Fails early where the template is not defined.
    Defined(u32),
    Template(u32),
    Return,
}

/// A method's name, as an index of the tree's fields, and its arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    pub(crate) name: u32,
    /// Those that are written.
    pub(crate) count: u16,
    /// Whether the value of the pipeline comes last.
    pub(crate) has_final: bool,
}

/// The variables of a `range`, as the pipe's declarations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loop {
    pub(crate) pipe: u32,
}

/// A constant, ready to become a value of a run.
#[derive(Debug, Clone)]
pub(crate) enum Literal {
    Nil,
    EmptyMap,
    EmptyList,
    EmptyTexts,
    Bool(bool),
    Int(i64),
    Int64(i64),
    Uint64(u64),
    Float(f64),
    Text(Text),
}

impl Program {
    /// The position of a node, and how Go shows it.
    pub(crate) fn locate(&self, at: At) -> (u32, String) {
        let tree = &self.code.tree;
        match at {
            At::Pipe(id) => (tree.pipe(id).pos, tree.show_pipe(id)),
            At::Action(id) => (tree.pipe(id).pos, format!("{{{{{}}}}}", tree.show_pipe(id))),
            At::Command(id) => (tree.command(id).pos, tree.show_command(id)),
            At::Node(id) => (tree.node(id).pos, tree.show_node(id)),
            At::Statement(index) => match tree.statements[index as usize] {
                Statement::Template(call) => (call.pos, tree.show_call(call)),
                _ => (0, String::new()),
            },
            At::Text(pos) => (pos, "text".to_owned()),
            At::Start => (0, String::new()),
        }
    }
}

impl Literal {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Nil => Value::Nil,
            Self::EmptyMap => Value::Map(Map::nil()),
            Self::EmptyList => Value::List(List::nil(Element::Interface)),
            Self::EmptyTexts => Value::List(List::nil(Element::String)),
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::int(*value),
            Self::Int64(value) => Value::Integer(Integer::Int64(*value)),
            Self::Uint64(value) => Value::Integer(Integer::Uint64(*value)),
            Self::Float(value) => Value::Float(*value),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }
}

//! From a checked tree to what is run: names become places, constants values, functions pointers.

use std::{borrow::Cow, sync::Arc};

use regex::Regex;

use super::{
    operators,
    price::{self, Price},
};
use crate::{
    cel::{
        check::Checked,
        library::{self, Function, Scratch},
        syntax::tree::{Expr, Fold, Kind, Literal},
        value::{Text, Value},
    },
    schema::pattern,
};

/// An expression ready to run. Shared by all evaluations.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) root: Node,
    pub(super) slots: usize,
}

#[derive(Debug)]
pub(super) enum Node {
    Constant(Value<'static>),
    This,
    Old,
    /// A variable of conditions: `object`, `oldObject`, `request`.
    Named(&'static str),
    Local(usize),
    Select {
        operand: Box<Node>,
        field: Arc<str>,
        optional: bool,
    },
    Has {
        operand: Box<Node>,
        field: Arc<str>,
    },
    Index {
        args: Box<(Node, Node)>,
        optional: bool,
    },
    And(Box<(Node, Node)>),
    Or(Box<(Node, Node)>),
    Conditional(Box<(Node, Node, Node)>),
    NotStrictlyFalse(Box<Node>),
    /// `or` and, with `unwrap`, `orValue`.
    Else {
        args: Box<(Node, Node)>,
        unwrap: bool,
    },
    /// `matches` with a constant pattern, and the pattern's length.
    Matches {
        text: Box<Node>,
        regex: Arc<Regex>,
        length: u64,
    },
    /// The accumulator with one item more.
    Append {
        slot: usize,
        item: Box<Node>,
    },
    /// The accumulator with one entry more.
    Insert {
        slot: usize,
        args: Vec<Node>,
    },
    Call {
        function: Function,
        price: Price,
        args: Vec<Node>,
    },
    List(Vec<(Node, bool)>),
    Map(Vec<(Node, Node, bool)>),
    Fold(Box<FoldNode>),
    /// What the checker lets through and nothing implements.
    Missing(String),
}

#[derive(Debug)]
pub(super) struct FoldNode {
    pub(super) range: Node,
    pub(super) variable: usize,
    pub(super) second: Option<usize>,
    pub(super) accumulator: usize,
    pub(super) init: Node,
    pub(super) condition: Node,
    pub(super) step: Node,
    pub(super) result: Node,
}

pub(super) fn plan(checked: &Checked) -> Result<Plan, String> {
    let mut planner = Planner { scope: Vec::new(), slots: 0, fault: None };
    let root = planner.node(&checked.root);
    match planner.fault {
        Some(fault) => Err(fault),
        None => Ok(Plan { root, slots: planner.slots }),
    }
}

/// Functions of constants that are called once, while planning.
const CONVERSIONS: [&str; 8] = ["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];

struct Planner {
    /// Names of local variables with their places, the innermost last.
    scope: Vec<(Arc<str>, usize)>,
    slots: usize,
    /// The first constant that cannot be used.
    fault: Option<String>,
}

impl Planner {
    fn boxed(&mut self, expr: &Expr) -> Box<Node> {
        Box::new(self.node(expr))
    }

    fn pair(&mut self, left: &Expr, right: &Expr) -> Box<(Node, Node)> {
        Box::new((self.node(left), self.node(right)))
    }

    fn node(&mut self, expr: &Expr) -> Node {
        match &expr.kind {
            Kind::Literal(literal) => Node::Constant(constant(literal)),
            Kind::Ident(name) => self.ident(name),
            Kind::Select { operand, field, test: true } => {
                Node::Has { operand: self.boxed(operand), field: field.clone() }
            }
            Kind::Select { operand, field, test: false } => {
                Node::Select { operand: self.boxed(operand), field: field.clone(), optional: false }
            }
            Kind::Call { function, target, args } => self.call(function, target.as_deref(), args),
            Kind::List(items) => {
                Node::List(items.iter().map(|(item, optional)| (self.node(item), *optional)).collect())
            }
            Kind::Map(entries) => {
                let entries = entries.iter();
                let plan = entries.map(|entry| (self.node(&entry.key), self.node(&entry.value), entry.optional));
                Node::Map(plan.collect())
            }
            Kind::Struct { name, .. } => Node::Missing(name.to_string()),
            Kind::Fold(fold) => self.fold(fold),
        }
    }

    fn ident(&self, name: &str) -> Node {
        let plain = name.trim_start_matches('.');
        let local = self.scope.iter().rev().find(|(local, _)| &**local == name);
        match (local, plain) {
            (Some((_, slot)), _) => Node::Local(*slot),
            (None, "self") => Node::This,
            (None, "oldSelf") => Node::Old,
            (None, "object") => Node::Named("object"),
            (None, "oldObject") => Node::Named("oldObject"),
            (None, "request") => Node::Named("request"),
            (None, name) => Node::Constant(Value::Type(Cow::Owned(name.to_string()))),
        }
    }

    fn call(&mut self, function: &str, target: Option<&Expr>, args: &[Expr]) -> Node {
        let function = function.trim_start_matches('.');
        match (function, target, args) {
            ("_&&_", None, [left, right]) => Node::And(self.pair(left, right)),
            ("_||_", None, [left, right]) => Node::Or(self.pair(left, right)),
            ("_?_:_", None, [condition, then, otherwise]) => {
                Node::Conditional(Box::new((self.node(condition), self.node(then), self.node(otherwise))))
            }
            ("@not_strictly_false", None, [arg]) => Node::NotStrictlyFalse(self.boxed(arg)),
            ("_[_]" | "_[?_]", None, [container, index]) => {
                Node::Index { args: self.pair(container, index), optional: function == "_[?_]" }
            }
            ("_?._", None, [operand, field]) => {
                let field = field.text().cloned().unwrap_or_default();
                Node::Select { operand: self.boxed(operand), field, optional: true }
            }
            ("or" | "orValue", Some(target), [other]) => {
                Node::Else { args: self.pair(target, other), unwrap: function == "orValue" }
            }
            ("matches", Some(text), [pattern]) | ("matches", None, [text, pattern]) => {
                self.matches(text, pattern).unwrap_or_else(|| self.function(function, target, args))
            }
            ("_+_" | "cel.@mapInsert", None, [list, rest @ ..]) => {
                self.accumulate(list, rest).unwrap_or_else(|| self.function(function, target, args))
            }
            _ => self.function(function, target, args),
        }
    }

    fn function(&mut self, name: &str, target: Option<&Expr>, args: &[Expr]) -> Node {
        if let ("find" | "findAll", Some(pattern)) = (name, args.first().and_then(Expr::text))
            && let Err(why) = pattern::compile(pattern)
        {
            self.fault.get_or_insert(why);
        }
        match operators::find(name).or_else(|| library::find(name)) {
            Some(function) => {
                let args: Vec<Node> = target.into_iter().chain(args).map(|arg| self.node(arg)).collect();
                if let ([Node::Constant(constant)], true) = (args.as_slice(), CONVERSIONS.contains(&name)) {
                    match function(&mut Scratch::default(), std::slice::from_ref(constant)) {
                        Ok(value) => return Node::Constant(value),
                        Err(fault) => {
                            self.fault.get_or_insert(fault.message);
                        }
                    }
                }
                Node::Call { function, price: price::of(name), args }
            }
            None => Node::Missing(name.to_string()),
        }
    }

    fn matches(&mut self, text: &Expr, pattern: &Expr) -> Option<Node> {
        let source = pattern.text()?;
        let regex = pattern::compile(source).ok()?;
        Some(Node::Matches { text: self.boxed(text), regex, length: source.chars().count() as u64 })
    }

    /// `accumulator + [item]`: in place, where it would be copied with each item.
    fn accumulate(&mut self, list: &Expr, rest: &[Expr]) -> Option<Node> {
        let Kind::Ident(name) = &list.kind else { return None };
        if &**name != "__result__" {
            return None;
        }
        let Node::Local(slot) = self.ident(name) else { return None };
        match rest {
            [Expr { kind: Kind::List(items), .. }] => match items.as_slice() {
                [(item, false)] => Some(Node::Append { slot, item: self.boxed(item) }),
                _ => None,
            },
            [Expr { kind: Kind::Literal(_), .. }] => None,
            _ => Some(Node::Insert { slot, args: rest.iter().map(|arg| self.node(arg)).collect() }),
        }
    }

    fn slot(&mut self, name: &Arc<str>) -> usize {
        let slot = self.scope.len();
        self.scope.push((name.clone(), slot));
        self.slots = self.slots.max(slot + 1);
        slot
    }

    fn fold(&mut self, fold: &Fold) -> Node {
        let (range, init) = (self.node(&fold.range), self.node(&fold.init));
        let outside = self.scope.len();
        let accumulator = self.slot(&fold.accumulator);
        let variable = self.slot(&fold.variable);
        let second = fold.second.as_ref().map(|name| self.slot(name));
        let (condition, step) = (self.node(&fold.condition), self.node(&fold.step));
        self.scope.truncate(outside + 1);
        let result = self.node(&fold.result);
        self.scope.truncate(outside);
        Node::Fold(Box::new(FoldNode { range, variable, second, accumulator, init, condition, step, result }))
    }
}

fn constant(literal: &Literal) -> Value<'static> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Uint(value) => Value::Uint(*value),
        Literal::Double(value) => Value::Double(*value),
        Literal::Text(value) => Value::Text(Text::Made(value.clone())),
        Literal::Bytes(value) => Value::Bytes(value.clone()),
    }
}

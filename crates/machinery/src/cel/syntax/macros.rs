//! Macros: `has`, `all`, `exists`, `exists_one`, `map`, `filter`, the forms with two variables, `optMap`, `optFlatMap`.

use std::sync::Arc;

use super::{
    Fault, NODES_MAX,
    parser::Parser,
    tree::{Expr, Fold, Kind, Literal},
};

pub(super) enum Expansion {
    Done(Expr),
    /// No macro: a call.
    Not(Option<Expr>, Vec<Expr>),
}

/// The accumulator of a comprehension; nothing in a source can be named so.
pub(in crate::cel) const ACCUMULATOR: &str = "__result__";
/// The iteration variable of a comprehension that only binds its accumulator.
pub(in crate::cel) const UNUSED: &str = "#unused";

pub(super) fn expand(
    parser: &mut Parser,
    at: usize,
    function: &str,
    target: Option<Expr>,
    args: Vec<Expr>,
) -> Result<Expansion, Fault> {
    let Some(range) = target else {
        return match (function, args.len()) {
            ("has", 1) => has(parser, at, args).map(Expansion::Done),
            _ => Ok(Expansion::Not(None, args)),
        };
    };
    let shape = match (function, args.len()) {
        ("all" | "exists" | "exists_one" | "map" | "filter", 2) | ("map", 3) => Shape::One,
        ("all" | "exists" | "exists_one" | "existsOne", 3) => Shape::Two,
        ("transformList" | "transformMap" | "transformMapEntry", 3 | 4) => Shape::Two,
        ("optMap" | "optFlatMap", 2) => {
            return optional(parser, at, function == "optMap", range, args).map(Expansion::Done);
        }
        _ => return Ok(Expansion::Not(Some(range), args)),
    };
    let mut builder = Builder { parser, at };
    builder.comprehension(function, shape, range, args).map(Expansion::Done)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    One,
    Two,
}

fn has(parser: &mut Parser, at: usize, args: Vec<Expr>) -> Result<Expr, Fault> {
    let mut args = args;
    match args.pop() {
        Some(Expr { kind: Kind::Select { operand, field, .. }, .. }) => {
            Ok(parser.node(at, Kind::Select { operand, field, test: true }))
        }
        other => Err(Fault::new(other.map_or(at, |arg| arg.at), "invalid argument to has() macro")),
    }
}

fn name_of(expr: &Expr, complaint: &str) -> Result<Arc<str>, Fault> {
    match &expr.kind {
        Kind::Ident(name) if &**name == ACCUMULATOR => {
            Err(Fault::new(expr.at, "iteration variable overwrites accumulator variable"))
        }
        Kind::Ident(name) => Ok(name.clone()),
        _ => Err(Fault::new(expr.at, complaint)),
    }
}

fn optional(parser: &mut Parser, at: usize, wrap: bool, target: Expr, args: Vec<Expr>) -> Result<Expr, Fault> {
    let function = if wrap { "optMap" } else { "optFlatMap" };
    let complaint = format!("{function}() variable name must be a simple identifier");
    let [variable, body]: [Expr; 2] = args.try_into().map_err(|_| Fault::new(at, complaint.as_str()))?;
    let name = name_of(&variable, &complaint)?;
    let again = parser.copy(&target);
    let mut builder = Builder { parser, at };
    // Copies of a target within a target double the tree.
    if builder.parser.node(at, Kind::List(Vec::new())).id > NODES_MAX {
        return Err(Fault::new(0, "expression recursion limit exceeded: 250"));
    }
    let has_value = builder.member("hasValue", target);
    let value = builder.member("value", again);
    let (range, condition) = (builder.node(Kind::List(Vec::new())), builder.literal(Literal::Bool(false)));
    let step = builder.ident(&name);
    let bound = builder.fold(Fold {
        range,
        variable: UNUSED.into(),
        second: None,
        accumulator: name,
        init: value,
        condition,
        step,
        result: body,
    });
    let then = if wrap { builder.call("optional.of", vec![bound]) } else { bound };
    let otherwise = builder.call("optional.none", Vec::new());
    Ok(builder.call("_?_:_", vec![has_value, then, otherwise]))
}

struct Builder<'a> {
    parser: &'a mut Parser,
    at: usize,
}

impl Builder<'_> {
    fn node(&mut self, kind: Kind) -> Expr {
        self.parser.node(self.at, kind)
    }

    fn literal(&mut self, value: Literal) -> Expr {
        self.node(Kind::Literal(value))
    }

    fn ident(&mut self, name: &str) -> Expr {
        self.node(Kind::Ident(name.into()))
    }

    fn accumulator(&mut self) -> Expr {
        self.ident(ACCUMULATOR)
    }

    fn call(&mut self, function: &str, args: Vec<Expr>) -> Expr {
        self.parser.call(self.at, function, args)
    }

    fn member(&mut self, function: &str, target: Expr) -> Expr {
        self.node(Kind::Call { function: function.into(), target: Some(Box::new(target)), args: Vec::new() })
    }

    fn fold(&mut self, fold: Fold) -> Expr {
        self.node(Kind::Fold(Box::new(fold)))
    }

    fn comprehension(&mut self, function: &str, shape: Shape, range: Expr, args: Vec<Expr>) -> Result<Expr, Fault> {
        let quantifier = matches!(function, "all" | "exists" | "exists_one" | "existsOne");
        let complaint = if quantifier { "argument must be a simple name" } else { "argument is not an identifier" };
        let mut args = args.into_iter();
        let mut next = || args.next().ok_or_else(|| Fault::new(self.at, complaint));
        let first = next()?;
        let variable = name_of(&first, complaint)?;
        let second = match shape {
            Shape::One => None,
            Shape::Two => {
                let second = next()?;
                let name = name_of(&second, "argument must be a simple name")?;
                if name == variable {
                    return Err(Fault::new(second.at, format!("duplicate variable name: {name}")));
                }
                Some(name)
            }
        };
        let body = next()?;
        let last = args.next();
        let (init, condition, step, result) =
            if quantifier { self.quantifier(function, body) } else { self.transform(function, first, body, last) };
        let accumulator = ACCUMULATOR.into();
        Ok(self.fold(Fold { range, variable, second, accumulator, init, condition, step, result }))
    }

    fn quantifier(&mut self, function: &str, body: Expr) -> (Expr, Expr, Expr, Expr) {
        let accumulator = self.accumulator();
        if function == "all" {
            let init = self.literal(Literal::Bool(true));
            let condition = self.call("@not_strictly_false", vec![accumulator]);
            let accumulator = self.accumulator();
            let step = self.call("_&&_", vec![accumulator, body]);
            return (init, condition, step, self.accumulator());
        }
        if function == "exists" {
            let init = self.literal(Literal::Bool(false));
            let not = self.call("!_", vec![accumulator]);
            let condition = self.call("@not_strictly_false", vec![not]);
            let accumulator = self.accumulator();
            let step = self.call("_||_", vec![accumulator, body]);
            return (init, condition, step, self.accumulator());
        }
        let (init, condition) = (self.literal(Literal::Int(0)), self.literal(Literal::Bool(true)));
        let one = self.literal(Literal::Int(1));
        let more = self.call("_+_", vec![accumulator, one]);
        let same = self.accumulator();
        let step = self.call("_?_:_", vec![body, more, same]);
        let (accumulator, one) = (self.accumulator(), self.literal(Literal::Int(1)));
        let result = self.call("_==_", vec![accumulator, one]);
        (init, condition, step, result)
    }

    /// `map`, `filter` and the transforms; with a `last` argument `body` is the filter.
    fn transform(
        &mut self,
        function: &str,
        variable: Expr,
        body: Expr,
        last: Option<Expr>,
    ) -> (Expr, Expr, Expr, Expr) {
        let (filter, value) = match (function, last) {
            ("filter", _) => (Some(body), variable.clone()),
            (_, Some(last)) => (Some(body), last),
            (_, None) => (None, body),
        };
        let condition = self.literal(Literal::Bool(true));
        let accumulator = self.accumulator();
        let (init, mut step) = match function {
            "transformMap" => {
                let init = self.node(Kind::Map(Vec::new()));
                (init, self.call("cel.@mapInsert", vec![accumulator, variable, value]))
            }
            "transformMapEntry" => {
                let init = self.node(Kind::Map(Vec::new()));
                (init, self.call("cel.@mapInsert", vec![accumulator, value]))
            }
            _ => {
                let init = self.node(Kind::List(Vec::new()));
                let one = self.node(Kind::List(vec![(value, false)]));
                (init, self.call("_+_", vec![accumulator, one]))
            }
        };
        if let Some(filter) = filter {
            let same = self.accumulator();
            step = self.call("_?_:_", vec![filter, step, same]);
        }
        (init, condition, step, self.accumulator())
    }
}

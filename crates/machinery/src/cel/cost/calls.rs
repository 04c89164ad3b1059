//! Estimates for calls: the standard functions, and Kubernetes' libraries.

use super::{Argument, Coster, PATTERN, Path, Range, TRAVERSAL, UNKNOWN};
use crate::cel::{
    syntax::tree::{Expr, Kind, Literal},
    types::Type,
};

/// What a call costs, without its arguments, and how large its result is.
struct Estimate {
    cost: Range,
    size: Option<Range>,
    /// The cost holds the arguments' already.
    whole: bool,
}

impl Estimate {
    fn of(cost: Range) -> Option<Self> {
        Some(Self { cost, size: None, whole: false })
    }

    fn sized(cost: Range, size: Range) -> Option<Self> {
        Some(Self { cost, size: Some(size), whole: false })
    }
}

const ONE: Range = Range::fixed(1);

impl<'a> Coster<'a> {
    pub(super) fn call(&mut self, expr: &'a Expr) -> Range {
        let Kind::Call { function, target, args } = &expr.kind else { return Range::fixed(0) };
        if &**function == "dyn"
            && let [arg] = args.as_slice()
        {
            let cost = self.cost(arg);
            self.sizes[expr.id] = self.size(arg).or(self.sizes[expr.id]);
            self.entries[expr.id] = self.entries(arg).or(self.entries[expr.id]);
            return cost.add(ONE);
        }
        let costs: Vec<Range> = args.iter().map(|arg| self.cost(arg)).collect();
        let arguments: Vec<Argument<'a>> = args.iter().map(|arg| self.argument(arg)).collect();
        let overloads: Vec<&'static str> = self.checked.overloads[expr.id].iter().map(|found| found.id).collect();
        if overloads.is_empty() {
            return Range::fixed(0);
        }
        let target_cost = target.as_deref().map_or(Range::fixed(0), |target| self.cost(target));
        let target = target.as_deref().map(|target| self.argument(target));
        let mut call = Range::new(u64::MAX, 0);
        let mut size: Option<Range> = None;
        for id in overloads {
            let estimate = self.overload(expr, function, id, target.as_ref(), &arguments, &costs);
            let sum = costs.iter().fold(Range::fixed(0), |sum, cost| sum.add(*cost));
            call = call.union(if estimate.whole { estimate.cost } else { estimate.cost.add(sum) });
            size = match (size, estimate.size) {
                (Some(size), Some(found)) => Some(size.union(found)),
                (size, found) => size.or(found),
            };
            let step = match id {
                "index_list" => Some("@items"),
                "index_map" => Some("@values"),
                _ => None,
            };
            if let (Some(step), Some(container)) = (step, args.first()) {
                size = self.entries(container).map(|entries| entries.value);
                self.paths[expr.id] = Some(self.path_below(container, step));
            }
            if size.is_none() {
                size = self.size(expr);
            }
        }
        self.sizes[expr.id] = size.or(self.sizes[expr.id]);
        target_cost.add(call)
    }

    fn overload(
        &mut self,
        expr: &Expr,
        function: &str,
        id: &str,
        target: Option<&Argument<'a>>,
        args: &[Argument<'a>],
        costs: &[Range],
    ) -> Estimate {
        if id.starts_with("list_sets_")
            && let [left, right] = args
        {
            let twice = if id == "list_sets_equivalent_list" { 2.0 } else { 1.0 };
            let cost = self.sized(left).multiply(self.sized(right)).scale(twice).add(ONE);
            return Estimate { cost, size: None, whole: false };
        }
        let found = match target {
            Some(target) => self.library_member(function, id, target, args),
            None => self.library_function(function, args),
        };
        found.or_else(|| self.standard(expr, id, target, args, costs)).unwrap_or(Estimate {
            cost: ONE,
            size: None,
            whole: false,
        })
    }

    /// The size of an argument to a library's function: the schema's when none was computed.
    fn sized(&self, argument: &Argument<'_>) -> Range {
        argument.size.or_else(|| self.declared_size(&argument.path)).unwrap_or(UNKNOWN)
    }

    fn items(&self, list: &Argument<'_>) -> Option<Argument<'a>> {
        let Type::List(of) = &list.of else { return None };
        let mut path = list.path.as_ref().clone();
        if !path.is_empty() {
            path.push("@items".into());
        }
        Some(Argument { expr: &self.checked.root, of: (**of).clone(), path: Path::new(path), size: None })
    }

    fn library_function(&self, function: &str, args: &[Argument<'a>]) -> Option<Estimate> {
        match (function, args) {
            ("url", [text]) => {
                let size = self.sized(text);
                Estimate::sized(size.scale(TRAVERSAL), size)
            }
            ("format.named", _) => Estimate::of(ONE),
            ("_==_", [left, right]) if left.of == right.of => match &left.of {
                Type::Opaque("kubernetes.NamedFormat") => Estimate::of(Range::new(1, 64).scale(TRAVERSAL)),
                Type::Opaque("kubernetes.URL") => {
                    let most = right.size.map_or(1, |size| size.max);
                    Estimate::of(Range::new(1, most).scale(TRAVERSAL))
                }
                Type::Opaque(_) => Estimate::of(ONE),
                _ => None,
            },
            _ => None,
        }
    }

    fn library_member(
        &self,
        function: &str,
        id: &str,
        target: &Argument<'a>,
        args: &[Argument<'a>],
    ) -> Option<Estimate> {
        let size = self.sized(target);
        match function {
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => match self.items(target) {
                Some(items) => {
                    let texts = matches!(items.of, Type::Text | Type::Bytes);
                    let each = if texts { ONE.add(self.sized(&items).scale(TRAVERSAL)) } else { ONE };
                    Estimate::of(size.multiply(each))
                }
                None => Estimate::of(size.scale(TRAVERSAL)),
            },
            "lowerAscii" | "upperAscii" | "substring" | "trim" => Estimate::sized(size.scale(TRAVERSAL), size),
            "replace" => {
                let [from, to, ..] = args else { return None };
                let replaced = replaced_size(size, self.sized(from), self.sized(to));
                Estimate::sized(size.scale(2.0 * TRAVERSAL), replaced)
            }
            "split" => {
                let limit = args.get(1).and_then(|limit| match &limit.expr.kind {
                    Kind::Literal(Literal::Int(limit)) => Some(u64::try_from(*limit).unwrap_or(u64::MAX)),
                    _ => None,
                });
                Estimate::sized(size.scale(2.0 * TRAVERSAL), Range::new(0, limit.unwrap_or(size.max)))
            }
            "join" => {
                let mut joined = self.items(target).map_or(Range::fixed(0), |items| size.multiply(self.sized(&items)));
                if let Some(separator) = args.first() {
                    let between = Range::new(size.min.saturating_sub(1), size.max.saturating_sub(1));
                    joined = joined.add(self.sized(separator).multiply(between));
                }
                Estimate::sized(joined.scale(TRAVERSAL), joined)
            }
            "find" | "findAll" => {
                let pattern = self.sized(args.first()?).scale(PATTERN);
                let cost = size.add(ONE).scale(TRAVERSAL).multiply(pattern);
                Estimate::sized(cost, Range::new(0, size.max))
            }
            "containsIP" | "containsCIDR" => {
                let bytes = Range::new(4, 16);
                let mut cost = bytes.add(bytes).scale(TRAVERSAL);
                if function == "containsCIDR" {
                    cost = cost.add(bytes.scale(TRAVERSAL)).add(ONE);
                }
                if id.ends_with("_string") {
                    cost = cost.add(self.sized(args.first()?).scale(TRAVERSAL));
                }
                Estimate::of(cost)
            }
            "validate" => {
                let size = self.sized(args.first()?);
                Estimate::of(size.scale(TRAVERSAL).scale(128.0 * PATTERN))
            }
            _ => None,
        }
    }

    fn standard(
        &mut self,
        expr: &Expr,
        id: &str,
        target: Option<&Argument<'a>>,
        args: &[Argument<'a>],
        costs: &[Range],
    ) -> Option<Estimate> {
        let known = |argument: &Argument<'_>| argument.size.unwrap_or(UNKNOWN);
        match (id, args) {
            ("string_format", _) => Estimate::of(known(target?).scale(TRAVERSAL)),
            ("string_to_bytes", [text]) => {
                let size = known(text);
                Estimate::sized(size.scale(TRAVERSAL), Range::new(size.min, size.max.saturating_mul(4)))
            }
            ("bytes_to_string", [bytes]) => {
                let size = known(bytes);
                Estimate::sized(size.scale(TRAVERSAL), Range::new(size.min / 4, size.max))
            }
            ("strings_quote", [text]) => {
                let size = known(text);
                let quoted = Range::new(size.min + 2, size.max.saturating_mul(2).saturating_add(2));
                Estimate::sized(size.scale(TRAVERSAL), quoted)
            }
            ("starts_with_string" | "ends_with_string", [part]) => Estimate::of(known(part).scale(TRAVERSAL)),
            ("in_list", [_, list]) => Estimate::of(known(list).scale(1.0)),
            ("matches_string", [pattern]) => {
                let text = known(target?).add(ONE).scale(TRAVERSAL);
                Estimate::of(text.multiply(known(pattern).scale(PATTERN)))
            }
            ("contains_string", [part]) => {
                Estimate::of(known(target?).scale(TRAVERSAL).multiply(known(part).scale(TRAVERSAL)))
            }
            ("logical_or" | "logical_and", _) => {
                let [left, right] = costs else { return None };
                let cost = Range::new(left.min, left.max.saturating_add(right.max));
                Some(Estimate { cost, size: None, whole: true })
            }
            ("conditional", [_, then, otherwise]) => self.conditional(expr, then, otherwise, costs),
            ("add_string" | "add_bytes" | "add_list", [left, right]) => {
                let size = known(left).add(known(right));
                if let (Some(left), Some(right)) = (self.entries(left.expr), self.entries(right.expr)) {
                    self.entries[expr.id] = Some(left.union(right));
                }
                Estimate::sized(if id == "add_list" { ONE } else { size.scale(TRAVERSAL) }, size)
            }
            (_, [left, right]) if compares_sizes(id) => {
                let smallest = known(left).max.min(known(right).max);
                Estimate::of(Range::new(u64::from(smallest > 0), smallest).scale(TRAVERSAL))
            }
            _ => None,
        }
    }

    fn conditional(
        &mut self,
        expr: &Expr,
        then: &Argument<'a>,
        otherwise: &Argument<'a>,
        costs: &[Range],
    ) -> Option<Estimate> {
        let [condition, if_true, if_false] = costs else { return None };
        if let (Some(left), Some(right)) = (self.entries(then.expr), self.entries(otherwise.expr)) {
            self.entries[expr.id] = Some(left.union(right));
        }
        let size = then.size.unwrap_or(UNKNOWN).union(otherwise.size.unwrap_or(UNKNOWN));
        let cost = condition.add(if_true.union(*if_false));
        Some(Estimate { cost, size: Some(size), whole: true })
    }
}

fn compares_sizes(id: &str) -> bool {
    let ordered = ["less_", "less_equals_", "greater_", "greater_equals_"];
    let texts = ordered.iter().any(|order| id.strip_prefix(order).is_some_and(|of| matches!(of, "string" | "bytes")));
    texts || matches!(id, "equals" | "not_equals")
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as upstream")]
fn replaced_size(size: Range, from: Range, to: Range) -> Range {
    let divide = |count: u64, by: u64| (count as f64 / by as f64).ceil() as u64;
    let (most, kept_most) = if from.min == 0 {
        (size.max.saturating_add(1), size.max)
    } else if to.max <= from.min {
        (0, size.max)
    } else {
        (divide(size.max, from.min), 0)
    };
    let (least, kept_least) = if from.max == 0 {
        (size.min.saturating_add(1), size.min)
    } else if from.max <= to.min {
        (0, size.min)
    } else {
        (divide(size.min, from.max), 0)
    };
    Range::new(least, most).multiply(to).add(Range::new(kept_least, kept_most))
}

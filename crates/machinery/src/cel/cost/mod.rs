//! What a rule may cost at most, from the sizes that the schema allows. The same numbers as upstream's: they decide which
//! definitions are accepted.

mod calls;
mod range;

use std::sync::Arc;

use range::UNKNOWN;
pub(super) use range::{Range, scaled};

use super::{
    check::Checked,
    syntax::tree::{Entry, Expr, Fold, Id, Kind, Literal},
    types::{Below, Declared, Type},
};

/// Cost of walking one character.
pub(super) const TRAVERSAL: f64 = 0.1;
/// Cost of one character of a regular expression.
pub(super) const PATTERN: f64 = 0.25;
pub(super) const CREATE_LIST: u64 = 10;
pub(super) const CREATE_MAP: u64 = 30;
const CREATE_STRUCT: u64 = 40;

/// The estimate for an expression over `self` (and `oldSelf`) as declared.
pub(super) fn estimate(checked: &Checked, root: &Declared) -> Range {
    let count = checked.types.len();
    let mut coster = Coster {
        checked,
        root,
        paths: vec![None; count],
        sizes: vec![None; count],
        entries: vec![None; count],
        locals: Vec::new(),
    };
    coster.cost(&checked.root)
}

type Path = Arc<Vec<Arc<str>>>;

/// Sizes of the keys (or indices) and of the values (or items) of a container.
#[derive(Clone, Copy, Debug)]
struct Entries {
    list: bool,
    key: Range,
    value: Range,
}

impl Entries {
    fn union(self, other: Entries) -> Entries {
        Entries { list: self.list, key: self.key.union(other.key), value: self.value.union(other.value) }
    }
}

#[derive(Clone)]
struct Local {
    name: Arc<str>,
    path: Path,
    size: Option<Range>,
    entries: Option<Entries>,
}

struct Coster<'a> {
    checked: &'a Checked,
    root: &'a Declared,
    paths: Vec<Option<Path>>,
    sizes: Vec<Option<Range>>,
    entries: Vec<Option<Entries>>,
    locals: Vec<Local>,
}

/// What an estimate needs to know about an argument.
#[derive(Clone)]
struct Argument<'a> {
    expr: &'a Expr,
    of: Type,
    path: Path,
    size: Option<Range>,
}

impl<'a> Coster<'a> {
    fn cost(&mut self, expr: &'a Expr) -> Range {
        match &expr.kind {
            Kind::Literal(_) => Range::fixed(0),
            Kind::Ident(name) => {
                let path = match self.local(name) {
                    Some(local) => local.path.clone(),
                    None => Arc::new(vec![name.clone()]),
                };
                self.paths[expr.id] = Some(path);
                Range::fixed(1)
            }
            // The test itself is free.
            Kind::Select { operand, test: true, .. } => self.cost(operand),
            Kind::Select { operand, field, .. } => {
                let cost = self.cost(operand);
                self.paths[expr.id] = Some(self.path_below(operand, field));
                let selects = matches!(
                    self.checked.type_of(operand),
                    Type::Map(_) | Type::Object(_) | Type::Opaque(_) | Type::Variable(_)
                );
                cost.add(Range::fixed(u64::from(selects)))
            }
            Kind::Call { .. } => self.call(expr),
            Kind::List(items) => self.list(expr.id, items),
            Kind::Map(entries) => self.map(expr.id, entries),
            Kind::Struct { fields, .. } => {
                let sum = fields.iter().fold(Range::fixed(0), |sum, (_, value)| sum.add(self.cost(value)));
                sum.add(Range::fixed(CREATE_STRUCT))
            }
            Kind::Fold(fold) => self.fold(expr, fold),
        }
    }

    fn local(&self, name: &str) -> Option<&Local> {
        self.locals.iter().rev().find(|local| &*local.name == name)
    }

    fn path(&self, expr: &Expr) -> Path {
        if let Kind::Ident(name) = &expr.kind
            && let Some(local) = self.local(name)
        {
            return local.path.clone();
        }
        self.paths[expr.id].clone().unwrap_or_default()
    }

    fn path_below(&self, expr: &Expr, step: &str) -> Path {
        let mut path = self.path(expr).as_ref().clone();
        path.push(step.into());
        Arc::new(path)
    }

    /// The most that the schema allows at a path; `None` where it says nothing.
    fn declared_size(&self, path: &[Arc<str>]) -> Option<Range> {
        let (_, steps) = path.split_first()?;
        let mut place = self.root;
        for (index, step) in steps.iter().enumerate() {
            match place.below(step)? {
                Below::Declared(below) => place = below,
                Below::Key if index + 1 == steps.len() => return Some(Range::fixed(0)),
                Below::Key => return None,
            }
        }
        Some(Range::new(0, place.elements_max))
    }

    fn size(&mut self, expr: &Expr) -> Option<Range> {
        if let Some(size) = self.sizes[expr.id].or_else(|| written_size(expr)) {
            return Some(size);
        }
        let path = self.path(expr);
        if let Some(size) = self.declared_size(&path) {
            self.sizes[expr.id] = Some(size);
            return Some(size);
        }
        if self.checked.type_of(expr).is_scalar() {
            return Some(Range::fixed(1));
        }
        match &expr.kind {
            Kind::Ident(name) => self.local(name)?.size,
            _ => None,
        }
    }

    fn size_or_unknown(&mut self, expr: &Expr) -> Range {
        self.size(expr).unwrap_or(UNKNOWN)
    }

    fn entries(&self, expr: &Expr) -> Option<Entries> {
        if let Some(found) = self.entries[expr.id] {
            return Some(found);
        }
        match &expr.kind {
            Kind::Ident(name) => self.local(name)?.entries,
            _ => None,
        }
    }

    fn argument(&mut self, expr: &'a Expr) -> Argument<'a> {
        let mut path = self.path(expr);
        if path.first().is_some_and(|first| &**first == "__result__") {
            path = Path::default();
        }
        let size = self.size(expr);
        Argument { expr, of: self.checked.type_of(expr).clone(), path, size }
    }

    fn list(&mut self, id: Id, items: &'a [(Expr, bool)]) -> Range {
        let mut size = Range::new(if items.is_empty() { 0 } else { u64::MAX }, 0);
        let mut sum = Range::fixed(CREATE_LIST);
        for (item, _) in items {
            sum = sum.add(self.cost(item));
            size = size.union(self.size_or_unknown(item));
        }
        self.entries[id] = Some(Entries { list: true, key: Range::fixed(1), value: size });
        sum
    }

    fn map(&mut self, id: Id, entries: &'a [Entry]) -> Range {
        let empty = Range::new(if entries.is_empty() { 0 } else { u64::MAX }, 0);
        let (mut key, mut value) = (empty, empty);
        let mut sum = Range::fixed(CREATE_MAP);
        for entry in entries {
            sum = sum.add(self.cost(&entry.key)).add(self.cost(&entry.value));
            key = key.union(self.size_or_unknown(&entry.key));
            value = value.union(self.size_or_unknown(&entry.value));
        }
        self.entries[id] = Some(Entries { list: false, key, value });
        sum
    }

    fn fold(&mut self, expr: &'a Expr, fold: &'a Fold) -> Range {
        let mut sum = self.cost(&fold.range).add(self.cost(&fold.init));
        let accumulator = Local {
            name: fold.accumulator.clone(),
            path: self.path(&fold.init),
            size: self.size(&fold.init),
            entries: self.entries(&fold.init),
        };
        let outside = self.locals.len();
        self.locals.push(accumulator);
        if is_binding(fold) {
            sum = sum.add(self.cost(&fold.result));
            self.locals.truncate(outside);
            self.sizes[expr.id] = self.size(&fold.result).or(self.sizes[expr.id]);
            self.entries[expr.id] = self.entries(&fold.result).or(self.entries[expr.id]);
            return sum;
        }
        self.iteration(fold);
        let condition = self.cost(&fold.condition);
        let step = self.cost(&fold.step);
        self.locals.truncate(outside + 1);
        sum = sum.add(self.cost(&fold.result));
        self.locals.truncate(outside);
        let count = self.size_or_unknown(&fold.range);
        sum = sum.add(count.multiply(step.add(condition)));
        match &fold.init.kind {
            Kind::Literal(_) => self.sizes[expr.id] = self.size(&fold.init).or(self.sizes[expr.id]),
            Kind::List(_) | Kind::Map(_) => {
                self.sizes[expr.id] = Some(count);
                self.entries[expr.id] = self.entries(&fold.step).or(self.entries[expr.id]);
            }
            _ => {}
        }
        sum
    }

    /// The variables of a comprehension.
    fn iteration(&mut self, fold: &Fold) {
        let entries = self.entries(&fold.range);
        let list = entries.map_or(matches!(self.checked.type_of(&fold.range), Type::List(_)), |found| found.list);
        let (key, value) = (entries.map(|found| found.key), entries.map(|found| found.value));
        let push = |coster: &mut Self, name: &Arc<str>, step: &str, size: Option<Range>| {
            let path = coster.path_below(&fold.range, step);
            coster.locals.push(Local { name: name.clone(), path, size, entries: None });
        };
        match &fold.second {
            None if list => push(self, &fold.variable, "@items", value),
            None => push(self, &fold.variable, "@keys", key),
            Some(second) => {
                push(self, &fold.variable, if list { "@indices" } else { "@keys" }, key);
                push(self, second, if list { "@items" } else { "@values" }, value);
            }
        }
    }
}

fn is_binding(fold: &Fold) -> bool {
    matches!(&fold.range.kind, Kind::List(items) if items.is_empty())
        && matches!(&fold.condition.kind, Kind::Literal(Literal::Bool(false)))
        && &*fold.accumulator != "__result__"
}

/// The size of what is written out.
fn written_size(expr: &Expr) -> Option<Range> {
    let size = match &expr.kind {
        Kind::Literal(Literal::Text(text)) => text.chars().count(),
        Kind::Literal(Literal::Bytes(bytes)) => bytes.len(),
        Kind::Literal(_) => 1,
        Kind::List(items) => items.len(),
        Kind::Map(entries) => entries.len(),
        _ => return None,
    };
    Some(Range::fixed(size as u64))
}

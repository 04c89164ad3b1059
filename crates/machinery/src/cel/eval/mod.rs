//! Running a rule: counts what it costs, stops at the limit, and holds what it makes within bounds.

mod operators;
mod plan;
mod price;

use std::{collections::BTreeMap, sync::Arc};

use plan::{FoldNode, Node, Plan};

use super::{
    check::Checked,
    cost::{CREATE_LIST, CREATE_MAP, PATTERN, TRAVERSAL, scaled},
    library::Scratch,
    value::{Fault, Items, Key, List, Map, Outcome, Value},
};

/// An expression that can be run.
#[derive(Debug)]
pub(crate) struct Program {
    plan: Plan,
}

/// What an expression may see.
#[derive(Debug)]
pub(super) struct Inputs<'a> {
    pub(super) this: Outcome<'a>,
    pub(super) old: Option<Outcome<'a>>,
    /// Variables of other names.
    pub(super) named: Vec<(&'static str, Value<'a>)>,
}

impl Program {
    /// Conversions and patterns of constants are tried here: what cannot work is refused before it is run.
    pub(super) fn new(checked: &Checked) -> Result<Self, String> {
        plan::plan(checked).map(|plan| Self { plan })
    }

    /// The result, and what it cost.
    pub(super) fn run<'a>(&self, inputs: &Inputs<'a>, limit: u64) -> (Outcome<'a>, u64) {
        let locals = vec![Ok(Value::Null); self.plan.slots];
        let mut run = Run { inputs, locals, cost: 0, limit, scratch: Scratch::default() };
        let result = run.eval(&self.plan.root);
        (result, run.cost)
    }
}

struct Run<'a, 'b> {
    inputs: &'b Inputs<'a>,
    /// Variables of comprehensions. An accumulator may hold a fault: `false` after it still decides an `all`.
    locals: Vec<Outcome<'a>>,
    cost: u64,
    limit: u64,
    scratch: Scratch,
}

impl<'a> Run<'a, '_> {
    fn spend(&mut self, cost: u64) -> Result<(), Fault> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > self.limit { Err(Fault::cancelled()) } else { Ok(()) }
    }

    fn eval(&mut self, node: &Node) -> Outcome<'a> {
        match node {
            Node::Constant(value) => Ok(value.clone()),
            Node::This => {
                self.spend(1)?;
                self.inputs.this.clone()
            }
            Node::Old => {
                self.spend(1)?;
                match &self.inputs.old {
                    Some(old) => old.clone(),
                    None => Err(Fault::new("no such attribute(s): oldSelf")),
                }
            }
            Node::Named(name) => {
                self.spend(1)?;
                let found = self.inputs.named.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone()).ok_or_else(|| Fault::new(format!("no such attribute(s): {name}")))
            }
            Node::Local(slot) => {
                self.spend(1)?;
                self.locals[*slot].clone()
            }
            Node::Select { operand, field, optional } => self.select(operand, field, *optional),
            Node::Has { operand, field } => self.has(operand, field),
            Node::Index { args, optional } => self.index(&args.0, &args.1, *optional),
            Node::And(args) => self.logical(&args.0, &args.1, false),
            Node::Or(args) => self.logical(&args.0, &args.1, true),
            Node::Conditional(args) => match self.eval(&args.0)? {
                Value::Bool(true) => self.eval(&args.1),
                Value::Bool(false) => self.eval(&args.2),
                _ => Err(Fault::no_such_overload()),
            },
            Node::NotStrictlyFalse(arg) => {
                let value = self.eval(arg);
                self.spend(1)?;
                match value {
                    Err(fault) if fault.cancelled => Err(fault),
                    value => Ok(Value::Bool(!matches!(value, Ok(Value::Bool(false))))),
                }
            }
            Node::Else { args, unwrap } => match self.eval(&args.0)? {
                Value::Optional(Some(value)) if *unwrap => Ok(value.as_ref().clone()),
                found @ Value::Optional(Some(_)) => Ok(found),
                Value::Optional(None) => self.eval(&args.1),
                _ => Err(Fault::no_such_overload()),
            },
            Node::Matches { text, regex, length } => {
                let value = self.eval(text)?;
                let Value::Text(text) = &value else { return Err(Fault::no_such_overload()) };
                let cost = scaled(value.size() + 1, TRAVERSAL).saturating_mul(scaled(*length, PATTERN));
                self.spend(cost)?;
                Ok(Value::Bool(regex.is_match(text)))
            }
            Node::Append { slot, item } => self.append(*slot, item),
            Node::Insert { slot, args } => self.insert(*slot, args),
            Node::Call { function, price, args } => {
                let values = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
                let result = function(&mut self.scratch, &values)?;
                self.spend(price(&values, &result))?;
                Ok(result)
            }
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
            Node::Fold(fold) => self.fold(fold),
            Node::Missing(name) => Err(Fault::new(format!("no such overload: {name}"))),
        }
    }

    /// The field of a map, object, or of what an optional value holds.
    fn field(&mut self, value: &Value<'a>, field: &str) -> Result<Option<Value<'a>>, Fault> {
        match value {
            Value::Map(map) => map.field(field),
            Value::Optional(Some(value)) => self.field(&value.clone(), field),
            Value::Optional(None) => Ok(None),
            _ => Err(Fault::new(format!("no such key: {field}"))),
        }
    }

    fn select(&mut self, operand: &Node, field: &str, optional: bool) -> Outcome<'a> {
        let value = self.eval(operand)?;
        self.spend(1)?;
        let found = self.field(&value, field)?;
        let optional = optional || matches!(value, Value::Optional(_));
        match found {
            Some(found) if optional => Ok(Value::some(found)),
            Some(found) => Ok(found),
            None if optional => Ok(Value::Optional(None)),
            None => Err(Fault::new(format!("no such key: {field}"))),
        }
    }

    fn has(&mut self, operand: &Node, field: &str) -> Outcome<'a> {
        let value = self.eval(operand)?;
        Ok(Value::Bool(self.field(&value, field)?.is_some()))
    }

    fn index(&mut self, container: &Node, index: &Node, optional: bool) -> Outcome<'a> {
        let mut container = self.eval(container)?;
        let index = self.eval(index)?;
        self.spend(1)?;
        let mut optional = optional;
        if let Value::Optional(inner) = &container {
            optional = true;
            match inner {
                Some(inner) => container = inner.as_ref().clone(),
                None => return Ok(Value::Optional(None)),
            }
        }
        let found = match &container {
            Value::Map(map) => map.find(&index)?.ok_or_else(|| Fault::new(format!("no such key: {}", index.shown()))),
            Value::List(list) => item(list, &index)?,
            _ => Err(Fault::no_such_overload()),
        };
        match found {
            Ok(found) if optional => Ok(Value::some(found)),
            Err(fault) if optional && !fault.message.starts_with("no such overload") => Ok(Value::Optional(None)),
            found => found,
        }
    }

    /// `&&` and `||`: either side decides, whatever the other's fault.
    fn logical(&mut self, left: &Node, right: &Node, decides: bool) -> Outcome<'a> {
        let left = self.eval(left);
        match &left {
            Ok(Value::Bool(value)) if *value == decides => return left,
            Err(fault) if fault.cancelled => return left,
            _ => {}
        }
        let right = self.eval(right);
        match (left, right) {
            (_, Err(fault)) if fault.cancelled => Err(fault),
            (_, Ok(Value::Bool(value))) if value == decides => Ok(Value::Bool(decides)),
            (Err(fault), _) | (Ok(Value::Bool(_)), Err(fault)) => Err(fault),
            (Ok(Value::Bool(_)), Ok(Value::Bool(_))) => Ok(Value::Bool(!decides)),
            (Ok(_), _) => Err(Fault::no_such_overload()),
        }
    }

    fn append(&mut self, slot: usize, item: &Node) -> Outcome<'a> {
        let item = self.eval(item)?;
        self.spend(1 + CREATE_LIST + 1)?;
        self.scratch.take_items(1)?;
        match std::mem::replace(&mut self.locals[slot], Ok(Value::Null))? {
            Value::List(List { items: Items::Made(mut items), kind }) => {
                Arc::make_mut(&mut items).push(item);
                Ok(Value::List(List { items: Items::Made(items), kind }))
            }
            _ => Err(Fault::no_such_overload()),
        }
    }

    fn insert(&mut self, slot: usize, args: &[Node]) -> Outcome<'a> {
        let values = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>, _>>()?;
        self.spend(2)?;
        let Value::Map(Map::Made(mut entries)) = std::mem::replace(&mut self.locals[slot], Ok(Value::Null))? else {
            return Err(Fault::no_such_overload());
        };
        let added = match values.as_slice() {
            [key, value] => vec![(key.clone(), value.clone())],
            [Value::Map(map)] => {
                let keys = map.keys().into_iter();
                keys.map(|key| Ok((key.clone(), map.find(&key)?.unwrap_or(Value::Null))))
                    .collect::<Result<_, Fault>>()?
            }
            _ => return Err(Fault::no_such_overload()),
        };
        self.scratch.take_items(added.len())?;
        for (key, value) in added {
            let place = Key::of(&key).ok_or_else(Fault::no_such_overload)?;
            if Arc::make_mut(&mut entries).insert(place, value).is_some() {
                return Err(Fault::new(format!("insert failed: key {} already exists", key.shown())));
            }
        }
        Ok(Value::Map(Map::Made(entries)))
    }

    fn list(&mut self, nodes: &[(Node, bool)]) -> Outcome<'a> {
        let mut items = Vec::with_capacity(nodes.len());
        for (node, optional) in nodes {
            match (self.eval(node)?, optional) {
                (Value::Optional(value), true) => items.extend(value.map(|value| value.as_ref().clone())),
                (value, true) => {
                    let shown = value.shown();
                    let message = format!("cannot initialize optional list element from non-optional value {shown}");
                    return Err(Fault::new(message));
                }
                (value, false) => items.push(value),
            }
        }
        self.spend(CREATE_LIST)?;
        self.scratch.take_items(items.len())?;
        Ok(Value::list(items))
    }

    fn map(&mut self, nodes: &[(Node, Node, bool)]) -> Outcome<'a> {
        let mut entries = BTreeMap::new();
        for (key, value, optional) in nodes {
            let (key, value) = (self.eval(key)?, self.eval(value)?);
            let value = match (value, optional) {
                (Value::Optional(None), true) => continue,
                (Value::Optional(Some(value)), true) => value.as_ref().clone(),
                (value, true) => {
                    let (key, value) = (key.shown(), value.shown());
                    let message = format!("cannot initialize optional entry '{key}' from non-optional value {value}");
                    return Err(Fault::new(message));
                }
                (value, false) => value,
            };
            entries.insert(Key::of(&key).ok_or_else(Fault::no_such_overload)?, value);
        }
        self.spend(CREATE_MAP)?;
        self.scratch.take_items(entries.len())?;
        Ok(Value::Map(Map::Made(entries.into())))
    }

    fn fold(&mut self, fold: &FoldNode) -> Outcome<'a> {
        let range = self.eval(&fold.range)?;
        let init = self.eval(&fold.init)?;
        self.locals[fold.accumulator] = Ok(init);
        match range {
            Value::List(list) => {
                for index in 0..list.len() {
                    let Some(item) = list.get(index) else { break };
                    let position = i64::try_from(index).unwrap_or(i64::MAX);
                    if !self.iterate(fold, Ok(Value::Int(position)), item, false)? {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                for key in map.keys() {
                    let value = match fold.second {
                        Some(_) => map.find(&key).map(|found| found.unwrap_or(Value::Null)),
                        None => Ok(Value::Null),
                    };
                    if !self.iterate(fold, Ok(key), value, true)? {
                        break;
                    }
                }
            }
            other => {
                return Err(Fault::new(format!("got '{}', expected iterable type", other.type_name())));
            }
        }
        self.eval(&fold.result)
    }

    /// One round; false when the condition says to stop.
    fn iterate(&mut self, fold: &FoldNode, key: Outcome<'a>, value: Outcome<'a>, map: bool) -> Result<bool, Fault> {
        match fold.second {
            Some(second) => {
                self.locals[fold.variable] = key;
                self.locals[second] = value;
            }
            None => self.locals[fold.variable] = if map { key } else { value },
        }
        match self.eval(&fold.condition) {
            Ok(Value::Bool(true)) => {}
            Err(fault) if fault.cancelled => return Err(fault),
            _ => return Ok(false),
        }
        let step = self.eval(&fold.step);
        if let Err(fault) = &step
            && fault.cancelled
        {
            return step.map(|_| true);
        }
        self.locals[fold.accumulator] = step;
        Ok(true)
    }
}

fn item<'a>(list: &List<'a>, index: &Value<'a>) -> Result<Outcome<'a>, Fault> {
    let Some(Key::Int(_) | Key::Uint(_)) = Key::of(index) else {
        return Err(Fault::new(format!("unsupported index value of type '{}' in list", index.type_name())));
    };
    let position = match Key::of(index) {
        Some(Key::Int(position)) => usize::try_from(position).ok(),
        Some(Key::Uint(position)) => usize::try_from(position).ok(),
        _ => None,
    };
    let found = position.and_then(|position| list.get(position));
    Ok(found.unwrap_or_else(|| Err(Fault::new(format!("index out of bounds: {}", index.shown())))))
}

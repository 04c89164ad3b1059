//! Type checking: every node gets a type and every call the signatures it may mean, or the rule is refused.

mod assign;
mod literals;
mod overloads;

use std::{collections::BTreeMap, sync::Arc};

pub(super) use overloads::{Overload, functions};

use super::{
    syntax::{
        Fault, Parsed,
        tree::{Expr, Fold, Id, Kind, Literal},
    },
    types::Type,
};
use assign::{Bindings, most_general};

/// The names that an expression may use, beside functions and types.
pub(super) type Variables = BTreeMap<&'static str, Type>;

/// A tree that checked.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) root: Expr,
    /// By number of the node.
    pub(super) types: Vec<Type>,
    /// The signatures that a call may mean, by number of the node.
    pub(super) overloads: Vec<Vec<&'static Overload>>,
    /// Variables that were used.
    pub(super) used: Vec<&'static str>,
}

impl Checked {
    pub(super) fn type_of(&self, expr: &Expr) -> &Type {
        self.types.get(expr.id).unwrap_or(&Type::Dyn)
    }
}

/// Names of types, usable as values.
const TYPE_NAMES: [(&str, Type); 12] = [
    ("bool", Type::Bool),
    ("bytes", Type::Bytes),
    ("double", Type::Double),
    ("google.protobuf.Duration", Type::Duration),
    ("google.protobuf.Timestamp", Type::Timestamp),
    ("int", Type::Int),
    ("null_type", Type::Null),
    ("string", Type::Text),
    ("uint", Type::Uint),
    ("list", Type::Dyn),
    ("map", Type::Dyn),
    ("type", Type::Dyn),
];

pub(super) fn check(parsed: Parsed, variables: &Variables) -> Result<Checked, Vec<Fault>> {
    let Parsed { mut root, ids } = parsed;
    let mut checker = Checker {
        variables,
        locals: Vec::new(),
        bindings: Bindings::default(),
        types: vec![Type::Dyn; ids],
        overloads: vec![Vec::new(); ids],
        used: Vec::new(),
        faults: Vec::new(),
    };
    checker.check(&mut root);
    if !checker.faults.is_empty() {
        return Err(checker.faults);
    }
    let types = checker.types.iter().map(|of| checker.bindings.substitute(of, true)).collect();
    let checked = Checked { root, types, overloads: checker.overloads, used: checker.used };
    let faults = literals::check(&checked);
    if faults.is_empty() { Ok(checked) } else { Err(faults) }
}

struct Checker<'a> {
    variables: &'a Variables,
    /// Variables of comprehensions, the innermost last.
    locals: Vec<(Arc<str>, Type)>,
    bindings: Bindings,
    types: Vec<Type>,
    overloads: Vec<Vec<&'static Overload>>,
    used: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn fault(&mut self, at: usize, message: String) {
        self.faults.push(Fault::new(at, message));
    }

    fn undeclared(&mut self, at: usize, name: &str) -> Type {
        self.fault(at, format!("undeclared reference to '{name}' (in container '')"));
        Type::Error
    }

    fn mismatch(&mut self, at: usize, expected: &Type, actual: &Type) {
        self.fault(at, format!("expected type '{expected}' but found '{actual}'"));
    }

    fn set(&mut self, id: Id, of: Type) -> Type {
        self.types[id] = of.clone();
        of
    }

    fn check(&mut self, expr: &mut Expr) -> Type {
        let (id, at) = (expr.id, expr.at);
        let of = match &mut expr.kind {
            Kind::Literal(literal) => type_of_literal(literal),
            Kind::Ident(name) => match self.lookup(name) {
                Some(of) => of,
                None => {
                    let name = name.clone();
                    self.undeclared(at, name.trim_start_matches('.'))
                }
            },
            Kind::Select { .. } => self.select(expr),
            Kind::Call { .. } => self.call(expr),
            Kind::List(items) => self.list(items),
            Kind::Map(_) => self.map(expr),
            Kind::Struct { name, fields } => {
                fields.iter_mut().for_each(|(_, value)| {
                    self.check(value);
                });
                let name = name.clone();
                self.undeclared(at, &name)
            }
            Kind::Fold(fold) => self.fold(fold),
        };
        self.set(id, of)
    }

    fn lookup(&mut self, name: &str) -> Option<Type> {
        let plain = name.trim_start_matches('.');
        let absolute = plain.len() != name.len();
        if !absolute && let Some((_, of)) = self.locals.iter().rev().find(|(local, _)| &**local == plain) {
            return Some(of.clone());
        }
        if let Some((name, of)) = self.variables.get_key_value(plain) {
            self.used.push(name);
            return Some(of.clone());
        }
        type_named(plain)
    }

    fn select(&mut self, expr: &mut Expr) -> Type {
        if let Some(name) = expr.qualified_name()
            && !self.locals.iter().any(|(local, _)| name.starts_with(&format!("{local}.")))
            && let Some(of) = self.lookup(&name)
        {
            expr.kind = Kind::Ident(name.as_str().into());
            return of;
        }
        let at = expr.at;
        let Kind::Select { operand, field, test } = &mut expr.kind else { return Type::Error };
        let (field, test) = (field.clone(), *test);
        let of = self.field(at, operand, &field, false);
        if test { Type::Bool } else { self.bindings.substitute(&of, false) }
    }

    /// The type of a field; of an optional value's field, optional.
    fn field(&mut self, at: usize, operand: &mut Expr, field: &str, optional: bool) -> Type {
        let of = self.check(operand);
        let of = self.bindings.substitute(&of, false);
        let (target, wrapped) = match &of {
            Type::Optional(inner) => ((**inner).clone(), true),
            _ => (of, false),
        };
        let result = match &target {
            Type::Map(of) => of.1.clone(),
            Type::Object(object) => match object.field(field) {
                Some(declared) => declared.of.clone(),
                None => {
                    self.fault(at, format!("undefined field '{field}'"));
                    Type::Error
                }
            },
            Type::Opaque(name) if name.starts_with("kubernetes.") => {
                self.fault(at, format!("undefined field '{field}'"));
                Type::Error
            }
            Type::Variable(_) => {
                self.bindings.assign(&Type::Dyn, &target);
                Type::Dyn
            }
            Type::Dyn | Type::Error => Type::Dyn,
            other => {
                self.fault(at, format!("type '{other}' does not support field selection"));
                Type::Dyn
            }
        };
        if wrapped || optional { Type::optional(result) } else { result }
    }

    fn call(&mut self, expr: &mut Expr) -> Type {
        let (id, at) = (expr.id, expr.at);
        let Kind::Call { function, target, args } = &mut expr.kind else { return Type::Error };
        let function = function.clone();
        if &*function == "_?._" {
            return self.optional_field(id, at, args);
        }
        let mut types: Vec<Type> = args.iter_mut().map(|arg| self.check(arg)).collect();
        let Some(receiver) = target else {
            let name = function.trim_start_matches('.');
            return match functions().get(name) {
                Some(overloads) => self.resolve(id, at, name, overloads, &types, false, args),
                None => self.undeclared(at, name),
            };
        };
        if let Some(prefix) = receiver.qualified_name() {
            let qualified = format!("{}.{function}", prefix.trim_start_matches('.'));
            if let Some((name, overloads)) = functions().get_key_value(qualified.as_str()) {
                let of = self.resolve(id, at, name, overloads, &types, false, args);
                let args = std::mem::take(args);
                expr.kind = Kind::Call { function: (*name).into(), target: None, args };
                return of;
            }
        }
        types.insert(0, self.check(receiver));
        match functions().get(&*function) {
            Some(overloads) => self.resolve(id, at, &function, overloads, &types, true, args),
            None => self.undeclared(at, &function),
        }
    }

    fn optional_field(&mut self, id: Id, at: usize, args: &mut [Expr]) -> Type {
        let [operand, field] = args else { return Type::Error };
        self.set(field.id, Type::Text);
        let Some(name) = field.text().cloned() else {
            self.fault(at, "unsupported optional field selection".into());
            return Type::Error;
        };
        let of = self.field(at, operand, &name, true);
        self.overloads[id] = functions().get("_?._").into_iter().flatten().collect();
        self.bindings.substitute(&of, false)
    }

    #[expect(clippy::too_many_arguments, reason = "all that a call is")]
    fn resolve(
        &mut self,
        id: Id,
        at: usize,
        name: &str,
        overloads: &'static [Overload],
        types: &[Type],
        member: bool,
        args: &[Expr],
    ) -> Type {
        if matches!(name, "_&&_" | "_||_") {
            let before = self.faults.len();
            for (of, arg) in types.iter().zip(args) {
                if !self.bindings.assign(of, &Type::Bool) {
                    self.mismatch(arg.at, &Type::Bool, of);
                }
            }
            self.overloads[id] = overloads.iter().collect();
            return if self.faults.len() == before { Type::Bool } else { Type::Error };
        }
        let mut result: Option<Type> = None;
        for overload in overloads.iter().filter(|overload| overload.member == member) {
            if overload.args.len() != types.len() {
                continue;
            }
            let fresh: Vec<Type> = (0..overload.parameters).map(|_| self.bindings.fresh()).collect();
            let wanted: Vec<Type> = overload.args.iter().map(|of| Bindings::instantiate(of, &fresh)).collect();
            let pairs: Vec<(&Type, &Type)> = types.iter().zip(&wanted).collect();
            if !self.bindings.assign_all(&pairs) {
                continue;
            }
            self.overloads[id].push(overload);
            let of = self.bindings.substitute(&Bindings::instantiate(&overload.result, &fresh), false);
            result = Some(match result {
                Some(before) if before != Type::Dyn && before != of => Type::Dyn,
                Some(before) => before,
                None => of,
            });
        }
        result.unwrap_or_else(|| {
            let shown: Vec<String> = types.iter().map(|of| self.bindings.substitute(of, true).to_string()).collect();
            let signature = match shown.split_first() {
                Some((target, rest)) if member => format!("{target}.({})", rest.join(", ")),
                _ => format!("({})", shown.join(", ")),
            };
            self.fault(at, format!("found no matching overload for '{name}' applied to '{signature}'"));
            Type::Error
        })
    }

    /// What an element of a list or map literal is, given what the ones before it are.
    fn join(&mut self, before: Option<Type>, of: Type) -> Type {
        match before {
            None => of,
            Some(before) if self.bindings.assign(&before, &of) => most_general(&before, &of),
            // Whether elements may differ is asked when all else is fine: `format` may.
            Some(_) => Type::Dyn,
        }
    }

    fn unwrap_optional(&mut self, at: usize, of: Type) -> Type {
        match of {
            Type::Optional(inner) => (*inner).clone(),
            Type::Dyn => Type::Dyn,
            other => {
                self.mismatch(at, &Type::optional(other.clone()), &other);
                other
            }
        }
    }

    fn list(&mut self, items: &mut [(Expr, bool)]) -> Type {
        let mut joined = None;
        for (item, optional) in items {
            let mut of = self.check(item);
            if *optional {
                of = self.unwrap_optional(item.at, of);
            }
            joined = Some(self.join(joined, of));
        }
        Type::list(joined.unwrap_or_else(|| self.bindings.fresh()))
    }

    fn map(&mut self, expr: &mut Expr) -> Type {
        let Kind::Map(entries) = &mut expr.kind else { return Type::Error };
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let of = self.check(&mut entry.key);
            keys = Some(self.join(keys, of));
            let mut of = self.check(&mut entry.value);
            if entry.optional {
                of = self.unwrap_optional(entry.value.at, of);
            }
            values = Some(self.join(values, of));
        }
        let keys = keys.unwrap_or_else(|| self.bindings.fresh());
        Type::map(keys, values.unwrap_or_else(|| self.bindings.fresh()))
    }

    fn fold(&mut self, fold: &mut Fold) -> Type {
        let range = self.check(&mut fold.range);
        let accumulator = self.check(&mut fold.init);
        let range = self.bindings.substitute(&range, false);
        let (first, second) = match &range {
            Type::List(of) if fold.second.is_some() => (Type::Int, (**of).clone()),
            Type::List(of) => ((**of).clone(), Type::Dyn),
            Type::Map(of) => of.as_ref().clone(),
            Type::Dyn | Type::Error | Type::Variable(_) => {
                self.bindings.assign(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let message = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.fault(fold.range.at, message);
                (Type::Error, Type::Error)
            }
        };
        let outside = self.locals.len();
        self.locals.push((fold.accumulator.clone(), accumulator.clone()));
        self.locals.push((fold.variable.clone(), first));
        if let Some(name) = &fold.second {
            self.locals.push((name.clone(), second));
        }
        let condition = self.check(&mut fold.condition);
        self.want(&fold.condition, &Type::Bool, &condition);
        let step = self.check(&mut fold.step);
        self.want(&fold.step, &accumulator, &step);
        self.locals.truncate(outside + 1);
        let result = self.check(&mut fold.result);
        self.locals.truncate(outside);
        self.bindings.substitute(&result, false)
    }

    fn want(&mut self, expr: &Expr, wanted: &Type, of: &Type) {
        if !self.bindings.assign(wanted, of) {
            self.mismatch(expr.at, wanted, of);
        }
    }
}

fn type_of_literal(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::Text(_) => Type::Text,
        Literal::Bytes(_) => Type::Bytes,
    }
}

/// `int` as a value has the type `type(int)`.
fn type_named(name: &str) -> Option<Type> {
    let inner = match name {
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "type" => Type::Meta(Type::Dyn.into()),
        "optional_type" => Type::optional(Type::Dyn),
        "net.IP" => Type::Opaque("net.IP"),
        "net.CIDR" => Type::Opaque("net.CIDR"),
        name => TYPE_NAMES.iter().find(|(known, _)| *known == name)?.1.clone(),
    };
    Some(Type::Meta(inner.into()))
}

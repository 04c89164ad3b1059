//! Which type may stand for which, binding type parameters on the way.

use std::sync::Arc;

use crate::cel::types::Type;

/// What type parameters are bound to, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings {
    bound: Vec<Option<Type>>,
}

impl Bindings {
    pub(super) fn fresh(&mut self) -> Type {
        self.bound.push(None);
        Type::Variable(self.bound.len() - 1)
    }

    /// The type with parameters `0..` of a signature replaced by these.
    pub(super) fn instantiate(of: &Type, fresh: &[Type]) -> Type {
        map_variables(of, &mut |number| fresh.get(number).cloned().unwrap_or(Type::Dyn))
    }

    /// Whether `given` may stand for `wanted`; binds parameters only when it may.
    pub(super) fn assign(&mut self, given: &Type, wanted: &Type) -> bool {
        self.assign_all(&[(given, wanted)])
    }

    pub(super) fn assign_all(&mut self, pairs: &[(&Type, &Type)]) -> bool {
        let before = self.bound.clone();
        let fits = pairs.iter().all(|(given, wanted)| self.fits(given, wanted));
        if !fits {
            self.bound = before;
        }
        fits
    }

    fn find(&self, number: usize) -> Option<&Type> {
        self.bound.get(number)?.as_ref()
    }

    fn fits(&mut self, given: &Type, wanted: &Type) -> bool {
        if let Type::Variable(number) = wanted {
            let (valid, bound) = self.substitutes(given, *number, wanted);
            if valid || bound {
                return valid;
            }
        }
        if let Type::Variable(number) = given {
            return self.substitutes(wanted, *number, given).0;
        }
        if given.is_dyn_or_error() || wanted.is_dyn_or_error() {
            return true;
        }
        match (given, wanted) {
            (Type::Null, other) | (other, Type::Null) => is_nullable(other),
            (Type::List(given), Type::List(wanted)) | (Type::Optional(given), Type::Optional(wanted)) => {
                self.fits(given, wanted)
            }
            (Type::Map(given), Type::Map(wanted)) => self.fits(&given.0, &wanted.0) && self.fits(&given.1, &wanted.1),
            (Type::Meta(_), Type::Meta(_)) => true,
            (given, wanted) => given == wanted,
        }
    }

    /// Whether the type may be what the parameter stands for, and whether that was bound already.
    fn substitutes(&mut self, of: &Type, number: usize, variable: &Type) -> (bool, bool) {
        if of == variable {
            return (true, true);
        }
        if let Some(bound) = self.find(number).cloned() {
            if *of == bound {
                return (true, true);
            }
            if self.fits(of, &bound) {
                let general = most_general(of, &bound);
                if !self.occurs(number, &general) {
                    self.bound[number] = Some(general);
                }
                return (true, true);
            }
            return (false, true);
        }
        if self.occurs(number, of) {
            return (false, false);
        }
        if let Some(slot) = self.bound.get_mut(number) {
            *slot = Some(of.clone());
        }
        (true, false)
    }

    /// Whether the parameter is part of the type.
    fn occurs(&self, number: usize, within: &Type) -> bool {
        match within {
            Type::Variable(other) if *other == number => true,
            Type::Variable(other) => self.find(*other).is_some_and(|bound| self.occurs(number, bound)),
            Type::List(of) | Type::Optional(of) | Type::Meta(of) => self.occurs(number, of),
            Type::Map(of) => self.occurs(number, &of.0) || self.occurs(number, &of.1),
            _ => false,
        }
    }

    /// The type with bound parameters replaced, and unbound ones by `dyn` when asked.
    pub(super) fn substitute(&self, of: &Type, unbound_to_dyn: bool) -> Type {
        map_variables(of, &mut |number| match self.find(number) {
            Some(bound) => self.substitute(bound, unbound_to_dyn),
            None if unbound_to_dyn => Type::Dyn,
            None => Type::Variable(number),
        })
    }
}

fn map_variables(of: &Type, replace: &mut dyn FnMut(usize) -> Type) -> Type {
    match of {
        Type::Variable(number) => replace(*number),
        Type::List(of) => Type::list(map_variables(of, replace)),
        Type::Optional(of) => Type::optional(map_variables(of, replace)),
        Type::Meta(of) => Type::Meta(Arc::new(map_variables(of, replace))),
        Type::Map(of) => {
            let key = map_variables(&of.0, replace);
            Type::map(key, map_variables(&of.1, replace))
        }
        other => other.clone(),
    }
}

fn is_nullable(of: &Type) -> bool {
    matches!(of, Type::Null | Type::Optional(_) | Type::Object(_) | Type::Opaque(_) | Type::Duration | Type::Timestamp)
}

/// Of two types that agree, the one that says less.
pub(super) fn most_general(left: &Type, right: &Type) -> Type {
    if less_specific(left, right) { left.clone() } else { right.clone() }
}

fn less_specific(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dyn | Type::Variable(_), _) => true,
        (_, Type::Dyn | Type::Variable(_)) => false,
        (Type::List(left), Type::List(right)) | (Type::Optional(left), Type::Optional(right)) => {
            less_specific(left, right)
        }
        (Type::Map(left), Type::Map(right)) => less_specific(&left.0, &right.0) && less_specific(&left.1, &right.1),
        (Type::Meta(_), Type::Meta(_)) => true,
        (left, right) => left == right,
    }
}

//! What types do not say: constants that could never work, elements of different types, arguments of `format`.

use super::Checked;
use crate::{
    cel::{
        syntax::{
            Fault,
            tree::{Expr, Kind},
        },
        types::Type,
        value::time,
    },
    schema::pattern,
};

pub(super) fn check(checked: &Checked) -> Vec<Fault> {
    let mut walk = Walk { checked, faults: Vec::new(), exempt: 0 };
    walk.node(&checked.root);
    walk.faults
}

struct Walk<'a> {
    checked: &'a Checked,
    faults: Vec<Fault>,
    /// Calls of `format` around: their elements may differ.
    exempt: usize,
}

impl Walk<'_> {
    fn node(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Literal(_) | Kind::Ident(_) => {}
            Kind::Select { operand, .. } => self.node(operand),
            Kind::Call { function, target, args } => {
                let format = &**function == "format";
                self.exempt += usize::from(format);
                target.as_deref().into_iter().chain(args).for_each(|arg| self.node(arg));
                self.exempt -= usize::from(format);
                self.faults.extend(constant(function, args));
                if let (true, Some(target), [list]) = (format, target, args.as_slice()) {
                    self.format(expr, target, list);
                }
            }
            Kind::List(items) => {
                items.iter().for_each(|(item, _)| self.node(item));
                let elements = items.iter().map(|(item, optional)| (item, *optional));
                self.alike(elements, true);
            }
            Kind::Map(entries) => {
                for entry in entries {
                    self.node(&entry.key);
                    self.node(&entry.value);
                }
                self.alike(entries.iter().map(|entry| (&entry.key, false)), false);
                self.alike(entries.iter().map(|entry| (&entry.value, entry.optional)), false);
            }
            Kind::Struct { fields, .. } => fields.iter().for_each(|(_, value)| self.node(value)),
            Kind::Fold(fold) => {
                let parts = [&fold.range, &fold.init, &fold.condition, &fold.step, &fold.result];
                parts.into_iter().for_each(|part| self.node(part));
            }
        }
    }

    /// Elements of one literal have one type.
    fn alike<'e>(&mut self, elements: impl Iterator<Item = (&'e Expr, bool)>, once: bool) {
        if self.exempt > 0 {
            return;
        }
        let mut first: Option<Type> = None;
        for (element, optional) in elements {
            let of = match (self.checked.type_of(element), optional) {
                (Type::Optional(inner), true) => inner.as_ref().clone(),
                (of, _) => of.clone(),
            };
            match &first {
                None => first = Some(of),
                Some(first) if *first == of => {}
                Some(first) => {
                    let message = format!("expected type '{first}' but found '{of}'");
                    self.faults.push(Fault::new(element.at, message));
                    if once {
                        return;
                    }
                }
            }
        }
    }

    /// A constant format and a list that is written out.
    fn format(&mut self, call: &Expr, target: &Expr, list: &Expr) {
        let (Some(text), Kind::List(args)) = (target.text(), &list.kind) else { return };
        let mut used = 0;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                continue;
            }
            if chars.peek() == Some(&'%') {
                chars.next();
                continue;
            }
            let fault = match (chars.peek(), args.get(used)) {
                (None, _) => Some(Fault::new(call.at, "unexpected end of string")),
                (_, None) => Some(Fault::new(call.at, format!("index {used} out of range"))),
                (Some('.'), _) => {
                    chars.next();
                    while chars.peek().is_some_and(char::is_ascii_digit) {
                        chars.next();
                    }
                    None
                }
                _ => None,
            };
            let clause = if fault.is_none() { chars.next() } else { None };
            let fault = fault.or_else(|| self.clause(clause?, call, &args.get(used)?.0));
            if let Some(fault) = fault {
                return self.faults.push(fault);
            }
            used += 1;
        }
        if args.len() > used {
            let count = args.len();
            let message = format!("too many arguments supplied to string.format (expected {used}, got {count})");
            self.faults.push(Fault::new(call.at, message));
        }
    }

    fn clause(&self, clause: char, call: &Expr, arg: &Expr) -> Option<Fault> {
        let of = self.checked.type_of(arg);
        let (fits, only) = match clause {
            's' => (
                !matches!(of, Type::Opaque(_) | Type::Object(_) | Type::Optional(_)),
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, \
                 and timestamps",
            ),
            'd' => (matches!(of, Type::Int | Type::Uint), "decimal clause can only be used on integers"),
            'f' => (matches!(of, Type::Double | Type::Text), "fixed-point clause can only be used on doubles"),
            'e' => (matches!(of, Type::Double | Type::Text), "scientific clause can only be used on doubles"),
            'b' => (
                matches!(of, Type::Int | Type::Uint | Type::Bool),
                "only integers and bools can be formatted as binary",
            ),
            'x' | 'X' => (
                matches!(of, Type::Int | Type::Uint | Type::Text | Type::Bytes),
                "only integers, byte buffers, and strings can be formatted as hex",
            ),
            'o' => (matches!(of, Type::Int | Type::Uint), "octal clause can only be used on integers"),
            other => {
                let message = format!("could not parse formatting clause: unrecognized formatting clause \"{other}\"");
                return Some(Fault::new(call.at, message));
            }
        };
        let given = match of {
            Type::List(_) => "list".to_string(),
            Type::Map(_) => "map".to_string(),
            other => other.to_string(),
        };
        let fits = fits || *of == Type::Dyn;
        (!fits).then(|| Fault::new(arg.at, format!("error during formatting: {only}, was given {given}")))
    }
}

fn constant(function: &str, args: &[Expr]) -> Option<Fault> {
    let arg = args.last()?;
    let text = arg.text()?;
    let fits = match (function, args.len()) {
        ("duration", 1) => time::parse_duration(text).is_ok(),
        ("timestamp", 1) => time::parse_timestamp(text).is_ok(),
        ("matches", _) => pattern::compile(text).is_ok(),
        _ => true,
    };
    (!fits).then(|| Fault::new(arg.at, format!("invalid {function} argument")))
}

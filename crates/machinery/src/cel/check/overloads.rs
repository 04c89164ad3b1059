//! The functions that rules may call: standard ones, and Kubernetes' libraries as of 1.33 with `semver`.

use std::{collections::BTreeMap, sync::OnceLock};

use crate::cel::types::Type;

/// One signature of a function.
#[derive(Debug)]
pub(in crate::cel) struct Overload {
    pub(in crate::cel) id: &'static str,
    /// Called on its first argument: `a.f(b)`.
    pub(in crate::cel) member: bool,
    pub(in crate::cel) args: Vec<Type>,
    pub(in crate::cel) result: Type,
    /// How many type parameters it has.
    pub(in crate::cel) parameters: usize,
}

pub(in crate::cel) type Functions = BTreeMap<&'static str, Vec<Overload>>;

/// FUNCTION ID ARGUMENTS -> RESULT. A dot before the arguments makes a member; A, B, K, V are type parameters.
const TABLE: &str = include_str!("overloads.txt");

pub(in crate::cel) fn functions() -> &'static Functions {
    static FUNCTIONS: OnceLock<Functions> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let mut functions = Functions::new();
        for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.splitn(3, ' ');
            let (Some(name), Some(id), Some(signature)) = (words.next(), words.next(), words.next()) else { continue };
            functions.entry(name).or_default().push(overload(id, signature));
        }
        functions
    })
}

fn overload(id: &'static str, signature: &'static str) -> Overload {
    let (args, result) = signature.split_once("->").unwrap_or((signature, "dyn"));
    let args = args.trim();
    let (member, args) = args.strip_prefix('.').map_or((false, args), |args| (true, args));
    let mut names = Vec::new();
    let mut reader = Reader { rest: args, names: &mut names };
    let mut types = Vec::new();
    while !reader.rest.is_empty() {
        types.push(reader.read());
    }
    let result = Reader { rest: result.trim(), names: &mut names }.read();
    Overload { id, member, args: types, result, parameters: names.len() }
}

struct Reader<'a> {
    rest: &'static str,
    names: &'a mut Vec<&'static str>,
}

impl Reader<'_> {
    fn read(&mut self) -> Type {
        let end = self.rest.find([',', '(', ')']).unwrap_or(self.rest.len());
        let name = self.rest[..end].trim();
        self.rest = &self.rest[end..];
        let mut inside = Vec::new();
        if self.skip("(") {
            while !self.rest.is_empty() && !self.skip(")") {
                inside.push(self.read());
            }
        }
        self.skip(",");
        let mut inside = inside.into_iter();
        let mut next = || inside.next().unwrap_or(Type::Dyn);
        match name {
            "dyn" => Type::Dyn,
            "bool" => Type::Bool,
            "int" => Type::Int,
            "uint" => Type::Uint,
            "double" => Type::Double,
            "string" => Type::Text,
            "bytes" => Type::Bytes,
            "timestamp" => Type::Timestamp,
            "duration" => Type::Duration,
            "list" => Type::list(next()),
            "optional" => Type::optional(next()),
            "type" => Type::Meta(next().into()),
            "map" => {
                let key = next();
                Type::map(key, next())
            }
            opaque if opaque.contains('.') => Type::Opaque(opaque),
            variable => {
                let known = self.names.iter().position(|name| *name == variable);
                Type::Variable(known.unwrap_or_else(|| {
                    self.names.push(variable);
                    self.names.len() - 1
                }))
            }
        }
    }

    fn skip(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

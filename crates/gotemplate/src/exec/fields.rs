//! Fields and methods: `.name` on whatever stands before it, with Go's words for what has none.

use super::{
    arguments,
    failure::{Done, Failure},
    machine::Scoped,
    op::{At, Method, Program, Target},
    reads::Reads,
    run::Run,
};
use crate::{
    function::{FunctionError, Param},
    syntax::{NodeId, Operand},
    value::{Map, MapType, Object, Value},
};

pub(super) enum Error {
    Message(String),
    /// A method failed.
    Method((String, FunctionError)),
}

/// Go's `evalField` without arguments.
pub(super) fn field(receiver: &Value, boxed: bool, name: &[u8], reads: &mut Option<Reads>) -> Result<Scoped, Error> {
    match receiver {
        Value::Map(map) => Ok(key(map, name, reads)),
        Value::Nil => Ok(Scoped::default()),
        Value::NilInterface => Err(Error::Message(nil_pointer(name))),
        Value::Object(object) => object_field(object, boxed, name),
        other => Err(Error::Message(no_field(name, boxed, other))),
    }
}

fn key(map: &Map, name: &[u8], reads: &mut Option<Reads>) -> Scoped {
    if let Some(reads) = reads.as_mut() {
        reads.key(map, name);
    }
    let boxed = map.map_type() != MapType::String;
    match map.get(name) {
        _ if map.map_type() == MapType::Values && matches!(name, b"AsMap" | b"YAML") => values_method(map, name, reads),
        Some(value) => Scoped { value: value.as_element(), boxed },
        None if boxed => Scoped { value: Value::NilInterface, boxed },
        None => Scoped { value: Value::text(""), boxed },
    }
}

/// The methods without arguments of Helm's type of values, which come before its keys.
fn values_method(map: &Map, name: &[u8], reads: &mut Option<Reads>) -> Scoped {
    let plain = Value::Map(map.with_type(MapType::Interface));
    if name == b"AsMap" {
        return Scoped { value: plain, boxed: false };
    }
    if let Some(reads) = reads {
        reads.whole(&plain);
    }
    let text = crate::yaml::write(&plain).unwrap_or_default();
    Scoped { value: Value::text(text), boxed: false }
}

fn object_field(object: &Object, boxed: bool, name: &[u8]) -> Result<Scoped, Error> {
    let name_text = String::from_utf8_lossy(name);
    if let Some(params) = object.signature(&name_text) {
        if let Some(message) = arguments::wrong_count(&name_text, params.len(), false, 0, false) {
            return Err(Error::Message(message));
        }
    } else if let Some(value) = object.field(&name_text) {
        return Ok(Scoped { boxed: matches!(value, Value::NilInterface), value });
    }
    match object.call(&name_text, &[]) {
        Some(Ok(value)) => Ok(Scoped { value, boxed: false }),
        Some(Err(error)) => Err(Error::Method((name_text.into_owned(), error))),
        // A map of the host that lacks the key gives the zero of its elements.
        None if object.kind_name() == "map" => Ok(Scoped { value: Value::NilInterface, boxed: true }),
        None => Err(Error::Message(no_field(name, boxed, &Value::Object(object.clone())))),
    }
}

fn nil_pointer(name: &[u8]) -> String {
    format!("nil pointer evaluating interface {{}}.{}", String::from_utf8_lossy(name))
}

fn no_field(name: &[u8], boxed: bool, value: &Value) -> String {
    let type_name = if boxed { "interface {}".to_owned() } else { value.type_name() };
    format!("can't evaluate field {} in type {type_name}", String::from_utf8_lossy(name))
}

/// Methods with arguments.
impl Run<'_> {
    fn name<'p>(&self, program: &'p Program, method: Method) -> &'p [u8] {
        program.code.tree.bytes(program.code.tree.fields[method.name as usize])
    }

    /// Before the arguments: whether the receiver has such a method.
    pub(super) fn method(&mut self, program: &Program, method: Method, skip: Target) -> Done {
        let name = self.name(program, method);
        let shown = String::from_utf8_lossy(name);
        let message = match self.stack.last() {
            None | Some(Value::Nil) => {
                if method.has_final {
                    self.pop();
                }
                self.registers.pc = skip as usize;
                return Ok(());
            }
            Some(Value::NilInterface) => nil_pointer(name),
            Some(Value::Map(_)) => format!("{shown} is not a method but has arguments"),
            Some(Value::Object(object)) => match object.signature(&shown) {
                Some(params) => {
                    let wrong =
                        arguments::wrong_count(&shown, params.len(), false, method.count.into(), method.has_final);
                    match wrong {
                        None => return Ok(()),
                        Some(message) => message,
                    }
                }
                None if object.field(&shown).is_some() => {
                    format!("{shown} has arguments but cannot be invoked as function")
                }
                None => return Ok(()),
            },
            Some(other) => no_field(name, self.boxed, other),
        };
        Err(Box::new(Failure::from(message)))
    }

    /// After each argument: its type.
    pub(super) fn method_argument(&mut self, program: &Program, name: u32, index: u32, node: NodeId) -> Done {
        let receiver = self.stack.len().checked_sub(index as usize + 2).and_then(|at| self.stack.get(at));
        let name = String::from_utf8_lossy(program.code.tree.bytes(program.code.tree.fields[name as usize]));
        let signature = match receiver {
            Some(Value::Object(object)) => object.signature(&name),
            _ => None,
        };
        let Some(param) = signature.and_then(|params| params.get(index as usize).copied()) else {
            return Ok(());
        };
        let value = self.pop();
        let operand = program.code.tree.node(node).operand;
        let converted = match operand {
            Operand::Nil | Operand::Bool(_) | Operand::Number(_) | Operand::Text(_) => {
                arguments::constant(&program.code.tree, node, param).map(|literal| literal.value())
            }
            _ => arguments::convert(value, param),
        };
        self.stack.push(converted.map_err(Failure::from)?);
        Ok(())
    }

    pub(super) fn call_method(&mut self, program: &Program, method: Method, at: At) -> Done {
        self.count_step()?;
        let name = self.name(program, method);
        let shown = String::from_utf8_lossy(name);
        let start = self.stack.len() - usize::from(method.count);
        let mut arguments = self.stack.split_off(start);
        let receiver = self.pop();
        let Value::Object(object) = &receiver else {
            return Err(Box::new(Failure::from(no_field(name, true, &receiver))));
        };
        if method.has_final {
            let param = object.signature(&shown).and_then(|params| params.last().copied()).unwrap_or(Param::Any);
            let last = self.pop();
            arguments.push(arguments::convert(last, param).map_err(Failure::from)?);
        }
        match object.call(&shown, &arguments) {
            Some(Ok(value)) => {
                self.boxed = false;
                self.stack.push(value);
                Ok(())
            }
            Some(Err(error)) => {
                self.registers.at = at;
                Err(Box::new(self.method_failure(Error::Method((shown.into_owned(), error)))))
            }
            None => Err(Box::new(Failure::from(no_field(name, true, &receiver)))),
        }
    }
}

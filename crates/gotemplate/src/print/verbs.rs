//! Values under a verb, with Go's words for a verb that does not fit.

use super::printer::{DEPTH_MAX, Printer};
use crate::value::{Bytes, Integer, List, Map, Value};

/// Go's nil slice or map.
fn is_nil(value: &Value) -> bool {
    match value {
        Value::List(list) => list.is_nil(),
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

const NIL: &[u8] = b"<nil>";

impl Printer<'_> {
    /// An argument of `printf`, or a value on its own (verb `v`).
    pub(super) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Nil | Value::NilInterface, 'T' | 'v') => self.pad(NIL),
            (Value::Nil | Value::NilInterface, _) => self.bad_verb(value, verb),
            (_, 'T') => self.string(value.type_name().as_bytes()),
            // Addresses tell nothing and differ from run to run.
            (_, 'p') => self.bad_verb(value, verb),
            // Go asks what may have methods for an error to wrap, and only errors have one.
            (Value::List(_) | Value::Map(_) | Value::Object(_), 'w') => self.bad_verb(value, verb),
            (Value::Bytes(bytes), 'v' | 'd') => self.byte_list(bytes, verb),
            (Value::Bytes(bytes), 's' | 'x' | 'X' | 'q') => self.bytes(bytes, verb),
            _ => self.value(value, verb, 0),
        }
    }

    fn bad_verb(&mut self, value: &Value, verb: char) {
        self.text("%!");
        self.rune(verb);
        self.text("(");
        if value.is_nil() {
            self.out.extend_from_slice(NIL);
        } else {
            self.text(&value.type_name());
            self.text("=");
            self.argument(value, 'v');
        }
        self.text(")");
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) {
        if depth > DEPTH_MAX || self.is_full() {
            return self.text("%!v(TOODEEP)");
        }
        match value {
            Value::Nil | Value::NilInterface if self.flags.sharp_v => self.text("interface {}(nil)"),
            Value::Nil | Value::NilInterface => self.out.extend_from_slice(NIL),
            Value::Bool(true) if matches!(verb, 't' | 'v') => self.pad(b"true"),
            Value::Bool(false) if matches!(verb, 't' | 'v') => self.pad(b"false"),
            Value::Bool(_) => self.bad_verb(value, verb),
            Value::Integer(integer) => self.integer_verb(value, *integer, verb),
            Value::Float(float) => self.float_verb(value, *float, verb),
            Value::Text(text) => self.text_verb(value, text, verb),
            Value::Bytes(bytes) if matches!(verb, 's' | 'q' | 'x' | 'X') => self.bytes(bytes, verb),
            Value::Bytes(bytes) => self.byte_values(bytes, verb, depth),
            Value::List(_) | Value::Map(_) if self.flags.sharp_v && is_nil(value) => {
                self.text(&value.type_name());
                self.text("(nil)");
            }
            Value::List(list) => self.list(list, verb, depth),
            Value::Map(map) => self.map(map, verb, depth),
            Value::Object(object) => match verb {
                'v' if self.flags.sharp_v => self.string(&object.print()),
                'v' | 's' | 'x' | 'X' | 'q' => {
                    let printed = object.print();
                    self.text_verb(value, &printed, verb);
                }
                _ => self.bad_verb(value, verb),
            },
        }
    }

    fn text_verb(&mut self, value: &Value, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.string(text),
            'x' | 'X' => self.hex_bytes(text, verb == 'X'),
            'q' => self.quoted(text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn integer_verb(&mut self, value: &Value, integer: Integer, verb: char) {
        let wide = integer.wide();
        match verb {
            'v' if self.flags.sharp_v && integer.is_unsigned() => self.prefixed_hex(wide),
            'v' | 'd' => self.integer(wide, 10, verb),
            'b' => self.integer(wide, 2, verb),
            'o' | 'O' => self.integer(wide, 8, verb),
            'x' | 'X' => self.integer(wide, 16, verb),
            'c' => self.character(wide),
            'q' => self.quoted_character(wide),
            'U' => self.unicode(wide),
            _ => self.bad_verb(value, verb),
        }
    }

    fn prefixed_hex(&mut self, wide: i128) {
        let sharp = std::mem::replace(&mut self.flags.sharp, true);
        self.integer(wide, 16, 'v');
        self.flags.sharp = sharp;
    }

    fn float_verb(&mut self, value: &Value, float: f64, verb: char) {
        match verb {
            'v' => self.float(float, 'g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => self.float(float, verb, None),
            'f' | 'e' | 'E' => self.float(float, verb, Some(6)),
            'F' => self.float(float, 'f', Some(6)),
            _ => self.bad_verb(value, verb),
        }
    }

    fn bytes(&mut self, bytes: &[u8], verb: char) {
        match verb {
            's' => self.string(bytes),
            'q' => self.quoted(bytes),
            _ => self.hex_bytes(bytes, verb == 'X'),
        }
    }

    /// A `[]byte` of its own.
    fn byte_list(&mut self, bytes: &Bytes, verb: char) {
        let sharp_v = self.flags.sharp_v;
        self.text(if sharp_v { "[]byte{" } else { "[" });
        for (at, byte) in bytes.iter().enumerate() {
            if self.is_full() {
                break;
            }
            self.between(at);
            if sharp_v {
                self.prefixed_hex((*byte).into());
            } else {
                self.integer((*byte).into(), 10, verb);
            }
        }
        self.text(if sharp_v { "}" } else { "]" });
    }

    /// A `[]uint8` within another value, or under a verb for its elements.
    fn byte_values(&mut self, bytes: &Bytes, verb: char, depth: usize) {
        self.open("[]uint8", "[");
        for (at, byte) in bytes.iter().enumerate() {
            self.between(at);
            self.value(&Value::Integer(Integer::Uint8(*byte)), verb, depth + 1);
        }
        self.close();
    }

    fn list(&mut self, list: &List, verb: char, depth: usize) {
        self.open(&format!("[]{}", list.element().go_name()), "[");
        for (at, value) in list.iter().enumerate() {
            self.between(at);
            self.value(value, verb, depth + 1);
        }
        self.close();
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize) {
        self.open(map.map_type().go_name(), "map[");
        for (at, (key, value)) in map.read().iter().enumerate() {
            self.between(at);
            self.text_verb(&Value::Text(key.clone()), key, verb);
            self.text(":");
            self.value(value, verb, depth + 1);
        }
        self.close();
    }

    fn open(&mut self, type_name: &str, plain: &str) {
        if self.flags.sharp_v {
            self.text(type_name);
            self.text("{");
        } else {
            self.text(plain);
        }
    }

    fn between(&mut self, at: usize) {
        if at > 0 {
            self.text(if self.flags.sharp_v { ", " } else { " " });
        }
    }

    fn close(&mut self) {
        self.text(if self.flags.sharp_v { "}" } else { "]" });
    }
}

//! `fmt.Sprintf`: formats with flags, widths, precisions and argument indexes, and Go's marks for what is wrong with them.

use super::{
    printer::{Flags, Printer},
    runes,
};
use crate::value::Value;

/// Widths and precisions beyond this are refused, as in Go.
const LARGEST: i128 = 1_000_000;

/// `fmt.Sprintf`.
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Vec<u8> {
    let mut out = Vec::with_capacity(format.len() + 16);
    let mut formatter = Formatter {
        printer: Printer::new(&mut out),
        format,
        arguments,
        at: 0,
        next: 0,
        reordered: false,
        good_index: true,
        after_index: false,
    };
    formatter.run();
    out
}

struct Formatter<'f, 'o> {
    printer: Printer<'o>,
    format: &'f [u8],
    arguments: &'f [Value],
    at: usize,
    /// The argument that the next verb takes.
    next: usize,
    reordered: bool,
    good_index: bool,
    after_index: bool,
}

impl Formatter<'_, '_> {
    fn run(&mut self) {
        while self.at < self.format.len() {
            self.good_index = true;
            let rest = &self.format[self.at..];
            let plain = memchr::memchr(b'%', rest).unwrap_or(rest.len());
            self.printer.out.extend_from_slice(&rest[..plain]);
            self.at += plain;
            if self.at >= self.format.len() {
                break;
            }
            self.at += 1;
            self.printer.flags = Flags::default();
            self.flags();
            self.index();
            self.width();
            self.precision();
            if !self.after_index {
                self.index();
            }
            if self.at >= self.format.len() {
                self.printer.text("%!(NOVERB)");
                break;
            }
            self.verb();
            if self.printer.is_full() {
                return self.printer.text("%!(TOOLONG)");
            }
        }
        self.extra();
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    fn flags(&mut self) {
        while let Some(byte) = self.peek() {
            let flags = &mut self.printer.flags;
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// An explicit index, `[3]`.
    fn index(&mut self) {
        self.after_index = false;
        if self.peek() != Some(b'[') {
            return;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let Some(close) = rest.iter().position(|byte| *byte == b']').filter(|_| rest.len() >= 3) else {
            self.good_index = false;
            self.at += 1;
            return;
        };
        self.at += close + 1;
        let number = parse_number(&rest[1..close]).filter(|(_, width)| *width == close - 1 && close > 1);
        match number {
            Some((number, _)) => {
                self.after_index = true;
                match usize::try_from(number - 1).ok().filter(|index| *index < self.arguments.len()) {
                    Some(index) => self.next = index,
                    None => self.good_index = false,
                }
            }
            None => self.good_index = false,
        }
    }

    fn width(&mut self) {
        if self.peek() == Some(b'*') {
            self.at += 1;
            let width = self.integer_argument();
            if width.is_none() {
                self.printer.text("%!(BADWIDTH)");
            }
            let flags = &mut self.printer.flags;
            if width.is_some_and(|width| width < 0) {
                flags.minus = true;
                flags.zero = false;
            }
            flags.width = width.map(|width| width.unsigned_abs() as usize);
            self.after_index = false;
            return;
        }
        self.printer.flags.width = self.number();
        if self.after_index && self.printer.flags.width.is_some() {
            self.good_index = false;
        }
    }

    fn precision(&mut self) {
        if self.peek() != Some(b'.') || self.at + 1 >= self.format.len() {
            return;
        }
        self.at += 1;
        if self.after_index {
            self.good_index = false;
        }
        self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let precision = self.integer_argument().and_then(|precision| usize::try_from(precision).ok());
            if precision.is_none() {
                self.printer.text("%!(BADPREC)");
            }
            self.printer.flags.precision = precision;
            self.after_index = false;
        } else {
            self.printer.flags.precision = Some(self.number().unwrap_or_default());
        }
    }

    fn number(&mut self) -> Option<usize> {
        let rest = &self.format[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match parse_number(rest) {
            Some((number, width)) => {
                self.at += width;
                usize::try_from(number).ok()
            }
            // Too long a number swallows the rest of the format.
            None if digits > 0 => {
                self.at = self.format.len();
                None
            }
            None => None,
        }
    }

    fn integer_argument(&mut self) -> Option<i128> {
        let value = self.arguments.get(self.next)?;
        self.next += 1;
        match value {
            Value::Integer(integer) => Some(integer.wide()).filter(|wide| (-LARGEST..=LARGEST).contains(wide)),
            _ => None,
        }
    }

    fn verb(&mut self) {
        let (verb, width) = runes::decode(&self.format[self.at..]);
        self.at += width;
        if verb == '%' {
            return self.printer.text("%");
        }
        let Some(value) = self.arguments.get(self.next).filter(|_| self.good_index) else {
            self.printer.text("%!");
            self.printer.rune(verb);
            return self.printer.text(if self.good_index { "(MISSING)" } else { "(BADINDEX)" });
        };
        let flags = &mut self.printer.flags;
        if matches!(verb, 'v' | 'w') {
            flags.sharp_v = std::mem::take(&mut flags.sharp);
            flags.plus = false;
        }
        self.printer.argument(value, verb);
        self.next += 1;
    }

    fn extra(&mut self) {
        if self.reordered || self.next >= self.arguments.len() {
            return;
        }
        self.printer.flags = Flags::default();
        self.printer.text("%!(EXTRA ");
        for (at, value) in self.arguments[self.next..].iter().enumerate() {
            if at > 0 {
                self.printer.text(", ");
            }
            if !value.is_nil() {
                self.printer.text(&value.type_name());
                self.printer.text("=");
            }
            self.printer.argument(value, 'v');
        }
        self.printer.text(")");
    }
}

/// Leading digits: their value, and how many there are. `None` without digits and for numbers that are too large.
fn parse_number(text: &[u8]) -> Option<(i128, usize)> {
    let mut number = 0;
    let mut width = 0;
    for digit in text.iter().take_while(|byte| byte.is_ascii_digit()) {
        if number > LARGEST {
            return None;
        }
        number = number * 10 + i128::from(digit - b'0');
        width += 1;
    }
    (width > 0).then_some((number, width))
}

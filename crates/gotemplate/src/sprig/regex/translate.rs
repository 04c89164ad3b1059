//! Reads Go's syntax of regular expressions and writes it for crate `regex`. What Go refuses is refused with Go's error; what the
//! crate reads differently is written so that both mean the same.

use std::fmt::Write as _;

use super::{
    class,
    syntax::{Code, Error, Reader},
};

/// The highest repeat count, and the highest product of nested ones.
const REPEAT_MAX: u64 = 1_000;

/// A pattern for crate `regex`.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) pattern: String,
    /// The names of the groups, in order; the first is the whole match. They stay here, because Go's may repeat and start with
    /// digits, which the crate refuses.
    pub(super) names: Vec<Option<String>>,
}

pub(super) fn translate(pattern: &[u8]) -> Result<Translation, Error> {
    let mut translator = Translator {
        reader: Reader { whole: pattern, at: 0 },
        out: String::with_capacity(pattern.len() + 16),
        names: vec![None],
        flags: Flags::default(),
        groups: Vec::new(),
        current: Sequence::default(),
        last_repeat: None,
    };
    while !translator.reader.rest().is_empty() {
        let repeat = translator.step()?;
        translator.last_repeat = repeat;
    }
    if !translator.groups.is_empty() {
        return Err(translator.reader.error(Code::MissingParen, 0, pattern.len()));
    }
    Ok(Translation { pattern: translator.out, names: translator.names })
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    swap_greed: bool,
}

impl Flags {
    fn set(&mut self, flag: char, to: bool) -> bool {
        match flag {
            'i' => self.fold_case = to,
            'm' => self.multi_line = to,
            's' => self.dot_newline = to,
            'U' => self.swap_greed = to,
            _ => return false,
        }
        true
    }

    /// All four, set or cleared.
    fn written(self) -> String {
        let all = [('i', self.fold_case), ('m', self.multi_line), ('s', self.dot_newline), ('U', self.swap_greed)];
        let of = |on: bool| all.iter().filter(move |(_, set)| *set == on).map(|(flag, _)| *flag).collect::<String>();
        let (on, off) = (of(true), of(false));
        if off.is_empty() { on } else { format!("{on}-{off}") }
    }
}

/// What has been read of the innermost group.
#[derive(Debug, Clone, Copy, Default)]
struct Sequence {
    /// The most that a repeat count may multiply within, of what stands before the last operand.
    repeats: u64,
    last: Option<Operand>,
}

#[derive(Debug, Clone, Copy)]
struct Operand {
    /// Where it ends in the output: a repetition belongs there, also when flags were set since.
    end: usize,
    repeats: u64,
}

#[derive(Debug)]
struct Group {
    outer: Sequence,
    flags: Flags,
}

struct Translator<'a> {
    reader: Reader<'a>,
    out: String,
    names: Vec<Option<String>>,
    flags: Flags,
    groups: Vec<Group>,
    current: Sequence,
    /// Where the repetition starts that was read last, if nothing followed it.
    last_repeat: Option<usize>,
}

impl Translator<'_> {
    /// Reads one item. Returns where it starts if it is a repetition.
    fn step(&mut self) -> Result<Option<usize>, Error> {
        let from = self.reader.at;
        match self.reader.rest()[0] {
            b'(' if self.reader.peek(1) == Some(b'?') => self.perl_group()?,
            b'(' => {
                self.reader.at += 1;
                self.names.push(None);
                self.open("(");
            }
            b')' => self.close()?,
            b'|' => {
                self.reader.at += 1;
                self.out.push('|');
                self.current = Sequence { repeats: self.finished(), last: None };
            }
            b'^' => self.assertion("^", 1),
            b'$' => self.assertion("$", 1),
            b'.' => self.assertion(".", 1),
            b'[' => {
                let class = class::bracketed(&mut self.reader)?;
                self.operand(&class);
            }
            byte @ (b'*' | b'+' | b'?') => {
                self.reader.at += 1;
                self.repeat(&char::from(byte).to_string(), 0, from)?;
                return Ok(Some(from));
            }
            b'{' => return self.counted(),
            b'\\' => self.backslash()?,
            _ => {
                let rune = self.reader.rune()?;
                self.operand(&class::literal(rune.into()));
            }
        }
        Ok(None)
    }

    fn operand(&mut self, text: &str) {
        self.out.push_str(text);
        self.push_operand(0);
    }

    fn push_operand(&mut self, repeats: u64) {
        self.current.repeats = self.finished();
        self.current.last = Some(Operand { end: self.out.len(), repeats });
    }

    fn finished(&self) -> u64 {
        self.current.last.map_or(0, |last| last.repeats).max(self.current.repeats)
    }

    fn assertion(&mut self, text: &str, bytes: usize) {
        self.reader.at += bytes;
        self.operand(text);
    }

    fn open(&mut self, text: &str) {
        self.out.push_str(text);
        self.groups.push(Group { outer: self.current, flags: self.flags });
        self.current = Sequence::default();
    }

    fn close(&mut self) -> Result<(), Error> {
        let Some(group) = self.groups.pop() else {
            return Err(self.reader.error(Code::UnexpectedParen, 0, self.reader.whole.len()));
        };
        let repeats = self.finished();
        self.reader.at += 1;
        self.out.push(')');
        self.flags = group.flags;
        self.current = group.outer;
        self.push_operand(repeats);
        Ok(())
    }

    /// `(?` and what follows: a named group, a group with flags, or flags for the rest of this one.
    fn perl_group(&mut self) -> Result<(), Error> {
        let from = self.reader.at;
        let rest = self.reader.rest();
        let prefix = match rest {
            [b'(', b'?', b'P', b'<', _, ..] => 4,
            [b'(', b'?', b'<', _, ..] => 3,
            _ => return self.flags_group(from),
        };
        let Some(end) = memchr::memchr(b'>', rest) else {
            self.reader.check_utf8(rest)?;
            return Err(self.reader.error(Code::InvalidNamedCapture, from, self.reader.whole.len()));
        };
        let name = rest.get(prefix..end).unwrap_or_default();
        self.reader.check_utf8(name)?;
        self.reader.at += end + 1;
        if name.is_empty() || !name.iter().all(|byte| *byte == b'_' || byte.is_ascii_alphanumeric()) {
            return self.reader.refuse(Code::InvalidNamedCapture, from);
        }
        self.names.push(Some(String::from_utf8_lossy(name).into_owned()));
        self.open("(");
        Ok(())
    }

    fn flags_group(&mut self, from: usize) -> Result<(), Error> {
        self.reader.at += 2;
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        while !self.reader.rest().is_empty() {
            match self.reader.rune()? {
                '-' if on => (on, seen) = (false, false),
                end @ (':' | ')') if on || seen => {
                    if end == ':' {
                        self.open(&format!("(?{}:", flags.written()));
                        self.flags = flags;
                    } else if flags != self.flags {
                        let _ = write!(self.out, "(?{})", flags.written());
                        self.flags = flags;
                    }
                    return Ok(());
                }
                flag if flags.set(flag, on) => seen = true,
                _ => break,
            }
        }
        self.reader.refuse(Code::InvalidPerlOp, from)
    }

    /// `{2,5}`, or a brace that is only a character.
    fn counted(&mut self) -> Result<Option<usize>, Error> {
        let from = self.reader.at;
        let Some((least, most, length)) = counts(self.reader.rest()) else {
            self.reader.at += 1;
            self.operand(&class::literal('{'.into()));
            return Ok(None);
        };
        self.reader.at += length;
        let too_many = |count: Option<u64>| count.is_none_or(|count| count > REPEAT_MAX);
        if too_many(least) || most.is_some_and(|most| too_many(most) || most < least) {
            return self.reader.refuse(Code::InvalidRepeatSize, from);
        }
        let least = least.unwrap_or(0);
        let (operator, count) = match most.flatten() {
            Some(most) => (format!("{{{least},{most}}}"), most),
            None => (format!("{{{least},}}"), least),
        };
        self.repeat(&operator, count, from)?;
        Ok(Some(from))
    }

    /// Repeats the last operand. `count` is what Go multiplies, 0 for `*` and its kin.
    fn repeat(&mut self, operator: &str, count: u64, from: usize) -> Result<(), Error> {
        let lazy = self.reader.peek(0) == Some(b'?');
        self.reader.at += usize::from(lazy);
        if let Some(last) = self.last_repeat {
            return self.reader.refuse(Code::InvalidRepeatOp, last);
        }
        let Some(operand) = self.current.last else { return self.reader.refuse(Code::MissingRepeatArgument, from) };
        let within = operand.repeats;
        let repeats =
            if count == 0 { if operator.starts_with('{') { 0 } else { within } } else { count * within.max(1) };
        if count >= 2 && repeats > REPEAT_MAX {
            return self.reader.refuse(Code::InvalidRepeatSize, from);
        }
        let written = format!("{operator}{}", if lazy { "?" } else { "" });
        self.out.insert_str(operand.end, &written);
        self.current.last = Some(Operand { end: operand.end + written.len(), repeats });
        Ok(())
    }

    fn backslash(&mut self) -> Result<(), Error> {
        match self.reader.peek(1) {
            Some(b'A') => self.assertion(r"\A", 2),
            Some(b'z') => self.assertion(r"\z", 2),
            Some(b'b') => self.assertion(r"(?-u:\b)", 2),
            Some(b'B') => self.assertion(r"(?-u:\B)", 2),
            Some(b'C') => {
                self.reader.at += 2;
                return self.reader.refuse(Code::InvalidEscape, self.reader.at - 2);
            }
            Some(b'Q') => return self.quoted(),
            _ => {
                let class = match class::unicode(&mut self.reader)? {
                    Some(class) => class,
                    None => match class::perl(&mut self.reader) {
                        Some(class) => class.to_owned(),
                        None => class::literal(self.reader.escape()?),
                    },
                };
                self.operand(&class);
            }
        }
        Ok(())
    }

    /// `\Q...\E`: characters that mean themselves.
    fn quoted(&mut self) -> Result<(), Error> {
        self.reader.at += 2;
        while !self.reader.rest().is_empty() {
            if self.reader.rest().starts_with(br"\E") {
                self.reader.at += 2;
                break;
            }
            let rune = self.reader.rune()?;
            self.operand(&class::literal(rune.into()));
        }
        Ok(())
    }
}

/// A count: `None` is one that is too high to be a number.
type Count = Option<u64>;

/// The counts of `{2}`, `{2,}` or `{2,5}` and the length. The second is `None` where it is open.
fn counts(text: &[u8]) -> Option<(Count, Option<Count>, usize)> {
    let (least, mut at) = number(text, 1)?;
    let mut most = Some(least);
    if text.get(at) == Some(&b',') {
        at += 1;
        most = None;
        if text.get(at) != Some(&b'}') {
            let (count, end) = number(text, at)?;
            (most, at) = (Some(count), end);
        }
    }
    (text.get(at) == Some(&b'}')).then_some((least, most, at + 1))
}

fn number(text: &[u8], from: usize) -> Option<(Count, usize)> {
    let length = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 1 && text[from] == b'0' {
        return None;
    }
    let digits = std::str::from_utf8(&text[from..from + length]).ok()?;
    Some((digits.parse().ok().filter(|count: &u64| *count <= 100_000_000), from + length))
}

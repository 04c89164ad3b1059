//! Cuts a template's text into items, in the states and with the line counts of Go's lexer. Text between actions is skipped with a
//! SIMD search for the delimiter.

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::item::{Item, Kind, Span};
use crate::print::{quote, runes};

const LEFT: &[u8] = b"{{";
const RIGHT: &[u8] = b"}}";
/// The trim marker and the space beside it.
const MARKER: usize = 2;

pub(crate) struct Lexer<'t> {
    input: &'t [u8],
    pos: usize,
    start: usize,
    line: u32,
    start_line: u32,
    paren_depth: i32,
    inside_action: bool,
    delimiter: memmem::Finder<'static>,
    /// Why the last item is `Kind::Error`.
    pub(crate) failure: String,
}

type Step = Option<Item>;

impl<'t> Lexer<'t> {
    pub(crate) fn new(input: &'t [u8]) -> Self {
        Self {
            input,
            pos: 0,
            start: 0,
            line: 1,
            start_line: 1,
            paren_depth: 0,
            inside_action: false,
            delimiter: memmem::Finder::new(LEFT),
            failure: String::new(),
        }
    }

    pub(crate) fn next_item(&mut self) -> Item {
        if self.inside_action { self.lex_inside_action() } else { self.lex_text() }
    }

    fn rest(&self) -> &'t [u8] {
        self.input.get(self.pos..).unwrap_or_default()
    }

    /// The next rune; `None` at the end.
    #[inline]
    fn next(&mut self) -> Option<char> {
        let (rune, width) = runes::decode(self.rest());
        if width == 0 {
            return None;
        }
        self.pos += width;
        if rune == '\n' {
            self.line += 1;
        }
        Some(rune)
    }

    #[inline]
    fn peek(&self) -> Option<char> {
        let (rune, width) = runes::decode(self.rest());
        (width > 0).then_some(rune)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let accepted = self.peek().is_some_and(|rune| valid.contains(rune));
        if accepted {
            self.next();
        }
        accepted
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn emit(&mut self, kind: Kind) -> Item {
        let item = Item { kind, span: Span { start: self.start as u32, end: self.pos as u32 }, line: self.start_line };
        self.start = self.pos;
        self.start_line = self.line;
        item
    }

    /// Skips what was passed without `next`, counting its lines.
    fn ignore(&mut self) {
        self.line += lines(&self.input[self.start..self.pos]);
        self.start = self.pos;
        self.start_line = self.line;
    }

    fn fail(&mut self, message: impl Into<String>) -> Item {
        self.failure = message.into();
        let at = self.start as u32;
        let item = Item { kind: Kind::Error, span: Span { start: at, end: at }, line: self.start_line };
        self.input = &[];
        self.start = 0;
        self.pos = 0;
        item
    }

    fn lex_text(&mut self) -> Item {
        loop {
            let Some(found) = self.delimiter.find(self.rest()) else {
                self.pos = self.input.len();
                if self.pos > self.start {
                    self.line += lines(&self.input[self.start..]);
                    return self.emit(Kind::Text);
                }
                return self.emit(Kind::Eof);
            };
            if found > 0
                && let Some(text) = self.text_before(found)
            {
                return text;
            }
            if let Some(item) = self.lex_left_delim() {
                return item;
            }
        }
    }

    fn text_before(&mut self, length: usize) -> Step {
        self.pos += length;
        let mut trimmed = 0;
        if has_left_marker(&self.input[self.pos + LEFT.len()..]) {
            let text = &self.input[self.start..self.pos];
            trimmed = text.iter().rev().take_while(|byte| is_space(**byte)).count();
        }
        self.pos -= trimmed;
        self.line += lines(&self.input[self.start..self.pos]);
        let item = self.emit(Kind::Text);
        self.pos += trimmed;
        self.ignore();
        (item.span.end > item.span.start).then_some(item)
    }

    /// `None` after a comment.
    fn lex_left_delim(&mut self) -> Step {
        self.pos += LEFT.len();
        let marker = if has_left_marker(self.rest()) { MARKER } else { 0 };
        if self.rest()[marker..].starts_with(b"/*") {
            self.pos += marker;
            self.ignore();
            return self.lex_comment();
        }
        let item = self.emit(Kind::LeftDelim);
        self.inside_action = true;
        self.pos += marker;
        self.ignore();
        self.paren_depth = 0;
        Some(item)
    }

    fn lex_comment(&mut self) -> Step {
        self.pos += 2;
        let Some(found) = memmem::find(self.rest(), b"*/") else {
            return Some(self.fail("unclosed comment"));
        };
        self.pos += found + 2;
        let Some(trim) = self.right_delim() else {
            return Some(self.fail("comment ends before closing delimiter"));
        };
        if trim {
            self.pos += MARKER;
        }
        self.pos += RIGHT.len();
        if trim {
            self.pos += self.rest().iter().take_while(|byte| is_space(**byte)).count();
        }
        self.ignore();
        None
    }

    /// Whether the lexer is at a right delimiter, and whether that one trims.
    #[inline]
    fn right_delim(&self) -> Option<bool> {
        let rest = self.rest();
        if has_right_marker(rest) && rest[MARKER..].starts_with(RIGHT) {
            return Some(true);
        }
        rest.starts_with(RIGHT).then_some(false)
    }

    fn lex_right_delim(&mut self, trim: bool) -> Item {
        if trim {
            self.pos += MARKER;
            self.ignore();
        }
        self.pos += RIGHT.len();
        let item = self.emit(Kind::RightDelim);
        if trim {
            self.pos += self.rest().iter().take_while(|byte| is_space(**byte)).count();
            self.ignore();
        }
        self.inside_action = false;
        item
    }

    fn lex_inside_action(&mut self) -> Item {
        if let Some(trim) = self.right_delim() {
            if self.paren_depth == 0 {
                return self.lex_right_delim(trim);
            }
            return self.fail("unclosed left paren");
        }
        let Some(rune) = self.peek() else {
            return self.fail("unclosed action");
        };
        match rune {
            ' ' | '\t' | '\r' | '\n' => self.lex_space(),
            '+' | '-' | '0'..='9' => self.lex_number(),
            '.' if self.rest().get(1).is_some_and(u8::is_ascii_digit) => self.lex_number(),
            _ if is_alphanumeric(rune) => self.lex_identifier(),
            _ => {
                self.next();
                self.lex_sign(rune)
            }
        }
    }

    /// An item that its first rune tells; that rune has been passed.
    fn lex_sign(&mut self, rune: char) -> Item {
        match rune {
            '=' => self.emit(Kind::Assign),
            ':' => {
                if self.next() != Some('=') {
                    return self.fail("expected :=");
                }
                self.emit(Kind::Declare)
            }
            '|' => self.emit(Kind::Pipe),
            '"' => self.lex_quoted(b'"', Kind::String, "unterminated quoted string"),
            '\'' => self.lex_quoted(b'\'', Kind::CharConstant, "unterminated character constant"),
            '`' => self.lex_raw(),
            '$' => self.lex_field_or_variable(Kind::Variable),
            // At the very end of the text Go reads a number here, which a lone dot then is.
            '.' if self.pos >= self.input.len() => self.emit(Kind::Number),
            '.' => self.lex_field_or_variable(Kind::Field),
            '(' => {
                self.paren_depth += 1;
                self.emit(Kind::LeftParen)
            }
            ')' => {
                self.paren_depth -= 1;
                if self.paren_depth < 0 {
                    return self.fail("unexpected right paren");
                }
                self.emit(Kind::RightParen)
            }
            ' '..='~' => self.emit(Kind::Char),
            _ => self.fail(format!("unrecognized character in action: {}", runes::show(rune))),
        }
    }

    /// A run of spaces. The last one may belong to a trimming delimiter.
    fn lex_space(&mut self) -> Item {
        let run = self.rest();
        let count = run.iter().position(|byte| !is_space(*byte)).unwrap_or(run.len());
        self.pos += count;
        self.line += lines(&run[..count]);
        let last = &self.input[self.pos - 1..];
        if has_right_marker(last) && last[MARKER..].starts_with(RIGHT) {
            self.pos -= 1;
            if last[0] == b'\n' {
                self.line -= 1;
            }
            if count == 1 {
                return self.lex_right_delim(true);
            }
        }
        self.emit(Kind::Space)
    }

    /// Passes letters, digits and underscores.
    fn pass_word(&mut self) {
        loop {
            let rest = self.rest();
            let ascii = rest.iter().position(|byte| !is(*byte, WORD)).unwrap_or(rest.len());
            self.pos += ascii;
            match rest.get(ascii) {
                Some(byte) if !byte.is_ascii() => match self.peek() {
                    Some(rune) if is_alphanumeric(rune) => self.pos += rune_width(self.rest()),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    fn lex_identifier(&mut self) -> Item {
        self.pass_word();
        if let Some(item) = self.bad_end() {
            return item;
        }
        let word = &self.input[self.start..self.pos];
        let kind = match word {
            b"true" | b"false" => Kind::Bool,
            _ => Kind::keyword(word).unwrap_or(Kind::Identifier),
        };
        self.emit(kind)
    }

    /// The dot or dollar has been passed.
    fn lex_field_or_variable(&mut self, kind: Kind) -> Item {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Variable { kind } else { Kind::Dot });
        }
        self.pass_word();
        if let Some(item) = self.bad_end() {
            return item;
        }
        self.emit(kind)
    }

    /// What may not follow a word, as an error.
    fn bad_end(&mut self) -> Step {
        if self.at_terminator() {
            return None;
        }
        let rune = self.peek()?;
        Some(self.fail(format!("bad character {}", runes::show(rune))))
    }

    fn at_terminator(&self) -> bool {
        match self.rest() {
            [] => true,
            [byte, ..] if is(*byte, TERMINATOR) => true,
            rest => rest.starts_with(RIGHT),
        }
    }

    fn lex_quoted(&mut self, mark: u8, kind: Kind, unterminated: &str) -> Item {
        // What counts is ASCII, and no byte of a longer rune is.
        while let Some(found) = memchr3(mark, b'\\', b'\n', self.rest()) {
            let byte = self.rest()[found];
            self.pos += found + 1;
            match byte {
                b'\\' if !matches!(self.rest().first(), None | Some(b'\n')) => self.pos += 1,
                byte if byte == mark => return self.emit(kind),
                _ => break,
            }
        }
        self.fail(unterminated)
    }

    fn lex_raw(&mut self) -> Item {
        match memchr(b'`', self.rest()) {
            None => {
                // Go has passed everything, with its lines, when it notices.
                self.fail("unterminated raw quoted string")
            }
            Some(found) => {
                let end = self.pos + found + 1;
                self.line += lines(&self.input[self.pos..end]);
                self.pos = end;
                self.emit(Kind::RawString)
            }
        }
    }

    fn lex_number(&mut self) -> Item {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || self.input[self.pos - 1] != b'i' {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Item {
        let shown = quote(&self.input[self.start..self.pos]);
        self.fail(format!("bad number syntax: {shown}"))
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        let (mut decimal, mut hex) = (true, false);
        if self.accept("0") {
            if self.accept("xX") {
                (digits, decimal, hex) = ("0123456789abcdefABCDEF_", false, true);
            } else if self.accept("oO") {
                (digits, decimal) = ("01234567_", false);
            } else if self.accept("bB") {
                (digits, decimal) = ("01_", false);
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if (decimal && self.accept("eE")) || (hex && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn lines(bytes: &[u8]) -> u32 {
    memchr_iter(b'\n', bytes).count() as u32
}

fn rune_width(bytes: &[u8]) -> usize {
    runes::decode(bytes).1
}

fn is_space(byte: u8) -> bool {
    is(byte, SPACE)
}

/// Classes of bytes.
const SPACE: u8 = 1;
/// ASCII letters, digits and the underscore.
const WORD: u8 = 2;
/// What may follow a word.
const TERMINATOR: u8 = 4;

#[inline]
fn is(byte: u8, class: u8) -> bool {
    CLASSES[byte as usize] & class != 0
}

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => SPACE | TERMINATOR,
            b'.' | b',' | b'|' | b':' | b')' | b'(' => TERMINATOR,
            b'_' => WORD,
            byte if byte.is_ascii_alphanumeric() => WORD,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

fn is_alphanumeric(rune: char) -> bool {
    rune == '_' || runes::is_letter(rune) || runes::is_digit(rune)
}

fn has_left_marker(bytes: &[u8]) -> bool {
    matches!(bytes, [b'-', space, ..] if is_space(*space))
}

fn has_right_marker(bytes: &[u8]) -> bool {
    matches!(bytes, [space, b'-', ..] if is_space(*space))
}

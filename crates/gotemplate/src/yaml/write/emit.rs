//! Lays out nodes as libyaml's emitter does: indentation, indicators, keys that need a `?`.

use std::borrow::Cow;

use base64::Engine as _;

use super::{
    Look,
    scalar::{Analysis, is_base60},
};
use crate::yaml::resolve::{Resolved, resolve};

const INDENT: usize = 2;
/// Keys that are longer get a `?`.
const MAX_SIMPLE_KEY: usize = 128;

/// What the next node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Root,
    Item,
    Key,
    Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

#[derive(Debug)]
pub(super) struct Emitter {
    pub(super) out: String,
    pub(super) look: Look,
    /// In characters.
    pub(super) column: usize,
    /// `None` before the root.
    indent: Option<usize>,
    indents: Vec<Option<usize>>,
    /// Whether the last character was white space.
    pub(super) whitespace: bool,
    /// Whether nothing but indentation and `-`, `?`, `:` stands on the line.
    pub(super) indention: bool,
    context: Context,
}

impl Emitter {
    pub(super) fn new(look: Look) -> Self {
        Self {
            out: String::new(),
            look,
            column: 0,
            indent: None,
            indents: Vec::new(),
            whitespace: true,
            indention: true,
            context: Context::Root,
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.indent = None;
        self.write_indent();
        self.out.into_bytes()
    }

    pub(super) fn put(&mut self, character: char) {
        self.out.push(character);
        self.column += 1;
    }

    pub(super) fn put_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
        if self.look == Look::V3 {
            self.indention = true;
        }
    }

    pub(super) fn write_indent(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        if self.look == Look::V2 {
            self.indention = true;
        }
    }

    pub(super) fn indicator(&mut self, indicator: &str, needs_space: bool, is_space: bool, is_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(indicator);
        self.column += indicator.len();
        self.whitespace = is_space;
        self.indention = self.indention && is_indention;
    }

    fn increase_indent(&mut self, flow: bool, indentless: bool) {
        self.indents.push(self.indent);
        self.indent = match self.indent {
            None => Some(if flow { INDENT } else { 0 }),
            Some(indent) if !indentless => Some(indent + INDENT),
            same => same,
        };
    }

    fn decrease_indent(&mut self) {
        self.indent = self.indents.pop().flatten();
    }

    pub(super) fn start_sequence(&mut self, empty: bool) {
        if empty {
            self.indicator("[", true, true, false);
            return;
        }
        let in_mapping = matches!(self.context, Context::Key | Context::Value);
        self.increase_indent(false, self.look == Look::V2 && in_mapping && !self.indention);
    }

    pub(super) fn item(&mut self) {
        self.write_indent();
        self.indicator("-", true, false, true);
        self.context = Context::Item;
    }

    pub(super) fn end_sequence(&mut self, empty: bool) {
        if empty {
            self.indicator("]", false, false, false);
        } else {
            self.decrease_indent();
        }
    }

    pub(super) fn start_mapping(&mut self, empty: bool) {
        if empty {
            self.indicator("{", true, true, false);
        } else {
            self.increase_indent(false, false);
        }
    }

    /// Writes a key and its colon.
    pub(super) fn key(&mut self, key: &str) {
        self.write_indent();
        let analysis = Analysis::new(key);
        let simple = !analysis.multiline && key.len() <= MAX_SIMPLE_KEY;
        self.context = Context::Key;
        if simple {
            self.write_text(key, &analysis, true);
            self.indicator(":", false, false, false);
        } else {
            self.indicator("?", true, false, true);
            self.write_text(key, &analysis, false);
            self.write_indent();
            self.indicator(":", true, false, true);
        }
        self.context = Context::Value;
    }

    pub(super) fn end_mapping(&mut self, empty: bool) {
        if empty {
            self.indicator("}", false, false, false);
        } else {
            self.decrease_indent();
        }
    }

    /// A number, a boolean, a null.
    pub(super) fn literal(&mut self, text: &str) {
        if !self.whitespace {
            self.put(' ');
        }
        self.out.push_str(text);
        self.column += text.len();
        self.whitespace = false;
        self.indention = false;
    }

    pub(super) fn text(&mut self, text: &str) {
        self.write_text(text, &Analysis::new(text), false);
    }

    /// Text that is no UTF-8, as go-yaml v3 writes it.
    pub(super) fn binary(&mut self, bytes: &[u8]) {
        const LINE: usize = 70;
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        let text: Cow<'_, str> = if encoded.len() < LINE {
            encoded.into()
        } else {
            let lines = encoded.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
            lines.collect::<String>().into()
        };
        self.indicator("!!binary", true, false, false);
        let style = if text.contains('\n') { Style::Literal } else { Style::Plain };
        self.write_styled(&text, style, false);
    }

    fn write_text(&mut self, text: &str, analysis: &Analysis, simple_key: bool) {
        let wanted = if text.contains('\n') {
            Style::Literal
        } else if resolve(text) == Resolved::Text && !is_base60(text) {
            Style::Plain
        } else {
            Style::Double
        };
        let style = analysis.allowed(wanted, self.look, simple_key);
        self.write_styled(text, style, simple_key);
    }

    fn write_styled(&mut self, text: &str, style: Style, simple_key: bool) {
        self.increase_indent(true, false);
        match style {
            Style::Plain => self.write_plain(text, !simple_key),
            Style::Single => self.write_single_quoted(text, !simple_key),
            Style::Double => self.write_double_quoted(text, !simple_key),
            Style::Literal => self.write_literal(text),
        }
        self.decrease_indent();
    }
}

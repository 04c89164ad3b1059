//! Tokens of a template, as Go's lexer cuts them.

use crate::print::{quote, runes};

/// A stretch of the template's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The lexer failed; it holds the message.
    Error,
    Bool,
    /// A printable ASCII character; grab bag for the comma.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

impl Kind {
    /// The keyword that a word is. The lone dot counts as one in messages.
    pub(crate) fn keyword(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"block" => Self::Block,
            b"break" => Self::Break,
            b"continue" => Self::Continue,
            b"define" => Self::Define,
            b"else" => Self::Else,
            b"end" => Self::End,
            b"if" => Self::If,
            b"nil" => Self::Nil,
            b"range" => Self::Range,
            b"template" => Self::Template,
            b"with" => Self::With,
            _ => return None,
        })
    }

    fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Block
                | Self::Break
                | Self::Continue
                | Self::Dot
                | Self::Define
                | Self::Else
                | Self::End
                | Self::If
                | Self::Nil
                | Self::Range
                | Self::Template
                | Self::With
        )
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
    /// The line that the item starts on, from 1.
    pub(crate) line: u32,
}

impl Item {
    pub(crate) const NONE: Self = Self { kind: Kind::Error, span: Span { start: 0, end: 0 }, line: 0 };

    /// As Go shows the item in messages. `failure` is the lexer's message.
    pub(crate) fn show(&self, text: &[u8], failure: &str) -> String {
        let value = self.span.of(text);
        match self.kind {
            Kind::Eof => "EOF".to_owned(),
            Kind::Error => failure.to_owned(),
            kind if kind.is_keyword() => format!("<{}>", String::from_utf8_lossy(value)),
            _ if value.len() > 10 => {
                let width: usize = runes::indices(value).take(10).map(|(_, _, width)| width).sum();
                format!("{}...", quote(&value[..width]))
            }
            _ => quote(value),
        }
    }
}

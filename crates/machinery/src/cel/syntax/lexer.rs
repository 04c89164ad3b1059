//! Characters to tokens.

use std::sync::Arc;

use super::{Fault, literal, tree::Literal};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// Operators and brackets, `true`, `false`, `null`, `in`.
    Sign(&'static str),
    Ident(Arc<str>),
    /// A number without its sign: kept as text, because `-9223372036854775808` is one literal.
    Int(String),
    Uint(String),
    Double(String),
    Value(Literal),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) at: usize,
    pub(super) token: Token,
    /// As written, for messages.
    pub(super) text: String,
}

const SIGNS: [&str; 28] = [
    "==", "!=", "<=", ">=", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":", "+", "*", "/", "%",
    "<", ">", "in", "true", "false", "null",
];

pub(super) fn tokens(source: &[char]) -> Result<Vec<Placed>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = source.get(at) {
        if matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            at += 1;
            continue;
        }
        if c == '/' && source.get(at + 1) == Some(&'/') {
            at += source[at..].iter().position(|&c| c == '\n').unwrap_or(source.len() - at);
            continue;
        }
        let (token, length) = token(source, at)?;
        tokens.push(Placed { at, token, text: source[at..at + length].iter().collect() });
        at += length;
    }
    tokens.push(Placed { at: source.len(), token: Token::End, text: "<EOF>".into() });
    Ok(tokens)
}

fn token(source: &[char], at: usize) -> Result<(Token, usize), Fault> {
    let rest = &source[at..];
    if let Some((value, length)) = literal::quoted(source, at)? {
        return Ok((Token::Value(value), length));
    }
    let next = |index: usize| rest.get(index).copied().unwrap_or('\0');
    if next(0).is_ascii_digit() || (next(0) == '.' && next(1).is_ascii_digit()) {
        return Ok(number(rest));
    }
    if next(0).is_ascii_alphabetic() || next(0) == '_' {
        let length = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').count();
        let word: String = rest[..length].iter().collect();
        let sign = SIGNS.iter().find(|sign| **sign == word);
        return Ok((sign.map_or_else(|| Token::Ident(word.as_str().into()), |sign| Token::Sign(sign)), length));
    }
    if next(0) == '`' {
        let length = rest[1..].iter().take_while(|c| c.is_ascii_alphanumeric() || "_.-/ ".contains(**c)).count();
        if length > 0 && next(length + 1) == '`' {
            return Err(Fault::new(at, "unsupported syntax: '`'"));
        }
    }
    for sign in SIGNS.iter().take(24) {
        if sign.chars().enumerate().all(|(index, c)| next(index) == c) {
            return Ok((Token::Sign(sign), sign.len()));
        }
    }
    Err(Fault::new(at, format!("Syntax error: token recognition error at: '{}'", next(0))))
}

fn number(rest: &[char]) -> (Token, usize) {
    let digits = |from: usize| rest[from..].iter().take_while(|c| c.is_ascii_digit()).count();
    if rest[0] == '0' && rest.get(1) == Some(&'x') && rest.get(2).is_some_and(char::is_ascii_hexdigit) {
        let length = 2 + rest[2..].iter().take_while(|c| c.is_ascii_hexdigit()).count();
        return unsigned(rest, length);
    }
    let mut length = digits(0);
    let mut double = false;
    if rest.get(length) == Some(&'.') && rest.get(length + 1).is_some_and(char::is_ascii_digit) {
        double = true;
        length += 1;
        length += digits(length);
    }
    if matches!(rest.get(length), Some('e' | 'E')) {
        let sign = usize::from(matches!(rest.get(length + 1), Some('+' | '-')));
        let exponent = digits((length + 1 + sign).min(rest.len()));
        if exponent > 0 {
            double = true;
            length += 1 + sign + exponent;
        }
    }
    if double {
        return (Token::Double(rest[..length].iter().collect()), length);
    }
    unsigned(rest, length)
}

fn unsigned(rest: &[char], length: usize) -> (Token, usize) {
    let text = rest[..length].iter().collect();
    match rest.get(length) {
        Some('u' | 'U') => (Token::Uint(text), length + 1),
        _ => (Token::Int(text), length),
    }
}

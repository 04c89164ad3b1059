//! Tokens of a label selector.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Identifier,
    Not,
    In,
    NotIn,
    Equals,
    NotEquals,
    Greater,
    Less,
    Comma,
    Open,
    Close,
    Error,
    End,
}

/// All tokens of a text, with a cursor.
pub(super) struct Tokens {
    tokens: Vec<(Token, String)>,
    next: usize,
}

impl Tokens {
    pub(super) fn scan(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start_matches(is_space);
        while !rest.is_empty() {
            let (token, length) = scan_one(rest);
            tokens.push((token, rest[..length].to_string()));
            rest = rest[length..].trim_start_matches(is_space);
        }
        tokens.push((Token::End, String::new()));
        Self { tokens, next: 0 }
    }

    fn at(&self, position: usize) -> (Token, String) {
        self.tokens.get(position).cloned().unwrap_or((Token::End, String::new()))
    }

    /// `in` and `notin` are names unless an operator is due.
    fn as_value((token, text): (Token, String)) -> (Token, String) {
        match token {
            Token::In | Token::NotIn => (Token::Identifier, text),
            _ => (token, text),
        }
    }

    pub(super) fn peek(&self) -> (Token, String) {
        Self::as_value(self.at(self.next))
    }

    pub(super) fn next(&mut self) -> (Token, String) {
        Self::as_value(self.next_operator())
    }

    pub(super) fn next_operator(&mut self) -> (Token, String) {
        self.next += 1;
        self.at(self.next - 1)
    }

    /// The text of the token that was read last.
    pub(super) fn last(&self) -> String {
        self.at(self.next.saturating_sub(1)).1
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_special(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

fn scan_one(text: &str) -> (Token, usize) {
    const SYMBOLS: [(&str, Token); 10] = [
        ("==", Token::Equals),
        ("!=", Token::NotEquals),
        ("=", Token::Equals),
        ("!", Token::Not),
        (",", Token::Comma),
        ("(", Token::Open),
        (")", Token::Close),
        (">", Token::Greater),
        ("<", Token::Less),
        ("\0", Token::Error),
    ];
    if let Some((symbol, token)) = SYMBOLS.iter().find(|(symbol, _)| text.starts_with(symbol)) {
        return (*token, symbol.len());
    }
    let length = text.find(|c| is_space(c) || is_special(c)).unwrap_or(text.len());
    match &text[..length] {
        "in" => (Token::In, length),
        "notin" => (Token::NotIn, length),
        _ => (Token::Identifier, length),
    }
}

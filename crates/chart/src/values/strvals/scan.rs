//! Runes of a `--set` text, one after the other.

/// What stopped a run of runes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    At(char),
    End,
}

pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Runes up to one of the stops, which is consumed. A backslash takes the next rune as it is.
    pub(super) fn until(&mut self, stops: &[char], escapes: bool) -> (String, Stop) {
        let mut text = String::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (text, Stop::At(c));
            }
            if escapes && c == '\\' {
                let Some(escaped) = self.next() else { break };
                text.push(escaped);
            } else {
                text.push(c);
            }
        }
        (text, Stop::End)
    }
}

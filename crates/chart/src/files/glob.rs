//! The globs of `.Files.Glob`: `*` and `?` end at a slash, `**` does not, `[a-z]`, `[!abc]`, `{a,b}`, `\` escapes.

use regex_lite::{Regex, RegexBuilder};

/// A compiled glob. One that Helm cannot compile matches everything, as Helm has it.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Option<Regex>,
}

impl Glob {
    pub fn new(glob: &str) -> Self {
        let mut translation = Translation { rest: glob, regex: String::new(), terms: 0 };
        let regex = translation.run().and_then(|()| {
            let anchored = format!("^(?:{})$", translation.regex);
            RegexBuilder::new(&anchored).dot_matches_new_line(true).size_limit(1 << 20).build().ok()
        });
        Self { regex }
    }

    pub fn matches(&self, name: &str) -> bool {
        self.regex.as_ref().is_none_or(|regex| regex.is_match(name))
    }
}

struct Translation<'a> {
    rest: &'a str,
    regex: String,
    /// Open braces.
    terms: usize,
}

impl Translation<'_> {
    fn run(&mut self) -> Option<()> {
        while let Some(c) = self.next() {
            match c {
                '{' => {
                    self.terms += 1;
                    self.regex.push_str("(?:");
                }
                ',' if self.terms > 0 => self.regex.push('|'),
                '}' if self.terms > 0 => {
                    self.terms -= 1;
                    self.regex.push(')');
                }
                '[' => self.class()?,
                '?' => self.regex.push_str("[^/]"),
                '*' if self.rest.starts_with('*') => {
                    self.next();
                    self.regex.push_str(".*");
                }
                '*' => self.regex.push_str("[^/]*"),
                '\\' => {
                    if let Some(escaped) = self.next() {
                        self.literal(escaped);
                    }
                }
                literal => self.literal(literal),
            }
        }
        // An open brace is closed by the end, as in Helm's library.
        for _ in 0..self.terms {
            self.regex.push(')');
        }
        Some(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn literal(&mut self, c: char) {
        self.regex.push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4])));
    }

    /// `[lo-hi]` or `[abc]`, each perhaps with a `!`: one range or one list, never both.
    fn class(&mut self) -> Option<()> {
        self.regex.push('[');
        if self.rest.starts_with('!') {
            self.next();
            self.regex.push('^');
        }
        let mut ahead = self.rest.chars();
        if let (Some(low), Some('-')) = (ahead.next(), ahead.next()) {
            let high = ahead.next()?;
            self.rest = ahead.as_str();
            if high < low || self.next()? != ']' {
                return None;
            }
            self.class_char(low);
            self.regex.push('-');
            self.class_char(high);
        } else {
            let mut any = false;
            loop {
                match self.next()? {
                    ']' => break,
                    '\\' => {
                        let escaped = self.next()?;
                        self.class_char(escaped);
                    }
                    c => self.class_char(c),
                }
                any = true;
            }
            if !any {
                return None;
            }
        }
        self.regex.push(']');
        Some(())
    }

    fn class_char(&mut self, c: char) {
        if c.is_ascii_punctuation() {
            self.regex.push('\\');
        }
        self.regex.push(c);
    }
}

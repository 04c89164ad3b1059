//! Scalars in quotes.

use std::borrow::Cow;

use super::{Scanned, Scanner, Token, cursor::is_blank, directive::hex, plain::fold, token::Scalar};

impl<'a> Scanner<'a> {
    pub(super) fn fetch_quoted(&mut self, single: bool) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let line = self.cursor.line();
        let value = self.quoted_scalar(single)?;
        if self.cursor.line() == line {
            return self.push_scalar(value, false, line);
        }
        self.push(Token::Scalar(Scalar { value, plain: false }), line);
        Ok(())
    }

    pub(super) fn quoted_scalar(&mut self, single: bool) -> Scanned<Cow<'a, str>> {
        self.cursor.advance(1);
        let value = match self.quoted_on_one_line(single) {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(self.quoted(single)?),
        };
        self.cursor.advance(1);
        Ok(value)
    }

    /// The frequent case: no escapes and no breaks, so that the value is a part of the text.
    fn quoted_on_one_line(&mut self, single: bool) -> Option<&'a str> {
        let rest = self.cursor.rest();
        let quote = if single { b'\'' } else { b'"' };
        let end = rest.bytes().position(|byte| byte == quote || matches!(byte, b'\n' | b'\\' | 0xE2))?;
        let bytes = rest.as_bytes();
        if bytes[end] != quote || (single && bytes.get(end + 1) == Some(&b'\'')) {
            return None;
        }
        let start = self.cursor.position();
        self.cursor.go_to(start + end);
        rest.get(..end)
    }

    fn quoted(&mut self, single: bool) -> Scanned<String> {
        let quote = if single { b'\'' } else { b'"' };
        let mut text = String::new();
        loop {
            if self.cursor.is_document_indicator() {
                return Err(self.error("found unexpected document indicator"));
            }
            if self.cursor.is_end() {
                return Err(self.error("found unexpected end of stream"));
            }
            let escaped_break = self.quoted_run(single, &mut text)?;
            if self.cursor.peek() == quote {
                return Ok(text);
            }
            self.quoted_gap(escaped_break, &mut text);
        }
    }

    /// Everything up to a blank, a break or the closing quote. Whether it ended with an escaped line break.
    fn quoted_run(&mut self, single: bool, text: &mut String) -> Scanned<bool> {
        loop {
            let start = self.cursor.position();
            let mut end = start;
            loop {
                let byte = self.cursor.at(end);
                let stop = match byte {
                    b'\'' => single,
                    b'"' | b'\\' => !single,
                    b' ' | b'\t' | b'\n' | 0 => true,
                    0xE2 => self.cursor.break_at(end) > 0,
                    _ => false,
                };
                if stop {
                    break;
                }
                end += 1;
            }
            text.push_str(self.cursor.slice(start, end));
            self.cursor.go_to(end);
            match self.cursor.peek() {
                b'\'' if single && self.cursor.ahead(1) == b'\'' => {
                    text.push('\'');
                    self.cursor.advance(2);
                }
                b'\\' if !single && self.cursor.break_at(end + 1) > 0 => {
                    self.cursor.advance(1);
                    self.cursor.take_break();
                    return Ok(true);
                }
                b'\\' if !single => self.escape(text)?,
                _ => return Ok(false),
            }
        }
    }

    /// Blanks and breaks between two runs, folded.
    fn quoted_gap(&mut self, escaped_break: bool, text: &mut String) {
        let start = self.cursor.position();
        self.cursor.skip_blanks();
        if !escaped_break && !self.cursor.is_break() {
            text.push_str(self.cursor.slice(start, self.cursor.position()));
            return;
        }
        // After an escaped break, and only there, the breaks have none in front that folds away.
        let mut breaks = String::new();
        loop {
            if self.cursor.is_break() {
                breaks.push_str(self.cursor.take_break());
            } else if is_blank(self.cursor.peek()) {
                self.cursor.advance(1);
            } else {
                break;
            }
        }
        if escaped_break {
            text.push_str(&breaks);
        } else {
            fold(text, &breaks);
        }
    }

    fn escape(&mut self, text: &mut String) -> Scanned<()> {
        let digits = match self.cursor.ahead(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let Some(character) = simple_escape(other) else {
                    return Err(self.error("found unknown escape character"));
                };
                text.push(character);
                self.cursor.advance(2);
                return Ok(());
            }
        };
        self.cursor.advance(2);
        let mut value = 0u32;
        for index in 0..digits {
            let Some(digit) = hex(self.cursor.ahead(index)) else {
                return Err(self.error("did not find expected hexdecimal number"));
            };
            value = (value << 4) | u32::from(digit);
        }
        let Some(character) = char::from_u32(value) else {
            return Err(self.error("found invalid Unicode character escape code"));
        };
        text.push(character);
        self.cursor.advance(digits);
        Ok(())
    }
}

fn simple_escape(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

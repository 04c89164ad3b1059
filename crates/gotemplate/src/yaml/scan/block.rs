//! Block scalars, literal and folded.

use super::{Scanned, Scanner, Token, cursor::is_blank, token::Scalar};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Scanner<'_> {
    pub(super) fn fetch_block_scalar(&mut self, literal: bool) -> Scanned<()> {
        self.remove_simple_key()?;
        let line = self.cursor.line();
        let value = self.block_scalar(literal)?.into();
        self.push(Token::Scalar(Scalar { value, plain: false }), line);
        Ok(())
    }

    /// Reads it from its indicator on. The cursor stops at the start of a line, where a key may start.
    pub(super) fn block_scalar(&mut self, literal: bool) -> Scanned<String> {
        self.simple_key_allowed = true;
        self.cursor.advance(1);
        let (chomping, increment) = self.block_header()?;
        let around = usize::try_from(self.indent).unwrap_or(0);
        let mut indent = if increment > 0 { around + increment } else { 0 };
        let mut text = String::new();
        // The break that ended the last line, and the empty lines after it.
        let mut last_break = "";
        let mut empty_lines = String::new();
        let mut after_blank = false;
        self.block_breaks(&mut indent, &mut empty_lines)?;
        while self.cursor.column() == indent && !self.cursor.is_end() {
            let blank = is_blank(self.cursor.peek());
            if !literal && !after_blank && !blank && last_break == "\n" {
                if empty_lines.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(last_break);
            }
            text.push_str(&empty_lines);
            empty_lines.clear();
            after_blank = blank;
            let start = self.cursor.position();
            let end = self.cursor.line_end();
            text.push_str(self.cursor.slice(start, end));
            self.cursor.go_to(end);
            last_break = self.cursor.take_break();
            self.block_breaks(&mut indent, &mut empty_lines)?;
        }
        if chomping != Chomping::Strip {
            text.push_str(last_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&empty_lines);
        }
        Ok(text)
    }

    /// Chomping and explicit indentation, in either order, up to and with the line break.
    fn block_header(&mut self) -> Scanned<(Chomping, usize)> {
        let mut chomping = self.chomping();
        let mut increment = 0;
        if self.cursor.peek().is_ascii_digit() {
            if self.cursor.peek() == b'0' {
                return Err(self.error("found an indentation indicator equal to 0"));
            }
            increment = usize::from(self.cursor.peek() - b'0');
            self.cursor.advance(1);
            chomping = chomping.or_else(|| self.chomping());
        }
        self.nothing_but_comment()?;
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    /// The end of a line that has said what it says: blanks, perhaps a comment, and the line break.
    pub(super) fn nothing_but_comment(&mut self) -> Scanned<()> {
        self.cursor.skip_blanks();
        if self.cursor.peek() == b'#' {
            let end = self.cursor.line_end();
            self.cursor.go_to(end);
        }
        if !self.cursor.is_line_end() {
            return Err(self.error("did not find expected comment or line break"));
        }
        self.cursor.take_break();
        Ok(())
    }

    fn chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.advance(1);
        Some(chomping)
    }

    /// Passes indentation and takes empty lines. An indentation that is not known yet (zero) becomes the deepest one seen, but
    /// deeper than the collection around.
    fn block_breaks(&mut self, indent: &mut usize, breaks: &mut String) -> Scanned<()> {
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.cursor.column() < *indent) && self.cursor.peek() == b' ' {
                self.cursor.advance(1);
            }
            deepest = deepest.max(self.cursor.column());
            if (*indent == 0 || self.cursor.column() < *indent) && self.cursor.peek() == b'\t' {
                return Err(self.error("found a tab character where an indentation space is expected"));
            }
            if !self.cursor.is_break() {
                break;
            }
            breaks.push_str(self.cursor.take_break());
        }
        if *indent == 0 {
            *indent = deepest.max(usize::try_from(self.indent + 1).unwrap_or(0)).max(1);
        }
        Ok(())
    }
}

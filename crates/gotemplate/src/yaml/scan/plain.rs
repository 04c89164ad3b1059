//! Scalars without quotes.

use std::borrow::Cow;

use super::{Scanned, Scanner, Token, token::Scalar};

/// What may end or interrupt a run of a plain scalar in the block context.
const BLOCK_STOPS: [bool; 256] = stops(b"\n \t:\xE2");
/// The same in the flow context.
const FLOW_STOPS: [bool; 256] = stops(b"\n \t:\xE2,?[]{}");

const fn stops(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
}

impl<'a> Scanner<'a> {
    pub(super) fn fetch_plain(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let line = self.cursor.line();
        let (value, line_passed) = self.plain()?;
        if !line_passed {
            return self.push_scalar(value, true, line);
        }
        // The cursor is at the start of a line, where a key may start.
        self.simple_key_allowed = true;
        self.push(Token::Scalar(Scalar { value, plain: true }), line);
        Ok(())
    }

    /// Reads on over as many lines as belong to it. The cursor stops at the next token; the flag says whether that is on a line
    /// after the scalar's last.
    pub(super) fn plain(&mut self) -> Scanned<(Cow<'a, str>, bool)> {
        let indent = self.indent + 1;
        let start = self.cursor.position();
        let mut end = self.plain_run();
        let mut folded: Option<String> = None;
        let line_passed = loop {
            // Blanks and breaks up to the next run. On one line they are part of the text.
            let gap = self.cursor.position();
            self.cursor.skip_blanks();
            let mut run_start = gap;
            let mut breaks = String::new();
            if self.cursor.is_break() {
                self.plain_breaks(&mut breaks, indent)?;
                run_start = self.cursor.position();
                if self.flow_level == 0 && (self.cursor.column() as isize) < indent {
                    break true;
                }
            } else if self.cursor.position() == gap {
                break false;
            }
            if self.cursor.is_document_indicator() || self.cursor.peek() == b'#' || self.plain_ends() {
                break !breaks.is_empty();
            }
            let run_end = self.plain_run();
            if !breaks.is_empty() {
                let text = folded.get_or_insert_with(|| self.cursor.slice(start, end).to_owned());
                fold(text, &breaks);
                text.push_str(self.cursor.slice(run_start, run_end));
            } else if let Some(text) = &mut folded {
                text.push_str(self.cursor.slice(run_start, run_end));
            }
            end = run_end;
        };
        let value = folded.map_or_else(|| Cow::Borrowed(self.cursor.slice(start, end)), Cow::Owned);
        Ok((value, line_passed))
    }

    /// Takes line breaks with the indentation that follows each.
    fn plain_breaks(&mut self, breaks: &mut String, indent: isize) -> Scanned<()> {
        loop {
            if self.cursor.is_break() {
                breaks.push_str(self.cursor.take_break());
            } else if self.cursor.is_blank() {
                if self.cursor.peek() == b'\t' && (self.cursor.column() as isize) < indent {
                    return Err(self.error("found a tab character that violates indentation"));
                }
                self.cursor.advance(1);
            } else {
                return Ok(());
            }
        }
    }

    /// Whether what stands here ends a plain scalar.
    fn plain_ends(&self) -> bool {
        match self.cursor.peek() {
            b':' => self.cursor.is_blank_or_end_at(self.cursor.position() + 1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            0 => true,
            _ => false,
        }
    }

    /// Passes everything up to a blank, a break, or the end of the scalar.
    fn plain_run(&mut self) -> usize {
        let stops = if self.flow_level > 0 { &FLOW_STOPS } else { &BLOCK_STOPS };
        let bytes = self.cursor.rest().as_bytes();
        let start = self.cursor.position();
        let mut index = 0;
        while let Some(byte) = bytes.get(index) {
            if !stops[usize::from(*byte)] {
                index += 1;
                continue;
            }
            let ends = match byte {
                b':' => self.cursor.is_blank_or_end_at(start + index + 1),
                0xE2 => self.cursor.break_at(start + index) > 0,
                _ => true,
            };
            if ends {
                break;
            }
            index += 1;
        }
        self.cursor.go_to(start + index);
        start + index
    }
}

/// Joins what follows line breaks: one line feed becomes a space, of several the first falls away, other breaks stay.
pub(super) fn fold(text: &mut String, breaks: &str) {
    match breaks.strip_prefix('\n') {
        Some("") => text.push(' '),
        Some(rest) => text.push_str(rest),
        None => text.push_str(breaks),
    }
}

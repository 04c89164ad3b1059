//! Short cuts for what makes up most of a document: `key: value` and `- item` on lines of their own. They take from the text
//! what the tokens would say, and nothing where anything but the plain case is there.

use super::{Scanned, Scanner, cursor::is_blank, token::Scalar};

/// Bytes that can only start a plain scalar.
fn starts_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'$' | b'(' | b'^' | b'+' | b'=' | b'.')
}

impl<'a> Scanner<'a> {
    /// The key of the next entry of a block mapping, with its colon.
    pub(in crate::yaml) fn take_key(&mut self) -> Option<&'a str> {
        if !self.is_at_entry() || !starts_plain(self.cursor.peek()) {
            return None;
        }
        let start = self.cursor.position();
        let end = self.key_end(start)?;
        if self.cursor.has_indicator(b'.') || end - start > super::MAX_KEY_CHARACTERS {
            return None;
        }
        self.cursor.go_to(end + 1);
        self.simple_key_allowed = false;
        self.taken += 3;
        Some(self.cursor.slice(start, end))
    }

    /// Where the colon of a key that starts here is.
    fn key_end(&self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            match self.cursor.at(at) {
                b':' if self.cursor.is_blank_or_end_at(at + 1) => {
                    return (!is_blank(self.cursor.at(at - 1))).then_some(at);
                }
                0 | b'\n' | b'\t' | b'#' | 0xE2 => return None,
                _ => at += 1,
            }
        }
    }

    /// The column, where the scanner is about to read something at the start of a line of a block collection.
    fn entry_column(&mut self) -> Option<isize> {
        if !self.queue.is_empty() || self.flow_level > 0 || self.ended || self.has_possible_key() {
            return None;
        }
        self.skip_to_token();
        (self.simple_key_allowed && !self.cursor.is_end()).then_some(self.cursor.column() as isize)
    }

    /// Whether that is an entry of the current collection.
    fn is_at_entry(&mut self) -> bool {
        self.entry_column() == Some(self.indent)
    }

    fn deepen(&mut self, column: isize) {
        self.indents.push(self.indent);
        self.indent = column;
        self.taken += 1;
    }

    /// Opens the block mapping that starts on a line after its key's. Its first key is next.
    pub(in crate::yaml) fn open_mapping(&mut self) -> Option<usize> {
        let column = self.entry_column().filter(|column| *column > self.indent)?;
        if !starts_plain(self.cursor.peek()) {
            return None;
        }
        self.key_end(self.cursor.position())?;
        self.deepen(column);
        Some(self.cursor.line())
    }

    /// Takes the dash of a block sequence's next item and opens the block mapping that starts right after it.
    pub(in crate::yaml) fn open_mapping_item(&mut self) -> Option<usize> {
        if !self.is_at_entry() || self.cursor.peek() != b'-' || self.cursor.ahead(1) != b' ' {
            return None;
        }
        let start = self.cursor.position() + 2;
        if !starts_plain(self.cursor.at(start)) {
            return None;
        }
        self.key_end(start)?;
        self.cursor.go_to(start);
        self.taken += 1;
        self.deepen(self.cursor.column() as isize);
        Some(self.cursor.line())
    }

    /// Ends the current block collection, where the next line stands further out.
    pub(in crate::yaml) fn take_block_end(&mut self) -> bool {
        let ends = self.entry_column().is_some_and(|column| column < self.indent);
        if ends {
            self.indent = self.indents.pop().unwrap_or(-1);
            self.taken += 1;
        }
        ends
    }

    /// Whether a sequence without an indentation of its own ends, because no dash follows.
    pub(in crate::yaml) fn ends_items(&mut self) -> bool {
        self.entry_column().is_some_and(|column| column <= self.indent) && starts_plain(self.cursor.peek())
    }

    fn has_possible_key(&self) -> bool {
        self.simple_keys.last().is_some_and(|key| key.possible)
    }

    /// The scalar after the colon of a key, if it starts on the same line.
    pub(in crate::yaml) fn take_value(&mut self) -> Scanned<Option<Scalar<'a>>> {
        if !self.queue.is_empty() || self.flow_level > 0 || self.simple_key_allowed || self.has_possible_key() {
            return Ok(None);
        }
        while self.cursor.peek() == b' ' {
            self.cursor.advance(1);
        }
        let scalar = match self.cursor.peek() {
            b'\'' => Scalar { value: self.quoted_scalar(true)?, plain: false },
            b'"' => Scalar { value: self.quoted_scalar(false)?, plain: false },
            b'|' => Scalar { value: self.block_scalar(true)?.into(), plain: false },
            b'>' => Scalar { value: self.block_scalar(false)?.into(), plain: false },
            byte if starts_plain(byte) => {
                let (value, line_passed) = self.plain()?;
                self.simple_key_allowed = line_passed;
                Scalar { value, plain: true }
            }
            _ => return Ok(None),
        };
        self.taken += 1;
        Ok(Some(scalar))
    }

    /// The next item of a block sequence, with its dash, where it is a plain scalar and no key.
    pub(in crate::yaml) fn take_item(&mut self) -> Scanned<Option<Scalar<'a>>> {
        if !self.is_at_entry() || self.cursor.peek() != b'-' || self.cursor.ahead(1) != b' ' {
            return Ok(None);
        }
        let start = self.cursor.position() + 2;
        if !starts_plain(self.cursor.at(start)) || self.may_hold_key(start) {
            return Ok(None);
        }
        self.cursor.go_to(start);
        let (value, line_passed) = self.plain()?;
        self.simple_key_allowed = line_passed;
        self.taken += 2;
        Ok(Some(Scalar { value, plain: true }))
    }

    /// Whether the rest of the line has a colon that may make a key of what is before it.
    fn may_hold_key(&self, start: usize) -> bool {
        let mut at = start;
        loop {
            match self.cursor.at(at) {
                b':' if self.cursor.is_blank_or_end_at(at + 1) => return true,
                0 | b'\n' => return false,
                _ => at += 1,
            }
        }
    }
}

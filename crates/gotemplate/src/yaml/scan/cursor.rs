//! Where the scanner stands in the text: characters, line breaks, marks. Knows nothing of YAML's tokens.
//!
//! Columns are counted in bytes. libyaml counts characters, but only ever compares columns of places that have nothing but
//! ASCII before them on their line, so that both agree.

/// A place in the text. Lines count from zero, as libyaml's do.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::yaml) struct Mark {
    pub(in crate::yaml) position: usize,
    pub(in crate::yaml) line: usize,
    pub(in crate::yaml) column: usize,
}

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), position: 0, line: 0, line_start: 0 }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { position: self.position, line: self.line, column: self.column() }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn line(&self) -> usize {
        self.line
    }

    pub(super) fn column(&self) -> usize {
        self.position - self.line_start
    }

    /// The byte here, or NUL at the end: the text itself holds none.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.ahead(0)
    }

    #[inline]
    pub(super) fn ahead(&self, count: usize) -> u8 {
        self.at(self.position + count)
    }

    #[inline]
    pub(super) fn at(&self, position: usize) -> u8 {
        self.bytes.get(position).copied().unwrap_or(0)
    }

    /// The text between two places, both of which are at the start of a character.
    #[inline]
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.slice(self.position, self.text.len())
    }

    pub(super) fn is_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    #[inline]
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position = (self.position + bytes).min(self.bytes.len());
    }

    /// Goes to a place further on the same line.
    #[inline]
    pub(super) fn go_to(&mut self, position: usize) {
        self.position = position;
    }

    /// How many bytes the line break at a place has, zero where there is none. Carriage returns and NEL became line feeds
    /// before scanning; what is left besides is the line and paragraph separator.
    #[inline]
    pub(super) fn break_at(&self, position: usize) -> usize {
        match self.at(position) {
            b'\n' => 1,
            0xE2 if self.at(position + 1) == 0x80 && matches!(self.at(position + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    #[inline]
    pub(super) fn is_break(&self) -> bool {
        self.break_at(self.position) > 0
    }

    #[inline]
    pub(super) fn is_blank(&self) -> bool {
        is_blank(self.peek())
    }

    /// Blank, line break, or end.
    #[inline]
    pub(super) fn is_blank_or_end_at(&self, position: usize) -> bool {
        match self.at(position) {
            b' ' | b'\t' | b'\n' | 0 => true,
            0xE2 => self.break_at(position) > 0,
            _ => false,
        }
    }

    pub(super) fn is_line_end(&self) -> bool {
        self.is_end() || self.is_break()
    }

    /// Takes the line break here, if there is one, and returns its text.
    pub(super) fn take_break(&mut self) -> &'a str {
        let width = self.break_at(self.position);
        let taken = self.slice(self.position, self.position + width);
        if width > 0 {
            self.position += width;
            self.start_line();
        }
        taken
    }

    /// Counts a new line that starts here.
    pub(super) fn start_line(&mut self) {
        self.line += 1;
        self.line_start = self.position;
    }

    /// Where the current line ends.
    pub(super) fn line_end(&self) -> usize {
        let rest = self.rest();
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        if line.is_ascii() {
            return self.position + end;
        }
        self.position + line.find(['\u{2028}', '\u{2029}']).unwrap_or(end)
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.position += 1;
        }
    }

    /// Whether `---` or `...` stands here at the start of a line, followed by a blank or the end.
    pub(super) fn is_document_indicator(&self) -> bool {
        self.column() == 0 && (self.has_indicator(b'-') || self.has_indicator(b'.'))
    }

    pub(super) fn has_indicator(&self, byte: u8) -> bool {
        self.peek() == byte
            && self.ahead(1) == byte
            && self.ahead(2) == byte
            && self.is_blank_or_end_at(self.position + 3)
    }

    /// How many characters lie between two places.
    pub(super) fn characters(&self, from: usize, to: usize) -> usize {
        self.slice(from, to).chars().count()
    }
}

#[inline]
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// What libyaml calls alphabetical: the characters of anchors, handles and directives.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

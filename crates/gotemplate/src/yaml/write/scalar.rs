//! How text is written: which styles can hold it, and each style's bytes.

use super::{
    Look,
    emit::{Emitter, Style},
};

/// After this column lines are folded at the next blank. go-yaml v3 does not fold.
const WIDTH: usize = 80;

/// What a text has that not every style can hold.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) multiline: bool,
    empty: bool,
    /// Something that means something else where it stands without quotes.
    indicators: bool,
    special: bool,
    tabs: bool,
    /// White space at the start or the end, which plain text cannot have.
    edges: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
}

impl Analysis {
    pub(super) fn new(text: &str) -> Self {
        if text.is_empty() {
            return Self { empty: true, ..Self::default() };
        }
        let bytes = text.as_bytes();
        let mut analysis = Self { indicators: starts_with_indicator(bytes), ..Self::default() };
        // Words are the bulk of all text.
        if bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/')) {
            return analysis;
        }
        analysis.characters(text);
        analysis.edges = text.starts_with(is_edge) || text.ends_with(is_edge);
        analysis.trailing_space = text.ends_with(' ');
        analysis
    }

    fn characters(&mut self, text: &str) {
        let (mut after_space, mut after_break, mut after_white) = (false, false, true);
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            let white_follows = characters.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t'));
            match character {
                ':' if at > 0 && white_follows => self.indicators = true,
                '#' if at > 0 && after_white => self.indicators = true,
                '\t' => self.tabs = true,
                _ if !is_printable(character) => self.special = true,
                _ => {}
            }
            let (space, line_break) = (character == ' ', is_break(character));
            self.break_space |= space && after_break;
            self.space_break |= line_break && after_space;
            self.multiline |= line_break;
            after_space = space;
            after_break = line_break;
            after_white = space || line_break || character == '\t' || character == '\0';
        }
    }

    /// The style that comes nearest to the wanted one.
    pub(super) fn allowed(&self, wanted: Style, look: Look, simple_key: bool) -> Style {
        // v2 takes a tab for a special character, v3 lets it stand in blocks.
        let special = self.special || (self.tabs && look == Look::V2);
        let mut style = wanted;
        if simple_key && self.multiline {
            style = Style::Double;
        }
        let white = self.edges || self.multiline || self.break_space || self.space_break;
        let plain = !(self.indicators || white || special || self.tabs);
        if style == Style::Plain && (!plain || (self.empty && simple_key)) {
            style = Style::Single;
        }
        if style == Style::Single && (self.break_space || self.space_break || special || self.tabs) {
            style = Style::Double;
        }
        let block = !(self.empty || self.trailing_space || self.space_break || special);
        if style == Style::Literal && (!block || simple_key) {
            style = Style::Double;
        }
        style
    }
}

fn starts_with_indicator(bytes: &[u8]) -> bool {
    let white_follows = matches!(bytes.get(1), None | Some(b' ' | b'\t'));
    match bytes {
        [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] => true,
        [first, ..] => match first {
            b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@'
            | b'`' => true,
            b'?' | b':' | b'-' => white_follows,
            _ => false,
        },
        [] => false,
    }
}

fn is_edge(character: char) -> bool {
    character == ' ' || is_break(character)
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// libyaml's idea of printable, which lacks all beyond the basic plane.
fn is_printable(character: char) -> bool {
    matches!(character,
        '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Numbers of YAML 1.1 to the base of 60, which go-yaml does not read but quotes for others.
pub(super) fn is_base60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !parts.next().is_some_and(|first| first.starts_with(|c: char| c.is_ascii_digit()) && digits(first)) {
        return false;
    }
    let mut parts = parts.peekable();
    let mut found = false;
    while let Some(part) = parts.next() {
        found = true;
        let (part, fraction) = match (part.split_once('.'), parts.peek()) {
            (Some((part, fraction)), None) => (part, fraction),
            _ => (part, ""),
        };
        let sixty = match part.as_bytes() {
            [digit] => digit.is_ascii_digit(),
            [b'0'..=b'5', digit] => digit.is_ascii_digit(),
            _ => false,
        };
        if !sixty || !digits(fraction) {
            return false;
        }
    }
    found
}

impl Emitter {
    fn width(&self) -> usize {
        if self.look == Look::V2 { WIDTH } else { usize::MAX }
    }

    pub(super) fn write_plain(&mut self, text: &str, may_fold: bool) {
        if !text.is_empty() && !self.whitespace {
            self.put(' ');
        }
        self.write_folded(text, may_fold, false);
        self.whitespace = false;
        self.indention = false;
    }

    pub(super) fn write_single_quoted(&mut self, text: &str, may_fold: bool) {
        self.indicator("'", true, false, false);
        self.write_folded(text, may_fold, true);
        self.indicator("'", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    /// Text whose lines may be folded at single blanks.
    fn write_folded(&mut self, text: &str, may_fold: bool, quoted: bool) {
        let end_of_line = self.column + text.len();
        if !quoted && end_of_line <= self.width() && text.is_ascii() {
            self.out.push_str(text);
            self.column = end_of_line;
            return;
        }
        let (mut spaces, mut breaks) = (false, false);
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if character == ' ' {
                let next = characters.peek().map(|(_, next)| *next);
                let inside = !quoted || (at > 0 && next.is_some());
                if may_fold && !spaces && self.column > self.width() && inside && next != Some(' ') {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else if is_break(character) {
                if !breaks && character == '\n' {
                    self.put_break();
                }
                self.write_break(character);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                if quoted && character == '\'' {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                spaces = false;
                breaks = false;
            }
        }
    }

    fn write_break(&mut self, character: char) {
        if character == '\n' {
            self.put_break();
        } else {
            self.out.push(character);
            self.column = 0;
        }
        self.indention = true;
    }

    pub(super) fn write_double_quoted(&mut self, text: &str, may_fold: bool) {
        self.indicator("\"", true, false, false);
        // libyaml means to escape byte order marks, but looks at the start of the text for each character.
        let escape_all = text.starts_with('\u{feff}');
        let mut spaces = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            if escape_all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
                self.escape(character);
                spaces = false;
            } else if character == ' ' {
                let next = characters.peek().map(|(_, next)| *next);
                if may_fold && !spaces && self.column > self.width() && at > 0 && next.is_some() {
                    self.write_indent();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                spaces = true;
            } else {
                self.put(character);
                spaces = false;
            }
        }
        self.indicator("\"", false, false, false);
        self.whitespace = false;
        self.indention = false;
    }

    fn escape(&mut self, character: char) {
        let code = u32::from(character);
        let escaped = match character {
            '\0' => "\\0".to_owned(),
            '\x07' => "\\a".to_owned(),
            '\x08' => "\\b".to_owned(),
            '\t' => "\\t".to_owned(),
            '\n' => "\\n".to_owned(),
            '\x0b' => "\\v".to_owned(),
            '\x0c' => "\\f".to_owned(),
            '\r' => "\\r".to_owned(),
            '\x1b' => "\\e".to_owned(),
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\u{85}' => "\\N".to_owned(),
            '\u{a0}' => "\\_".to_owned(),
            '\u{2028}' => "\\L".to_owned(),
            '\u{2029}' => "\\P".to_owned(),
            _ if code <= 0xFF => format!("\\x{code:02X}"),
            _ if code <= 0xFFFF => format!("\\u{code:04X}"),
            _ => format!("\\U{code:08X}"),
        };
        self.column += escaped.len();
        self.out.push_str(&escaped);
    }

    pub(super) fn write_literal(&mut self, text: &str) {
        self.indicator("|", true, false, false);
        if text.starts_with(is_edge) {
            self.indicator("2", false, false, false);
        }
        let mut backwards = text.chars().rev();
        let chomping = match (backwards.next().is_some_and(is_break), backwards.next()) {
            (false, _) => "-",
            (true, None) => "+",
            (true, Some(before)) if is_break(before) => "+",
            _ => "",
        };
        self.indicator(chomping, false, false, false);
        self.put_break();
        self.indention = true;
        self.whitespace = true;
        let mut breaks = true;
        for character in text.chars() {
            if is_break(character) {
                self.write_break(character);
                breaks = true;
            } else {
                if breaks {
                    self.write_indent();
                }
                self.put(character);
                self.indention = false;
                breaks = false;
            }
        }
    }
}

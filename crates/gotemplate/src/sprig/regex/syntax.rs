//! Go's errors of regular expressions, and reading a pattern rune by rune.

use std::fmt;

use crate::print::runes;

/// What Go names wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    InvalidCharRange,
    InvalidEscape,
    InvalidNamedCapture,
    InvalidPerlOp,
    InvalidRepeatOp,
    InvalidRepeatSize,
    InvalidUtf8,
    Large,
    MissingBracket,
    MissingParen,
    MissingRepeatArgument,
    NestingDepth,
    TrailingBackslash,
    UnexpectedParen,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::Large => "expression too large",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::NestingDepth => "expression nests too deeply",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
        }
    }
}

/// `error parsing regexp: CODE: EXPRESSION`
#[derive(Debug, Clone)]
pub(super) struct Error {
    pub(super) code: Code,
    pub(super) expression: String,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error parsing regexp: {}: `{}`", self.code.text(), self.expression)
    }
}

/// A place in a pattern.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    pub(super) whole: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.whole[self.at..]
    }

    /// The byte this far ahead.
    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.whole.get(self.at + ahead).copied()
    }

    /// The next rune. Only valid UTF-8 is a pattern.
    pub(super) fn rune(&mut self) -> Result<char, Error> {
        let (rune, width) = runes::decode(self.rest());
        if rune == runes::ERROR && width <= 1 {
            return Err(self.error(Code::InvalidUtf8, self.at, self.whole.len()));
        }
        self.at += width;
        Ok(rune)
    }

    /// Refuses with the text from `from` until where the reader stands.
    pub(super) fn refuse<T>(&self, code: Code, from: usize) -> Result<T, Error> {
        Err(self.error(code, from, self.at))
    }

    pub(super) fn error(&self, code: Code, from: usize, until: usize) -> Error {
        let expression = self.whole.get(from..until.max(from)).unwrap_or_default();
        Error { code, expression: String::from_utf8_lossy(expression).into_owned() }
    }

    pub(super) fn check_utf8(&self, text: &[u8]) -> Result<(), Error> {
        match std::str::from_utf8(text) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error {
                code: Code::InvalidUtf8,
                expression: String::from_utf8_lossy(&text[error.valid_up_to()..]).into_owned(),
            }),
        }
    }

    /// What a backslash stands for that is no class and no assertion. The reader stands on the backslash.
    pub(super) fn escape(&mut self) -> Result<u32, Error> {
        let from = self.at;
        self.at += 1;
        if self.rest().is_empty() {
            return Err(Error { code: Code::TrailingBackslash, expression: String::new() });
        }
        let rune = self.rune()?;
        let octal = |reader: &Self| reader.peek(0).filter(|byte| (b'0'..=b'7').contains(byte));
        match rune {
            '0' => return Ok(self.octal(0)),
            '1'..='7' if octal(self).is_some() => return Ok(self.octal(u32::from(rune) - u32::from('0'))),
            'x' if !self.rest().is_empty() => {
                if let Some(code) = self.hexadecimal()? {
                    return Ok(code);
                }
            }
            'a' => return Ok(0x07),
            'f' => return Ok(0x0c),
            'n' => return Ok(0x0a),
            'r' => return Ok(0x0d),
            't' => return Ok(0x09),
            'v' => return Ok(0x0b),
            _ if rune.is_ascii() && !rune.is_ascii_alphanumeric() => return Ok(rune.into()),
            _ => {}
        }
        self.refuse(Code::InvalidEscape, from)
    }

    fn octal(&mut self, first: u32) -> u32 {
        let mut code = first;
        for _ in 0..2 {
            let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
            code = code * 8 + u32::from(digit - b'0');
            self.at += 1;
        }
        code
    }

    /// `x7f` or `x{10ffff}`, behind the x. `None` where it is neither; the reader then stands where Go gives up.
    fn hexadecimal(&mut self) -> Result<Option<u32>, Error> {
        let first = self.rune()?;
        if first != '{' {
            let second = self.rune()?;
            return Ok(first.to_digit(16).zip(second.to_digit(16)).map(|(first, second)| first * 16 + second));
        }
        let (mut code, mut digits) = (0, 0);
        while !self.rest().is_empty() {
            let rune = self.rune()?;
            if rune == '}' {
                return Ok((digits > 0).then_some(code));
            }
            let Some(digit) = rune.to_digit(16) else { return Ok(None) };
            code = code * 16 + digit;
            digits += 1;
            if code > 0x10_FFFF {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

//! The printer's state and how it writes basic values: flags, width, precision, padding.

use super::{
    float,
    quote::{can_backquote, quote_rune, quote_with},
    runes,
};

/// Values within values, beyond which printing gives up: a map can hold itself.
pub(super) const DEPTH_MAX: usize = 200;
/// Bytes that one call prints at most: a few values can share their parts exponentially.
pub(super) const BYTES_MAX: usize = 1 << 26;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%#v`
    pub(super) sharp_v: bool,
}

pub(super) struct Printer<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) flags: Flags,
    pub(super) start: usize,
}

impl<'o> Printer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, flags: Flags::default(), start }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn rune(&mut self, rune: char) {
        self.out.extend_from_slice(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.len() - self.start > BYTES_MAX
    }

    fn padding(&mut self, count: usize, zero: bool) {
        let fill = if zero && !self.flags.minus { b'0' } else { b' ' };
        self.out.extend(std::iter::repeat_n(fill, count));
    }

    pub(super) fn pad(&mut self, text: &[u8]) {
        self.pad_with(text, self.flags.zero);
    }

    fn pad_with(&mut self, text: &[u8], zero: bool) {
        let missing = self.flags.width.map_or(0, |width| width.saturating_sub(runes::count(text)));
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.padding(missing, zero);
        } else {
            self.padding(missing, zero);
            self.out.extend_from_slice(text);
        }
    }

    fn cut<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else { return text };
        let end = runes::indices(text).nth(precision).map_or(text.len(), |(at, _, _)| at);
        &text[..end]
    }

    /// `%s`
    pub(super) fn string(&mut self, text: &[u8]) {
        let text = self.cut(text);
        self.pad(text);
    }

    /// `%q`
    pub(super) fn quoted(&mut self, text: &[u8]) {
        let text = self.cut(text);
        if self.flags.sharp && can_backquote(text) {
            let raw = [b"`", text, b"`"].concat();
            return self.pad(&raw);
        }
        let quoted = quote_with(text, '"', self.flags.plus);
        self.pad(quoted.as_bytes());
    }

    /// `%x` of bytes.
    pub(super) fn hex_bytes(&mut self, bytes: &[u8], upper: bool) {
        let length = self.flags.precision.map_or(bytes.len(), |precision| precision.min(bytes.len()));
        let prefix = if upper { "0X" } else { "0x" };
        let mut text = String::with_capacity(length * 2);
        for (at, byte) in bytes[..length].iter().enumerate() {
            if at > 0 && self.flags.space {
                text.push(' ');
            }
            if self.flags.sharp && (at == 0 || self.flags.space) {
                text.push_str(prefix);
            }
            text.push_str(&if upper { format!("{byte:02X}") } else { format!("{byte:02x}") });
        }
        self.pad(text.as_bytes());
    }

    /// `%c`
    pub(super) fn character(&mut self, code: i128) {
        let rune = rune_of(code);
        self.pad(rune.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `%q` of a number.
    pub(super) fn quoted_character(&mut self, code: i128) {
        let quoted = quote_rune(rune_of(code), self.flags.plus);
        self.pad(quoted.as_bytes());
    }

    /// `%U`
    pub(super) fn unicode(&mut self, value: i128) {
        let code = value as u64;
        let precision = self.flags.precision.unwrap_or_default().max(4);
        let mut text = format!("U+{code:0precision$X}");
        let rune = u32::try_from(code).ok().and_then(char::from_u32);
        if let Some(rune) = rune.filter(|rune| self.flags.sharp && runes::is_printable(*rune)) {
            text.push_str(&format!(" '{rune}'"));
        }
        self.pad_with(text.as_bytes(), false);
    }

    /// `%d`, `%b`, `%o`, `%x` and `%X` of numbers.
    pub(super) fn integer(&mut self, value: i128, base: u32, verb: char) {
        let (negative, size) = (value < 0, value.unsigned_abs() as u64);
        let flags = self.flags;
        if flags.precision == Some(0) && size == 0 {
            self.padding(flags.width.unwrap_or_default(), false);
            return;
        }
        let mut digits = match (base, verb) {
            (2, _) => format!("{size:b}"),
            (8, _) => format!("{size:o}"),
            (16, 'X') => format!("{size:X}"),
            (16, _) => format!("{size:x}"),
            _ => size.to_string(),
        };
        let signed = negative || flags.plus || flags.space;
        let least = match (flags.precision, flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(usize::from(signed)),
            _ => 0,
        };
        if digits.len() < least {
            digits.insert_str(0, &"0".repeat(least - digits.len()));
        }
        if flags.sharp {
            match base {
                2 => digits.insert_str(0, "0b"),
                8 if !digits.starts_with('0') => digits.insert(0, '0'),
                16 => digits.insert_str(0, if verb == 'X' { "0X" } else { "0x" }),
                _ => {}
            }
        }
        if verb == 'O' {
            digits.insert_str(0, "0o");
        }
        if negative {
            digits.insert(0, '-');
        } else if flags.plus {
            digits.insert(0, '+');
        } else if flags.space {
            digits.insert(0, ' ');
        }
        self.pad_with(digits.as_bytes(), false);
    }

    /// `%e`, `%f`, `%g` and their kin.
    pub(super) fn float(&mut self, value: f64, verb: char, precision: Option<usize>) {
        let flags = self.flags;
        let precision = flags.precision.or(precision);
        let mut text = float::format(value, verb, precision);
        if !text.starts_with(['-', '+']) {
            text.insert(0, '+');
        }
        if flags.space && text.starts_with('+') && !flags.plus {
            text.replace_range(..1, " ");
        }
        if text[1..].starts_with(['I', 'N']) {
            let bare = text[1..].starts_with('N') && !flags.space && !flags.plus;
            // An infinity always shows its sign.
            return self.pad_with(&text.as_bytes()[usize::from(bare)..], false);
        }
        if flags.sharp && verb != 'b' {
            text = with_point(&text, verb, precision);
        }
        if !flags.plus && text.starts_with('+') {
            return self.pad(&text.as_bytes()[1..]);
        }
        let width = flags.width.unwrap_or_default();
        if flags.zero && !flags.minus && width > text.len() {
            // The sign stands before the zeros.
            self.text(&text[..1]);
            self.padding(width - text.len(), true);
            return self.text(&text[1..]);
        }
        self.pad(text.as_bytes());
    }
}

fn rune_of(code: i128) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(runes::ERROR)
}

/// `#`: a point even without a fraction, and the zeros that `%g` drops.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let mut missing = match verb {
        'v' | 'g' | 'G' | 'x' => precision.unwrap_or(6) as i64,
        _ => 0,
    };
    let marks: &[char] = if matches!(verb, 'x' | 'X') { &['p', 'P'] } else { &['p', 'P', 'e', 'E'] };
    let (number, tail) = text.split_at(text.find(marks).unwrap_or(text.len()));
    let mut seen = false;
    for digit in number.chars().skip(1).filter(|digit| *digit != '.') {
        seen |= digit != '0';
        missing -= i64::from(seen);
    }
    let mut out = number.to_owned();
    if !number.contains('.') {
        if number.len() == 2 && number.ends_with('0') {
            missing -= 1;
        }
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', missing.max(0) as usize));
    out + tail
}

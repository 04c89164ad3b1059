//! What a scalar means by YAML 1.1 as go-yaml v2 reads it: yes, no, on and off are booleans, 0777 is octal, 1_000 a number,
//! 1:30 and dates are text.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// Go ignores stray bits of the last character.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// A scalar's value. Text is the scalar's own, but for `Binary`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text,
    /// Text that a plain scalar's look makes a time.
    Time,
    Binary(Vec<u8>),
}

impl Resolved {
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Uint(_) => "int",
            Self::Float(_) => "float",
            Self::Text => "str",
            Self::Time => "timestamp",
            Self::Binary(_) => "binary",
        }
    }
}

/// Resolves a scalar with an explicit tag. The error is go-yaml's text.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Result<Resolved, String> {
    let Some(name) = tag.strip_prefix(TAG_PREFIX) else {
        return Ok(Resolved::Text);
    };
    match name {
        "str" => Ok(Resolved::Text),
        "binary" => decode_binary(text),
        "bool" | "int" | "float" | "null" | "timestamp" => {
            // Only a timestamp's tag lets a number look like a time.
            let resolved = if name == "timestamp" { resolve(text) } else { resolve_without_times(text) };
            match resolved {
                Resolved::Int(value) if name == "float" => Ok(Resolved::Float(value as f64)),
                resolved if resolved.tag() == name => Ok(resolved),
                resolved => Err(format!("cannot decode !!{} `{text}` as a !!{name}", resolved.tag())),
            }
        }
        _ => Ok(Resolved::Text),
    }
}

fn decode_binary(text: &str) -> Result<Resolved, String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    BASE64.decode(digits).map(Resolved::Binary).map_err(|_| "!!binary value contains invalid base64 data".to_owned())
}

/// Resolves a plain scalar by its look.
pub(super) fn resolve(text: &str) -> Resolved {
    match text.as_bytes().first() {
        Some(b'0'..=b'9') if is_time(text) => Resolved::Time,
        _ => resolve_without_times(text),
    }
}

fn resolve_without_times(text: &str) -> Resolved {
    let Some(first) = text.as_bytes().first() else {
        return Resolved::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => match text {
            ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Resolved::Float(f64::INFINITY),
            _ if text.contains('_') && !has_separators(text) => Resolved::Text,
            _ => float(&text.replace('_', "")).unwrap_or(Resolved::Text),
        },
        b'+' | b'-' | b'0'..=b'9' => match text {
            "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
            _ if text.contains('_') => number(&text.replace('_', "")),
            _ => number(text),
        },
        _ => Resolved::Text,
    }
}

/// Whether every underscore stands between digits, as in Go's numbers.
fn has_separators(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).all(|index| bytes[index] != b'_' || (index > 0 && digit(index - 1) && digit(index + 1)))
}

fn word(text: &str) -> Resolved {
    match text {
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        _ => Resolved::Text,
    }
}

fn number(text: &str) -> Resolved {
    integer(text).or_else(|| float(text)).unwrap_or(Resolved::Text)
}

/// Go's integers with a base prefix.
fn integer(text: &str) -> Option<Resolved> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Resolved::Int);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(Resolved::Int(value)),
        // Go's unsigned numbers take no sign.
        Err(_) if signed => None,
        Err(_) => Some(Resolved::Uint(magnitude)),
    }
}

/// YAML's floats in decimal. One beyond the range of a float is text, as go-yaml has it.
fn float(text: &str) -> Option<Resolved> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(Resolved::Float)
}

/// Whether go-yaml takes the text for a time: `2001-1-2`, `2001-01-02 3:4:5.6`, `2001-01-02T03:04:05Z`.
fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    Time::new(bytes).is_some_and(|time| time.is_valid())
}

struct Time<'a> {
    rest: &'a [u8],
    numbers: [u32; 6],
}

impl<'a> Time<'a> {
    fn new(text: &'a [u8]) -> Option<Self> {
        let mut time = Self { rest: text.get(4..)?, numbers: [0; 6] };
        time.numbers[0] = text.get(..4)?.iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
        time.after(b'-')?;
        time.numbers[1] = time.number(1)?;
        time.after(b'-')?;
        time.numbers[2] = time.number(1)?;
        let Some(separator) = time.rest.first().copied() else {
            return Some(time);
        };
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        time.after(separator)?;
        while separator == b' ' && time.rest.first() == Some(&b' ') {
            time.after(b' ')?;
        }
        time.clock()?;
        if separator != b' ' {
            time.zone()?;
        }
        time.rest.is_empty().then_some(time)
    }

    fn after(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// One or two digits, as Go's layouts have them.
    fn number(&mut self, at_least: usize) -> Option<u32> {
        let count = self.rest.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
        if count < at_least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    fn clock(&mut self) -> Option<()> {
        // Go's layout "15" takes one digit too.
        self.numbers[3] = self.number(1)?;
        self.after(b':')?;
        self.numbers[4] = self.number(1)?;
        self.after(b':')?;
        self.numbers[5] = self.number(1)?;
        if let Some(b'.' | b',') = self.rest.first()
            && self.rest.get(1).is_some_and(u8::is_ascii_digit)
        {
            let digits = self.rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.rest = &self.rest[1 + digits..];
        }
        Some(())
    }

    fn zone(&mut self) -> Option<()> {
        if self.rest == b"Z" {
            self.rest = &[];
            return Some(());
        }
        let [b'+' | b'-', rest @ ..] = self.rest else { return None };
        self.rest = rest;
        let hours = self.number(2)?;
        self.after(b':')?;
        let minutes = self.number(2)?;
        (hours <= 24 && minutes <= 60).then_some(())
    }

    fn is_valid(&self) -> bool {
        let [year, month, day, hour, minute, second] = self.numbers;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60
    }
}

//! Constants of numbers: every type that can hold the value, as Go's untyped constants work.

use super::item::Span;
use crate::print::{quote, unquote_unit};

/// A number and the types that can represent it exactly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) written: Span,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: f64,
    /// Whether the constant alone is a `float64`: its text has a point or an exponent.
    pub(crate) is_float: bool,
}

/// A character constant with its quotes.
pub(crate) fn character(text: &[u8], written: Span) -> Result<Number, String> {
    let invalid = || "invalid syntax".to_owned();
    let (unit, tail) = unquote_unit(text.get(1..).unwrap_or_default(), b'\'').ok_or_else(invalid)?;
    if tail != b"'" {
        return Err(format!("malformed character constant: {}", String::from_utf8_lossy(text)));
    }
    let code = unit.code();
    Ok(Number { written, int: Some(code.into()), uint: Some(code.into()), float: code.into(), is_float: false })
}

pub(crate) fn number(text: &[u8], written: Span) -> Result<Number, String> {
    let shown = || quote(text);
    let text_str = std::str::from_utf8(text).map_err(|_| format!("illegal number syntax: {}", shown()))?;
    if text_str
        .strip_suffix('i')
        .is_some_and(|size| size.contains(['+', '-']) && size.len() > 1 || parse_float(size).is_some())
    {
        return Err(format!("complex constants are not supported: {}", shown()));
    }
    let mut uint = parse_uint(text_str);
    let int = parse_int(text_str);
    if int == Some(0) && uint.is_none() {
        uint = Some(0);
    }
    let looks_float = text_str.contains(['.', 'e', 'E', 'p', 'P']);
    let is_hex_int = text_str.len() > 2
        && (text_str.starts_with("0x") || text_str.starts_with("0X"))
        && !text_str.contains(['p', 'P']);
    if int.is_some() || uint.is_some() {
        let float = int.map_or_else(|| uint.unwrap_or_default() as f64, |int| int as f64);
        return Ok(Number { written, int, uint, float, is_float: looks_float && !is_hex_int });
    }
    let Some(float) = parse_float(text_str) else {
        return Err(format!("illegal number syntax: {}", shown()));
    };
    if !looks_float {
        return Err(format!("integer overflow: {}", shown()));
    }
    Ok(Number { written, int: exact_int(float), uint: exact_uint(float), float, is_float: !is_hex_int })
}

/// The float as an `int64` where that is exact. What is out of range converts in Go to the smallest `int64`.
fn exact_int(float: f64) -> Option<i64> {
    let int = if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float) {
        float as i64
    } else {
        i64::MIN
    };
    (int as f64 == float).then_some(int)
}

fn exact_uint(float: f64) -> Option<u64> {
    let in_range = (0.0..18_446_744_073_709_551_616.0).contains(&float);
    (in_range && (float as u64) as f64 == float).then_some(float as u64)
}

/// `strconv.ParseInt` with base 0.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let size = parse_uint(digits)?;
    if negative { 0i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }
}

/// `strconv.ParseUint` with base 0: prefixes, a leading zero for octal, underscores between digits.
pub(crate) fn parse_uint(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (radix, digits) = match bytes {
        [b'0', b'x' | b'X', rest @ ..] if !rest.is_empty() => (16, &text[2..]),
        [b'0', b'b' | b'B', rest @ ..] if !rest.is_empty() => (2, &text[2..]),
        [b'0', b'o' | b'O', rest @ ..] if !rest.is_empty() => (8, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    };
    if digits.contains('_') {
        if !underscores_fit(text) {
            return None;
        }
        let plain: String = digits.chars().filter(|digit| *digit != '_').collect();
        return from_digits(&plain, radix);
    }
    from_digits(digits, radix)
}

fn from_digits(digits: &str, radix: u32) -> Option<u64> {
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// Go's rule: an underscore stands between digits, or after the prefix of a base.
fn underscores_fit(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let bytes = text.as_bytes();
    let prefixed = matches!(bytes, [b'0', b'b' | b'o' | b'x' | b'B' | b'O' | b'X', ..]);
    let hex = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let mut last = if prefixed { '0' } else { '^' };
    for byte in bytes.iter().skip(if prefixed { 2 } else { 0 }) {
        last = match byte {
            _ if byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit()) => '0',
            b'_' if last != '0' => return false,
            b'_' => '_',
            _ if last == '_' => return false,
            _ => '!',
        };
    }
    last != '_'
}

/// `strconv.ParseFloat`, without the names of infinities; `None` also for what overflows.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    if text.contains('_') && !underscores_fit(text) {
        return None;
    }
    let plain: String = text.chars().filter(|digit| *digit != '_').collect();
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    let negative = plain.starts_with('-');
    let size = match unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        Some(hex) => hex_float(hex)?,
        None if unsigned.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) => {
            unsigned.parse().ok()?
        }
        None => return None,
    };
    size.is_finite().then_some(if negative { -size } else { size })
}

/// The mantissa and binary exponent after `0x`. The exponent is mandatory.
fn hex_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i64 = exponent.parse::<i64>().ok()?.clamp(-100_000, 100_000);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut bits, mut scale, mut sticky) = (0u64, exponent, false);
    for (at, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        let is_fraction = at >= whole.len();
        if bits < 1 << 58 {
            bits = bits << 4 | digit;
            scale -= if is_fraction { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            scale += if is_fraction { 0 } else { 4 };
        }
    }
    if bits == 0 {
        return Some(0.0);
    }
    Some(scale_bits(bits << 1 | u64::from(sticky), scale - 1))
}

/// `bits * 2^scale`, rounded once, to the nearest even.
fn scale_bits(bits: u64, scale: i64) -> f64 {
    let top = 63 - i64::from(bits.leading_zeros()) + scale;
    if top > 1023 {
        return f64::INFINITY;
    }
    // Where the last bit that a float64 of this size keeps stands, also for subnormal numbers.
    let last = (top - 52).max(-1074);
    let drop = last - scale;
    if drop <= 0 {
        return bits as f64 * 2f64.powi(scale as i32);
    }
    if drop > 63 {
        return 0.0;
    }
    let (kept, rest, half) = (bits >> drop, bits & ((1 << drop) - 1), 1u64 << (drop - 1));
    let rounded = kept + u64::from(rest > half || (rest == half && kept & 1 == 1));
    let two = |power: i64| 2f64.powi(power as i32);
    // Two steps, because the smallest powers do not exist on their own.
    if last < -1000 { rounded as f64 * two(last + 500) * two(-500) } else { rounded as f64 * two(last) }
}

//! spf13/cast's conversions, which Sprig's arithmetic rests on: what is no number is 0, and text is read by the rules of Go's
//! literals, so that `"010"` is 8 and `"0x10"` is 16.

use crate::value::{Integer, Value};

/// `cast.ToInt64`, and `cast.ToInt` on the 64-bit machines that Helm runs on.
pub(crate) fn to_int64(value: &Value) -> i64 {
    match value {
        Value::Bool(true) => 1,
        Value::Integer(Integer::Uint64(value)) => *value as i64,
        Value::Integer(integer) => integer.wide() as i64,
        Value::Float(float) => float_to_int(*float),
        Value::Text(text) => text.as_str().and_then(|text| parse_int(trim_zero_decimal(text), 0)).unwrap_or(0),
        Value::Object(object) if is_calendar(&object.type_name()) => object.to_json().as_i64().unwrap_or(0),
        _ => 0,
    }
}

/// `cast.ToFloat64`
pub(crate) fn to_float64(value: &Value) -> f64 {
    match value {
        Value::Bool(true) => 1.0,
        Value::Integer(integer) => integer.wide() as f64,
        Value::Float(float) => *float,
        Value::Text(text) => text.as_str().and_then(parse_float).unwrap_or(0.0),
        Value::Object(object) if is_calendar(&object.type_name()) => object.to_json().as_f64().unwrap_or(0.0),
        _ => 0.0,
    }
}

/// The two named integer types that cast knows.
fn is_calendar(type_name: &str) -> bool {
    matches!(type_name, "time.Month" | "time.Weekday")
}

/// Go's conversion on amd64: what does not fit is the smallest number.
pub(crate) fn float_to_int(float: f64) -> i64 {
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    if fits { float as i64 } else { i64::MIN }
}

/// Cuts `.0`, `.00` and so on.
fn trim_zero_decimal(text: &str) -> &str {
    let without = text.trim_end_matches('0');
    match without.strip_suffix('.') {
        Some(whole) if without.len() < text.len() => whole,
        _ => text,
    }
}

/// `strconv.ParseInt` with 64 bits. Base 0 takes the base from the prefix and allows underscores between digits.
pub(crate) fn parse_int(text: &str, base: u32) -> Option<i64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let underscores = base == 0 && unsigned.contains('_');
    if underscores && !underscores_between_digits(unsigned) {
        return None;
    }
    let (base, digits) = if base == 0 { base_of(unsigned) } else { (base, unsigned) };
    let mut value: u64 = 0;
    let mut any = false;
    for character in digits.chars().filter(|character| !(underscores && *character == '_')) {
        let digit = character.to_digit(base)?;
        value = value.checked_mul(base.into())?.checked_add(digit.into())?;
        any = true;
    }
    if !any {
        return None;
    }
    if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

/// The base of a literal and its digits.
fn base_of(text: &str) -> (u32, &str) {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'0') {
        return (10, text);
    }
    match bytes.get(1).map(u8::to_ascii_lowercase) {
        Some(b'b') if bytes.len() > 2 => (2, &text[2..]),
        Some(b'o') if bytes.len() > 2 => (8, &text[2..]),
        Some(b'x') if bytes.len() > 2 => (16, &text[2..]),
        // The zero alone is a digit, a zero before digits is a prefix.
        Some(_) => (8, &text[1..]),
        None => (10, text),
    }
}

/// Go's rule for underscores in literals: between digits, or between the base's prefix and a digit.
fn underscores_between_digits(unsigned: &str) -> bool {
    let bytes = unsigned.as_bytes();
    let prefixed = bytes.len() >= 2 && bytes[0] == b'0' && b"box".contains(&bytes[1].to_ascii_lowercase());
    let hexadecimal = prefixed && bytes[1].eq_ignore_ascii_case(&b'x');
    // What the last byte was: a digit (also the prefix), an underscore, the start, or anything else.
    let mut last = if prefixed { b'0' } else { b'^' };
    for byte in bytes.iter().skip(if prefixed { 2 } else { 0 }) {
        if byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit() {
            last = b'0';
        } else if *byte == b'_' {
            if last != b'0' {
                return false;
            }
            last = b'_';
        } else {
            if last == b'_' {
                return false;
            }
            last = b'!';
        }
    }
    last != b'_'
}

/// `strconv.ParseFloat` with 64 bits, where it returns no error.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let negative = text.starts_with('-');
    let special = unsigned.to_ascii_lowercase();
    match special.as_str() {
        "inf" | "infinity" => return Some(if negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        "nan" => return (unsigned.len() == text.len()).then_some(f64::NAN),
        _ => {}
    }
    if unsigned.contains('_') && !underscores_between_digits(unsigned) {
        return None;
    }
    let digits = unsigned.replace('_', "");
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => parse_hexadecimal_float(digits)?,
        None => {
            let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
            digits.parse::<f64>().ok().filter(|_| decimal)?
        }
    };
    value.is_finite().then_some(if negative { -value } else { value })
}

/// Digits, an optional point and a `p` exponent, which Go demands.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let sign_bytes = usize::from(exponent.starts_with(['+', '-']));
    if exponent.len() == sign_bytes || !exponent[sign_bytes..].bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty()
        || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_hexdigit())
    {
        return None;
    }
    let mut value: u64 = 0;
    let mut scale: i64 = 0;
    for (place, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let fractional = place >= whole.len();
        if value >> 59 == 0 {
            value = value << 4 | u64::from(digit.to_digit(16)?);
            scale -= if fractional { 4 } else { 0 };
        } else {
            // Beyond 64 bits only whether anything was there matters, for rounding.
            value |= u64::from(digit != '0');
            scale += if fractional { 0 } else { 4 };
        }
    }
    Some(times_power_of_two(value as f64, exponent.saturating_add(scale)))
}

/// `math.Ldexp` of a number that is not tiny.
pub(crate) fn times_power_of_two(mut value: f64, exponent: i64) -> f64 {
    let mut left = exponent.clamp(-3_000, 3_000);
    while left != 0 {
        let step = left.clamp(-1_000, 1_000);
        value *= 2_f64.powi(step as i32);
        left -= step;
    }
    value
}

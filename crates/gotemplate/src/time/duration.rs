//! `time.Duration`: nanoseconds, printed and read as Go does (`1h15m30.918s`).

use super::parse::quote;

/// `time.Duration.String`.
pub(super) fn print(duration: i64) -> String {
    let rest = duration.unsigned_abs();
    let sign = if duration < 0 { "-" } else { "" };
    if rest == 0 {
        return "0s".to_owned();
    }
    if rest < 1_000_000_000 {
        let (unit, name) = match rest {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return format!("{sign}{}{name}", decimal(rest, unit));
    }
    let (hours, minutes) = (rest / 3_600_000_000_000, rest / 60_000_000_000 % 60);
    let seconds = decimal(rest % 60_000_000_000, 1_000_000_000);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// `number / unit` in full, for a unit that is a power of ten.
fn decimal(number: u64, unit: u64) -> String {
    let digits = unit.to_string().len() - 1;
    let fraction = format!("{:0digits$}", number % unit);
    let fraction = if digits == 0 { "" } else { fraction.trim_end_matches('0') };
    if fraction.is_empty() { (number / unit).to_string() } else { format!("{}.{fraction}", number / unit) }
}

/// `time.ParseDuration`.
pub(super) fn parse(text: &[u8]) -> Result<i64, String> {
    let failed = |what: &str| format!("time: {what} {}", quote(text));
    let (is_negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if rest == b"0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(failed("invalid duration"));
    }
    const MAX: u64 = 1 << 63;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (whole, length) = leading_int(rest).ok_or_else(|| failed("invalid duration"))?;
        rest = &rest[length..];
        let (mut fraction, mut scale, mut fraction_length) = (0, 1.0, 0);
        if let [b'.', after @ ..] = rest {
            (fraction, scale, fraction_length) = leading_fraction(after);
            rest = &after[fraction_length..];
        }
        if length == 0 && fraction_length == 0 {
            return Err(failed("invalid duration"));
        }
        let name_length = rest.iter().take_while(|byte| **byte != b'.' && !byte.is_ascii_digit()).count();
        if name_length == 0 {
            return Err(failed("missing unit in duration"));
        }
        let (name, after) = rest.split_at(name_length);
        rest = after;
        let unit = unit(name).ok_or_else(|| failed(&format!("unknown unit {} in duration", quote(name))))?;
        let part = whole.checked_mul(unit).filter(|part| *part <= MAX && whole <= MAX / unit);
        let part = part.map(|part| part + (fraction as f64 * (unit as f64 / scale)) as u64);
        let sum = part.filter(|part| *part <= MAX).map(|part| total.wrapping_add(part));
        total = sum.filter(|total| *total <= MAX).ok_or_else(|| failed("invalid duration"))?;
    }
    if is_negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| failed("invalid duration"))
}

fn unit(name: &[u8]) -> Option<u64> {
    Some(match name {
        b"ns" => 1,
        b"us" | b"\xc2\xb5s" | b"\xce\xbcs" => 1_000,
        b"ms" => 1_000_000,
        b"s" => 1_000_000_000,
        b"m" => 60_000_000_000,
        b"h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The number that a text begins with, and its length; nothing where it does not fit.
pub(super) fn leading_int(text: &[u8]) -> Option<(u64, usize)> {
    const MAX: u64 = 1 << 63;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = text[..length].iter().try_fold(0_u64, |number, digit| {
        let number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        (number <= MAX).then_some(number)
    })?;
    Some((number, length))
}

/// Digits after a point, their scale and their count. Digits that no longer fit are dropped.
fn leading_fraction(text: &[u8]) -> (u64, f64, usize) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut number, mut scale) = (0_u64, 1.0);
    for digit in &text[..length] {
        if number > (i64::MAX as u64) / 10 {
            break;
        }
        let next = number * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        number = next;
        scale *= 10.0;
    }
    (number, scale, length)
}

/// `time.Duration.Round`: halves away from zero; what does not fit is the longest duration.
pub(super) fn round(duration: i64, to: i64) -> i64 {
    if to <= 0 {
        return duration;
    }
    let rest = i128::from(duration).abs() % i128::from(to);
    let down = i128::from(duration).abs() - rest;
    let rounded = if rest * 2 < i128::from(to) { down } else { down + i128::from(to) };
    let signed = if duration < 0 { -rounded } else { rounded };
    signed.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

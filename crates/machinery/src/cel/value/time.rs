//! Durations and timestamps as Go reads and writes them.

use jiff::Timestamp;

/// Years 1 to 9999, as seconds since 1970.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Go's `time.ParseDuration`, as nanoseconds.
pub(in crate::cel) fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(|| format!("time: missing unit in duration {text:?}"))?;
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(invalid());
        }
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse::<i64>().map_err(|_| invalid())?.into() };
        sum += whole * scale + fraction_of(fraction, scale);
        rest = next;
    }
    i64::try_from(if negative { -sum } else { sum }).map_err(|_| invalid())
}

/// `.5` of a unit.
fn fraction_of(digits: &str, scale: i128) -> i128 {
    let (mut sum, mut unit) = (0, scale);
    for digit in digits.bytes().take(18) {
        unit /= 10;
        sum += i128::from(digit - b'0') * unit;
    }
    sum
}

/// The durations of schemas: Go's, and whole numbers of named units (`3 days`).
pub(in crate::cel) fn parse_lenient_duration(text: &str) -> Option<i64> {
    if let Ok(duration) = parse_duration(text) {
        return Some(duration);
    }
    let mut rest = text.trim();
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..end].parse().ok()?;
        let after = rest[end..].trim_start();
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == ' ').unwrap_or(after.len());
        let scale: i128 = match &after[..unit_end] {
            "ns" | "nano" => 1,
            "us" | "µs" | "μs" | "micro" => 1_000,
            "ms" | "milli" => 1_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000_000,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000_000_000,
            "d" | "day" | "days" => 86_400_000_000_000,
            "w" | "wk" | "wks" | "week" | "weeks" => 604_800_000_000_000,
            _ => return None,
        };
        sum += i128::from(number) * scale;
        rest = after[unit_end..].trim_start();
    }
    i64::try_from(sum).ok()
}

/// RFC 3339, as Go reads it.
pub(in crate::cel) fn parse_timestamp(text: &str) -> Result<Timestamp, String> {
    let complaint = || format!("parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse");
    let shaped = text.len() >= 20
        && text.as_bytes()[10] == b'T'
        && (text.ends_with('Z') || text.as_bytes().get(text.len() - 3) == Some(&b':'));
    let at: Timestamp = if shaped { text.parse().map_err(|_| complaint())? } else { return Err(complaint()) };
    if SECONDS.contains(&at.as_second()) { Ok(at) } else { Err(complaint()) }
}

pub(in crate::cel) fn in_range(at: Timestamp) -> bool {
    SECONDS.contains(&at.as_second())
}

/// Seconds with as many digits as they need: `3.5s`.
pub(in crate::cel) fn show_duration(nanos: i64) -> String {
    let (seconds, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    let sign = if nanos < 0 { "-" } else { "" };
    if rest == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{rest:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}

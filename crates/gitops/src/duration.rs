//! Durations as Argo CD reads them: Go's notation, or a bare number of seconds.

use std::time::Duration;

/// `5s`, `1m30s`, `500ms`, `1.5h`, `10`. The message names the text.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let mut total = 0.0f64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(invalid)?;
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..unit_end] {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(invalid()),
        };
        total += number * unit;
        rest = &rest[unit_end..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|_| !text.is_empty()).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn go_notation_and_bare_seconds() {
        let secs = |text: &str| parse(text).map(|d| d.as_secs_f64());
        for (text, expected) in
            [("5s", 5.0), ("10m", 600.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("500ms", 0.5), ("10", 10.0)]
        {
            assert_eq!(secs(text), Ok(expected), "{text}");
        }
        for text in ["", "5", "x", "5x", "s", "-5s", "5s5"] {
            assert_eq!(parse(text).is_ok(), text == "5", "{text}");
        }
    }
}

//! Ages as `k8s.io/apimachinery` prints them: two units at most, fewer the older a thing is.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// An age in seconds: `45s`, `3m20s`, `95m`, `5h10m`, `3d4h`, `200d`, `2y30d`. More than a second in the future is invalid.
pub fn age(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / MINUTE, seconds / HOUR, seconds / HOUR / 24);
    let pair = |large: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{large}{unit}") } else { format!("{large}{unit}{small}{small_unit}") }
    };
    match seconds {
        ..-1 => "<invalid>".to_string(),
        -1 => "0s".to_string(),
        _ if seconds < 2 * MINUTE => format!("{seconds}s"),
        _ if minutes < 10 => pair(minutes, "m", seconds % MINUTE, "s"),
        _ if minutes < 3 * 60 => format!("{minutes}m"),
        _ if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        _ if hours < 48 => format!("{hours}h"),
        _ if days < 8 => pair(days, "d", hours % 24, "h"),
        _ if days < 2 * 365 => format!("{days}d"),
        _ if days < 8 * 365 => pair(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

/// The age of an RFC 3339 time: `<unknown>` when there is none, `<invalid>` when it is not a time.
pub fn since(time: &str, now: Timestamp) -> String {
    if time.is_empty() {
        return "<unknown>".to_string();
    }
    match time.parse::<Timestamp>() {
        // Whole seconds towards zero, as Go truncates a duration.
        Ok(at) => age(now.duration_since(at).as_secs()),
        Err(_) => "<invalid>".to_string(),
    }
}

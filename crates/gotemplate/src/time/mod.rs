//! Go's package time as templates meet it: layouts, zones, durations, times with methods, and Sprig's functions on them.
//!
//! "Local" is UTC: the zone of the machine that renders must not show in a manifest.

mod civil;
mod duration;
mod format;
mod functions;
mod layout;
mod object;
mod parse;
mod zone;

use std::cmp::Ordering;

pub(crate) use functions::FUNCTIONS;
pub(crate) use object::{DurationObject, TimeObject};
use zone::Zone;

/// A moment and the zone that it is shown in.
#[derive(Debug, Clone)]
pub(crate) struct Time {
    /// Since 1970 in UTC.
    seconds: i64,
    nanoseconds: u32,
    zone: Zone,
}

/// Go's zero time: the first of January of the year 1.
const ZERO_SECONDS: i64 = -62_135_596_800;
const NANOSECONDS: i64 = 1_000_000_000;

impl Time {
    fn unix(seconds: i64) -> Self {
        Self { seconds, nanoseconds: 0, zone: Zone::Utc }
    }

    fn zero() -> Self {
        Self::unix(ZERO_SECONDS)
    }

    fn now(clock: &dyn api::env::Clock) -> Self {
        let now = clock.now();
        // Of a moment before 1970 both parts are negative.
        let (seconds, nanoseconds) = (now.as_second(), now.subsec_nanosecond());
        let borrow = i64::from(nanoseconds < 0);
        let nanoseconds = i64::from(nanoseconds) + borrow * NANOSECONDS;
        Self { seconds: seconds - borrow, nanoseconds: nanoseconds as u32, zone: Zone::Utc }
    }

    fn within(&self, zone: Zone) -> Self {
        Self { zone, ..self.clone() }
    }

    /// `time.Time.Add`, of nanoseconds.
    fn plus(&self, duration: i64) -> Self {
        let nanoseconds = i64::from(self.nanoseconds) + duration % NANOSECONDS;
        let carry = nanoseconds.div_euclid(NANOSECONDS);
        let seconds = self.seconds.wrapping_add(duration / NANOSECONDS).wrapping_add(carry);
        Self { seconds, nanoseconds: nanoseconds.rem_euclid(NANOSECONDS) as u32, zone: self.zone.clone() }
    }

    fn total_nanoseconds(&self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOSECONDS) + i128::from(self.nanoseconds)
    }

    /// `time.Time.Sub`: what does not fit is the longest duration.
    fn since(&self, earlier: &Self) -> i64 {
        let difference = self.total_nanoseconds() - earlier.total_nanoseconds();
        difference.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.total_nanoseconds().cmp(&other.total_nanoseconds())
    }

    fn is_zero(&self) -> bool {
        self.seconds == ZERO_SECONDS && self.nanoseconds == 0
    }

    /// RFC 3339 with as many digits of the second as there are: how JSON and TOML write a time.
    pub(crate) fn rfc3339(&self) -> String {
        String::from_utf8_lossy(&self.format(b"2006-01-02T15:04:05.999999999Z07:00")).into_owned()
    }
}

/// Go's complaint about what is no time of RFC 3339.
pub fn check_rfc3339(text: &str) -> Result<(), String> {
    parse::parse(b"2006-01-02T15:04:05Z07:00", text.as_bytes()).map(|_| ())
}

/// The zones and layouts of TOML's dates that have no zone.
const TOML_LOCAL: [(&str, &[u8]); 3] = [
    ("datetime-local", b"2006-01-02T15:04:05.999999999"),
    ("date-local", b"2006-01-02"),
    ("time-local", b"15:04:05.999999999"),
];

impl Time {
    /// Any of TOML's four kinds of dates and times, in the zones that BurntSushi/toml gives them.
    pub(crate) fn from_toml(text: &str) -> Option<Self> {
        if let Ok(time) = parse::parse(b"2006-01-02T15:04:05.999999999Z07:00", text.as_bytes()) {
            return Some(time);
        }
        TOML_LOCAL.iter().find_map(|(name, layout)| {
            let time = parse::parse(layout, text.as_bytes()).ok()?;
            Some(time.within(Zone::Fixed { name: (*name).to_owned(), offset_seconds: 0 }))
        })
    }

    pub(crate) fn to_toml(&self) -> String {
        let local = match &self.zone {
            Zone::Fixed { name, .. } => TOML_LOCAL.iter().find(|(local, _)| local == name),
            _ => None,
        };
        local.map_or_else(|| self.rfc3339(), |(_, layout)| String::from_utf8_lossy(&self.format(layout)).into_owned())
    }
}

#[cfg(test)]
mod tests;

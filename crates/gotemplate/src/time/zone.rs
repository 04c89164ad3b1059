//! Zones: out of the database that is built in, and fixed ones out of parsed texts.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

#[derive(Debug, Clone)]
pub(super) enum Zone {
    Utc,
    Named(TimeZone),
    /// An offset that a text gave, with its abbreviation, which may be empty.
    Fixed {
        name: String,
        offset_seconds: i64,
    },
}

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl Zone {
    /// `time.LoadLocation`, which unlike jiff minds the case of letters.
    pub(super) fn load(name: &str) -> Option<Self> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(Self::Utc);
        }
        let zone = DATABASE.get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Self::Named(zone))
    }

    /// The abbreviation and the offset, in seconds east of UTC, at a moment.
    pub(super) fn at(&self, seconds: i64) -> (String, i64) {
        match self {
            Self::Utc => ("UTC".to_owned(), 0),
            Self::Fixed { name, offset_seconds } => (name.clone(), *offset_seconds),
            Self::Named(zone) => {
                let info = zone.to_offset_info(known(seconds));
                (info.abbreviation().to_owned(), info.offset().seconds().into())
            }
        }
    }

    pub(super) fn is_daylight_saving(&self, seconds: i64) -> bool {
        let Self::Named(zone) = self else { return false };
        zone.to_offset_info(known(seconds)).dst().is_dst()
    }
}

/// A moment that jiff can tell, which ends with the year 9999: the calendar repeats every 400 years, and so do the rules of zones.
fn known(seconds: i64) -> Timestamp {
    const CYCLE: i64 = 146_097 * 86_400;
    let last = Timestamp::MAX.as_second();
    let seconds = if seconds > last { last - CYCLE + (seconds - last).rem_euclid(CYCLE) } else { seconds };
    Timestamp::from_second(seconds.max(Timestamp::MIN.as_second())).unwrap_or_default()
}

//! Schedules as CronJobs write them: five fields with names, ranges, lists and steps, the short forms `@daily` and their like,
//! `@every 1h30m`. Days count when either of the two fields has them, unless one of them is `*`.
//!
//! Written here, because what crates there are bring a second library of dates, and other rules for days.

use jiff::{
    Span, Timestamp, Zoned,
    civil::{DateTime, Time},
    tz::TimeZone,
};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/// Nothing is due later than that: the 29th of February is due every eight years at the latest.
const YEARS_MAX: i16 = 9;

/// When a CronJob is due.
#[derive(Debug)]
pub(crate) enum Schedule {
    Every(i64),
    Fields { fields: Box<Fields>, zone: TimeZone },
}

/// Bits of the values that are meant.
#[derive(Debug)]
pub(crate) struct Fields {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// One of the two fields of days is `*`: both must hold.
    both: bool,
}

impl Schedule {
    /// `zone` is UTC when it is empty.
    pub(crate) fn parse(text: &str, zone: &str) -> Option<Self> {
        let zone = if zone.is_empty() { TimeZone::UTC } else { TimeZone::get(zone).ok()? };
        let text = match text.trim() {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        if let Some(every) = text.strip_prefix("@every ") {
            return every_secs(every.trim()).map(|secs| Self::Every(secs.max(1)));
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let (days, any_day) = field(days, (1, 31), &[])?;
        let (weekdays, any_weekday) = field(weekdays, (0, 6), &DAYS)?;
        let fields = Fields {
            minutes: field(minutes, (0, 59), &[])?.0,
            hours: field(hours, (0, 23), &[])?.0,
            days,
            months: field(months, (1, 12), &MONTHS)?.0,
            weekdays,
            both: any_day || any_weekday,
        };
        Some(Self::Fields { fields: Box::new(fields), zone })
    }

    /// The first time that is due after that one.
    pub(crate) fn after(&self, at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Every(secs) => Timestamp::from_second(at.as_second() + secs).ok(),
            Self::Fields { fields, zone } => fields.after(at, zone),
        }
    }

    /// The last time that was due at that one.
    pub(crate) fn last_before(&self, now: Timestamp) -> Option<Timestamp> {
        // Doubling steps back, until something was due in between.
        let mut back = 60_i64;
        while back < 60 * 60 * 24 * 366 * i64::from(YEARS_MAX) {
            let mut found = None;
            let mut next = self.after(crate::pass::later(now, -back));
            while let Some(at) = next.filter(|at| *at <= now) {
                found = Some(at);
                next = self.after(at);
            }
            if found.is_some() {
                return found;
            }
            back *= 2;
        }
        None
    }
}

impl Fields {
    fn after(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let has = |bits: u64, value: i8| u32::try_from(value).is_ok_and(|value| bits >> value & 1 == 1);
        let start: Zoned = at.to_zoned(zone.clone());
        let first = start.datetime().checked_add(Span::new().minutes(1)).ok()?;
        let last = first.year() + YEARS_MAX;
        let mut time = first.with().second(0).subsec_nanosecond(0).build().ok()?;
        while time.year() < last {
            if !has(self.months, time.month()) {
                let next = time.date().first_of_month().checked_add(Span::new().months(1)).ok()?;
                time = next.to_datetime(Time::midnight());
            } else if !self.has_day(time) {
                time = time.date().tomorrow().ok()?.to_datetime(Time::midnight());
            } else if !has(self.hours, time.hour()) {
                time = time.with().minute(0).build().ok()?.checked_add(Span::new().hours(1)).ok()?;
            } else if !has(self.minutes, time.minute()) {
                time = time.checked_add(Span::new().minutes(1)).ok()?;
            } else {
                let due = zone.to_ambiguous_timestamp(time).compatible().ok()?;
                // A time that a change of the clocks skips is no time.
                if due > at && due.to_zoned(zone.clone()).datetime() == time {
                    return Some(due);
                }
                time = time.checked_add(Span::new().minutes(1)).ok()?;
            }
        }
        None
    }

    fn has_day(&self, time: DateTime) -> bool {
        let day = self.days >> time.day() & 1 == 1;
        let weekday = self.weekdays >> time.weekday().to_sunday_zero_offset() & 1 == 1;
        if self.both { day && weekday } else { day || weekday }
    }
}

/// The bits of one field, and whether it takes everything.
fn field(text: &str, (low, high): (u32, u32), names: &[&str]) -> Option<(u64, bool)> {
    let mut bits = 0;
    let mut any = false;
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = if matches!(range, "*" | "?") {
            any |= step == 1;
            (low, high)
        } else if let Some((from, to)) = range.split_once('-') {
            (value(from, low, names)?, value(to, low, names)?)
        } else {
            let from = value(range, low, names)?;
            // A step without an end goes on to the last value.
            (from, if part.contains('/') { high } else { from })
        };
        // A Sunday is 0; 7, which other crons take, is refused as upstream refuses it.
        if from < low || to > high || from > to {
            return None;
        }
        for value in (from..=to).step_by(usize::try_from(step).ok()?) {
            bits |= 1_u64 << value;
        }
    }
    Some((bits, any))
}

fn value(text: &str, low: u32, names: &[&str]) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    match names.iter().position(|name| *name == lower) {
        Some(place) => u32::try_from(place).ok().map(|place| place + low),
        None => text.parse().ok(),
    }
}

/// `1h30m`, in seconds.
fn every_secs(text: &str) -> Option<i64> {
    let mut secs = 0_i64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let unit = rest.chars().next()?;
        let factor = match unit {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        secs = secs.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[1..];
    }
    (secs > 0).then_some(secs)
}

//! Times to text, after a layout.

use super::{
    Time,
    civil::{Civil, MONTHS, WEEKDAYS},
    layout::{Field, Offset, next_chunk},
};

impl Time {
    /// `time.Time.Format`.
    pub(super) fn format(&self, layout: &[u8]) -> Vec<u8> {
        let civil = self.civil();
        let mut out = Vec::with_capacity(layout.len() + 10);
        let mut layout = layout;
        loop {
            let chunk = next_chunk(layout);
            out.extend_from_slice(chunk.prefix);
            let Some((field, _)) = chunk.field else { return out };
            match field {
                Field::Fraction { digits, mark, trimmed } => {
                    write_fraction(&mut out, self.nanoseconds, digits, mark, trimmed);
                }
                Field::Offset(offset) => write_offset(&mut out, civil.offset_seconds, offset),
                field => write_field(&mut out, &civil, field),
            }
            layout = chunk.rest;
        }
    }
}

fn write_field(out: &mut Vec<u8>, civil: &Civil, field: Field) {
    let hour12 = (civil.hour + 11) % 12 + 1;
    let (number, width, pad) = match field {
        Field::Year => (civil.year.abs() % 100, 2, b'0'),
        Field::LongYear => (civil.year, 4, b'0'),
        Field::NumMonth => (civil.month, 0, b'0'),
        Field::ZeroMonth => (civil.month, 2, b'0'),
        Field::Day => (civil.day, 0, b'0'),
        Field::UnderDay => (civil.day, 2, b' '),
        Field::ZeroDay => (civil.day, 2, b'0'),
        Field::UnderYearDay => (civil.year_day, 3, b' '),
        Field::ZeroYearDay => (civil.year_day, 3, b'0'),
        Field::Hour => (civil.hour, 2, b'0'),
        Field::Hour12 => (hour12, 0, b'0'),
        Field::ZeroHour12 => (hour12, 2, b'0'),
        Field::Minute => (civil.minute, 0, b'0'),
        Field::ZeroMinute => (civil.minute, 2, b'0'),
        Field::Second => (civil.second, 0, b'0'),
        Field::ZeroSecond => (civil.second, 2, b'0'),
        name => return write_name(out, civil, name),
    };
    write_number(out, number, width, pad);
}

fn write_name(out: &mut Vec<u8>, civil: &Civil, field: Field) {
    let of = |names: &[&'static str], index: i64| usize::try_from(index).ok().and_then(|at| names.get(at).copied());
    let month = of(&MONTHS, civil.month - 1).unwrap_or_default();
    let weekday = of(&WEEKDAYS, civil.weekday).unwrap_or_default();
    let name = match field {
        Field::LongMonth => month,
        Field::Month => &month[..3],
        Field::LongWeekday => weekday,
        Field::Weekday => &weekday[..3],
        Field::Pm => {
            if civil.hour >= 12 {
                "PM"
            } else {
                "AM"
            }
        }
        Field::LowerPm => {
            if civil.hour >= 12 {
                "pm"
            } else {
                "am"
            }
        }
        _ if civil.zone.is_empty() => {
            let plain = Offset { zulu: false, colons: false, minutes: true, seconds: false };
            return write_offset(out, civil.offset_seconds, plain);
        }
        _ => &civil.zone,
    };
    out.extend_from_slice(name.as_bytes());
}

/// The sign does not count to the width.
fn write_number(out: &mut Vec<u8>, number: i64, width: usize, pad: u8) {
    if number < 0 {
        out.push(b'-');
    }
    let digits = number.unsigned_abs().to_string();
    out.resize(out.len() + width.saturating_sub(digits.len()), pad);
    out.extend_from_slice(digits.as_bytes());
}

fn write_offset(out: &mut Vec<u8>, seconds: i64, offset: Offset) {
    if offset.zulu && seconds == 0 {
        return out.push(b'Z');
    }
    // Whole minutes decide the sign, as in Go.
    let minutes = seconds / 60;
    out.push(if minutes < 0 { b'-' } else { b'+' });
    let minutes = minutes.abs();
    write_number(out, minutes / 60, 2, b'0');
    for (wanted, number) in [(offset.minutes, minutes % 60), (offset.seconds, seconds % 60)] {
        if wanted {
            if offset.colons {
                out.push(b':');
            }
            write_number(out, number.abs(), 2, b'0');
        }
    }
}

fn write_fraction(out: &mut Vec<u8>, nanoseconds: u32, digits: usize, mark: u8, trimmed: bool) {
    if trimmed && nanoseconds == 0 {
        return;
    }
    let text = format!("{nanoseconds:09}");
    let mut text = &text[..digits.min(9)];
    if trimmed {
        text = text.trim_end_matches('0');
        if text.is_empty() {
            return;
        }
    }
    out.push(mark);
    out.extend_from_slice(text.as_bytes());
}

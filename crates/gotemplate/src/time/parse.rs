//! Text to times, after a layout: `time.ParseInLocation` for UTC.

use super::{
    Time,
    civil::{MONTHS, WEEKDAYS, days_in, is_leap, to_days},
    duration::leading_int,
    layout::{Chunk, Field, Offset, next_chunk},
    zone::Zone,
};

/// What has been read so far.
#[derive(Default)]
struct Parts {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    is_pm: Option<bool>,
    is_utc: bool,
    offset_seconds: Option<i64>,
    zone_name: Option<String>,
}

/// Why a field cannot be read: its text is none of it, or names a value that is out of range.
enum Refused {
    Bad,
    Range(&'static str),
}

type Rest<'a> = Result<&'a [u8], Refused>;

/// The error is that of Go's `time.ParseError`.
pub(super) fn parse(layout: &[u8], text: &[u8]) -> Result<Time, String> {
    let mut parts = Parts::default();
    let (mut rest_layout, mut value) = (layout, text);
    loop {
        let Chunk { prefix, field, rest } = next_chunk(rest_layout);
        value = skip(value, prefix).map_err(|value| cannot(layout, text, prefix, value))?;
        let Some((field, field_text)) = field else {
            if !value.is_empty() {
                return Err(format!("parsing time {}: extra text: {}", quote(text), quote(value)));
            }
            break;
        };
        rest_layout = rest;
        value = parts.read(field, value, rest).map_err(|refused| match refused {
            Refused::Bad => cannot(layout, text, field_text, value),
            Refused::Range(what) => format!("parsing time {}: {what} out of range", quote(text)),
        })?;
    }
    parts.time().map_err(|reason| format!("parsing time {}: {reason}", quote(text)))
}

fn cannot(layout: &[u8], text: &[u8], element: &[u8], value: &[u8]) -> String {
    let [text, layout, value, element] = [text, layout, value, element].map(quote);
    format!("parsing time {text} as {layout}: cannot parse {value} as {element}")
}

/// Package time's own quoting: bytes that are not printable ASCII in hexadecimal.
pub(super) fn quote(text: &[u8]) -> String {
    let mut out = String::from('"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=0x7f => out.push(char::from(*byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

/// Takes the prefix off; a run of spaces stands for any other.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some(byte) = prefix.first() {
        if *byte == b' ' {
            if value.first().is_some_and(|byte| *byte != b' ') {
                return Err(value);
            }
            prefix = prefix.trim_ascii_start_spaces();
            value = value.trim_ascii_start_spaces();
        } else if value.first() == Some(byte) {
            (value, prefix) = (&value[1..], &prefix[1..]);
        } else {
            return Err(value);
        }
    }
    Ok(value)
}

trait Spaces {
    fn trim_ascii_start_spaces(&self) -> &Self;
}

impl Spaces for [u8] {
    /// Spaces only, where the standard library takes all white space.
    fn trim_ascii_start_spaces(&self) -> &Self {
        &self[self.iter().take_while(|byte| **byte == b' ').count()..]
    }
}

impl Parts {
    fn read<'a>(&mut self, field: Field, value: &'a [u8], layout: &[u8]) -> Rest<'a> {
        match field {
            Field::Year | Field::LongYear => self.read_year(field, value),
            Field::Month | Field::LongMonth => {
                let (month, rest) = name(&MONTHS, field == Field::Month, value)?;
                self.month = Some(month + 1);
                Ok(rest)
            }
            Field::Weekday | Field::LongWeekday => Ok(name(&WEEKDAYS, field == Field::Weekday, value)?.1),
            Field::NumMonth | Field::ZeroMonth => {
                let (month, rest) = number(value, field == Field::ZeroMonth)?;
                self.month = Some(month);
                within(1..=12, month, "month").map(|()| rest)
            }
            Field::Day | Field::UnderDay | Field::ZeroDay => {
                let value = if field == Field::UnderDay { value.strip_prefix(b" ").unwrap_or(value) } else { value };
                let (day, rest) = number(value, field == Field::ZeroDay)?;
                self.day = Some(day);
                Ok(rest)
            }
            Field::UnderYearDay | Field::ZeroYearDay => self.read_year_day(field, value),
            Field::Pm | Field::LowerPm => {
                let (mark, rest) = value.split_at_checked(2).ok_or(Refused::Bad)?;
                let upper = field == Field::Pm;
                self.is_pm = Some(match mark {
                    b"PM" if upper => true,
                    b"AM" if upper => false,
                    b"pm" if !upper => true,
                    b"am" if !upper => false,
                    _ => return Err(Refused::Bad),
                });
                Ok(rest)
            }
            Field::Offset(offset) => self.read_offset(offset, value),
            Field::ZoneName => self.read_zone_name(value),
            Field::Fraction { digits, trimmed, .. } => self.read_fraction(digits, trimmed, value),
            _ => self.read_clock(field, value, layout),
        }
    }

    fn read_year<'a>(&mut self, field: Field, value: &'a [u8]) -> Rest<'a> {
        let (digits, rest) = value.split_at_checked(if field == Field::Year { 2 } else { 4 }).ok_or(Refused::Bad)?;
        if field == Field::Year {
            let year = signed(digits)?;
            self.year = if year >= 69 { year + 1900 } else { year + 2000 };
        } else {
            if !digits[0].is_ascii_digit() {
                return Err(Refused::Bad);
            }
            self.year = signed(digits)?;
        }
        Ok(rest)
    }

    fn read_year_day<'a>(&mut self, field: Field, mut value: &'a [u8]) -> Rest<'a> {
        if field == Field::UnderYearDay {
            value = value.strip_prefix(b" ").unwrap_or(value);
            value = value.strip_prefix(b" ").unwrap_or(value);
        }
        let length = value.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 || (field == Field::ZeroYearDay && length != 3) {
            return Err(Refused::Bad);
        }
        self.year_day = Some(signed(&value[..length])?);
        Ok(&value[length..])
    }

    fn read_clock<'a>(&mut self, field: Field, value: &'a [u8], layout: &[u8]) -> Rest<'a> {
        let fixed = matches!(field, Field::ZeroHour12 | Field::ZeroMinute | Field::ZeroSecond);
        let (amount, rest) = number(value, fixed)?;
        match field {
            Field::Hour | Field::Hour12 | Field::ZeroHour12 => {
                self.hour = amount;
                within(0..=if field == Field::Hour { 23 } else { 12 }, amount, "hour")?;
            }
            Field::Minute | Field::ZeroMinute => {
                self.minute = amount;
                within(0..=59, amount, "minute")?;
            }
            _ => {
                self.second = amount;
                within(0..=59, amount, "second")?;
                return self.read_unannounced_fraction(rest, layout);
            }
        }
        Ok(rest)
    }

    /// A fraction may follow the seconds although the layout has none.
    fn read_unannounced_fraction<'a>(&mut self, value: &'a [u8], layout: &[u8]) -> Rest<'a> {
        let is_fraction = matches!(value, [b'.' | b',', b'0'..=b'9', ..]);
        if !is_fraction || matches!(next_chunk(layout).field, Some((Field::Fraction { .. }, _))) {
            return Ok(value);
        }
        let digits = value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.nanoseconds = nanoseconds(&value[..=digits])?;
        Ok(&value[1 + digits..])
    }

    fn read_fraction<'a>(&mut self, digits: usize, trimmed: bool, value: &'a [u8]) -> Rest<'a> {
        let length = if trimmed {
            if !matches!(value, [b'.' | b',', b'0'..=b'9', ..]) {
                return Ok(value);
            }
            1 + value[1..].iter().take_while(|byte| byte.is_ascii_digit()).count()
        } else {
            1 + digits
        };
        let (fraction, rest) = value.split_at_checked(length).ok_or(Refused::Bad)?;
        self.nanoseconds = nanoseconds(fraction)?;
        Ok(rest)
    }

    fn read_offset<'a>(&mut self, offset: Offset, value: &'a [u8]) -> Rest<'a> {
        if offset.zulu && value.first() == Some(&b'Z') {
            self.is_utc = true;
            return Ok(&value[1..]);
        }
        let colon = usize::from(offset.colons);
        let parts = 1 + usize::from(offset.minutes) + usize::from(offset.seconds);
        let (text, rest) = value.split_at_checked(1 + parts * 2 + (parts - 1) * colon).ok_or(Refused::Bad)?;
        let mut amounts = [0; 3];
        for (index, amount) in amounts.iter_mut().take(parts).enumerate() {
            let at = 1 + index * (2 + colon);
            if index > 0 && offset.colons && text[at - 1] != b':' {
                return Err(Refused::Bad);
            }
            *amount = number(&text[at..at + 2], true)?.0;
        }
        let [hours, minutes, seconds] = amounts;
        within(0..=24, hours, "time zone offset hour")?;
        within(0..=60, minutes, "time zone offset minute")?;
        within(0..=60, seconds, "time zone offset second")?;
        let total = (hours * 60 + minutes) * 60 + seconds;
        self.offset_seconds = Some(match text[0] {
            b'+' => total,
            b'-' => -total,
            _ => return Err(Refused::Bad),
        });
        Ok(rest)
    }

    fn read_zone_name<'a>(&mut self, value: &'a [u8]) -> Rest<'a> {
        if let Some(rest) = value.strip_prefix(b"UTC") {
            self.is_utc = true;
            return Ok(rest);
        }
        let (name, rest) = value.split_at(zone_name_length(value).ok_or(Refused::Bad)?);
        self.zone_name = Some(String::from_utf8_lossy(name).into_owned());
        Ok(rest)
    }

    fn time(mut self) -> Result<Time, &'static str> {
        match self.is_pm {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > days_in(month, self.year) {
            return Err("day out of range");
        }
        let of_day = (self.hour * 60 + self.minute) * 60 + self.second;
        let seconds = to_days(self.year, month, day) * 86_400 + of_day;
        let mut time = Time { seconds, nanoseconds: self.nanoseconds, zone: Zone::Utc };
        if self.is_utc {
            return Ok(time);
        }
        let name = self.zone_name.unwrap_or_default();
        if let Some(offset_seconds) = self.offset_seconds.filter(|offset| *offset != -1) {
            time.seconds -= offset_seconds;
            if offset_seconds != 0 || !matches!(&*name, "" | "UTC") {
                time.zone = Zone::Fixed { name, offset_seconds };
            }
        } else if !name.is_empty() {
            // An abbreviation tells no offset, except after GMT.
            let hours = name.strip_prefix("GMT").and_then(|hours| hours.parse().ok()).unwrap_or(0_i64);
            time.zone = Zone::Fixed { name, offset_seconds: hours * 3_600 };
        }
        Ok(time)
    }

    fn month_and_day(&self) -> Result<(i64, i64), &'static str> {
        let Some(mut year_day) = self.year_day else { return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1))) };
        let leap = is_leap(self.year);
        let found = if leap && year_day == 60 {
            (2, 29)
        } else {
            year_day -= i64::from(leap && year_day > 60);
            if !(1..=365).contains(&year_day) {
                return Err("day-of-year out of range");
            }
            // In a year that is no leap year.
            let mut month = 1;
            while year_day > days_in(month, 1) {
                year_day -= days_in(month, 1);
                month += 1;
            }
            (month, year_day)
        };
        if self.month.is_some_and(|month| month != found.0) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|day| day != found.1) {
            return Err("day-of-year does not match day");
        }
        Ok(found)
    }
}

fn within(range: std::ops::RangeInclusive<i64>, amount: i64, what: &'static str) -> Result<(), Refused> {
    if range.contains(&amount) { Ok(()) } else { Err(Refused::Range(what)) }
}

/// One or two digits; with `fixed` two.
fn number(value: &[u8], fixed: bool) -> Result<(i64, &[u8]), Refused> {
    match value {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => Ok((i64::from((a - b'0') * 10 + (b - b'0')), rest)),
        [a @ b'0'..=b'9', rest @ ..] if !fixed => Ok((i64::from(a - b'0'), rest)),
        _ => Err(Refused::Bad),
    }
}

/// All of the text as a number, which may have a sign.
fn signed(text: &[u8]) -> Result<i64, Refused> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    match leading_int(digits) {
        Some((amount, length)) if length == digits.len() => {
            let amount = i64::try_from(amount).map_err(|_| Refused::Bad)?;
            Ok(if is_negative { -amount } else { amount })
        }
        _ => Err(Refused::Bad),
    }
}

fn name<'a>(names: &[&str], short: bool, value: &'a [u8]) -> Result<(i64, &'a [u8]), Refused> {
    for (name, index) in names.iter().zip(0..) {
        let name = if short { &name[..3] } else { name };
        if let Some((head, rest)) = value.split_at_checked(name.len())
            && head.eq_ignore_ascii_case(name.as_bytes())
        {
            return Ok((index, rest));
        }
    }
    Err(Refused::Bad)
}

/// `.123` as nanoseconds; digits after the ninth are dropped.
fn nanoseconds(fraction: &[u8]) -> Result<u32, Refused> {
    let fraction = &fraction[..fraction.len().min(10)];
    let [b'.' | b',', digits @ ..] = fraction else { return Err(Refused::Bad) };
    let amount = signed(digits)?;
    if amount < 0 {
        return Err(Refused::Range("fractional second"));
    }
    let scale = 10_i64.pow(9_u32.saturating_sub(digits.len() as u32));
    u32::try_from(amount * scale).map_err(|_| Refused::Bad)
}

/// How much of a text looks like an abbreviation of a zone.
fn zone_name_length(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = value.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest));
    }
    if matches!(value[0], b'+' | b'-') {
        return Some(signed_offset_length(value)).filter(|length| *length > 0);
    }
    match value.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count() {
        3 => Some(3),
        4 if value[3] == b'T' || value.starts_with(b"WITA") => Some(4),
        5 if value[4] == b'T' => Some(5),
        _ => None,
    }
}

/// The length of `+03` or `-4`, up to 23; 0 where there is none.
fn signed_offset_length(value: &[u8]) -> usize {
    let [b'+' | b'-', digits @ ..] = value else { return 0 };
    match leading_int(digits) {
        Some((hours, length)) if length > 0 && hours <= 23 => 1 + length,
        _ => 0,
    }
}

//! Times, durations, months and weekdays as templates hold them: Go's types with the methods that have one result and write
//! into nothing.

use std::{any::Any, borrow::Cow};

use super::{
    NANOSECONDS, Time,
    civil::{MONTHS, WEEKDAYS, to_days},
    duration,
    zone::Zone,
};
use crate::{
    function::{FunctionError, Param},
    value::{Bytes, Integer, Methods, Object, Value},
};

pub(super) const TIME: &str = "time.Time";

/// `time.Time`
#[derive(Debug)]
pub(crate) struct TimeObject(pub(crate) Time);

/// `time.Duration`, in nanoseconds.
#[derive(Debug)]
pub(crate) struct DurationObject(pub(crate) i64);

/// `time.Month` (from January, 1) and `time.Weekday` (from Sunday, 0).
#[derive(Debug)]
struct NamedNumber {
    type_name: &'static str,
    names: &'static [&'static str],
    first: i64,
    number: i64,
}

pub(super) fn time(time: Time) -> Value {
    Value::Object(Object::new(TimeObject(time)))
}

pub(super) fn duration_value(nanoseconds: i64) -> Value {
    Value::Object(Object::new(DurationObject(nanoseconds)))
}

/// A `time.Time` among the arguments.
pub(super) fn time_of(value: Option<&Value>) -> Option<&Time> {
    match value {
        Some(Value::Object(object)) => object.as_any().downcast_ref::<TimeObject>().map(|object| &object.0),
        _ => None,
    }
}

/// A `time.Duration` among the arguments, or a constant, which Go makes one.
fn duration_of(value: Option<&Value>) -> Result<i64, FunctionError> {
    match value {
        Some(Value::Object(object)) if object.as_any().is::<DurationObject>() => {
            Ok(object.as_any().downcast_ref::<DurationObject>().map_or(0, |object| object.0))
        }
        Some(Value::Integer(Integer::Int(nanoseconds))) => Ok(*nanoseconds),
        other => {
            let found = other.map_or_else(|| "nothing".to_owned(), Value::type_name);
            Err(FunctionError::new(format!("wrong type for value; expected time.Duration; got {found}")))
        }
    }
}

impl TimeObject {
    fn number(&self, name: &str) -> Option<Value> {
        let time = &self.0;
        let civil = time.civil();
        let (seconds, nanoseconds) = (time.seconds, i64::from(time.nanoseconds));
        let unix = |per_second: i64| {
            let below = nanoseconds / (NANOSECONDS / per_second);
            Value::int64(seconds.wrapping_mul(per_second).wrapping_add(below))
        };
        Some(match name {
            "Unix" => Value::int64(seconds),
            "UnixMilli" => unix(1_000),
            "UnixMicro" => unix(1_000_000),
            "UnixNano" => unix(NANOSECONDS),
            "Year" => Value::int(civil.year),
            "Month" => named("time.Month", &MONTHS, 1, civil.month),
            "Day" => Value::int(civil.day),
            "Hour" => Value::int(civil.hour),
            "Minute" => Value::int(civil.minute),
            "Second" => Value::int(civil.second),
            "Nanosecond" => Value::int(nanoseconds),
            "Weekday" => named("time.Weekday", &WEEKDAYS, 0, civil.weekday),
            "YearDay" => Value::int(civil.year_day),
            _ => return None,
        })
    }

    fn plain(&self, name: &str) -> Option<Value> {
        let it = &self.0;
        Some(match name {
            "IsZero" => it.is_zero().into(),
            "IsDST" => it.zone.is_daylight_saving(it.seconds).into(),
            "UTC" | "Local" => time(it.within(Zone::Utc)),
            "String" => Value::text(self.print()),
            "MarshalText" => Value::Bytes(Bytes::from(it.rfc3339().into_bytes())),
            "MarshalJSON" => Value::Bytes(Bytes::from(format!("\"{}\"", it.rfc3339()).into_bytes())),
            _ => return None,
        })
    }

    fn compared(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let difference: fn(&Time, &Time) -> Value = match name {
            "Before" => |this, that| this.compare(that).is_lt().into(),
            "After" => |this, that| this.compare(that).is_gt().into(),
            "Equal" => |this, that| this.compare(that).is_eq().into(),
            "Compare" => |this, that| Value::int(this.compare(that) as i64),
            "Sub" => |this, that| duration_value(this.since(that)),
            _ => return None,
        };
        let other = time_of(arguments.first());
        let missing = || FunctionError::new(format!("{name} takes a {TIME}"));
        Some(other.map(|other| difference(&self.0, other)).ok_or_else(missing))
    }

    fn changed(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let it = &self.0;
        Some(match name {
            "Add" => duration_of(arguments.first()).map(|by| time(it.plus(by))),
            "AddDate" => {
                let by = |index: usize| match arguments.get(index) {
                    Some(Value::Integer(integer)) => integer.wide().clamp(-1_000_000_000, 1_000_000_000) as i64,
                    _ => 0,
                };
                Ok(time(add_date(it, by(0), by(1), by(2))))
            }
            "Truncate" | "Round" => duration_of(arguments.first()).map(|to| time(rounded(it, to, name == "Round"))),
            "Format" => Ok(match arguments.first() {
                Some(Value::Text(layout)) => Value::text(it.format(layout)),
                _ => Value::text(""),
            }),
            _ => return None,
        })
    }
}

fn named(type_name: &'static str, names: &'static [&'static str], first: i64, number: i64) -> Value {
    Value::Object(Object::new(NamedNumber { type_name, names, first, number }))
}

/// `time.Time.AddDate`: the clock of the day stays, days and months that are too many go over into the next.
fn add_date(from: &Time, years: i64, months: i64, days: i64) -> Time {
    let civil = from.civil();
    let day = to_days(civil.year.saturating_add(years), civil.month + months, civil.day + days);
    let of_day = (civil.hour * 60 + civil.minute) * 60 + civil.second;
    let local = day.saturating_mul(86_400).saturating_add(of_day);
    // The offset is that of the new moment; what it would be is found in two steps, as Go does.
    let guess = local.saturating_sub(from.zone.at(local).1);
    let seconds = local.saturating_sub(from.zone.at(guess).1);
    Time { seconds, ..from.clone() }
}

/// Since the zero time, not since 1970.
fn rounded(from: &Time, to: i64, up: bool) -> Time {
    if to <= 0 {
        return from.clone();
    }
    let since = from.total_nanoseconds() - i128::from(super::ZERO_SECONDS) * i128::from(NANOSECONDS);
    let rest = since.rem_euclid(to.into()) as i64;
    if up && i128::from(rest) * 2 >= i128::from(to) { from.plus(to - rest) } else { from.plus(-rest) }
}

impl Methods for TimeObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(TIME)
    }

    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        Some(match name {
            "Before" | "After" | "Equal" | "Compare" | "Sub" => &[Param::Object(TIME)],
            "Add" | "Truncate" | "Round" => &[Param::Any],
            "AddDate" => &[Param::Int, Param::Int, Param::Int],
            "Format" => &[Param::Text],
            _ => &[],
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let plain = self.number(name).or_else(|| self.plain(name)).map(Ok);
        plain.or_else(|| self.compared(name, arguments)).or_else(|| self.changed(name, arguments))
    }

    fn print(&self) -> Vec<u8> {
        self.0.format(b"2006-01-02 15:04:05.999999999 -0700 MST")
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.rfc3339().into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Methods for DurationObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Duration")
    }

    fn kind_name(&self) -> &'static str {
        "int64"
    }

    fn signature(&self, name: &str) -> Option<&'static [Param]> {
        Some(if matches!(name, "Round" | "Truncate") { &[Param::Any] } else { &[] })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let it = self.0;
        // Whole and fractional parts apart, as Go computes them.
        let parts = |unit: i64| (it / unit) as f64 + (it % unit) as f64 / unit as f64;
        Some(Ok(match name {
            "Hours" => Value::Float(parts(3_600 * NANOSECONDS)),
            "Minutes" => Value::Float(parts(60 * NANOSECONDS)),
            "Seconds" => Value::Float(parts(NANOSECONDS)),
            "Milliseconds" => Value::int64(it / 1_000_000),
            "Microseconds" => Value::int64(it / 1_000),
            "Nanoseconds" => Value::int64(it),
            "Abs" => duration_value(it.saturating_abs()),
            "String" => duration::print(it).into(),
            "Round" => return Some(duration_of(arguments.first()).map(|to| duration_value(duration::round(it, to)))),
            "Truncate" => {
                let cut = |to: i64| if to <= 0 { it } else { it - it % to };
                return Some(duration_of(arguments.first()).map(|to| duration_value(cut(to))));
            }
            _ => return None,
        }))
    }

    fn print(&self) -> Vec<u8> {
        duration::print(self.0).into_bytes()
    }

    fn is_true(&self) -> bool {
        self.0 != 0
    }

    fn to_json(&self) -> serde_json::Value {
        self.0.into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl NamedNumber {
    fn name(&self) -> String {
        let name = usize::try_from(self.number - self.first).ok().and_then(|at| self.names.get(at));
        name.map_or_else(String::new, |name| (*name).to_owned())
    }
}

impl Methods for NamedNumber {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.type_name)
    }

    fn kind_name(&self) -> &'static str {
        "int"
    }

    fn signature(&self, _: &str) -> Option<&'static [Param]> {
        Some(&[])
    }

    fn call(&self, name: &str, _: &[Value]) -> Option<Result<Value, FunctionError>> {
        (name == "String").then(|| Ok(self.name().into()))
    }

    fn print(&self) -> Vec<u8> {
        self.name().into_bytes()
    }

    fn is_true(&self) -> bool {
        self.number != 0
    }

    fn to_json(&self) -> serde_json::Value {
        self.number.into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

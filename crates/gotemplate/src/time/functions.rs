//! Sprig's functions on dates. What is no date means the present moment, and a zone that is not known means UTC, as in Sprig.

use super::{
    Time, duration,
    object::{TIME, time, time_of},
    parse::parse,
    zone::Zone,
};
use crate::{
    function::{Call, Function, FunctionError, Param},
    value::{Integer, Value},
};

const DATE: Param = Param::Object(TIME);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("now", &[], |call, _| Ok(time(Time::now(call.host.clock())))),
    Function::new("date", &[Param::Text, Param::Any], |call, arguments| {
        Ok(formatted(call, bytes(arguments, 0), arguments.get(1), b"Local"))
    }),
    Function::new("dateInZone", &[Param::Text, Param::Any, Param::Text], date_in_zone),
    Function::new("date_in_zone", &[Param::Text, Param::Any, Param::Text], date_in_zone),
    Function::new("htmlDate", &[Param::Any], |call, arguments| {
        Ok(formatted(call, b"2006-01-02", arguments.first(), b"Local"))
    }),
    Function::new("htmlDateInZone", &[Param::Any, Param::Text], |call, arguments| {
        Ok(formatted(call, b"2006-01-02", arguments.first(), bytes(arguments, 1)))
    }),
    Function::new("dateModify", &[Param::Text, DATE], |_, arguments| Ok(date_modify(arguments).1)),
    Function::new("date_modify", &[Param::Text, DATE], |_, arguments| Ok(date_modify(arguments).1)),
    Function::new("mustDateModify", &[Param::Text, DATE], must_date_modify),
    Function::new("must_date_modify", &[Param::Text, DATE], must_date_modify),
    Function::new("ago", &[Param::Any], |call, arguments| {
        let now = Time::now(call.host.clock());
        // Of the integers, Sprig forgot int32 here.
        let date = match arguments.first() {
            Some(Value::Integer(Integer::Int32(_))) => None,
            date => moment(date),
        };
        let ago = date.map_or(0, |date| now.since(&date));
        Ok(duration::print(duration::round(ago, super::NANOSECONDS)).into())
    }),
    Function::new("duration", &[Param::Any], |_, arguments| {
        let seconds = match arguments.first() {
            Some(Value::Text(text)) => leading_seconds(text),
            Some(Value::Integer(Integer::Int64(seconds))) => *seconds,
            _ => 0,
        };
        Ok(duration::print(seconds.wrapping_mul(super::NANOSECONDS)).into())
    }),
    Function::new("durationRound", &[Param::Any], duration_round),
    Function::new("toDate", &[Param::Text, Param::Text], |_, arguments| {
        Ok(time(parse(bytes(arguments, 0), bytes(arguments, 1)).unwrap_or_else(|_| Time::zero())))
    }),
    Function::new("mustToDate", &[Param::Text, Param::Text], |_, arguments| {
        parse(bytes(arguments, 0), bytes(arguments, 1)).map(time).map_err(FunctionError::new)
    }),
    Function::new("unixEpoch", &[DATE], |_, arguments| {
        Ok(time_of(arguments.first()).map_or(0, |date| date.seconds).to_string().into())
    }),
];

fn bytes(arguments: &[Value], index: usize) -> &[u8] {
    if let Some(Value::Text(text)) = arguments.get(index) { text } else { b"" }
}

/// A date, or seconds since 1970.
fn moment(date: Option<&Value>) -> Option<Time> {
    match date {
        Some(Value::Integer(Integer::Int(seconds) | Integer::Int64(seconds))) => Some(Time::unix(*seconds)),
        Some(Value::Integer(Integer::Int32(seconds))) => Some(Time::unix((*seconds).into())),
        date => time_of(date).cloned(),
    }
}

fn formatted(call: &Call<'_>, layout: &[u8], date: Option<&Value>, zone: &[u8]) -> Value {
    let date = moment(date).unwrap_or_else(|| Time::now(call.host.clock()));
    let zone = std::str::from_utf8(zone).ok().and_then(Zone::load).unwrap_or(Zone::Utc);
    Value::text(date.within(zone).format(layout))
}

fn date_in_zone(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    Ok(formatted(call, bytes(arguments, 0), arguments.get(1), bytes(arguments, 2)))
}

/// The changed date, or the same one and why it could not be changed.
fn date_modify(arguments: &[Value]) -> (Result<(), String>, Value) {
    let date = time_of(arguments.get(1)).cloned().unwrap_or_else(Time::zero);
    match duration::parse(bytes(arguments, 0)) {
        Ok(by) => (Ok(()), time(date.plus(by))),
        Err(error) => (Err(error), time(date)),
    }
}

fn must_date_modify(_: &mut Call<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    let (outcome, date) = date_modify(arguments);
    outcome.map(|()| date).map_err(FunctionError::new)
}

/// `strconv.ParseInt` without its error: what is no number is 0, what is too large is the largest one.
fn leading_seconds(text: &[u8]) -> i64 {
    let text = String::from_utf8_lossy(text);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

fn duration_round(call: &mut Call<'_>, arguments: &[Value]) -> Result<Value, FunctionError> {
    let duration = match arguments.first() {
        Some(Value::Text(text)) => duration::parse(text).unwrap_or(0),
        Some(Value::Integer(Integer::Int64(nanoseconds))) => *nanoseconds,
        date => time_of(date).map_or(0, |date| Time::now(call.host.clock()).since(date)),
    };
    const SECOND: u64 = super::NANOSECONDS as u64;
    const HOUR: u64 = 3_600 * SECOND;
    const UNITS: [(u64, &str); 6] = [
        (HOUR * 24 * 365, "y"),
        (HOUR * 24 * 30, "mo"),
        (HOUR * 24, "d"),
        (HOUR, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
    ];
    let size = duration.unsigned_abs();
    // Only what is more than a unit counts in it: exactly a day is 24 hours.
    let unit = UNITS.iter().find(|(unit, _)| size > *unit);
    Ok(unit.map_or_else(|| "0s".to_owned(), |(unit, name)| format!("{}{name}", size / unit)).into())
}

//! Parts of timestamps and durations.

use std::sync::OnceLock;

use jiff::{
    Timestamp, Zoned,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use super::{Function, mismatch};
use crate::cel::value::{Fault, Outcome, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "getFullYear" => |_, args| part(args, |at| at.year().into(), |_| None),
        "getMonth" => |_, args| part(args, |at| i64::from(at.month()) - 1, |_| None),
        "getDayOfYear" => |_, args| part(args, |at| i64::from(at.day_of_year()) - 1, |_| None),
        "getDayOfMonth" => |_, args| part(args, |at| i64::from(at.day()) - 1, |_| None),
        "getDate" => |_, args| part(args, |at| at.day().into(), |_| None),
        "getDayOfWeek" => |_, args| part(args, |at| at.weekday().to_sunday_zero_offset().into(), |_| None),
        "getHours" => |_, args| part(args, |at| at.hour().into(), |nanos| Some(nanos / 3_600_000_000_000)),
        "getMinutes" => |_, args| part(args, |at| at.minute().into(), |nanos| Some(nanos / 60_000_000_000)),
        "getSeconds" => |_, args| part(args, |at| at.second().into(), |nanos| Some(nanos / 1_000_000_000)),
        "getMilliseconds" => |_, args| part(args, |at| at.millisecond().into(), |nanos| Some(nanos / 1_000_000)),
        _ => return None,
    })
}

fn part<'a>(args: &[Value<'a>], of_moment: fn(&Zoned) -> i64, of_duration: fn(i64) -> Option<i64>) -> Outcome<'a> {
    match args {
        [Value::Timestamp(at)] => Ok(Value::Int(of_moment(&at.to_zoned(TimeZone::UTC)))),
        [Value::Timestamp(at), Value::Text(zone)] => Ok(Value::Int(of_moment(&zoned(*at, zone)?))),
        [Value::Duration(nanos)] => of_duration(*nanos).map(Value::Int).ok_or_else(Fault::no_such_overload),
        _ => mismatch(),
    }
}

/// A name of the zone database, or `+hh:mm`.
fn zoned(at: Timestamp, zone: &str) -> Result<Zoned, Fault> {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let unknown = || Fault::new(format!("unknown time zone {zone}"));
    let (negative, digits) = match zone.as_bytes().first() {
        Some(b'-') => (true, &zone[1..]),
        Some(b'+') => (false, &zone[1..]),
        _ => (false, zone),
    };
    if let Some((hours, minutes)) = digits.split_once(':') {
        let hours: i32 = hours.parse().map_err(|_| unknown())?;
        let minutes: i32 = minutes.parse().map_err(|_| unknown())?;
        let seconds = hours.checked_mul(3600).and_then(|hours| hours.checked_add(minutes.checked_mul(60)?));
        let seconds = seconds.map(|seconds| if negative { -seconds } else { seconds }).ok_or_else(unknown)?;
        return Ok(at.to_zoned(TimeZone::fixed(Offset::from_seconds(seconds).map_err(|_| unknown())?)));
    }
    if zone.is_empty() || zone == "UTC" {
        return Ok(at.to_zoned(TimeZone::UTC));
    }
    let found = ZONES.get_or_init(TimeZoneDatabase::bundled).get(zone).map_err(|_| unknown())?;
    Ok(at.to_zoned(found))
}

//! `Chart.lock` and `requirements.lock`: a render uses nothing of them, and Helm refuses a chart whose lock cannot be read. That a
//! lock is out of date is for `helm dependency build` to say, not for a render.

use gotemplate::{Dialect, check_rfc3339, yaml};
use serde_json::Value;

use super::read::{Place, decoding, dependencies, known, not_a_map};

pub(in crate::loaded) fn check(text: &[u8], dialect: Dialect) -> Result<(), String> {
    let map = match yaml::read_json_exact(text).map_err(|error| error.to_string())? {
        Value::Object(map) => map,
        Value::Null => return Ok(()),
        other => return Err(not_a_map(&other, "PACKAGE.Lock", dialect)),
    };
    // A time that is none ends Go's reading; a type that does not fit is told at its end.
    let mut first = Ok(());
    for (key, value) in known(&map, &["dependencies", "digest", "generated"]) {
        let place = Place { of: "Lock", path: key, dialect };
        let read = match (key, value) {
            ("dependencies", value) => dependencies(&place, value, None).map(|_| ()),
            ("digest", value) => place.text(value, &mut String::new()),
            (_, Value::Null) => Ok(()),
            (_, Value::String(time)) => {
                check_rfc3339(time).map_err(|error| decoding(&error))?;
                Ok(())
            }
            _ => return Err(decoding("Time.UnmarshalJSON: input is not a JSON string")),
        };
        first = first.and(read);
    }
    first
}

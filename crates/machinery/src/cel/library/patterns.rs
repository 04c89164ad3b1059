//! Regular expressions: `find`, `findAll`, and `matches` with a pattern that is no constant.

use super::{Function, Scratch, mismatch};
use crate::cel::value::{Fault, Outcome, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "matches" => |scratch, args| match args {
            [Value::Text(text), Value::Text(pattern)] => Ok(Value::Bool(scratch.pattern(pattern)?.is_match(text))),
            _ => mismatch(),
        },
        "find" => |scratch, args| match args {
            [Value::Text(text), Value::Text(pattern)] => {
                let regex = scratch.pattern(pattern).map_err(illegal)?;
                Ok(Value::text(regex.find(text).map_or("", |found| found.as_str())))
            }
            _ => mismatch(),
        },
        "findAll" => find_all,
        _ => return None,
    })
}

fn illegal(fault: Fault) -> Fault {
    Fault::new(format!("Illegal regex: {}", fault.message))
}

fn find_all<'a>(scratch: &mut Scratch, args: &[Value<'a>]) -> Outcome<'a> {
    let (text, pattern, limit) = match args {
        [Value::Text(text), Value::Text(pattern)] => (text, pattern, -1),
        [Value::Text(text), Value::Text(pattern), Value::Int(limit)] => (text, pattern, *limit),
        _ => return mismatch(),
    };
    let regex = scratch.pattern(pattern).map_err(illegal)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for part in regex.find_iter(text).take(limit) {
        scratch.take_items(1)?;
        found.push(Value::text(part.as_str()));
    }
    Ok(Value::list(found))
}

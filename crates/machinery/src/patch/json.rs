//! JSON Patch with the leniencies of evanphx/json-patch v4, on which clients rely: `test` against null or nothing passes on
//! an absent path, array indices may be negative, `replace` of an absent field adds it, a missing `value` is null.

use api::{object::json_kind, status::Status};
use serde_json::Value;

use super::unprocessable;
use crate::depth;

/// Upstream's limit on the number of operations.
const OPERATIONS_MAX: usize = 10_000;
/// Upstream's limit on what all `copy` operations together may add, in bytes.
const COPIED_SIZE_MAX: usize = 3 * 1024 * 1024;

/// Applies a JSON Patch. A malformed patch is 400, too many operations 413, one that does not fit the document 422.
pub fn json(document: &Value, operations: &Value) -> Result<Value, Status> {
    let Some(operations) = operations.as_array() else {
        let found = json_kind(operations);
        return Err(Status::bad_request(format!(
            "json: cannot unmarshal {found} into Go value of type jsonpatch.Patch"
        )));
    };
    if operations.len() > OPERATIONS_MAX {
        return Err(Status::too_large(format!(
            "The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {}",
            operations.len()
        )));
    }
    if let Some(wrong) = operations.iter().find(|operation| !operation.is_object() && !operation.is_null()) {
        let found = json_kind(wrong);
        return Err(Status::bad_request(format!(
            "json: cannot unmarshal {found} into Go value of type jsonpatch.Operation"
        )));
    }
    let mut patched = document.clone();
    let mut copied = 0;
    for operation in operations {
        let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
        step(&mut patched, operation, &mut copied).map_err(|detail| unprocessable(path, detail))?;
    }
    Ok(patched)
}

fn step(document: &mut Value, operation: &Value, copied: &mut usize) -> Result<(), String> {
    let value = operation.get("value").cloned().unwrap_or_default();
    let op = operation.get("op").and_then(Value::as_str).unwrap_or("unknown");
    let path = || text(operation, "path").ok_or(format!("{op} operation failed to decode path: missing value"));
    let from = || text(operation, "from").ok_or(format!("{op} operation failed to decode from: missing value"));
    match op {
        "add" => add(document, path()?, value, "add"),
        "remove" => remove(document, path()?),
        "replace" => replace(document, path()?, value),
        "move" => {
            let (from, path) = (from()?, path()?);
            let moved = take(document, from)?;
            add(document, path, moved, "move")
        }
        "copy" => {
            let (from, path) = (from()?, path()?);
            let found = read(document, from, "copy", "from path")?.unwrap_or_default();
            *copied += found.to_string().len();
            if *copied > COPIED_SIZE_MAX {
                return Err(format!(
                    "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {COPIED_SIZE_MAX}"
                ));
            }
            add(document, path, found, "copy")
        }
        "test" => test(document, path()?, &value),
        other => Err(format!("Unexpected kind: {other}")),
    }
}

fn text<'a>(operation: &'a Value, key: &str) -> Option<&'a str> {
    operation.get(key).and_then(Value::as_str)
}

/// The map or list that holds the last element of a path, and that element.
fn parent<'a>(document: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let mut keys = path.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    let mut key = keys.next()?;
    let mut holder = document;
    for next in keys {
        holder = match holder {
            Value::Object(map) => map.get_mut(&key)?,
            Value::Array(items) => {
                let index = position(&key, items.len()).ok()?;
                items.get_mut(index)?
            }
            _ => return None,
        };
        key = next;
    }
    matches!(holder, Value::Object(_) | Value::Array(_)).then_some((holder, key))
}

/// An index within a list of `length` items; negative ones count from the end.
fn position(key: &str, length: usize) -> Result<usize, String> {
    let index: i64 = key.parse().map_err(|_| format!("strconv.Atoi: parsing {key:?}: invalid syntax"))?;
    let outside = || format!("Unable to access invalid index: {index}: invalid index referenced");
    let counted = if index < 0 { index.checked_add_unsigned(length as u64) } else { Some(index) };
    let counted = counted.and_then(|index| usize::try_from(index).ok()).ok_or_else(outside)?;
    if counted < length { Ok(counted) } else { Err(outside()) }
}

/// Refuses a value that would nest too deeply where it goes: later operations walk what this one leaves.
fn check_depth(path: &str, value: &Value) -> Result<(), String> {
    let levels = path.matches('/').count();
    let left = depth::MAX.checked_sub(levels).ok_or_else(depth::message)?;
    if depth::exceeds(value, left) { Err(depth::message()) } else { Ok(()) }
}

fn missing(op: &str, what: &str, path: &str) -> String {
    format!("{op} operation does not apply: doc is missing {what}: {path}: missing value")
}

fn add(document: &mut Value, path: &str, value: Value, op: &str) -> Result<(), String> {
    check_depth(path, &value)?;
    let Some((holder, key)) = parent(document, path) else {
        return Err(match op {
            "add" => missing(op, "path", &format!("{path:?}")),
            _ => missing(op, "destination path", path),
        });
    };
    let inserted = match holder {
        Value::Object(map) => {
            map.insert(key, value);
            Ok(())
        }
        Value::Array(items) if key == "-" => {
            items.push(value);
            Ok(())
        }
        Value::Array(items) => match key.parse::<i64>() {
            Ok(_) => position(&key, items.len() + 1).map(|index| items.insert(index, value)),
            Err(_) => Err(format!(
                "value was not a proper array index: '{key}': strconv.Atoi: parsing {key:?}: invalid syntax"
            )),
        },
        _ => Ok(()),
    };
    inserted.map_err(|error| match op {
        "copy" => format!("error while adding value during copy: {error}"),
        _ => format!("error in {op} for path: '{path}': {error}"),
    })
}

fn remove_from(holder: &mut Value, key: &str) -> Result<Value, String> {
    match holder {
        Value::Object(map) => {
            map.remove(key).ok_or_else(|| format!("Unable to remove nonexistent key: {key}: missing value"))
        }
        Value::Array(items) => position(key, items.len()).map(|index| items.remove(index)),
        _ => Ok(Value::Null),
    }
}

fn remove(document: &mut Value, path: &str) -> Result<(), String> {
    let (holder, key) = parent(document, path).ok_or_else(|| missing("remove", "path", &format!("{path:?}")))?;
    remove_from(holder, &key).map(drop).map_err(|error| format!("error in remove for path: '{path}': {error}"))
}

fn take(document: &mut Value, from: &str) -> Result<Value, String> {
    let (holder, key) = parent(document, from).ok_or_else(|| missing("move", "from path", from))?;
    remove_from(holder, &key).map_err(|error| format!("error in move for path: '{key}': {error}"))
}

/// `None` where a map has no such field.
fn read(document: &mut Value, path: &str, op: &str, what: &str) -> Result<Option<Value>, String> {
    let (holder, key) = parent(document, path).ok_or_else(|| match op {
        "test" => format!("test operation does not apply: is missing path: {path}: missing value"),
        _ => missing(op, what, path),
    })?;
    match holder {
        Value::Array(items) => match position(&key, items.len()) {
            Ok(index) => Ok(Some(items[index].clone())),
            Err(error) if op == "copy" => Err(format!("error in copy for from: '{path}': {error}")),
            Err(error) => Err(format!("error in {op} for path: '{path}': {error}")),
        },
        holder => Ok(holder.get(&key).cloned()),
    }
}

fn replace(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    check_depth(path, &value)?;
    if path.is_empty() {
        if !matches!(value, Value::Object(_) | Value::Array(_)) {
            return Err("replace operation value must be object or array".into());
        }
        *document = value;
        return Ok(());
    }
    let (holder, key) = parent(document, path).ok_or_else(|| missing("replace", "path", path))?;
    match holder {
        Value::Array(items) => {
            let index = position(&key, items.len()).map_err(|_| missing("replace", "key", path))?;
            items[index] = value;
        }
        Value::Object(map) => drop(map.insert(key, value)),
        _ => {}
    }
    Ok(())
}

fn test(document: &mut Value, path: &str, expected: &Value) -> Result<(), String> {
    let failed = || format!("testing value {path} failed: test failed");
    let found = if path.is_empty() { Some(document.clone()) } else { read(document, path, "test", "path")? };
    if found.unwrap_or_default() == *expected { Ok(()) } else { Err(failed()) }
}

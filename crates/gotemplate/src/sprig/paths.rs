//! Paths with slashes, by the rules of Go's package path. On Linux, where Helm is compared, `osBase` and its kin are the same.

use super::arguments::text;
use crate::{
    function::{Function, FunctionError, Param},
    value::Value,
};

type Outcome = Result<Value, FunctionError>;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("base", &[Param::Text], |_, arguments| path(arguments, base)),
    Function::new("osBase", &[Param::Text], |_, arguments| path(arguments, base)),
    Function::new("dir", &[Param::Text], |_, arguments| path(arguments, dir)),
    Function::new("osDir", &[Param::Text], |_, arguments| path(arguments, dir)),
    Function::new("clean", &[Param::Text], |_, arguments| path(arguments, clean)),
    Function::new("osClean", &[Param::Text], |_, arguments| path(arguments, clean)),
    Function::new("ext", &[Param::Text], |_, arguments| path(arguments, extension)),
    Function::new("osExt", &[Param::Text], |_, arguments| path(arguments, extension)),
    Function::new("isAbs", &[Param::Text], |_, arguments| Ok(Value::Bool(text(arguments, 0)?.starts_with(b"/")))),
    Function::new("osIsAbs", &[Param::Text], |_, arguments| Ok(Value::Bool(text(arguments, 0)?.starts_with(b"/")))),
];

fn path(arguments: &[Value], operation: fn(&[u8]) -> Vec<u8>) -> Outcome {
    Ok(Value::text(operation(text(arguments, 0)?)))
}

fn base(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b".".to_vec();
    }
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    match path[..end].rsplit(|byte| *byte == b'/').next() {
        Some(name) if !name.is_empty() => name.to_vec(),
        _ => b"/".to_vec(),
    }
}

fn dir(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    clean(&path[..end])
}

fn extension(path: &[u8]) -> Vec<u8> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    name.iter().rposition(|byte| *byte == b'.').map_or_else(Vec::new, |dot| name[dot..].to_vec())
}

/// The shortest path that means the same: no `.`, no inner `..`, no doubled slashes.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => drop(parts.pop()),
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

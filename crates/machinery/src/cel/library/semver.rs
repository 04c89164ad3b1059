//! Semantic versions, strictly or leniently read.

use std::{cmp::Ordering, sync::Arc};

use super::{Function, mismatch};
use crate::cel::value::{Fault, Value};

/// A version; what it was built from does not count.
#[derive(Clone, Debug)]
pub(in crate::cel) struct Version {
    numbers: [u64; 3],
    pre: Vec<Identifier>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Text(String),
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        };
        self.numbers.cmp(&other.numbers).then(pre)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "semver" => |_, args| match args {
            [Value::Text(text)] => version(text, false).map_err(Fault::new),
            [Value::Text(text), Value::Bool(lenient)] => version(text, *lenient).map_err(Fault::new),
            _ => mismatch(),
        },
        "isSemver" => |_, args| match args {
            [Value::Text(text)] => Ok(Value::Bool(version(text, false).is_ok())),
            [Value::Text(text), Value::Bool(lenient)] => Ok(Value::Bool(version(text, *lenient).is_ok())),
            _ => mismatch(),
        },
        "major" => |_, args| number(args, 0).map_or_else(mismatch, |number| Ok(Value::Int(number))),
        "minor" => |_, args| number(args, 1).map_or_else(mismatch, |number| Ok(Value::Int(number))),
        "patch" => |_, args| number(args, 2).map_or_else(mismatch, |number| Ok(Value::Int(number))),
        _ => return None,
    })
}

fn number(args: &[Value<'_>], index: usize) -> Option<i64> {
    match args {
        [Value::Version(version)] => i64::try_from(version.numbers[index]).ok(),
        _ => None,
    }
}

fn version<'a>(text: &str, lenient: bool) -> Result<Value<'a>, String> {
    let parsed = if lenient { parse(&normalised(text)) } else { parse(text) };
    parsed.map(|version| Value::Version(Arc::new(version)))
}

/// Without a leading `v` and leading zeros, with all three numbers.
fn normalised(text: &str) -> String {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, rest) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let mut parts: Vec<String> = numbers
        .split('.')
        .map(|part| {
            let trimmed = part.trim_start_matches('0');
            if trimmed.is_empty() && !part.is_empty() { "0".into() } else { trimmed.to_string() }
        })
        .collect();
    if !numbers.is_empty() && rest.is_empty() {
        while parts.len() < 3 {
            parts.push("0".into());
        }
    }
    format!("{}{rest}", parts.join("."))
}

fn parse(text: &str) -> Result<Version, String> {
    if text.is_empty() {
        return Err("Version string empty".into());
    }
    let parts: Vec<&str> = text.splitn(3, '.').collect();
    let [major, minor, rest] = parts.as_slice() else { return Err("No Major.Minor.Patch elements found".into()) };
    let (rest, build) = rest.split_once('+').map_or((*rest, None), |(rest, build)| (rest, Some(build)));
    let (patch, pre) = rest.split_once('-').map_or((rest, None), |(patch, pre)| (patch, Some(pre)));
    let number = |text: &str, name: &str| -> Result<u64, String> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("Invalid character(s) found in {name} number {text:?}"));
        }
        if text.len() > 1 && text.starts_with('0') {
            return Err(format!("{} number must not contain leading zeroes {text:?}", capital(name)));
        }
        text.parse().map_err(|_| format!("strconv.ParseUint: parsing {text:?}: value out of range"))
    };
    let numbers = [number(major, "major")?, number(minor, "minor")?, number(patch, "patch")?];
    let known = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let mut identifiers = Vec::new();
    for part in pre.into_iter().flat_map(|pre| pre.split('.')) {
        if part.is_empty() {
            return Err("Prerelease is empty".into());
        }
        identifiers.push(match part.parse::<u64>() {
            Ok(_) if part.len() > 1 && part.starts_with('0') => {
                return Err(format!("Numeric PreRelease version must not contain leading zeroes {part:?}"));
            }
            Ok(number) if part.bytes().all(|byte| byte.is_ascii_digit()) => Identifier::Number(number),
            _ if known(part) => Identifier::Text(part.to_string()),
            _ => return Err(format!("Invalid character(s) found in prerelease {part:?}")),
        });
    }
    for part in build.into_iter().flat_map(|build| build.split('.')) {
        if part.is_empty() {
            return Err("Build meta data is empty".into());
        }
        if !known(part) {
            return Err(format!("Invalid character(s) found in build meta data {part:?}"));
        }
    }
    Ok(Version { numbers, pre: identifiers })
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

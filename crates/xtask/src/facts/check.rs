//! Decodes upstream's protobuf fixtures and compares them with their JSON twins. The fixtures stay outside of the repository.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

pub(super) fn run(directory: &Path) -> Result<()> {
    let entries = fs::read_dir(directory).with_context(|| format!("{}", directory.display()))?;
    let mut paths: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "pb"));
    paths.sort();
    let (mut checked, mut failed) = (0, 0);
    for path in &paths {
        let expected: Value = serde_json::from_slice(&fs::read(path.with_extension("json"))?)?;
        let name = path.file_name().unwrap_or_default().display();
        // An event of a watch names no kind: it is never the body of a request.
        if expected.get("kind").is_none() {
            println!("{name}: names no kind, left out");
            continue;
        }
        checked += 1;
        match machinery::builtin::decode_protobuf(&fs::read(path)?) {
            Ok(decoded) if decoded == expected => {
                if !is_kept(&decoded) {
                    println!("{name}: is not kept as it is");
                    failed += 1;
                }
                continue;
            }
            Ok(decoded) => {
                println!("{name}: differs");
                print_difference(&expected, &decoded, "");
            }
            Err(status) => println!("{name}: {}", status.message),
        }
        failed += 1;
    }
    println!("{} of {} fixtures decode to their JSON twin", checked - failed, checked);
    ensure!(failed == 0, "{failed} fixtures differ");
    Ok(())
}

/// What upstream printed is a fixed point of our canonical form, and its schema knows every field.
fn is_kept(object: &Value) -> bool {
    let word = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = word("apiVersion").split_once('/').unwrap_or(("", word("apiVersion")));
    let mut canonical = object.clone();
    machinery::builtin::canonicalize(group, version, word("kind"), &mut canonical);
    if canonical != *object {
        print_difference(object, &canonical, "");
    }
    let schema = machinery::builtin::schema(group, version, word("kind"));
    let removed = schema.map(|schema| machinery::schema::prune(schema, &mut canonical)).unwrap_or_default();
    let refused = schema.and_then(|schema| machinery::schema::decode_errors(schema, object));
    if let Some(why) = &refused {
        println!("  refused: {why}");
    }
    for path in &removed {
        println!("  {path}: pruned");
    }
    canonical == *object && refused.is_none()
}

fn print_difference(expected: &Value, decoded: &Value, path: &str) {
    match (expected, decoded) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                print_difference(value, right.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"));
            }
            for (key, value) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
                println!("  {path}.{key}: only decoded: {value}");
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                print_difference(left, right, &format!("{path}[{at}]"));
            }
        }
        (left, right) if left != right => println!("  {path}: expected {left}, decoded {right}"),
        _ => {}
    }
}

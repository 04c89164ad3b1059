//! What a call costs at run time. The same numbers as upstream's.

use crate::cel::{
    cost::{PATTERN, TRAVERSAL, scaled},
    value::Value,
};

pub(super) type Price = fn(&[Value<'_>], &Value<'_>) -> u64;

/// The price of a function, by its name.
pub(super) fn of(name: &str) -> Price {
    match name {
        "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => |args, _| args.first().map_or(0, traversal),
        "url" | "lowerAscii" | "upperAscii" | "substring" | "trim" | "cidr" | "isIP" | "isCIDR" | "quantity"
        | "isQuantity" | "semver" | "isSemver" | "strings.quote" | "format" => {
            |args, _| scaled(size(args, 0), TRAVERSAL)
        }
        "startsWith" | "endsWith" => |args, _| scaled(size(args, 0), TRAVERSAL),
        "replace" | "split" | "ip.isCanonical" => |args, _| scaled(size(args, 0), 2.0 * TRAVERSAL),
        "join" => |_, result| scaled(result.size(), 2.0 * TRAVERSAL),
        "find" | "findAll" | "matches" => {
            |args, _| scaled(size(args, 0) + 1, TRAVERSAL).saturating_mul(scaled(size(args, 1), PATTERN))
        }
        "contains" => |args, _| scaled(size(args, 0), TRAVERSAL).saturating_mul(scaled(size(args, 1), TRAVERSAL)),
        "ip" => |args, _| match args.first() {
            Some(Value::Cidr(..)) => 1,
            _ => scaled(size(args, 0), TRAVERSAL),
        },
        "containsIP" | "containsCIDR" => address,
        "validate" => |args, _| match args.first() {
            Some(Value::Format(format)) => {
                scaled(size(args, 1) + 1, TRAVERSAL).saturating_mul(scaled(format.pattern_length, PATTERN))
            }
            _ => 1,
        },
        "bytes" => |args, _| match args.first() {
            Some(Value::Text(_)) => scaled(size(args, 0), TRAVERSAL),
            _ => 1,
        },
        "string" => |args, _| match args.first() {
            Some(Value::Bytes(_)) => scaled(size(args, 0), TRAVERSAL),
            _ => 1,
        },
        "@in" => |args, _| match args.get(1) {
            Some(list @ Value::List(_)) => list.size(),
            _ => 1,
        },
        "_==_" | "_!=_" => |args, _| match args.first() {
            Some(Value::Quantity(_) | Value::Ip(_) | Value::Cidr(..) | Value::Format(_) | Value::Url(_)) => 1,
            _ => scaled(size(args, 0).min(size(args, 1)), TRAVERSAL),
        },
        "_<_" | "_<=_" | "_>_" | "_>=_" => |args, _| match args.first() {
            Some(Value::Text(_) | Value::Bytes(_)) => scaled(size(args, 0).min(size(args, 1)), TRAVERSAL),
            _ => 1,
        },
        "_+_" => |args, _| match args.first() {
            Some(Value::Text(_) | Value::Bytes(_)) => scaled(size(args, 0).saturating_add(size(args, 1)), TRAVERSAL),
            _ => 1,
        },
        "sets.contains" | "sets.intersects" => |args, _| size(args, 0).saturating_mul(size(args, 1)).saturating_add(1),
        "sets.equivalent" => |args, _| size(args, 0).saturating_mul(size(args, 1)).saturating_mul(2).saturating_add(1),
        _ => |_, _| 1,
    }
}

fn size(args: &[Value<'_>], index: usize) -> u64 {
    args.get(index).map_or(0, Value::size)
}

fn address(args: &[Value<'_>], _: &Value<'_>) -> u64 {
    let network = size(args, 0);
    let mut cost = scaled(2 * network, TRAVERSAL);
    match args.get(1) {
        Some(Value::Cidr(..)) => cost += scaled(network, TRAVERSAL) + 1,
        Some(Value::Text(_)) => cost += scaled(size(args, 1), TRAVERSAL),
        _ => {}
    }
    cost
}

/// The cost of walking all of a value.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as upstream")]
fn traversal(value: &Value<'_>) -> u64 {
    let text = |bytes: usize| (bytes as f64 * TRAVERSAL) as u64;
    match value {
        Value::Text(found) => text(found.len()),
        Value::Bytes(found) => text(found.len()),
        Value::List(list) => list.iter().map(|item| item.map_or(1, |item| traversal(&item))).sum(),
        Value::Map(map) => map
            .keys()
            .iter()
            .map(|key| traversal(key) + map.find(key).ok().flatten().map_or(1, |value| traversal(&value)))
            .sum(),
        _ => 1,
    }
}

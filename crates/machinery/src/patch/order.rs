//! The order of lists that a strategic merge patch merged: what the patch says, with the items it does not mention at their
//! places in the live list, as far as both can hold.

use serde_json::Value;

/// What identifies an item: the value of its merge key, or itself.
pub(super) fn identity<'a>(item: &'a Value, merge_key: Option<&str>) -> Option<&'a Value> {
    match merge_key {
        Some(key) => item.get(key),
        None => Some(item),
    }
}

pub(super) fn index(items: &[Value], item: &Value, merge_key: Option<&str>) -> Option<usize> {
    let wanted = identity(item, merge_key);
    items.iter().position(|item| identity(item, merge_key) == wanted)
}

/// Puts `merged` in order: items of `patch_order` by it, the others by `live`.
pub(super) fn normalize(
    merged: Vec<Value>,
    patch_order: &[Value],
    live: &[Value],
    merge_key: Option<&str>,
) -> Vec<Value> {
    let (patched, others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| index(patch_order, item, merge_key).is_some());
    let patched = sort(patched, patch_order, merge_key);
    let others = sort(others, live, merge_key);
    interleave(others, patched, live, merge_key)
}

/// Stable; items that `order` does not mention stay behind those it mentions.
fn sort(mut items: Vec<Value>, order: &[Value], merge_key: Option<&str>) -> Vec<Value> {
    items.sort_by_key(|item| index(order, item, merge_key).unwrap_or(usize::MAX));
    items
}

/// Inserts each of `left` before the first of `right` that follows it in `live`.
fn interleave(left: Vec<Value>, right: Vec<Value>, live: &[Value], merge_key: Option<&str>) -> Vec<Value> {
    let mut all = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let from_left = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) => {
                let places = (index(live, l, merge_key), index(live, r, merge_key));
                matches!(places, (Some(l), Some(r)) if l < r)
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return all,
        };
        all.extend(if from_left { left.next() } else { right.next() });
    }
}

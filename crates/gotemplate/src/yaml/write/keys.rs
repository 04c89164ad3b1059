//! The order of keys: numbers within them count, so that `a2` is before `a10`.

use std::cmp::Ordering;

use super::Look;
use crate::{
    print::runes::{is_digit, is_letter},
    value::{Text, Value},
};

type Entry<'v> = (&'v Text, &'v Value);

/// Sorts entries that are in the order of their bytes. go-yaml's order is not always transitive, where the result depends on
/// the algorithm even in Go; a plain merge sort then gives one of the possible results, and cannot panic.
pub(super) fn sort(entries: Vec<Entry<'_>>, look: Look) -> Vec<Entry<'_>> {
    let less = |one: &Entry<'_>, other: &Entry<'_>| natural(one.0, other.0, look) == Ordering::Less;
    if entries.windows(2).all(|pair| !less(&pair[1], &pair[0])) {
        return entries;
    }
    let mut from = entries;
    let mut width = 1;
    while width < from.len() {
        let mut to = Vec::with_capacity(from.len());
        for start in (0..from.len()).step_by(2 * width) {
            let middle = (start + width).min(from.len());
            let end = (start + 2 * width).min(from.len());
            let (mut left, mut right) = (start, middle);
            while left < middle && right < end {
                if less(&from[right], &from[left]) {
                    to.push(from[right]);
                    right += 1;
                } else {
                    to.push(from[left]);
                    left += 1;
                }
            }
            to.extend_from_slice(&from[left..middle]);
            to.extend_from_slice(&from[right..end]);
        }
        from = to;
        width *= 2;
    }
    from
}

fn natural(one: &Text, other: &Text, look: Look) -> Ordering {
    let same = one.iter().zip(other.iter()).take_while(|(one, other)| one == other).count();
    if same == one.len() || same == other.len() {
        // Runes and bytes agree on which is the shorter one, where one is the start of the other.
        return one.len().cmp(&other.len());
    }
    let one: Vec<char> = one.to_str().chars().collect();
    let other: Vec<char> = other.to_str().chars().collect();
    let Some(at) = one.iter().zip(&other).position(|(one, other)| one != other) else {
        return one.len().cmp(&other.len());
    };
    let (first, second) = (one[at], other[at]);
    let (first_letter, second_letter) = (is_letter(first), is_letter(second));
    match (first_letter, second_letter) {
        (true, true) => return first.cmp(&second),
        (false, false) => {}
        // A letter comes after anything else; for v3 it comes before, right after a digit.
        _ => {
            let after_digit = look == Look::V3 && at > 0 && is_digit(one[at - 1]);
            return if first_letter == after_digit { Ordering::Less } else { Ordering::Greater };
        }
    }
    let (mut first_number, mut second_number) = (0i64, 0i64);
    if first == '0' || second == '0' {
        let before = one[..at].iter().rev().take_while(|rune| is_digit(**rune)).any(|rune| *rune != '0');
        first_number = before.into();
        second_number = before.into();
    }
    let first_end = number(&one, at, &mut first_number);
    let second_end = number(&other, at, &mut second_number);
    first_number.cmp(&second_number).then(first_end.cmp(&second_end)).then(first.cmp(&second))
}

/// Reads on a number and returns where it ends. Overflows as Go does.
fn number(runes: &[char], from: usize, number: &mut i64) -> usize {
    let digits = runes[from..].iter().take_while(|rune| is_digit(**rune));
    let mut end = from;
    for rune in digits {
        *number = number.wrapping_mul(10).wrapping_add(i64::from(u32::from(*rune)) - i64::from(b'0'));
        end += 1;
    }
    end
}

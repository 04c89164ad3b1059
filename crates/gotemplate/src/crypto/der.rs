//! The little of ASN.1's DER that keys and certificates take: writing, and reading a sequence's members.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..0x80 => out.push(length as u8),
        length => {
            let bytes = length.to_be_bytes();
            let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            out.push(0x80 | bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

pub(super) fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    tagged(SEQUENCE, &members.concat())
}

pub(super) fn set(members: &[Vec<u8>]) -> Vec<u8> {
    tagged(SET, &members.concat())
}

/// A number that is not negative, most significant byte first.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len().saturating_sub(1));
    let digits = &bytes[start..];
    let needs_zero = digits.first().is_none_or(|byte| *byte >= 0x80);
    tagged(INTEGER, &[if needs_zero { &[0][..] } else { &[] }, digits].concat())
}

pub(super) fn null() -> Vec<u8> {
    tagged(NULL, &[])
}

pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tagged(BIT_STRING, &[&[0], bytes].concat())
}

/// An object identifier out of its dotted form.
pub(super) fn object_identifier(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').filter_map(|arc| arc.parse().ok()).collect();
    let [first, second, rest @ ..] = &arcs[..] else { return tagged(OBJECT_IDENTIFIER, &[]) };
    let mut content = Vec::new();
    for arc in std::iter::once(&(first * 40 + second)).chain(rest) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let more = if group > 0 { 0x80 } else { 0 };
            content.push((arc >> (7 * group)) as u8 & 0x7f | more);
        }
    }
    tagged(OBJECT_IDENTIFIER, &content)
}

/// The first value: its tag, its content, and what follows.
pub(super) fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let fits = digits.len() <= 4;
        (digits.iter().try_fold(0_usize, |sum, byte| fits.then_some(sum << 8 | usize::from(*byte)))?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The members of a sequence that is all of the bytes.
pub(super) fn members(bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (SEQUENCE, mut content, []) = read(bytes)? else { return None };
    let mut members = Vec::new();
    while !content.is_empty() {
        let (tag, member, rest) = read(content)?;
        members.push((tag, member));
        content = rest;
    }
    Some(members)
}

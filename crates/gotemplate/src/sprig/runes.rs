//! Go's runes: how Go walks bytes that may not be UTF-8, and its per-rune case mappings and categories. Rust's own mappings are
//! Unicode's full ones (`ß` becomes `SS`), Go's are the simple ones, one rune to one.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

pub(super) use crate::print::runes::{count, decode, is_digit, is_letter, runes};

/// The last rune and its width.
pub(super) fn decode_last(bytes: &[u8]) -> (char, usize) {
    for width in 1..=bytes.len().min(4) {
        let (rune, decoded) = decode(&bytes[bytes.len() - width..]);
        if decoded == width && (rune != char::REPLACEMENT_CHARACTER || width > 1) {
            return (rune, width);
        }
    }
    (char::REPLACEMENT_CHARACTER, bytes.len().min(1))
}

/// The text as slices of one rune each, with the bytes that it had.
pub(super) fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (piece, tail) = rest.split_at(decode(rest).1);
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Maps every rune, as `strings.Map` does: what is not UTF-8 becomes U+FFFD.
pub(super) fn map(bytes: &[u8], mut mapping: impl FnMut(char) -> char) -> String {
    runes(bytes).map(&mut mapping).collect()
}

pub(super) fn to_upper(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_uppercase();
    }
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => with_iota_subscript(character),
    }
}

pub(super) fn to_lower(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    // Only U+0130 has a lower case of several characters; its first is the simple mapping.
    character.to_lowercase().next().unwrap_or(character)
}

pub(super) fn to_title(character: char) -> char {
    match character {
        '\u{1C4}'..='\u{1C6}' => '\u{1C5}',
        '\u{1C7}'..='\u{1C9}' => '\u{1C8}',
        '\u{1CA}'..='\u{1CC}' => '\u{1CB}',
        '\u{1F1}'..='\u{1F3}' => '\u{1F2}',
        // Georgian has capitals, and uses none in titles.
        '\u{10D0}'..='\u{10FA}' | '\u{10FD}'..='\u{10FF}' => character,
        _ => to_upper(character),
    }
}

/// The simple upper case of the characters whose full one is several: only Greek with an iota subscript has one.
fn with_iota_subscript(character: char) -> char {
    let code = u32::from(character);
    let upper = match code {
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => code + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => code + 9,
        _ => code,
    };
    char::from_u32(upper).unwrap_or(character)
}

/// `unicode.IsNumber`
pub(super) fn is_number(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Number
}

/// `unicode.IsPunct`
pub(super) fn is_punctuation(character: char) -> bool {
    character.general_category_group() == GeneralCategoryGroup::Punctuation
}

pub(super) fn is_upper(character: char) -> bool {
    character.general_category() == GeneralCategory::UppercaseLetter
}

pub(super) fn is_lower(character: char) -> bool {
    character.general_category() == GeneralCategory::LowercaseLetter
}

pub(super) fn is_title(character: char) -> bool {
    character.general_category() == GeneralCategory::TitlecaseLetter
}

pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace()
}

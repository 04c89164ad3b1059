//! Go's view of text as runes: decoding that never fails, and the classes of package unicode that Go's printing and lexing ask for.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// What Go decodes a byte to that is no UTF-8.
pub(crate) const ERROR: char = char::REPLACEMENT_CHARACTER;

/// The first rune and its width in bytes. Invalid UTF-8 is U+FFFD of width 1; the end is U+FFFD of width 0.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> (char, usize) {
    match bytes.first() {
        None => (ERROR, 0),
        Some(&byte) if byte < 0x80 => (char::from(byte), 1),
        Some(&byte) => decode_long(bytes, byte),
    }
}

fn decode_long(bytes: &[u8], first: u8) -> (char, usize) {
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (ERROR, 1),
    };
    let rune =
        bytes.get(..width).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| text.chars().next());
    rune.map_or((ERROR, 1), |rune| (rune, width))
}

/// All runes of a text, as `range` over a Go string yields them.
pub(crate) fn runes(mut bytes: &[u8]) -> impl Iterator<Item = char> {
    std::iter::from_fn(move || {
        let (rune, width) = decode(bytes);
        bytes = bytes.get(width..)?;
        (width > 0).then_some(rune)
    })
}

/// `utf8.RuneCount`.
pub(crate) fn count(bytes: &[u8]) -> usize {
    runes(bytes).count()
}

/// `unicode.IsLetter`.
pub(crate) fn is_letter(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_alphabetic();
    }
    rune.general_category_group() == GeneralCategoryGroup::Letter
}

/// `unicode.IsDigit`.
pub(crate) fn is_digit(rune: char) -> bool {
    if rune.is_ascii() {
        return rune.is_ascii_digit();
    }
    rune.general_category() == GeneralCategory::DecimalNumber
}

/// `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_printable(rune: char) -> bool {
    if rune.is_ascii() {
        return (' '..='~').contains(&rune);
    }
    !matches!(rune.general_category_group(), GeneralCategoryGroup::Separator | GeneralCategoryGroup::Other)
}

/// Every rune with its offset and its width.
pub(crate) fn indices(bytes: &[u8]) -> impl Iterator<Item = (usize, char, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (rune, width) = decode(bytes.get(at..)?);
        let found = (at, rune, width);
        at += width;
        (width > 0).then_some(found)
    })
}

/// `%#U`: `U+0040 '@'`.
pub(crate) fn show(rune: char) -> String {
    let code = u32::from(rune);
    if is_printable(rune) { format!("U+{code:04X} '{rune}'") } else { format!("U+{code:04X}") }
}

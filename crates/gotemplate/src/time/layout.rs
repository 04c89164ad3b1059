//! Go's layouts: a text with the reference time, Mon Jan 2 15:04:05 MST 2006, in the look that is wanted.

/// What a part of a layout stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    Pm,
    LowerPm,
    ZoneName,
    Offset(Offset),
    /// Digits of the second after `mark`; `trimmed` leaves zeros at the end out.
    Fraction {
        digits: usize,
        mark: u8,
        trimmed: bool,
    },
}

/// How an offset from UTC is written: `Z07:00`, `-0700` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offset {
    /// UTC is written `Z`.
    pub(super) zulu: bool,
    pub(super) colons: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

const fn offset(zulu: bool, colons: bool, minutes: bool, seconds: bool) -> Field {
    Field::Offset(Offset { zulu, colons, minutes, seconds })
}

/// The texts that begin a field wherever they stand, a longer one before its prefix.
const FIELDS: &[(&str, Field)] = &[
    ("January", Field::LongMonth),
    ("Monday", Field::LongWeekday),
    ("MST", Field::ZoneName),
    ("002", Field::ZeroYearDay),
    ("01", Field::ZeroMonth),
    ("02", Field::ZeroDay),
    ("03", Field::ZeroHour12),
    ("04", Field::ZeroMinute),
    ("05", Field::ZeroSecond),
    ("06", Field::Year),
    ("15", Field::Hour),
    ("1", Field::NumMonth),
    ("2006", Field::LongYear),
    ("2", Field::Day),
    ("__2", Field::UnderYearDay),
    ("_2", Field::UnderDay),
    ("3", Field::Hour12),
    ("4", Field::Minute),
    ("5", Field::Second),
    ("PM", Field::Pm),
    ("pm", Field::LowerPm),
    ("-070000", offset(false, false, true, true)),
    ("-07:00:00", offset(false, true, true, true)),
    ("-0700", offset(false, false, true, false)),
    ("-07:00", offset(false, true, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z07", offset(true, false, false, false)),
];

/// The text before the first field, the field with its text (where there is one), and the rest.
pub(super) struct Chunk<'a> {
    pub(super) prefix: &'a [u8],
    pub(super) field: Option<(Field, &'a [u8])>,
    pub(super) rest: &'a [u8],
}

pub(super) fn next_chunk(layout: &[u8]) -> Chunk<'_> {
    let mut start = 0;
    while start < layout.len() {
        let here = &layout[start..];
        // An underscore before a year is a literal one.
        if here.starts_with(b"_2006") {
            start += 1;
            continue;
        }
        if let Some((field, length)) = field_at(here) {
            return Chunk { prefix: &layout[..start], field: Some((field, &here[..length])), rest: &here[length..] };
        }
        start += 1;
    }
    Chunk { prefix: layout, field: None, rest: b"" }
}

fn field_at(layout: &[u8]) -> Option<(Field, usize)> {
    match layout.first()? {
        b'.' | b',' => fraction_at(layout),
        b'J' | b'M' | b'0'..=b'5' | b'P' | b'p' | b'_' | b'-' | b'Z' => {
            let known = FIELDS.iter().find(|(text, _)| layout.starts_with(text.as_bytes()));
            known.map(|(text, field)| (*field, text.len())).or_else(|| short_name_at(layout))
        }
        _ => None,
    }
}

/// `Jan` and `Mon`, unless a longer word begins with them.
fn short_name_at(layout: &[u8]) -> Option<(Field, usize)> {
    let field = match layout.get(..3)? {
        b"Jan" => Field::Month,
        b"Mon" => Field::Weekday,
        _ => return None,
    };
    let goes_on = layout.get(3).is_some_and(u8::is_ascii_lowercase);
    (!goes_on).then_some((field, 3))
}

fn fraction_at(layout: &[u8]) -> Option<(Field, usize)> {
    let digit = layout.get(1).copied().filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = layout[1..].iter().take_while(|byte| **byte == digit).count();
    let ends = !layout.get(1 + digits).is_some_and(u8::is_ascii_digit);
    ends.then_some((Field::Fraction { digits, mark: layout[0], trimmed: digit == b'9' }, 1 + digits))
}

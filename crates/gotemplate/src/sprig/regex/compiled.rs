//! Compiled patterns, kept for the next call, and searching as package regexp does it.

use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, ops::Range, rc::Rc};

use regex::{Regex, RegexBuilder};

use super::{
    syntax::{self, Code},
    translate::{Translation, translate},
};
use crate::{print::runes, value::Text};

/// The largest automaton: Go's limit is 128 MiB of another one.
const SIZE_MAX_BYTES: usize = 32 << 20;

/// How many patterns a thread keeps. A chart has dozens; one that makes them up loses the cache, not memory.
const KEPT_MAX: usize = 256;

/// Where each group of a match is; the first is the match itself.
pub(super) type Groups = Vec<Option<Range<usize>>>;

#[derive(Debug)]
pub(super) struct Compiled {
    translation: Translation,
    text: Regex,
}

/// What is searched: the subject, with U+FFFD for each byte that is not UTF-8, which is what Go sees there.
struct Subject<'a> {
    text: Cow<'a, str>,
    /// Where each byte that was replaced ends in the text, in order. A replacement takes two bytes more than what it replaces.
    replaced: Vec<usize>,
}

impl<'a> Subject<'a> {
    fn new(subject: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(subject) {
            return Self { text: Cow::Borrowed(text), replaced: Vec::new() };
        }
        let (mut text, mut replaced) = (String::with_capacity(subject.len() + 16), Vec::new());
        for chunk in subject.utf8_chunks() {
            text.push_str(chunk.valid());
            for _ in chunk.invalid() {
                text.push(char::REPLACEMENT_CHARACTER);
                replaced.push(text.len());
            }
        }
        Self { text: Cow::Owned(text), replaced }
    }

    fn original(&self, range: Range<usize>) -> Range<usize> {
        let place = |place: usize| place - 2 * self.replaced.partition_point(|end| *end <= place);
        place(range.start)..place(range.end)
    }
}

/// The compiled pattern, or Go's error.
pub(super) fn compile(pattern: &Text) -> Result<Rc<Compiled>, String> {
    thread_local! {
        static KEPT: RefCell<BTreeMap<Text, Rc<Compiled>>> = const { RefCell::new(BTreeMap::new()) };
    }
    if let Some(compiled) = KEPT.with_borrow(|kept| kept.get(pattern).cloned()) {
        return Ok(compiled);
    }
    let compiled = Rc::new(Compiled::new(pattern)?);
    KEPT.with_borrow_mut(|kept| {
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(pattern.clone(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

impl Compiled {
    fn new(pattern: &[u8]) -> Result<Self, String> {
        let whole =
            |code: Code| syntax::Error { code, expression: String::from_utf8_lossy(pattern).into_owned() }.to_string();
        let translation = translate(pattern).map_err(|error| error.to_string())?;
        let text =
            RegexBuilder::new(&translation.pattern).size_limit(SIZE_MAX_BYTES).build().map_err(
                |error| match error {
                    regex::Error::CompiledTooBig(_) => whole(Code::Large),
                    // The translation is valid, except that it may nest deeper than the crate allows.
                    _ => whole(Code::NestingDepth),
                },
            )?;
        Ok(Self { translation, text })
    }

    pub(super) fn is_match(&self, subject: &[u8]) -> bool {
        self.text.is_match(&Subject::new(subject).text)
    }

    pub(super) fn find(&self, subject: &[u8]) -> Option<Range<usize>> {
        let subject = Subject::new(subject);
        self.text.find(&subject.text).map(|found| subject.original(found.range()))
    }

    /// All matches, or the first `limit` of them where that is not negative.
    pub(super) fn find_all(&self, subject: &[u8], limit: i64) -> Vec<Range<usize>> {
        let subject = Subject::new(subject);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.text.find_iter(&subject.text).take(limit).map(|found| subject.original(found.range())).collect()
    }

    pub(super) fn captures_all(&self, subject: &[u8]) -> Vec<Groups> {
        let subject = Subject::new(subject);
        let group = |group: Option<regex::Match<'_>>| group.map(|group| subject.original(group.range()));
        self.text.captures_iter(&subject.text).map(|groups| groups.iter().map(group).collect()).collect()
    }

    /// `Regexp.Expand`: `$1`, `$name`, `${name}` and `$$`; an unknown group is empty, any other `$` stays.
    pub(super) fn expand(&self, out: &mut Vec<u8>, template: &[u8], subject: &[u8], groups: &Groups) {
        let mut rest = template;
        while let Some(place) = memchr::memchr(b'$', rest) {
            out.extend_from_slice(&rest[..place]);
            rest = &rest[place + 1..];
            if rest.first() == Some(&b'$') {
                out.push(b'$');
                rest = &rest[1..];
                continue;
            }
            let Some((name, width)) = group_name(rest) else {
                out.push(b'$');
                continue;
            };
            rest = &rest[width..];
            if let Some(range) = self.group(name, groups) {
                out.extend_from_slice(&subject[range]);
            }
        }
        out.extend_from_slice(rest);
    }

    fn group(&self, name: &[u8], groups: &Groups) -> Option<Range<usize>> {
        if name.iter().all(u8::is_ascii_digit) && !(name.len() > 1 && name[0] == b'0') {
            let number: usize = std::str::from_utf8(name).ok()?.parse().ok()?;
            return groups.get(number)?.clone();
        }
        let named = |other: &Option<String>| other.as_ref().is_some_and(|other| other.as_bytes() == name);
        let mut matching = self.translation.names.iter().zip(groups).filter(|(other, _)| named(other));
        matching.find_map(|(_, range)| range.clone())
    }
}

/// The name after a `$`, and how many bytes it takes with its braces.
fn group_name(rest: &[u8]) -> Option<(&[u8], usize)> {
    let braced = rest.first() == Some(&b'{');
    let name = if braced { &rest[1..] } else { rest };
    let mut length = 0;
    while length < name.len() {
        let (rune, width) = runes::decode(&name[length..]);
        if rune != '_' && !runes::is_letter(rune) && !runes::is_digit(rune) {
            break;
        }
        length += width;
    }
    if length == 0 || braced && name.get(length) != Some(&b'}') {
        return None;
    }
    Some((&name[..length], length + if braced { 2 } else { 0 }))
}

//! A version: parsing (coercing and strict), printing, ordering, and the next ones.

use std::{cmp::Ordering, fmt};

use super::Error;

/// A version, with the text that it came from. Compare with [`Version::compare`]: `==` would have to ignore build metadata.
#[derive(Debug, Clone)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
    prerelease: String,
    metadata: String,
    original: String,
}

impl Version {
    /// Reads what looks like a version: `v1`, `1.2`, `1.2.3-rc.1+build`, `01.2`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bytes = text.as_bytes();
        let mut at = usize::from(bytes.first() == Some(&b'v'));
        let mut numbers = [""; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            let start = at + usize::from(index > 0);
            if index > 0 && (bytes.get(at) != Some(&b'.') || !bytes.get(start).is_some_and(u8::is_ascii_digit)) {
                break;
            }
            at = end_of(bytes, start, u8::is_ascii_digit);
            *number = &text[start..at];
        }
        if numbers[0].is_empty() {
            return Err(Error::Version);
        }
        let prerelease = suffix(text, &mut at, b'-')?;
        let metadata = suffix(text, &mut at, b'+')?;
        if at != text.len() {
            return Err(Error::Version);
        }
        let number = |digits: &str| match digits {
            "" => Ok(0),
            _ => parse_number(digits).map_err(Error::Segment),
        };
        let [major, minor, patch] = [number(numbers[0])?, number(numbers[1])?, number(numbers[2])?];
        if !prerelease.is_empty() {
            validate_prerelease(prerelease)?;
        }
        Ok(Self {
            major,
            minor,
            patch,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    /// Reads a version as the specification writes it: three numbers, no `v`, no leading zeros.
    pub fn parse_strict(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty);
        }
        let parts: Vec<&str> = text.splitn(3, '.').collect();
        let [major, minor, mut patch] = parts[..] else { return Err(Error::Version) };
        let (mut prerelease, mut metadata) = ("", "");
        if let Some((before, after)) = patch.split_once('+') {
            (patch, metadata) = (before, after);
            validate_metadata(metadata)?;
        }
        if let Some((before, after)) = patch.split_once('-') {
            (patch, prerelease) = (before, after);
            validate_prerelease(prerelease)?;
        }
        for number in [major, minor, patch] {
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Error::Characters);
            }
            if number.len() > 1 && number.starts_with('0') {
                return Err(Error::LeadingZero);
            }
        }
        let number = |digits: &str| parse_number(digits).map_err(Error::Number);
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    pub fn major(&self) -> u64 {
        self.major
    }

    pub fn minor(&self) -> u64 {
        self.minor
    }

    pub fn patch(&self) -> u64 {
        self.patch
    }

    /// Without its hyphen; empty for a release.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// Without its plus sign.
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The text that was parsed, also with its `v`.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// The order of precedence: numbers, then the pre-release (which is below its release). Metadata do not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (&*self.prerelease, &*other.prerelease) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (this, that) => compare_prereleases(this, that),
        })
    }

    /// The next major version, without pre-release and metadata.
    pub fn next_major(&self) -> Self {
        self.release(self.major.wrapping_add(1), 0, 0)
    }

    pub fn next_minor(&self) -> Self {
        self.release(self.major, self.minor.wrapping_add(1), 0)
    }

    /// The next patch version; of a pre-release its release.
    pub fn next_patch(&self) -> Self {
        let step = u64::from(self.prerelease.is_empty());
        self.release(self.major, self.minor, self.patch.wrapping_add(step))
    }

    pub fn with_prerelease(&self, prerelease: &str) -> Result<Self, Error> {
        if !prerelease.is_empty() {
            validate_prerelease(prerelease)?;
        }
        Ok(Self { prerelease: prerelease.to_owned(), ..self.clone() }.renamed(self))
    }

    pub fn with_metadata(&self, metadata: &str) -> Result<Self, Error> {
        if !metadata.is_empty() {
            validate_metadata(metadata)?;
        }
        Ok(Self { metadata: metadata.to_owned(), ..self.clone() }.renamed(self))
    }

    fn release(&self, major: u64, minor: u64, patch: u64) -> Self {
        let (prerelease, metadata) = (String::new(), String::new());
        Self { major, minor, patch, prerelease, metadata, original: String::new() }.renamed(self)
    }

    /// The original of a version made from another one: with a `v` where the other had it.
    fn renamed(mut self, from: &Self) -> Self {
        let prefix = if from.original.starts_with('v') { "v" } else { "" };
        self.original = format!("{prefix}{self}");
        self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn end_of(bytes: &[u8], start: usize, accepts: impl Fn(&u8) -> bool) -> usize {
    start + bytes[start..].iter().take_while(|byte| accepts(byte)).count()
}

fn is_identifier(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'-'
}

/// Dot-separated identifiers after `mark`, or nothing where there is no mark.
fn suffix<'a>(text: &'a str, at: &mut usize, mark: u8) -> Result<&'a str, Error> {
    let bytes = text.as_bytes();
    if bytes.get(*at) != Some(&mark) {
        return Ok("");
    }
    let start = *at + 1;
    let end = end_of(bytes, start, |byte| is_identifier(byte) || *byte == b'.');
    *at = end;
    if text[start..end].split('.').any(str::is_empty) { Err(Error::Version) } else { Ok(&text[start..end]) }
}

/// The error is Go's of `strconv.ParseUint`.
fn parse_number(digits: &str) -> Result<u64, String> {
    let reason = if digits.is_empty() { "invalid syntax" } else { "value out of range" };
    digits.parse().map_err(|_| format!("strconv.ParseUint: parsing \"{digits}\": {reason}"))
}

fn validate_prerelease(text: &str) -> Result<(), Error> {
    for identifier in text.split('.') {
        let is_number = identifier.bytes().all(|byte| byte.is_ascii_digit());
        if identifier.is_empty() || !identifier.as_bytes().iter().all(is_identifier) {
            return Err(Error::Prerelease);
        }
        if is_number && identifier.len() > 1 && identifier.starts_with('0') {
            return Err(Error::LeadingZero);
        }
    }
    Ok(())
}

fn validate_metadata(text: &str) -> Result<(), Error> {
    let valid = |identifier: &str| !identifier.is_empty() && identifier.as_bytes().iter().all(is_identifier);
    if text.split('.').all(valid) { Ok(()) } else { Err(Error::Metadata) }
}

pub(super) fn compare_prereleases(this: &str, that: &str) -> Ordering {
    let (mut these, mut those) = (this.split('.'), that.split('.'));
    loop {
        let (this, that) = match (these.next(), those.next()) {
            (None, None) => return Ordering::Equal,
            (this, that) => (this.unwrap_or(""), that.unwrap_or("")),
        };
        let order = compare_identifiers(this, that);
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers are below words. What is too long for Go's `uint64` counts as a word.
fn compare_identifiers(this: &str, that: &str) -> Ordering {
    if this.is_empty() || that.is_empty() {
        return this.len().min(1).cmp(&that.len().min(1));
    }
    let number = |identifier: &str| {
        if identifier.bytes().all(|byte| byte.is_ascii_digit()) { identifier.parse::<u64>().ok() } else { None }
    };
    match (number(this), number(that)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => this.cmp(that),
    }
}

//! A constraint: its grammar. The library finds its parts with regular expressions, quirks included, and so does this file,
//! with the same ones.

use std::{fmt, sync::LazyLock};

use regex_lite::Regex;

use super::{Error, Version, check::check};
use crate::Dialect;

/// Groups that are joined by `||`, each of parts that must all hold.
#[derive(Debug, Clone)]
pub struct Constraint {
    groups: Vec<Group>,
    dialect: Dialect,
}

#[derive(Debug, Clone)]
struct Group {
    parts: Vec<Part>,
    /// Some part names a pre-release: then pre-releases can satisfy the group.
    prerelease: bool,
}

/// One comparison, such as `>=1.2.x`.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) operator: String,
    /// The version, with zeros for what is missing or `x`.
    pub(super) version: Version,
    /// The version as it was written.
    pub(super) written: String,
    /// Some number is missing or `x`; then which one is the first.
    pub(super) dirty: bool,
    pub(super) minor_dirty: bool,
    pub(super) patch_dirty: bool,
}

/// Go's `\s`, which is less than `regex`'s.
const SPACE: &str = r"[\t\n\x0c\r ]";
const GO_SPACE: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const VERSION: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?";

struct Grammar {
    range: Regex,
    valid: Regex,
    find: Regex,
    part: Regex,
}

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let (s, o, v) = (SPACE, OPERATORS, VERSION);
    let regex = |pattern: String| Regex::new(&pattern).expect("the patterns are constants");
    Grammar {
        range: regex(format!("{s}*({v}){s}+-{s}+({v}){s}*")),
        valid: regex(format!("^({s}*({o}){s}*({v}){s}*)((?:{s}+|,{s}*)({o}){s}*({v}){s}*)*$")),
        find: regex(format!("({o}){s}*({v})")),
        part: regex(format!("^{s}*({o}){s}*({v}){s}*$")),
    }
});

impl Constraint {
    pub fn parse(text: &str) -> Result<Self, Error> {
        if let Some((operator, written)) = plain(text) {
            let part = whole_part(operator, written)?;
            let prerelease = !part.version.prerelease().is_empty();
            return Ok(Self { groups: vec![Group { parts: vec![part], prerelease }], dialect: Dialect::default() });
        }
        Self::by_grammar(text)
    }

    /// Every form, by the library's own expressions.
    pub(super) fn by_grammar(text: &str) -> Result<Self, Error> {
        let grammar = &*GRAMMAR;
        let text = rewrite_ranges(grammar, text);
        let mut groups = Vec::new();
        for group in text.split("||") {
            if !grammar.valid.is_match(group) {
                return Err(Error::Constraint(group.to_owned()));
            }
            let parts: Result<Vec<Part>, Error> =
                grammar.find.find_iter(group).map(|part| parse_part(grammar, part.as_str())).collect();
            let parts = parts?;
            let prerelease = parts.iter().any(|part| !part.version.prerelease().is_empty());
            groups.push(Group { parts, prerelease });
        }
        Ok(Self { groups, dialect: Dialect::default() })
    }

    /// Checks as the library of that Helm does: in Helm 3's, each part has to name a pre-release itself to accept one.
    #[must_use]
    pub fn with_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            group.parts.iter().all(|part| check(version, part, self.accepts_prereleases(group, part)).is_ok())
        })
    }

    /// Why the version does not satisfy the constraint: a sentence for every part that it fails.
    pub fn validate(&self, version: &Version) -> Result<(), Vec<String>> {
        let mut reasons = Vec::new();
        // That it is a pre-release is told once, however many parts refuse it for that.
        let mut told = false;
        for group in &self.groups {
            let mut holds = true;
            for part in &group.parts {
                let accepts = self.accepts_prereleases(group, part);
                let Err(reason) = check(version, part, accepts) else { continue };
                holds = false;
                let is_for_prerelease = !accepts && !version.prerelease().is_empty();
                if !(is_for_prerelease && told) {
                    reasons.push(reason);
                }
                told |= is_for_prerelease;
            }
            if holds {
                return Ok(());
            }
        }
        Err(reasons)
    }

    fn accepts_prereleases(&self, group: &Group, part: &Part) -> bool {
        match self.dialect {
            Dialect::Helm3 => !part.version.prerelease().is_empty(),
            Dialect::Helm4 => group.prerelease,
        }
    }
}

/// As the library prints it: parts without the spaces between operator and version, hyphens as comparisons.
impl fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.groups.iter().enumerate() {
            formatter.write_str(if index > 0 { " || " } else { "" })?;
            for (index, part) in group.parts.iter().enumerate() {
                formatter.write_str(if index > 0 { " " } else { "" })?;
                write!(formatter, "{}{}", part.operator, part.written)?;
            }
        }
        Ok(())
    }
}

/// The form of nearly every chart's `kubeVersion`: one comparison with a whole version, such as `>= 1.22.0-0`. Compiling the grammar
/// takes longer than rendering a small chart.
fn plain(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_matches(GO_SPACE);
    let operator = ["!=", ">=", "<=", ">", "<", "=", "~", "^"].into_iter().find(|operator| text.starts_with(operator));
    let operator = operator.unwrap_or_default();
    let written = text[operator.len()..].trim_start_matches(GO_SPACE);
    let (numbers, prerelease) = written.split_once('-').map_or((written, None), |(head, tail)| (head, Some(tail)));
    let numbers: Vec<&str> = numbers.strip_prefix('v').unwrap_or(numbers).split('.').collect();
    let is_number = |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_plain = numbers.len() == 3
        && numbers.iter().all(is_number)
        && prerelease.is_none_or(|labels| labels.split('.').all(is_label));
    is_plain.then_some((operator, written))
}

/// A part in which no number is missing.
fn whole_part(operator: &str, written: &str) -> Result<Part, Error> {
    let version = Version::parse(written).map_err(|_| Error::ConstraintVersion)?;
    let (operator, written) = (operator.to_owned(), written.to_owned());
    Ok(Part { operator, version, written, dirty: false, minor_dirty: false, patch_dirty: false })
}

/// `1.2 - 2.3` means `>= 1.2, <= 2.3`.
fn rewrite_ranges(grammar: &Grammar, text: &str) -> String {
    let mut out = text.to_owned();
    for range in grammar.range.captures_iter(text) {
        let at = |index: usize| range.get(index).map_or("", |group| group.as_str());
        out = out.replacen(at(0), &format!(">= {}, <= {} ", at(1), at(11)), 1);
    }
    out
}

fn parse_part(grammar: &Grammar, text: &str) -> Result<Part, Error> {
    let found = grammar.part.captures(text).ok_or_else(|| Error::Constraint(text.to_owned()))?;
    let at = |index: usize| found.get(index).map_or("", |group| group.as_str());
    let is_open = |number: &str| matches!(number.trim_start_matches('.'), "" | "x" | "X" | "*");
    let (major, minor, patch, prerelease) = (at(3), at(4), at(5), at(6));
    let (mut minor_dirty, mut patch_dirty) = (false, false);
    let text = if is_open(major) {
        format!("0.0.0{prerelease}")
    } else if is_open(minor) {
        minor_dirty = true;
        format!("{major}.0.0{prerelease}")
    } else if is_open(patch) {
        patch_dirty = true;
        format!("{major}{minor}.0{prerelease}")
    } else {
        at(2).to_owned()
    };
    let dirty = is_open(major) || minor_dirty || patch_dirty;
    let version = Version::parse(&text).map_err(|_| Error::ConstraintVersion)?;
    Ok(Part { operator: at(1).to_owned(), version, written: at(2).to_owned(), dirty, minor_dirty, patch_dirty })
}

//! Which of a chart's versions is meant: the very text, or the newest that a range admits.

use std::cmp::Ordering;

use gotemplate::semver::{Constraint, Version};

use super::Error;

/// The place of the version in the list. Without a version it is the newest release; with `devel` pre-releases count.
pub(super) fn choose(versions: &[&str], wanted: Option<&str>, devel: bool) -> Result<Option<usize>, Error> {
    if let Some(exact) = wanted.and_then(|wanted| versions.iter().position(|version| *version == wanted)) {
        return Ok(Some(exact));
    }
    let range = wanted.unwrap_or(if devel { ">0.0.0-0" } else { "*" });
    let range = Constraint::parse(range).map_err(|_| Error::Constraint { constraint: range.to_owned() })?;
    let mut best: Option<(usize, Version)> = None;
    for (at, text) in versions.iter().enumerate() {
        // What is no version is not chosen by a range, and is no error: an index has many authors.
        let Some(version) = Version::parse(text).ok().filter(|version| range.check(version)) else { continue };
        if best.as_ref().is_none_or(|(_, best)| version.compare(best) == Ordering::Greater) {
            best = Some((at, version));
        }
    }
    Ok(best.map(|(at, _)| at))
}

/// Whether the text names one version and no range.
pub(super) fn is_exact(version: &str) -> bool {
    Version::parse_strict(version.strip_prefix('v').unwrap_or(version)).is_ok()
}

/// The newest, for messages.
pub(super) fn newest<'a>(versions: &[&'a str], count: usize) -> Vec<&'a str> {
    let mut parsed: Vec<(Version, &str)> =
        versions.iter().filter_map(|text| Some((Version::parse(text).ok()?, *text))).collect();
    parsed.sort_by(|one, other| other.0.compare(&one.0));
    parsed.into_iter().take(count).map(|(_, text)| text).collect()
}

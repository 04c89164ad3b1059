//! Which of a chart's versions is meant: the very text, or the newest that a range admits.

use std::cmp::Ordering;

use super::Error;

/// The place of the version in the list. Without a version it is the newest release; with `devel` pre-releases count.
pub(super) fn choose(versions: &[&str], wanted: Option<&str>, devel: bool) -> Result<Option<usize>, Error> {
    if let Some(exact) = wanted.and_then(|wanted| versions.iter().position(|version| *version == wanted)) {
        return Ok(Some(exact));
    }
    let mut best: Option<(usize, Version)> = None;
    for (at, text) in versions.iter().enumerate() {
        let Some(version) = Version::parse(text) else { continue };
        let admitted = match wanted {
            None => devel || version.pre.is_empty(),
            Some(wanted) => Version::parse(wanted).is_some_and(|wanted| wanted.cmp(&version) == Ordering::Equal),
        };
        if admitted && best.as_ref().is_none_or(|(_, best)| version.cmp(best) == Ordering::Greater) {
            best = Some((at, version));
        }
    }
    Ok(best.map(|(at, _)| at))
}

/// Whether the text names one version and no range.
pub(super) fn is_exact(version: &str) -> bool {
    let core = version.strip_prefix('v').unwrap_or(version);
    let numbers = core.split(['-', '+']).next().unwrap_or_default();
    numbers.split('.').count() == 3 && Version::parse(version).is_some()
}

/// The newest, for messages.
pub(super) fn newest<'a>(versions: &[&'a str], count: usize) -> Vec<&'a str> {
    let mut parsed: Vec<(Version, &str)> =
        versions.iter().filter_map(|text| Some((Version::parse(text)?, *text))).collect();
    parsed.sort_by(|one, other| other.0.cmp(&one.0));
    parsed.into_iter().take(count).map(|(_, text)| text).collect()
}

struct Version {
    numbers: [u64; 3],
    pre: Vec<String>,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next()?;
        let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = [0; 3];
        for (at, part) in core.split('.').enumerate() {
            *numbers.get_mut(at)? = part.parse().ok()?;
        }
        Some(Self { numbers, pre: pre.map(|pre| pre.split('.').map(str::to_owned).collect()).unwrap_or_default() })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        })
    }
}

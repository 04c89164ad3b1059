//! A range of versions as the revision of a repository: the newest tag in it, as Argo CD takes it.

use gotemplate::semver::{Constraint, Version};

/// The tag that the range means. Nothing for what is no range (a version, the name of a branch), and for a range without a tag.
pub(crate) fn newest<'a>(revision: &str, tags: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if Version::parse(revision).is_ok() {
        return None;
    }
    let range = Constraint::parse(revision).ok()?;
    let mut best: Option<(Version, &str)> = None;
    for tag in tags {
        let Some(version) = Version::parse(tag).ok().filter(|version| range.check(version)) else { continue };
        if best.as_ref().is_none_or(|(best, _)| version.compare(best).is_gt()) {
            best = Some((version, tag));
        }
    }
    best.map(|(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_newest_tag_of_a_range_and_nothing_else() {
        let tags = ["1.0.0", "v1.9.0", "v1.10.1", "2.0.0-rc.1", "release", "apps/3.0.0"];
        for (revision, expected) in [
            ("1.x", Some("v1.10.1")),
            ("^1.0", Some("v1.10.1")),
            ("~1.9.0", Some("v1.9.0")),
            (">=1.0.0 <1.5.0", Some("1.0.0")),
            (">1.0.0-0", Some("2.0.0-rc.1")),
            ("*", Some("v1.10.1")),
            ("^3", None),
            ("1.0.0", None),
            ("v1.9", None),
            ("main", None),
            ("HEAD", None),
            ("", None),
        ] {
            assert_eq!(super::newest(revision, tags.into_iter()), expected, "{revision}");
        }
    }
}

//! What `targetRevision` of a chart means: a version stays as it is written, a range becomes the newest version in it.

use gotemplate::semver::{Constraint, Version};

/// Whether the text pins one version. `1`, `v1.2` and `1.2.3` do: they are looked up as they are.
pub(crate) fn is_version(revision: &str) -> bool {
    Version::parse(revision).is_ok()
}

/// The newest version that the range admits, as the repository writes it.
pub(crate) fn max_version(revision: &str, versions: &[String]) -> Result<String, String> {
    let range = match Constraint::parse(revision) {
        Ok(range) => range,
        Err(_) if versions.iter().any(|version| version == revision) => return Ok(revision.to_string()),
        Err(_) => {
            return Err(format!("failed to determine semver constraint: improper constraint: {revision}"));
        }
    };
    let mut best: Option<Version> = None;
    // What is no version has many authors and is no error.
    for version in versions.iter().filter_map(|text| Version::parse(text).ok()) {
        if range.check(&version) && best.as_ref().is_none_or(|best| version.compare(best).is_gt()) {
            best = Some(version);
        }
    }
    let missing = || format!("version matching constraint not found in {} tags", versions.len());
    best.map(|version| version.original().to_string()).ok_or_else(missing)
}

/// The numbers of a Kubernetes version: `v1.33.1-azure` is `1.33.1`.
pub(crate) fn plain_kube_version(text: &str) -> Result<String, String> {
    let given = text.trim();
    let numbers = given.strip_prefix('v').unwrap_or(given);
    let end = numbers.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(numbers.len());
    let parts: Vec<&str> = numbers[..end].trim_end_matches('.').split('.').collect();
    let plain = parts.len() >= 2 && parts.iter().all(|part| !part.is_empty());
    if plain && !(parts[0].len() > 1 && parts[0].starts_with('0')) {
        return Ok(parts.join("."));
    }
    Err(format!("could not parse kubernetes version {text}: could not parse {text:?} as version"))
}

//! The small languages within templates: versions and ranges, patterns, layouts of dates.

use gotemplate::semver::{Constraint, Version};

use crate::{host::render, lossy, parts};

/// A range, and a version that it is asked about.
pub(crate) fn semver(data: &[u8]) {
    let [range, version] = parts(data);
    let (range, version) = (lossy(range), lossy(version));
    let strict = Version::parse_strict(&version);
    let Ok(version) = Version::parse(&version) else {
        return assert!(strict.is_err(), "what is strictly a version is one");
    };
    let again = Version::parse(&version.to_string());
    assert!(again.is_ok_and(|again| again.compare(&version).is_eq()), "{version} reads back");
    if let Ok(range) = Constraint::parse(&range) {
        let _ = range.check(&version);
    }
}

/// A pattern, a text, and what is put in place of what was found.
pub(crate) fn regex(data: &[u8]) {
    let [pattern, subject, replacement] = parts(data);
    let texts = [("p", pattern), ("s", subject), ("r", replacement)];
    render("{{ regexMatch .p .s }}{{ regexQuoteMeta .p }}", &texts);
    render("{{ mustRegexFindAll .p .s -1 }}{{ mustRegexFind .p .s }}{{ mustRegexSplit .p .s 3 }}", &texts);
    render("{{ regexReplaceAll .p .s .r }}{{ regexReplaceAllLiteral .p .s .r }}", &texts);
}

/// A layout, a date in it, and a duration.
pub(crate) fn date_layout(data: &[u8]) {
    let [layout, date, duration] = parts(data);
    let texts = [("l", layout), ("t", date), ("d", duration)];
    render("{{ mustToDate .l .t | date .l }}", &texts);
    render("{{ toDate .l .t }} {{ dateInZone .l now .t }} {{ htmlDate now }}", &texts);
    render("{{ mustDateModify .d now }}", &texts);
    render("{{ duration .d }} {{ durationRound .d }} {{ ago .d }} {{ unixEpoch now }}", &texts);
}

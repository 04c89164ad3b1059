//! One comparison of a constraint against a version, with the library's reasons where it does not hold.

use super::{Version, constraint::Part, version::compare_prereleases};

/// Whether the version satisfies the part; the reason where not.
pub(super) fn check(version: &Version, part: &Part, accepts_prereleases: bool) -> Result<(), String> {
    if !version.prerelease().is_empty() && !accepts_prereleases {
        return Err(format!(
            "{version} is a prerelease version and the constraint is only looking for release versions"
        ));
    }
    let order = version.compare(&part.version);
    let demand = |holds: bool, reason: &str| {
        if holds { Ok(()) } else { Err(format!("{version} {reason} {}", part.written)) }
    };
    match &*part.operator {
        "" | "=" if !part.dirty => demand(order.is_eq(), "is not equal to"),
        "" | "=" | "~" | "~>" => tilde(version, part),
        "!=" => demand(differs(version, part), "is equal to"),
        ">" => demand(exceeds(version, part), "is less than or equal to"),
        "<" => demand(order.is_lt(), "is greater than or equal to"),
        ">=" | "=>" => demand(order.is_ge(), "is less than"),
        "<=" | "=<" => demand(is_at_most(version, part), "is greater than"),
        _ => caret(version, part),
    }
}

fn differs(version: &Version, part: &Part) -> bool {
    let than = &part.version;
    if !part.dirty {
        return version.compare(than).is_ne();
    }
    if than.major() != version.major() {
        return true;
    }
    if part.minor_dirty {
        return false;
    }
    if than.minor() != version.minor() {
        return true;
    }
    if part.patch_dirty {
        let either = !version.prerelease().is_empty() || !than.prerelease().is_empty();
        return either && compare_prereleases(version.prerelease(), than.prerelease()).is_ne();
    }
    than.patch() != version.patch() || version.compare(than).is_ne()
}

/// `>11` means a higher major version, `>11.1` a higher minor one.
fn exceeds(version: &Version, part: &Part) -> bool {
    let than = &part.version;
    if !part.dirty || (version.major() == than.major() && !part.minor_dirty && !part.patch_dirty) {
        return version.compare(than).is_gt();
    }
    match version.major().cmp(&than.major()) {
        std::cmp::Ordering::Equal => !part.minor_dirty && version.minor() > than.minor(),
        order => order.is_gt(),
    }
}

fn is_at_most(version: &Version, part: &Part) -> bool {
    let than = &part.version;
    if !part.dirty {
        return version.compare(than).is_le();
    }
    let above_minor = version.major() == than.major() && version.minor() > than.minor() && !part.minor_dirty;
    version.major() <= than.major() && !above_minor
}

fn tilde(version: &Version, part: &Part) -> Result<(), String> {
    let (than, written) = (&part.version, &part.written);
    if version.compare(than).is_lt() {
        return Err(format!("{version} is less than {written}"));
    }
    // `*` and `0.0.0` accept everything.
    let is_zero = than.major() == 0 && than.minor() == 0 && than.patch() == 0;
    if is_zero && !part.minor_dirty && !part.patch_dirty {
        return Ok(());
    }
    if version.major() != than.major() {
        return Err(format!("{version} does not have same major version as {written}"));
    }
    if version.minor() != than.minor() && !part.minor_dirty {
        return Err(format!("{version} does not have same major and minor version as {written}"));
    }
    Ok(())
}

fn caret(version: &Version, part: &Part) -> Result<(), String> {
    let (than, written) = (&part.version, &part.written);
    if version.compare(than).is_lt() {
        return Err(format!("{version} is less than {written}"));
    }
    let same_major = version.major() == than.major();
    if than.major() > 0 || part.minor_dirty || !same_major {
        return if same_major {
            Ok(())
        } else {
            Err(format!("{version} does not have same major version as {written}"))
        };
    }
    if than.minor() > 0 || part.patch_dirty {
        return if version.minor() == than.minor() {
            Ok(())
        } else {
            Err(format!(
                "{version} does not have same minor version as {written}. Expected minor versions to match when constraint major version is 0"
            ))
        };
    }
    if version.minor() > 0 {
        return Err(format!("{version} does not have same minor version as {written}"));
    }
    if than.patch() == version.patch() {
        return Ok(());
    }
    Err(format!(
        "{version} does not equal {written}. Expect version and constraint to equal when major and minor versions are 0"
    ))
}

//! What of Argo CD's API Windlass supports, ignores with a warning, or refuses by name: the table behind COMPATIBILITY.md.
//!
//! The table is data beside the code that it describes. Tests hold both together: every field of the served definitions has
//! a row, every refused example is refused, every ignored one gives a warning that names it.

mod tables;

pub use tables::{ANNOTATIONS, APPLICATION, NOT_SERVED, OPERATION, PROJECT, SYNC_OPTIONS};

/// What happens to a field, an option or an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Acts as in Argo CD, or asks for nothing that is not so anyway.
    Supported,
    /// Some values are; every other one is refused by name.
    Partly,
    /// Accepted; a condition of type `UnsupportedOptionWarning` names it.
    Ignored,
    /// The Application is refused, and what is deployed stays as it is; a condition or the operation's message names it.
    Refused,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partly => "supported in part",
            Self::Ignored => "ignored with a warning",
            Self::Refused => "refused by name",
        }
    }
}

/// One line of the published table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// A path in the definition (with everything below it), an option, or an annotation.
    pub what: &'static str,
    pub verdict: Verdict,
    pub note: &'static str,
    /// JSON: a patch of the spec (of the objects' annotations, for options and annotations) that shows the verdict. Empty
    /// where there is nothing to refuse or to warn of.
    pub example: &'static str,
}

const fn supported(what: &'static str, note: &'static str) -> Row {
    Row { what, verdict: Verdict::Supported, note, example: "" }
}

const fn partly(what: &'static str, note: &'static str, example: &'static str) -> Row {
    Row { what, verdict: Verdict::Partly, note, example }
}

const fn ignored(what: &'static str, note: &'static str, example: &'static str) -> Row {
    Row { what, verdict: Verdict::Ignored, note, example }
}

const fn refused(what: &'static str, note: &'static str, example: &'static str) -> Row {
    Row { what, verdict: Verdict::Refused, note, example }
}

#[cfg(test)]
mod tests;

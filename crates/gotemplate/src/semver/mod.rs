//! Semantic versions and constraints on them, as the Go library Masterminds/semver v3 reads, orders and checks them: what Helm
//! uses for charts' versions and Kubernetes' ranges, and Sprig for `semver` and `semverCompare`.
//!
//! Deviations of that library from the specification of versions are kept: `1.2` is a version, `01.2.3` too, and a
//! pre-release of fewer identifiers, all equal so far, is the lower one.

mod check;
mod constraint;
mod functions;
mod object;
mod version;

pub use constraint::Constraint;
pub(crate) use functions::FUNCTIONS;
pub use version::Version;

/// Why a version or a constraint is refused, in the library's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("invalid semantic version")]
    Version,
    #[error("version string empty")]
    Empty,
    #[error("invalid characters in version")]
    Characters,
    #[error("version segment starts with 0")]
    LeadingZero,
    #[error("invalid metadata string")]
    Metadata,
    #[error("invalid prerelease string")]
    Prerelease,
    /// A number that Go's `uint64` cannot hold, in a coerced version and in a strict one.
    #[error("error parsing version segment: {0}")]
    Segment(String),
    #[error("{0}")]
    Number(String),
    #[error("improper constraint: {0}")]
    Constraint(String),
    #[error("constraint parser error")]
    ConstraintVersion,
}

impl Error {
    /// The text in that Helm: the library of Helm 3 is older and words them with capitals.
    pub fn text(&self, dialect: crate::Dialect) -> String {
        let text = match (dialect, self) {
            (crate::Dialect::Helm3, Self::Version) => "Invalid Semantic Version",
            (crate::Dialect::Helm3, Self::Empty) => "Version string empty",
            (crate::Dialect::Helm3, Self::Characters) => "Invalid characters in version",
            (crate::Dialect::Helm3, Self::LeadingZero) => "Version segment starts with 0",
            (crate::Dialect::Helm3, Self::Metadata) => "Invalid Metadata string",
            (crate::Dialect::Helm3, Self::Prerelease) => "Invalid Prerelease string",
            (crate::Dialect::Helm3, Self::Segment(error)) => return format!("Error parsing version segment: {error}"),
            (crate::Dialect::Helm3, Self::ConstraintVersion) => "constraint Parser Error",
            _ => return self.to_string(),
        };
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;

//! Why a chart cannot be had. Messages name the URL (without credentials), the chart and the version, in helm's words where helm
//! has words; [`Error::hint`] is the next step.

use api::Class;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("path {path:?} not found")]
    PathMissing { path: String },
    #[error("{what}: {message}")]
    Failed { what: String, message: String },
    #[error("{what} is not allowed: {message}")]
    NotAllowed { what: String, message: String },
    #[error("repo {repository} not found")]
    UnknownRepository { repository: String, chart: String },
    #[error("{url} cannot be reached: {message}")]
    Unreachable { url: String, message: String },
    #[error("failed to fetch {url} : {code}")]
    Refused { url: String, code: u16 },
    #[error("{url} refused the credentials: {message}")]
    Denied { url: String, message: String },
    #[error("no answer from {url} within {secs} s")]
    TimedOut { url: String, secs: u64 },
    #[error("{what} is over the limit of {limit} bytes")]
    TooLarge { what: String, limit: u64 },
    #[error("looks like {url:?} is not a valid chart repository or cannot be reached: {message}")]
    NoRepository { url: String, message: String },
    #[error("chart {chart:?}{} not found in {url} repository", at(.version))]
    NotFound { chart: String, version: Option<String>, url: String, near: Vec<String> },
    #[error("chart {chart:?}{} has no downloadable URLs", at(.version))]
    NoDownload { chart: String, version: Option<String> },
    #[error("{url} has digest {found}, expected {expected}")]
    Digest { url: String, expected: String, found: String },
    #[error("improper constraint: {constraint}")]
    Constraint { constraint: String },
    #[error("{reference}: {message}")]
    Registry { reference: String, message: String },
    #[error("the cache {path}: {message}")]
    Cache { path: String, message: String },
}

fn at(version: &Option<String>) -> String {
    version.as_ref().map(|version| format!(" version {version:?}")).unwrap_or_default()
}

impl Error {
    pub fn class(&self) -> Class {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::NoRepository { .. } | Self::Cache { .. } => {
                Class::Transient
            }
            Self::Refused { code, .. } if *code >= 500 || *code == 429 => Class::Transient,
            Self::Denied { .. } => Class::Denied,
            Self::NotFound { .. } | Self::Refused { .. } | Self::Failed { .. } | Self::Registry { .. } => {
                Class::Transient
            }
            Self::PathMissing { .. }
            | Self::NotAllowed { .. }
            | Self::UnknownRepository { .. }
            | Self::TooLarge { .. }
            | Self::NoDownload { .. }
            | Self::Digest { .. }
            | Self::Constraint { .. } => Class::Invalid,
        }
    }

    /// What to do now.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownRepository { chart, .. } => format!(
                "names of repositories are not kept: name it by URL, `windlass render NAME {chart} --repo https://...`"
            ),
            Self::Denied { .. } => {
                "give --username and --password, or WINDLASS_CHART_USERNAME and WINDLASS_CHART_PASSWORD".to_owned()
            }
            Self::NotFound { near, .. } if !near.is_empty() => format!("there is {}", near.join(", ")),
            Self::NotFound { .. } => "look at the index.yaml of the repository for its charts and versions".to_owned(),
            Self::Digest { .. } => {
                "the archive is not the one that its repository lists: ask its owner, and do not use it".to_owned()
            }
            Self::Constraint { .. } => "versions are like 1.2.3, ranges like ^1.2, ~1.2.3, \">=1.2 <2\"".to_owned(),
            Self::Unreachable { .. } | Self::TimedOut { .. } => {
                "is the host right, and is a proxy needed (HTTPS_PROXY)? --mirror DIR answers from files".to_owned()
            }
            Self::NoRepository { .. } => {
                "the URL is that of the directory with index.yaml; a registry's begins with oci://".to_owned()
            }
            _ => return None,
        })
    }
}

//! What can go wrong between a controller and the Kubernetes API.

use api::{Class, names::GroupVersionKind};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server said no.
    #[error("{method} {path}: {message}")]
    Api { method: String, path: String, code: u16, reason: String, message: String },
    #[error("{method} {path}")]
    Transport { method: String, path: String, source: Box<kube::Error> },
    #[error("no matches for kind \"{}\" in version \"{}\"", .0.kind, .0.api_version())]
    NoKind(GroupVersionKind),
    #[error("the request cannot be built: {0}")]
    Request(String),
}

impl Error {
    pub(super) fn from_kube(method: &str, path: &str, error: kube::Error) -> Self {
        let (method, path) = (method.to_string(), path.to_string());
        match error {
            kube::Error::Api(status) => {
                let (code, reason, message) = (status.code, status.reason.clone(), status.message.clone());
                Self::Api { method, path, code, reason, message }
            }
            other => Self::Transport { method, path, source: Box::new(other) },
        }
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Api { code: 404, .. })
    }

    /// Whether the server said that it cannot answer just now, which says nothing about what was asked. A server that does not answer
    /// at all is another matter: to wait for it several times takes long.
    pub(crate) fn is_momentary(&self) -> bool {
        matches!(self, Self::Api { code: 429 | 500 | 502..=504, .. })
    }

    /// The server's own words where it answered; for conditions and messages.
    pub fn message(&self) -> String {
        match self {
            Self::Api { message, .. } => message.clone(),
            Self::Transport { source, .. } => format!("{self}: {source}"),
            other => other.to_string(),
        }
    }

    pub fn class(&self) -> Class {
        match self {
            Self::Api { code: 409, .. } => Class::Conflict,
            Self::Api { code: 429, .. } => Class::Throttled { after: std::time::Duration::from_secs(1) },
            Self::Api { code: 401 | 403, .. } => Class::Denied,
            Self::Api { code: 408 | 410 | 500..=599, .. } | Self::Transport { .. } => Class::Transient,
            // A kind or namespace may be about to be created.
            Self::Api { code: 404, .. } | Self::NoKind(_) => Class::Transient,
            Self::Api { .. } | Self::Request(_) => Class::Invalid,
        }
    }
}

impl From<Error> for crate::runtime::Failure {
    fn from(error: Error) -> Self {
        // The server's own words often do not say what was asked.
        let message = if matches!(error, Error::Api { .. }) { error.to_string() } else { error.message() };
        Self { class: error.class(), message }
    }
}

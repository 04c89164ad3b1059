//! What can be wrong with a document, in the words of go-yaml and sigs.k8s.io/yaml.

/// Why a text could not be read. Prints what Helm's `yaml.Unmarshal` says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// The text is no YAML, or none that JSON can express: `yaml: line 3: ...`, `unsupported map key ...`.
    #[error("error converting YAML to JSON: {0}")]
    Convert(String),
    /// The document is fine but not what was asked for.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Decode(String),
}

impl YamlError {
    /// The text without the word on what Helm was doing.
    pub fn cause(&self) -> &str {
        match self {
            Self::Convert(cause) | Self::Decode(cause) => cause,
        }
    }

    pub(super) fn yaml(problem: impl std::fmt::Display) -> Self {
        Self::Convert(format!("yaml: {problem}"))
    }
}

impl From<super::scan::SyntaxError> for YamlError {
    fn from(error: super::scan::SyntaxError) -> Self {
        match error.line {
            0 => Self::yaml(error.problem),
            line => Self::yaml(format_args!("line {line}: {}", error.problem)),
        }
    }
}

//! What goes wrong with a chart, in the words of the Helm that is asked for.

use gotemplate::ExecError;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The chart or the request is not as it must be.
    #[error("{0}")]
    Chart(String),
    /// A template failed; `message` is Helm's text, `error` has every position.
    #[error("{message}")]
    Template { message: String, error: Box<ExecError> },
    /// What came out of the templates is no YAML. Helm can print it with `--debug`.
    #[error("{0}")]
    Output(String),
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Chart(message.into())
    }
}

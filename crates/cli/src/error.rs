//! Errors as a person reads them: `error:` what failed, `caused by:` the chain, `hint:` what to do now.

use std::fmt::Display;

use crate::{exit::Exit, output};

#[derive(Debug)]
pub(crate) struct Error {
    exit: Exit,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failure, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// What went wrong underneath, with the whole chain of sources.
    pub(crate) fn caused_by(mut self, error: impl std::error::Error) -> Self {
        self.causes.push(error.to_string());
        let mut source = error.source();
        while let Some(error) = source {
            self.causes.push(error.to_string());
            source = error.source();
        }
        self
    }

    pub(crate) fn because(mut self, cause: impl Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn print(&self) {
        output::note(&format!("{} {}", output::paint("error:", output::RED), self.message));
        let mut last = self.message.as_str();
        for cause in self.causes.iter().filter(|cause| !cause.is_empty()) {
            // A source that its error has already quoted is not said twice.
            if !last.contains(cause.as_str()) {
                output::note(&format!("  caused by: {cause}"));
            }
            last = cause;
        }
        for hint in &self.hints {
            output::note(&format!("{} {hint}", output::paint("hint:", output::CYAN)));
        }
    }
}

/// `result.context("what failed")?` for any error with a chain.
pub(crate) trait Context<T> {
    fn context(self, message: impl Into<String>) -> Result<T, Error>;
}

impl<T, E: std::error::Error> Context<T> for Result<T, E> {
    fn context(self, message: impl Into<String>) -> Result<T, Error> {
        self.map_err(|error| Error::new(message).caused_by(error))
    }
}

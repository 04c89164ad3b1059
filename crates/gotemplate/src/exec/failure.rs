//! Errors of a run: what an operation failed with, and the positions and contexts that Go adds on the way out.

use super::{
    machine::{Frame, Kind},
    run::{Run, tpl_failure},
};
use crate::{error::ExecError, function::FunctionError};

/// Why an operation failed; the position is added where it is caught.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) below: Option<Box<ExecError>>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, below: None }
    }
}

pub(super) type Done<T = ()> = Result<T, Box<Failure>>;

pub(super) fn fail<T>(message: impl Into<String>) -> Done<T> {
    Err(Box::new(Failure::from(message.into())))
}

impl Run<'_> {
    /// Gives an error its position, and what called the template its own words about it.
    pub(super) fn unwind(&mut self, failure: Failure, base: usize) -> ExecError {
        let mut error = self.locate(failure);
        while self.frames.len() > base {
            let (message, command) = match self.leave() {
                Some(Kind::Include { name, command, .. }) => {
                    self.end_include(&name);
                    ("error calling include".to_owned(), command)
                }
                Some(Kind::Tpl { text, command, .. }) => {
                    self.layers.pop();
                    self.includes -= 1;
                    (format!("error calling tpl: {}", tpl_failure(&text)), command)
                }
                Some(Kind::Root | Kind::Template) | None => continue,
            };
            self.registers.at = command;
            error = self.locate(Failure { message, below: Some(Box::new(error)) });
        }
        error
    }

    fn locate(&self, Failure { message, below }: Failure) -> ExecError {
        let Some(Frame { program, .. }) = self.frames.last() else {
            let mut error = ExecError::new(message);
            error.below = below;
            return error;
        };
        let tree = &program.code.tree;
        let (pos, context) = program.locate(self.registers.at);
        let before = &tree.source.text[..(pos as usize).min(tree.source.text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        ExecError {
            name: program.file.to_string(),
            line: 1 + memchr::memchr_iter(b'\n', before).count(),
            column: before.len() - line_start,
            template: program.name.clone(),
            context,
            message,
            below,
        }
    }
}

/// Go's words around the error of a function or method.
pub(super) fn called(name: &str, error: FunctionError) -> Failure {
    match error {
        FunctionError::Message(message) => format!("error calling {name}: {message}").into(),
        FunctionError::Template(below) => Failure { message: format!("error calling {name}"), below: Some(below) },
        FunctionError::Wrapped { message, error } => {
            Failure { message: format!("error calling {name}: {message}"), below: Some(error) }
        }
    }
}

//! Errors with Go's texts and positions.

use std::fmt;

use crate::print::quote;

/// A template that does not parse: `template: NAME:LINE: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {name}:{line}: {message}")]
pub struct ParseError {
    pub name: String,
    pub line: usize,
    pub message: String,
}

/// A template that failed while it ran. Prints `template: NAME:LINE:COLUMN: executing "NAME" at <CONTEXT>: message`, then the same
/// of the template below; without a line only the message.
#[derive(Debug)]
pub struct ExecError {
    /// The name that the text was parsed under.
    pub name: String,
    /// From 1; 0 where the error has no position.
    pub line: usize,
    /// In bytes, from 0, as Go counts.
    pub column: usize,
    /// The template that was executing, also one that the text defines.
    pub template: String,
    /// The node, as Go prints it.
    pub context: String,
    /// What went wrong here. With `below`: `error calling include`.
    pub message: String,
    /// The error of the template below, where this one called `include` or `tpl`.
    pub below: Option<Box<ExecError>>,
}

/// As long a chain as its clone: no recursion either.
impl Clone for ExecError {
    fn clone(&self) -> Self {
        let mut links = Vec::new();
        let mut next = Some(self);
        while let Some(error) = next {
            links.push(error.alone());
            next = error.below.as_deref();
        }
        let mut below = None;
        while let Some(mut error) = links.pop() {
            error.below = below.take();
            below = Some(Box::new(error));
        }
        below.map_or_else(|| self.alone(), |whole| *whole)
    }
}

impl ExecError {
    /// Without the errors below.
    fn alone(&self) -> Self {
        Self {
            name: self.name.clone(),
            line: self.line,
            column: self.column,
            template: self.template.clone(),
            context: self.context.clone(),
            message: self.message.clone(),
            below: None,
        }
    }

    /// An error without a position.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            name: String::new(),
            line: 0,
            column: 0,
            template: String::new(),
            context: String::new(),
            message: message.into(),
            below: None,
        }
    }

    /// The lowest error: what went wrong first.
    pub fn root(&self) -> &ExecError {
        let mut error = self;
        while let Some(below) = &error.below {
            error = below;
        }
        error
    }
}

/// The chain can be as long as templates include each other: it comes apart in a loop.
impl Drop for ExecError {
    fn drop(&mut self) {
        let mut below = self.below.take();
        while let Some(mut error) = below {
            below = error.below.take();
        }
    }
}

impl fmt::Display for ExecError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut next = Some(self);
        while let Some(error) = next {
            if error.line > 0 {
                write!(formatter, "template: {}:{}:{}: ", error.name, error.line, error.column)?;
                write!(formatter, "executing {} at <{}>: ", quote(error.template.as_bytes()), error.context)?;
            }
            formatter.write_str(&error.message)?;
            next = error.below.as_deref();
            if next.is_some() {
                formatter.write_str(": ")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ExecError {}

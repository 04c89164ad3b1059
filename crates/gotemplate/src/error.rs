//! Errors with Go's texts and positions.

/// A template that does not parse: `template: NAME:LINE: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {name}:{line}: {message}")]
pub struct ParseError {
    pub name: String,
    pub line: usize,
    pub message: String,
}

/// A template that failed while it ran: `template: NAME:LINE:COLUMN: executing "NAME" at <CONTEXT>: message`.
#[derive(Debug, Clone, thiserror::Error)]
#[error("template: {name}:{line}:{column}: executing {template:?} at <{context}>: {message}")]
pub struct ExecError {
    /// The name that the text was parsed under.
    pub name: String,
    pub line: usize,
    pub column: usize,
    /// The template that was executing, also one that the text defines.
    pub template: String,
    /// The node, as Go prints it, cut as Go cuts it.
    pub context: String,
    pub message: String,
    /// The error of the template below, where this one called `include`, `tpl` or `template`.
    pub below: Option<Box<ExecError>>,
}

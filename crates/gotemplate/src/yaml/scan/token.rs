//! The tokens of YAML, and what can be wrong with the text they come from.

use std::borrow::Cow;

#[derive(Debug)]
pub(in crate::yaml) enum Token<'a> {
    StreamEnd,
    /// `%YAML 1.1`
    Version(u8, u8),
    /// `%TAG handle prefix`
    TagDirective(Box<(String, String)>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    /// Handle and suffix.
    Tag(Box<(String, String)>),
    Scalar(Scalar<'a>),
}

#[derive(Debug)]
pub(in crate::yaml) struct Scalar<'a> {
    pub(in crate::yaml) value: Cow<'a, str>,
    /// Whether it stood without quotes and not as a block.
    pub(in crate::yaml) plain: bool,
}

/// Text that is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::yaml) struct SyntaxError {
    pub(in crate::yaml) problem: Cow<'static, str>,
    /// The line that go-yaml prints: zero where it prints none.
    pub(in crate::yaml) line: usize,
}

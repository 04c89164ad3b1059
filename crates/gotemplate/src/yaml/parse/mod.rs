//! Tokens to events by libyaml's grammar. Knows nothing of anchors' targets or of what scalars mean.

mod collections;

use std::borrow::Cow;

use super::scan::{Scalar, Scanner, SyntaxError, Token};

type Parsed<T> = Result<T, SyntaxError>;
/// Handle and suffix.
type TagParts = (String, String);
/// A tag that is not resolved yet, and its line.
type PendingTag = (TagParts, usize);

#[derive(Debug)]
pub(super) enum Event<'a> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    Alias(&'a str),
    Scalar(ScalarEvent<'a>),
    SequenceStart { anchor: Option<&'a str> },
    SequenceEnd,
    MappingStart { anchor: Option<&'a str> },
    MappingEnd,
}

#[derive(Debug)]
pub(super) struct ScalarEvent<'a> {
    pub(super) anchor: Option<&'a str>,
    pub(super) tag: Option<Box<str>>,
    pub(super) value: Cow<'a, str>,
    /// Whether the value's look decides on its type.
    pub(super) implicit: bool,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FirstDocument,
    NextDocument,
    Content,
    DocumentEnd,
    BlockNode,
    BlockSequenceEntry,
    IndentlessEntry,
    BlockMappingKey,
    BlockMappingValue,
    /// After a key whose colon has been taken.
    BlockMappingAfterColon,
    FlowSequenceFirst,
    FlowSequenceEntry,
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingEmptyValue,
    End,
}

#[derive(Debug)]
pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    /// Where the open collections start, for errors.
    lines: Vec<usize>,
    /// Handles of tags and what they stand for.
    tags: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::FirstDocument,
            states: Vec::with_capacity(16),
            lines: Vec::with_capacity(16),
            tags: Vec::new(),
        }
    }

    /// How far the text has been read.
    pub(super) fn position(&self) -> usize {
        self.scanner.position()
    }

    pub(super) fn next(&mut self) -> Parsed<Event<'a>> {
        match self.state {
            State::FirstDocument => self.document_start(true),
            State::NextDocument => self.document_start(false),
            State::Content => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessEntry => self.indentless_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::BlockMappingAfterColon => self.after_colon(),
            State::FlowSequenceFirst => self.flow_sequence_entry(true),
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => self.pair_end(),
            State::FlowMappingFirst => self.flow_mapping_key(true),
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                self.scanner.peek()?;
                self.state = State::FlowMappingKey;
                Ok(empty())
            }
            State::End => Ok(Event::StreamEnd),
        }
    }

    fn peek(&mut self) -> Parsed<&Token<'a>> {
        Ok(&self.scanner.peek()?.token)
    }

    /// Takes the token that was looked at and returns its line.
    fn skip(&mut self) -> Parsed<usize> {
        Ok(self.scanner.take()?.line)
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    fn error(&self, problem: &'static str, line: usize) -> SyntaxError {
        // go-yaml prints the line of such an error as it is counted, from zero.
        SyntaxError { problem: problem.into(), line }
    }

    fn collection_error(&mut self, problem: &'static str, line: usize) -> SyntaxError {
        let start = self.lines.pop().unwrap_or(0);
        self.error(problem, if line == 0 { start } else { line })
    }

    fn document_start(&mut self, implicit: bool) -> Parsed<Event<'a>> {
        if !implicit {
            while matches!(self.peek()?, Token::DocumentEnd) {
                self.skip()?;
            }
        }
        let first = self.scanner.peek()?;
        let explicit = matches!(first.token, Token::Version(..) | Token::TagDirective(_) | Token::DocumentStart);
        match first.token {
            Token::StreamEnd => {
                self.state = State::End;
                Ok(Event::StreamEnd)
            }
            _ if implicit && !explicit => {
                self.directives()?;
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                Ok(Event::DocumentStart)
            }
            _ => {
                self.directives()?;
                let next = self.scanner.peek()?;
                if !matches!(next.token, Token::DocumentStart) {
                    let line = next.line;
                    return Err(self.error("did not find expected <document start>", line));
                }
                self.skip()?;
                self.states.push(State::DocumentEnd);
                self.state = State::Content;
                Ok(Event::DocumentStart)
            }
        }
    }

    fn directives(&mut self) -> Parsed<()> {
        let mut version = false;
        self.tags.clear();
        loop {
            let queued = self.scanner.peek()?;
            let line = queued.line;
            match &queued.token {
                Token::Version(..) if version => return Err(self.error("found duplicate %YAML directive", line)),
                Token::Version(1, 1) => version = true,
                Token::Version(..) => return Err(self.error("found incompatible YAML document", line)),
                Token::TagDirective(directive) => {
                    let (handle, prefix) = &**directive;
                    if self.tags.iter().any(|(known, _)| known == handle) {
                        return Err(self.error("found duplicate %TAG directive", line));
                    }
                    let tag = (handle.clone(), prefix.clone());
                    self.tags.push(tag);
                }
                _ => break,
            }
            self.skip()?;
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.tags.iter().any(|(known, _)| known == handle) {
                self.tags.push((handle.to_owned(), prefix.to_owned()));
            }
        }
        Ok(())
    }

    fn document_content(&mut self) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        match queued.token {
            Token::Version(..)
            | Token::TagDirective(_)
            | Token::DocumentStart
            | Token::DocumentEnd
            | Token::StreamEnd => {
                self.pop();
                Ok(empty())
            }
            _ => self.node(true, false),
        }
    }

    fn document_end(&mut self) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        if matches!(queued.token, Token::DocumentEnd) {
            self.skip()?;
        }
        self.state = State::NextDocument;
        Ok(Event::DocumentEnd)
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        let start = queued.line;
        let (anchor, tag) = match queued.token {
            Token::Alias(name) => {
                self.pop();
                self.skip()?;
                return Ok(Event::Alias(name));
            }
            Token::Anchor(_) | Token::Tag(_) => self.properties()?,
            _ => (None, None),
        };
        let line = self.scanner.peek()?.line;
        let tag = match tag {
            Some((parts, line)) => self.tag(parts, line, start)?,
            None => None,
        };
        match self.peek()? {
            Token::BlockEntry if indentless => {
                self.state = State::IndentlessEntry;
                Ok(Event::SequenceStart { anchor })
            }
            Token::Scalar(_) => {
                self.pop();
                let Token::Scalar(scalar) = self.scanner.take()?.token else {
                    return Err(self.error("did not find expected node content", line));
                };
                let implicit = match tag.as_deref() {
                    None => scalar.plain,
                    Some(tag) => tag == "!",
                };
                Ok(Event::Scalar(ScalarEvent { anchor, tag, value: scalar.value, implicit }))
            }
            Token::FlowSequenceStart => {
                self.state = State::FlowSequenceFirst;
                Ok(Event::SequenceStart { anchor })
            }
            Token::FlowMappingStart => {
                self.state = State::FlowMappingFirst;
                Ok(Event::MappingStart { anchor })
            }
            Token::BlockSequenceStart if block => {
                self.open(State::BlockSequenceEntry)?;
                Ok(Event::SequenceStart { anchor })
            }
            Token::BlockMappingStart if block => {
                self.open(State::BlockMappingKey)?;
                Ok(Event::MappingStart { anchor })
            }
            _ if anchor.is_some() || tag.is_some() => {
                self.pop();
                let implicit = tag.is_none();
                Ok(Event::Scalar(ScalarEvent { anchor, tag, value: Cow::Borrowed(""), implicit }))
            }
            _ => Err(self.error("did not find expected node content", if line == 0 { start } else { line })),
        }
    }

    /// Takes the token that opens a collection. libyaml does that with its first entry, which differs only where that fails.
    fn open(&mut self, state: State) -> Parsed<()> {
        self.state = state;
        let line = self.skip()?;
        self.lines.push(line);
        Ok(())
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Parsed<(Option<&'a str>, Option<PendingTag>)> {
        let mut anchor = None;
        let mut tag = None;
        for _ in 0..2 {
            match &self.scanner.peek()?.token {
                Token::Anchor(name) if anchor.is_none() => {
                    anchor = Some(*name);
                    self.skip()?;
                }
                Token::Tag(_) if tag.is_none() => {
                    let queued = self.scanner.take()?;
                    let Token::Tag(parts) = queued.token else { break };
                    tag = Some((*parts, queued.line));
                }
                _ => break,
            }
        }
        Ok((anchor, tag))
    }

    fn tag(&self, (handle, suffix): TagParts, line: usize, start: usize) -> Parsed<Option<Box<str>>> {
        let tag = if handle.is_empty() {
            suffix
        } else {
            let prefix = self.tags.iter().find(|(known, _)| *known == handle).map_or("", |(_, prefix)| prefix);
            if prefix.is_empty() {
                return Err(self.error("found undefined tag handle", if line == 0 { start } else { line }));
            }
            format!("{prefix}{suffix}")
        };
        Ok((!tag.is_empty()).then(|| tag.into()))
    }
}

/// A scalar without anchor and tag.
fn bare<'a>(scalar: Scalar<'a>) -> Event<'a> {
    Event::Scalar(ScalarEvent { anchor: None, tag: None, value: scalar.value, implicit: scalar.plain })
}

/// A node that is not there, which is a null.
fn empty<'a>() -> Event<'a> {
    Event::Scalar(ScalarEvent { anchor: None, tag: None, value: Cow::Borrowed(""), implicit: true })
}

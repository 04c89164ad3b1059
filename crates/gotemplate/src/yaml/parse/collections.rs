//! The entries of sequences and mappings.

use std::borrow::Cow;

use super::{Event, Parsed, Parser, Scalar, State, Token, bare, empty};

impl<'a> Parser<'a> {
    pub(super) fn block_sequence_entry(&mut self) -> Parsed<Event<'a>> {
        if let Some(item) = self.scanner.take_item()? {
            return Ok(bare(item));
        }
        if let Some(line) = self.scanner.open_mapping_item() {
            return Ok(self.open_directly(State::BlockSequenceEntry, line));
        }
        if self.scanner.take_block_end() {
            self.pop();
            self.lines.pop();
            return Ok(Event::SequenceEnd);
        }
        let queued = self.scanner.peek()?;
        let line = queued.line;
        match queued.token {
            Token::BlockEntry => {
                self.skip()?;
                if matches!(self.peek()?, Token::BlockEntry | Token::BlockEnd) {
                    self.state = State::BlockSequenceEntry;
                    return Ok(empty());
                }
                self.states.push(State::BlockSequenceEntry);
                self.node(true, false)
            }
            Token::BlockEnd => {
                self.close()?;
                Ok(Event::SequenceEnd)
            }
            _ => Err(self.collection_error("did not find expected '-' indicator", line)),
        }
    }

    /// Starts a block mapping whose first key the scanner has found. `after` is what follows it.
    fn open_directly(&mut self, after: State, line: usize) -> Event<'a> {
        self.states.push(after);
        self.lines.push(line);
        self.state = State::BlockMappingKey;
        Event::MappingStart { anchor: None }
    }

    pub(super) fn indentless_entry(&mut self) -> Parsed<Event<'a>> {
        if let Some(item) = self.scanner.take_item()? {
            return Ok(bare(item));
        }
        if let Some(line) = self.scanner.open_mapping_item() {
            return Ok(self.open_directly(State::IndentlessEntry, line));
        }
        if self.scanner.ends_items() || !matches!(self.peek()?, Token::BlockEntry) {
            self.pop();
            return Ok(Event::SequenceEnd);
        }
        self.skip()?;
        if matches!(self.peek()?, Token::BlockEntry | Token::Key | Token::Value | Token::BlockEnd) {
            self.state = State::IndentlessEntry;
            return Ok(empty());
        }
        self.states.push(State::IndentlessEntry);
        self.node(true, false)
    }

    pub(super) fn block_mapping_key(&mut self) -> Parsed<Event<'a>> {
        if let Some(key) = self.scanner.take_key() {
            self.state = State::BlockMappingAfterColon;
            return Ok(bare(Scalar { value: Cow::Borrowed(key), plain: true }));
        }
        if self.scanner.take_block_end() {
            self.pop();
            self.lines.pop();
            return Ok(Event::MappingEnd);
        }
        let queued = self.scanner.peek()?;
        let line = queued.line;
        match queued.token {
            Token::Key => {
                self.skip()?;
                if matches!(self.peek()?, Token::Key | Token::Value | Token::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Ok(empty());
                }
                self.states.push(State::BlockMappingValue);
                self.node(true, true)
            }
            Token::BlockEnd => {
                self.close()?;
                Ok(Event::MappingEnd)
            }
            _ => Err(self.collection_error("did not find expected key", line)),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Parsed<Event<'a>> {
        if matches!(self.peek()?, Token::Value) {
            self.skip()?;
            return self.after_colon();
        }
        self.state = State::BlockMappingKey;
        Ok(empty())
    }

    pub(super) fn after_colon(&mut self) -> Parsed<Event<'a>> {
        if let Some(value) = self.scanner.take_value()? {
            self.state = State::BlockMappingKey;
            return Ok(bare(value));
        }
        if let Some(line) = self.scanner.open_mapping() {
            return Ok(self.open_directly(State::BlockMappingKey, line));
        }
        if !matches!(self.peek()?, Token::Key | Token::Value | Token::BlockEnd) {
            self.states.push(State::BlockMappingKey);
            return self.node(true, true);
        }
        self.state = State::BlockMappingKey;
        Ok(empty())
    }

    pub(super) fn flow_sequence_entry(&mut self, first: bool) -> Parsed<Event<'a>> {
        if self.flow_ends(first, "did not find expected ',' or ']'", |token| matches!(token, Token::FlowSequenceEnd))? {
            self.close()?;
            return Ok(Event::SequenceEnd);
        }
        if matches!(self.peek()?, Token::Key) {
            self.skip()?;
            self.state = State::PairKey;
            return Ok(Event::MappingStart { anchor: None });
        }
        self.states.push(State::FlowSequenceEntry);
        self.node(false, false)
    }

    /// Whether the flow collection ends here. Takes its opening token, or the comma before an entry.
    fn flow_ends(&mut self, first: bool, problem: &'static str, is_end: fn(&Token<'_>) -> bool) -> Parsed<bool> {
        if first {
            let line = self.skip()?;
            self.lines.push(line);
        } else if !is_end(self.peek()?) {
            let queued = self.scanner.peek()?;
            let line = queued.line;
            if !matches!(queued.token, Token::FlowEntry) {
                return Err(self.collection_error(problem, line));
            }
            self.skip()?;
        }
        Ok(is_end(self.peek()?))
    }

    /// Takes the token that ends a collection.
    fn close(&mut self) -> Parsed<()> {
        self.pop();
        self.lines.pop();
        self.skip()?;
        Ok(())
    }

    /// The key of a pair within a flow sequence: `[a: b]`.
    pub(super) fn pair_key(&mut self) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        if !matches!(queued.token, Token::Value | Token::FlowEntry | Token::FlowSequenceEnd) {
            self.states.push(State::PairValue);
            return self.node(false, false);
        }
        // libyaml takes the token, whatever it is; so `[? : b]` ends up with an error, and must.
        self.skip()?;
        self.state = State::PairValue;
        Ok(empty())
    }

    pub(super) fn pair_value(&mut self) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        if matches!(queued.token, Token::Value) {
            self.skip()?;
            if !matches!(self.peek()?, Token::FlowEntry | Token::FlowSequenceEnd) {
                self.states.push(State::PairEnd);
                return self.node(false, false);
            }
        }
        self.state = State::PairEnd;
        Ok(empty())
    }

    pub(super) fn pair_end(&mut self) -> Parsed<Event<'a>> {
        self.scanner.peek()?;
        self.state = State::FlowSequenceEntry;
        Ok(Event::MappingEnd)
    }

    pub(super) fn flow_mapping_key(&mut self, first: bool) -> Parsed<Event<'a>> {
        if self.flow_ends(first, "did not find expected ',' or '}'", |token| matches!(token, Token::FlowMappingEnd))? {
            self.close()?;
            return Ok(Event::MappingEnd);
        }
        if !matches!(self.peek()?, Token::Key) {
            self.states.push(State::FlowMappingEmptyValue);
            return self.node(false, false);
        }
        self.skip()?;
        let queued = self.scanner.peek()?;
        if matches!(queued.token, Token::Value | Token::FlowEntry | Token::FlowMappingEnd) {
            self.state = State::FlowMappingValue;
            return Ok(empty());
        }
        self.states.push(State::FlowMappingValue);
        self.node(false, false)
    }

    pub(super) fn flow_mapping_value(&mut self) -> Parsed<Event<'a>> {
        let queued = self.scanner.peek()?;
        if matches!(queued.token, Token::Value) {
            self.skip()?;
            if !matches!(self.peek()?, Token::FlowEntry | Token::FlowMappingEnd) {
                self.states.push(State::FlowMappingKey);
                return self.node(false, false);
            }
        }
        self.state = State::FlowMappingKey;
        Ok(empty())
    }
}

//! Text to tokens as libyaml makes them, with its leniency and its refusals: go-yaml v2, which Helm reads with, is a port of it.
//! No grammar (that is `parse`) and no meaning of scalars (that is `resolve`).
//!
//! The two hard parts are libyaml's too. A block collection starts where the column grows, so the scanner keeps the columns.
//! A key need not be marked, so a token that may start one is kept back until a `:` follows on its line (the key) or cannot
//! follow any more (no key).

mod block;
mod cursor;
mod direct;
mod directive;
mod flow;
mod plain;
mod token;

use std::collections::VecDeque;

use cursor::{Cursor, Mark};
pub(super) use token::{Scalar, SyntaxError, Token};

type Scanned<T> = Result<T, SyntaxError>;

/// libyaml's own limits on nesting; ours (of the composer) are lower.
const MAX_NESTING: usize = 10_000;
/// How many characters after its start the `:` of a key may stand.
const MAX_KEY_CHARACTERS: usize = 1024;

/// A token that may turn out to start a key.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// Whether the token is kept back until it is settled. An empty flow collection is not, by a slip of go-yaml's.
    awaited: bool,
    /// Whether it stands where only a key can stand.
    required: bool,
    token_number: usize,
    mark: Mark,
}

#[derive(Debug)]
pub(super) struct Queued<'a> {
    pub(super) token: Token<'a>,
    pub(super) line: usize,
}

#[derive(Debug)]
pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    queue: VecDeque<Queued<'a>>,
    /// How many tokens left the queue.
    taken: usize,
    /// Column of the current block collection, and those around it. -1 is outside of all.
    indent: isize,
    indents: Vec<isize>,
    flow_level: usize,
    simple_key_allowed: bool,
    /// One per flow level, and one for the block context.
    simple_keys: Vec<SimpleKey>,
    ended: bool,
    /// Whether the first token of the queue is certain.
    ready: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor::new(text),
            queue: VecDeque::with_capacity(16),
            taken: 0,
            indent: -1,
            indents: Vec::with_capacity(16),
            flow_level: 0,
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            ended: false,
            ready: false,
        }
    }

    /// The next token, kept.
    pub(super) fn peek(&mut self) -> Scanned<&Queued<'a>> {
        self.fill()?;
        self.queue.front().ok_or_else(|| self.error("unexpected end of the stream"))
    }

    /// Takes the token that `peek` showed.
    pub(super) fn take(&mut self) -> Scanned<Queued<'a>> {
        self.fill()?;
        let token = self.queue.pop_front().ok_or_else(|| self.error("unexpected end of the stream"))?;
        self.taken += 1;
        self.ready = false;
        Ok(token)
    }

    /// How far the text has been read.
    pub(super) fn position(&self) -> usize {
        self.cursor.position()
    }

    fn error(&self, problem: &'static str) -> SyntaxError {
        let line = self.cursor.line();
        // libyaml counts from zero and go-yaml prints nothing where it is zero.
        SyntaxError { problem: problem.into(), line: if line == 0 { 0 } else { line + 1 } }
    }

    /// Scans until the first token is certain to have no `Key` before it.
    fn fill(&mut self) -> Scanned<()> {
        while !self.ready {
            if !self.queue.is_empty() && !self.head_may_be_key()? || self.ended {
                self.ready = true;
            } else {
                self.fetch()?;
            }
        }
        Ok(())
    }

    fn head_may_be_key(&mut self) -> Scanned<bool> {
        if let [only] = &self.simple_keys[..]
            && !only.possible
        {
            return Ok(false);
        }
        let index = self.simple_keys.partition_point(|key| key.token_number < self.taken);
        for index in index..self.simple_keys.len() {
            if self.simple_keys[index].token_number != self.taken {
                break;
            }
            if self.simple_keys[index].awaited && self.still_possible(index)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets a key whose `:` can no longer follow.
    fn still_possible(&mut self, index: usize) -> Scanned<bool> {
        let key = self.simple_keys[index];
        if !key.possible {
            return Ok(false);
        }
        if self.is_past(&key) {
            if key.required {
                return Err(self.error("could not find expected ':'"));
            }
            self.simple_keys[index].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether a `:` here is too far away for the key.
    fn is_past(&self, key: &SimpleKey) -> bool {
        let (start, here) = (key.mark.position, self.cursor.position());
        key.mark.line < self.cursor.line()
            || (here - start > MAX_KEY_CHARACTERS && self.cursor.characters(start, here) > MAX_KEY_CHARACTERS)
    }

    fn push(&mut self, token: Token<'a>, line: usize) {
        self.queue.push_back(Queued { token, line });
    }

    /// Appends the token of an indicator and moves past it.
    fn push_indicator(&mut self, token: Token<'a>, width: usize) {
        self.push(token, self.cursor.line());
        self.cursor.advance(width);
    }

    fn fetch(&mut self) -> Scanned<()> {
        self.skip_to_token();
        let column = self.cursor.column();
        self.unroll_indent(column as isize);
        if self.cursor.is_end() {
            return self.fetch_stream_end();
        }
        if column == 0 {
            match self.cursor.peek() {
                b'%' => return self.fetch_directive(),
                b'-' if self.cursor.has_indicator(b'-') => return self.fetch_document_indicator(Token::DocumentStart),
                b'.' if self.cursor.has_indicator(b'.') => return self.fetch_document_indicator(Token::DocumentEnd),
                _ => {}
            }
        }
        let flow = self.flow_level > 0;
        let blank_follows = self.cursor.is_blank_or_end_at(self.cursor.position() + 1);
        match self.cursor.peek() {
            b'[' => self.fetch_flow_start(Token::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Token::FlowMappingStart),
            b']' => self.fetch_flow_end(Token::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Token::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if blank_follows => self.fetch_block_entry(),
            b'?' if flow || blank_follows => self.fetch_key(),
            b':' if flow || blank_follows => self.fetch_value(),
            b'*' => self.fetch_anchor(true),
            b'&' => self.fetch_anchor(false),
            b'!' => self.fetch_tag(),
            b'|' if !flow => self.fetch_block_scalar(true),
            b'>' if !flow => self.fetch_block_scalar(false),
            b'\'' => self.fetch_quoted(true),
            b'"' => self.fetch_quoted(false),
            b'|' | b'>' | b'#' | b'%' | b'@' | b'`' | b'\t' => {
                Err(self.error("found character that cannot start any token"))
            }
            _ => self.fetch_plain(),
        }
    }

    /// Passes blanks, comments and line breaks. Tabs are passed where they cannot be taken for indentation.
    fn skip_to_token(&mut self) {
        if self.cursor.position() == 0 && self.cursor.rest().starts_with('\u{feff}') {
            self.cursor.advance('\u{feff}'.len_utf8());
        }
        loop {
            loop {
                match self.cursor.peek() {
                    b' ' => {}
                    b'\t' if self.flow_level > 0 || !self.simple_key_allowed => {}
                    _ => break,
                }
                self.cursor.advance(1);
            }
            if self.cursor.peek() == b'#' {
                let end = self.cursor.line_end();
                self.cursor.go_to(end);
            }
            if !self.cursor.is_break() {
                return;
            }
            self.cursor.take_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Remembers that the next token may start a key.
    fn save_simple_key(&mut self) -> Scanned<()> {
        if self.simple_key_allowed {
            let mark = self.cursor.mark();
            let key = SimpleKey {
                possible: true,
                awaited: true,
                required: self.flow_level == 0 && self.indent == mark.column as isize,
                token_number: self.taken + self.queue.len(),
                mark,
            };
            self.remove_simple_key()?;
            if let Some(last) = self.simple_keys.last_mut() {
                *last = key;
            }
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scanned<()> {
        if let Some(last) = self.simple_keys.last_mut()
            && last.possible
        {
            if last.required {
                return Err(self.error("could not find expected ':'"));
            }
            last.possible = false;
        }
        Ok(())
    }

    /// Starts a block collection where the column is deeper than the current one. `number` is the token that it starts before.
    fn roll_indent(&mut self, column: usize, number: Option<usize>, token: Token<'a>, line: usize) -> Scanned<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_NESTING {
            return Err(self.error("exceeded max depth of 10000"));
        }
        self.insert(number, token, line);
        Ok(())
    }

    /// Inserts before the token of this number, or appends where that one is gone.
    fn insert(&mut self, number: Option<usize>, token: Token<'a>, line: usize) {
        let index = number.and_then(|number| number.checked_sub(self.taken)).unwrap_or(self.queue.len());
        self.queue.insert(index.min(self.queue.len()), Queued { token, line });
    }

    /// Ends the block collections that are deeper than the column.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(Token::BlockEnd, self.cursor.line());
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn fetch_stream_end(&mut self) -> Scanned<()> {
        if self.cursor.column() != 0 {
            self.cursor.start_line();
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(Token::StreamEnd, self.cursor.line());
        self.ended = true;
        Ok(())
    }

    fn fetch_document_indicator(&mut self, token: Token<'a>) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(token, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, token: Token<'a>) -> Scanned<()> {
        self.save_simple_key()?;
        let token_number = self.taken + self.queue.len();
        self.simple_keys.push(SimpleKey { token_number, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_NESTING {
            return Err(self.error("exceeded max depth of 10000"));
        }
        self.simple_key_allowed = true;
        self.push_indicator(token, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, token: Token<'a>) -> Scanned<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            let inner = self.simple_keys.pop().map(|key| key.token_number);
            if let Some(outer) = self.simple_keys.last_mut()
                && Some(outer.token_number) == inner
            {
                outer.awaited = false;
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(token, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scanned<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Token::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            self.roll_indent(self.cursor.column(), None, Token::BlockSequenceStart, self.cursor.line())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(Token::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scanned<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            self.roll_indent(self.cursor.column(), None, Token::BlockMappingStart, self.cursor.line())?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(Token::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scanned<()> {
        let last = self.simple_keys.len() - 1;
        if self.still_possible(last)? {
            let key = self.simple_keys[last];
            self.insert(Some(key.token_number), Token::Key, key.mark.line);
            self.roll_indent(key.mark.column, Some(key.token_number), Token::BlockMappingStart, key.mark.line)?;
            self.simple_keys[last].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(self.error("mapping values are not allowed in this context"));
                }
                self.roll_indent(self.cursor.column(), None, Token::BlockMappingStart, self.cursor.line())?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(Token::Value, 1);
        Ok(())
    }

    /// Appends a scalar that ended on its own line. The frequent case, a key of a block mapping whose `:` follows, is settled
    /// here: the tokens are the ones that waiting for the `:` would give.
    fn push_scalar(&mut self, value: std::borrow::Cow<'a, str>, plain: bool, line: usize) -> Scanned<()> {
        let token = Token::Scalar(Scalar { value, plain });
        let last = self.simple_keys.len() - 1;
        let key = self.simple_keys[last];
        let is_key = self.flow_level == 0
            && key.possible
            && key.token_number == self.taken + self.queue.len()
            && self.cursor.peek() == b':'
            && self.cursor.is_blank_or_end_at(self.cursor.position() + 1)
            && !self.is_past(&key);
        if !is_key {
            self.push(token, line);
            return Ok(());
        }
        self.roll_indent(key.mark.column, None, Token::BlockMappingStart, key.mark.line)?;
        self.push(Token::Key, key.mark.line);
        self.push(token, line);
        self.simple_keys[last].possible = false;
        self.simple_key_allowed = false;
        self.push_indicator(Token::Value, 1);
        Ok(())
    }
}

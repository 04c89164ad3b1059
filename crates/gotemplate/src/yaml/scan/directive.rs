//! Directives, tags, anchors and aliases.

use super::{Scanned, Scanner, Token, cursor::is_word};

impl<'a> Scanner<'a> {
    pub(super) fn fetch_directive(&mut self) -> Scanned<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let line = self.cursor.line();
        self.cursor.advance(1);
        let name = self.take_word();
        if name.is_empty() {
            return Err(self.error("could not find expected directive name"));
        }
        if !self.is_blank_or_end() {
            return Err(self.error("found unexpected non-alphabetical character"));
        }
        let token = match name {
            "YAML" => self.version()?,
            "TAG" => self.tag_directive()?,
            _ => return Err(self.error("found unknown directive name")),
        };
        self.nothing_but_comment()?;
        self.push(token, line);
        Ok(())
    }

    fn version(&mut self) -> Scanned<Token<'a>> {
        self.cursor.skip_blanks();
        let major = self.version_number()?;
        if self.cursor.peek() != b'.' {
            return Err(self.error("did not find expected digit or '.' character"));
        }
        self.cursor.advance(1);
        let minor = self.version_number()?;
        Ok(Token::Version(major, minor))
    }

    fn version_number(&mut self) -> Scanned<u8> {
        let mut value = 0u8;
        let mut length = 0;
        while self.cursor.peek().is_ascii_digit() {
            length += 1;
            if length > 2 {
                return Err(self.error("found extremely long version number"));
            }
            value = value * 10 + (self.cursor.peek() - b'0');
            self.cursor.advance(1);
        }
        if length == 0 {
            return Err(self.error("did not find expected version number"));
        }
        Ok(value)
    }

    fn tag_directive(&mut self) -> Scanned<Token<'a>> {
        self.cursor.skip_blanks();
        let handle = self.tag_handle(true)?;
        if !self.cursor.is_blank() {
            return Err(self.error("did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let prefix = self.tag_uri("")?;
        if !self.is_blank_or_end() {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(Token::TagDirective(Box::new((handle, prefix))))
    }

    pub(super) fn fetch_anchor(&mut self, alias: bool) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let line = self.cursor.line();
        self.cursor.advance(1);
        let name = self.take_word();
        let ends = self.is_blank_or_end()
            || matches!(self.cursor.peek(), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ends {
            return Err(self.error("did not find expected alphabetic or numeric character"));
        }
        self.push(if alias { Token::Alias(name) } else { Token::Anchor(name) }, line);
        Ok(())
    }

    pub(super) fn fetch_tag(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let line = self.cursor.line();
        let (handle, suffix) = if self.cursor.ahead(1) == b'<' {
            self.cursor.advance(2);
            let suffix = self.tag_uri("")?;
            if self.cursor.peek() != b'>' {
                return Err(self.error("did not find the expected '>'"));
            }
            self.cursor.advance(1);
            (String::new(), suffix)
        } else {
            let handle = self.tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.tag_uri("")?;
                (handle, suffix)
            } else {
                // It was the start of a suffix, or `!` alone.
                let suffix = self.tag_uri(&handle)?;
                if suffix.is_empty() { (suffix, "!".to_owned()) } else { ("!".to_owned(), suffix) }
            }
        };
        if !self.is_blank_or_end() {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        self.push(Token::Tag(Box::new((handle, suffix))), line);
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool) -> Scanned<String> {
        if self.cursor.peek() != b'!' {
            return Err(self.error("did not find expected '!'"));
        }
        self.cursor.advance(1);
        let mut handle = "!".to_owned();
        handle.push_str(self.take_word());
        if self.cursor.peek() == b'!' {
            self.cursor.advance(1);
            handle.push('!');
        } else if directive && handle != "!" {
            return Err(self.error("did not find expected '!'"));
        }
        Ok(handle)
    }

    /// The rest of a tag. `head` is what was taken for a handle, with its `!`.
    fn tag_uri(&mut self, head: &str) -> Scanned<String> {
        let mut uri = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            match self.cursor.peek() {
                b'%' => self.uri_escape(&mut uri)?,
                byte if is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    uri.push(byte);
                    self.cursor.advance(1);
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return Err(self.error("did not find expected tag URI"));
        }
        Ok(String::from_utf8_lossy(&uri).into_owned())
    }

    /// One character as `%XX` octets.
    fn uri_escape(&mut self, uri: &mut Vec<u8>) -> Scanned<()> {
        let mut left = 1;
        let mut first = true;
        while left > 0 {
            let digits = (hex(self.cursor.ahead(1)), hex(self.cursor.ahead(2)));
            let (b'%', (Some(high), Some(low))) = (self.cursor.peek(), digits) else {
                return Err(self.error("did not find URI escaped octet"));
            };
            let octet = high << 4 | low;
            if first {
                left = match octet.leading_ones() {
                    0 => 1,
                    width @ 2..=4 => width,
                    _ => return Err(self.error("found an incorrect leading UTF-8 octet")),
                };
                first = false;
            } else if octet & 0xC0 != 0x80 {
                return Err(self.error("found an incorrect trailing UTF-8 octet"));
            }
            uri.push(octet);
            self.cursor.advance(3);
            left -= 1;
        }
        Ok(())
    }

    fn take_word(&mut self) -> &'a str {
        let start = self.cursor.position();
        while is_word(self.cursor.peek()) {
            self.cursor.advance(1);
        }
        self.cursor.slice(start, self.cursor.position())
    }

    fn is_blank_or_end(&self) -> bool {
        self.cursor.is_blank_or_end_at(self.cursor.position())
    }
}

/// The value of a hexadecimal digit.
pub(super) fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

//! The walk along a `--set` text, with Helm's limits and error texts.

use super::{Error, Reading, scan::Scanner, scan::Stop, typed};
use crate::values::{Table, Tree};
use gotemplate::Text;

/// `a[65536]` is the last.
const INDEX_MAX: i64 = 65_536;
const NESTED_NAMES_MAX: usize = 30;
/// Helm has no limit of its own here: its text cannot be longer than a command line.
const NESTED_LISTS_MAX: usize = 100;

pub(super) struct Walk<'t, 'r> {
    pub(super) scanner: Scanner<'t>,
    pub(super) reading: Reading<'r>,
    /// Indexes of the key that is being read.
    pub(super) lists: usize,
}

/// How a key or a value ended.
enum Failure {
    /// The text is at its end: no failure for the whole.
    End,
    Error(String),
}

type Step<T> = Result<T, Failure>;

fn fail<T>(message: impl Into<String>) -> Step<T> {
    Err(Failure::Error(message.into()))
}

/// What a value behind `=` turned out to be, and whether the text ended with it.
struct Read {
    value: Tree,
    ended: bool,
}

impl Walk<'_, '_> {
    pub(super) fn run(&mut self, table: &mut Table) -> Result<(), Error> {
        loop {
            self.lists = 0;
            match self.key(table, 0) {
                Ok(()) => {}
                Err(Failure::End) => return Ok(()),
                Err(Failure::Error(message)) => return Err(Error(message)),
            }
        }
    }

    fn is_literal(&self) -> bool {
        matches!(self.reading, Reading::Literal)
    }

    fn key(&mut self, table: &mut Table, nested: usize) -> Step<()> {
        let stops: &[char] = if self.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.scanner.until(stops, !self.is_literal());
        match stop {
            Stop::End if key.is_empty() => Err(Failure::End),
            Stop::At('[') => self.indexed_key(table, &key, nested),
            Stop::At('=') => self.assign(table, &key),
            Stop::At('.') => self.nested_key(table, &key, nested),
            Stop::At(',') => fail(format!("key {} has no value (cannot end with ,)", quote(&key))),
            _ => fail(format!("key {} has no value", quote(&key))),
        }
    }

    fn assign(&mut self, table: &mut Table, key: &str) -> Step<()> {
        let read = self.value(false)?;
        put(table, key, read.value);
        if read.ended { Err(Failure::End) } else { Ok(()) }
    }

    fn nested_key(&mut self, table: &mut Table, key: &str, nested: usize) -> Step<()> {
        if nested + 1 > NESTED_NAMES_MAX {
            return fail(format!(
                "value name nested level is greater than maximum supported nested level of {NESTED_NAMES_MAX}"
            ));
        }
        let mut inner = match table.get(key.as_bytes()) {
            None => Table::new(),
            Some(Tree::Table(inner)) => (**inner).clone(),
            Some(other) => return fail(format!("unable to parse key: {}", not_a(other, "map[string]interface {}"))),
        };
        let result = self.key(&mut inner, nested + 1);
        if result.is_ok() && inner.is_empty() {
            return fail(format!("key map {} has no value", quote(key)));
        }
        if !inner.is_empty() {
            put(table, key, Tree::from(inner));
        }
        result
    }

    fn indexed_key(&mut self, table: &mut Table, key: &str, nested: usize) -> Step<()> {
        let index = self.index()?;
        let list = match table.get(key.as_bytes()) {
            None => Vec::new(),
            Some(Tree::List(list)) => (**list).clone(),
            Some(other) => return fail(format!("unable to parse key: {}", not_a(other, "[]interface {}"))),
        };
        let (list, ended) = self.item(list, index, nested)?;
        put(table, key, Tree::from(list));
        if ended { Err(Failure::End) } else { Ok(()) }
    }

    fn index(&mut self) -> Step<i64> {
        let (text, stop) = self.scanner.until(&[']'], !self.is_literal());
        if stop == Stop::End {
            return fail("error parsing index: EOF");
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return fail(format!("error parsing index: strconv.Atoi: parsing {}: invalid syntax", quote(&text)));
        }
        text.strip_prefix('+').unwrap_or(&text).parse().or_else(|_| {
            fail(format!("error parsing index: strconv.Atoi: parsing {}: value out of range", quote(&text)))
        })
    }

    /// What stands behind `[i]`: a value, a further index or a name. Tells whether the text ended.
    fn item(&mut self, mut list: Vec<Tree>, index: i64, nested: usize) -> Step<(Vec<Tree>, bool)> {
        if index < 0 {
            return fail(format!("negative {index} index not allowed"));
        }
        self.lists += 1;
        if self.lists > NESTED_LISTS_MAX {
            return fail(format!("lists are nested deeper than the maximum supported depth of {NESTED_LISTS_MAX}"));
        }
        let (text, stop) = self.scanner.until(&['[', '.', '='], !self.is_literal());
        if !text.is_empty() {
            let runes: Vec<String> = text.chars().map(|rune| format!("{rune:?}")).collect();
            return fail(format!("unexpected data at end of array index: [{}]", runes.join(" ")));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        match stop {
            Stop::At('=') => {
                let read = self.value(true)?;
                set_index(&mut list, index, read.value)?;
                Ok((list, read.ended))
            }
            Stop::At('[') => {
                let next = self.index()?;
                let inner = match list.get(at) {
                    None | Some(Tree::Null) => Vec::new(),
                    Some(Tree::List(inner)) => (**inner).clone(),
                    Some(other) => return fail(format!("unable to parse key: {}", not_a(other, "[]interface {}"))),
                };
                let (inner, ended) = self.item(inner, next, nested)?;
                set_index(&mut list, index, Tree::from(inner))?;
                Ok((list, ended))
            }
            Stop::At(_) => {
                let mut inner = match list.get(at) {
                    Some(Tree::Table(inner)) => (**inner).clone(),
                    _ => Table::new(),
                };
                let ended = match self.key(&mut inner, nested) {
                    Ok(()) => false,
                    // Helm drops the item where the text ends within it, but has written into one that was there.
                    Err(Failure::End) if at < list.len() => {
                        list[at] = Tree::from(inner);
                        return Ok((list, true));
                    }
                    Err(Failure::End) => return Ok((list, true)),
                    Err(error) => return Err(error),
                };
                set_index(&mut list, index, Tree::from(inner))?;
                Ok((list, ended))
            }
            Stop::End => Ok((list, true)),
        }
    }

    /// The value behind `=`. In a list Helm does not stop at the end of the text, which makes no difference but in order.
    fn value(&mut self, in_list: bool) -> Step<Read> {
        match self.reading {
            Reading::Json => return self.json(),
            Reading::Literal => {
                let (text, _) = self.scanner.until(&[], false);
                return Ok(Read { value: Tree::text(text), ended: false });
            }
            _ => {}
        }
        if self.scanner.peek().is_none() {
            return Ok(Read { value: Tree::text(""), ended: !in_list });
        }
        if self.scanner.peek() == Some('{') {
            self.scanner.next();
            return Ok(Read { value: Tree::from(self.list()?), ended: false });
        }
        let (text, _) = self.scanner.until(&[','], true);
        Ok(Read { value: self.read(text)?, ended: false })
    }

    /// `{a,b}` behind its brace.
    fn list(&mut self) -> Step<Vec<Tree>> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.scanner.until(&[',', '}'], true);
            if stop == Stop::End {
                return fail("list must terminate with '}'");
            }
            items.push(self.read(text)?);
            if stop == Stop::At('}') {
                if self.scanner.peek() == Some(',') {
                    self.scanner.next();
                }
                return Ok(items);
            }
        }
    }

    fn read(&mut self, text: String) -> Step<Tree> {
        match &mut self.reading {
            Reading::Typed => Ok(typed(text)),
            Reading::File(read) => match read(&text) {
                Ok(bytes) => Ok(Tree::Text(Text::from(bytes))),
                Err(message) => fail(message),
            },
            Reading::Text | Reading::Json | Reading::Literal => Ok(Tree::text(text)),
        }
    }

    fn json(&mut self) -> Step<Read> {
        if self.is_empty_value() {
            return Ok(Read { value: Tree::Null, ended: false });
        }
        let mut stream = serde_json::Deserializer::from_str(self.scanner.rest()).into_iter::<serde_json::Value>();
        let value = match stream.next() {
            Some(Ok(value)) => Tree::of_json(&value),
            Some(Err(error)) => return fail(error.to_string()),
            None => return fail("unexpected EOF"),
        };
        let read = stream.byte_offset();
        self.scanner.skip(read);
        self.is_empty_value();
        Ok(Read { value, ended: false })
    }

    /// Whether nothing but white space stands before the next comma or the end; the comma is consumed.
    fn is_empty_value(&mut self) -> bool {
        while let Some(c) = self.scanner.peek() {
            if c != ',' && !c.is_whitespace() {
                return false;
            }
            self.scanner.next();
            if c == ',' {
                return true;
            }
        }
        true
    }
}

/// An empty key is dropped, as in Helm.
fn put(table: &mut Table, key: &str, value: Tree) {
    if !key.is_empty() {
        table.insert(Text::from(key), value);
    }
}

fn set_index(list: &mut Vec<Tree>, index: i64, value: Tree) -> Step<()> {
    if index > INDEX_MAX {
        return fail(format!("index of {index} is greater than maximum supported index of {INDEX_MAX}"));
    }
    let at = usize::try_from(index).unwrap_or_default();
    if list.len() <= at {
        list.resize(at + 1, Tree::Null);
    }
    list[at] = value;
    Ok(())
}

/// What Go's failed type assertion says, which Helm passes on.
fn not_a(value: &Tree, wanted: &str) -> String {
    let found = match value {
        Tree::Null => "nil",
        Tree::Bool(_) => "bool",
        Tree::Int(_) => "int64",
        Tree::Float(_) => "float64",
        Tree::Text(_) => "string",
        Tree::List(_) => "[]interface {}",
        Tree::Table(_) => "map[string]interface {}",
    };
    format!("interface conversion: interface {{}} is {found}, not {wanted}")
}

/// Go's `%q`, near enough for keys.
fn quote(text: &str) -> String {
    format!("{text:?}")
}

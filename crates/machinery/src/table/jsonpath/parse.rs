//! Text to [`Path`], as client-go's parser reads it. Messages are client-go's.

use serde_json::Value;

use super::{Operator, Path, Slice, Step};

/// Filters and unions hold paths that hold filters; nobody needs more than this.
const NESTING_MAX: usize = 8;

const LENGTH_MAX: usize = 4096;

pub(super) fn path(text: &str) -> Result<Path, String> {
    if text.len() > LENGTH_MAX {
        return Err(format!("longer than {LENGTH_MAX} bytes"));
    }
    nested(text, 0)
}

fn nested(text: &str, depth: usize) -> Result<Path, String> {
    if depth > NESTING_MAX {
        return Err("nested too deeply".to_string());
    }
    let mut parser = Parser { rest: text, depth, steps: Vec::new() };
    while !parser.rest.is_empty() {
        parser.step()?;
    }
    Ok(Path { steps: parser.steps })
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    steps: Vec<Step>,
}

impl<'a> Parser<'a> {
    fn step(&mut self) -> Result<(), String> {
        if let Some(rest) = self.rest.strip_prefix("[?(") {
            self.rest = rest;
            return self.filter();
        }
        if let Some(rest) = self.rest.strip_prefix("..") {
            if self.steps.last() == Some(&Step::Recursive) {
                return Err("invalid multiple recursive descent".to_string());
            }
            self.rest = rest;
            self.steps.push(Step::Recursive);
            if self.rest.starts_with(is_alphanumeric) {
                self.field();
            }
            return Ok(());
        }
        let Some(first) = self.rest.chars().next() else { return Ok(()) };
        let after = &self.rest[first.len_utf8()..];
        match first {
            // The current object: just pass it.
            ' ' | '@' | '$' => self.rest = after,
            '.' => {
                self.rest = after;
                self.field();
            }
            '[' => {
                self.rest = after;
                self.array()?;
            }
            '"' | '\'' => self.quote(first)?,
            '+' | '-' | '0'..='9' => self.number()?,
            first if is_alphanumeric(first) => self.identifier()?,
            first => return Err(format!("unrecognized character in action: U+{:04X} '{first}'", first as u32)),
        }
        Ok(())
    }

    /// Up to a terminator; a backslash makes the next character an ordinary one.
    fn field(&mut self) {
        let mut name = String::new();
        let mut letters = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
                letter if is_terminator(letter) => {
                    end = at;
                    break;
                }
                letter => name.push(letter),
            }
        }
        self.rest = &self.rest[end..];
        self.steps.push(if name == "*" { Step::Wildcard } else { Step::Field(name) });
    }

    fn array(&mut self) -> Result<(), String> {
        let (text, rest) = self.rest.split_once(']').ok_or("unterminated array")?;
        self.rest = rest;
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > 1 {
            let part = |part: &&str| nested(&format!("[{}]", part.trim_matches(' ')), self.depth + 1);
            let paths = parts.iter().map(part).collect::<Result<_, _>>()?;
            self.steps.push(Step::Union(paths));
        } else if let Some(name) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            self.steps.extend(nested(&format!(".{name}"), self.depth + 1)?.steps);
        } else {
            self.steps.push(Step::Slice(slice(if text == "*" { ":" } else { text })?));
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<(), String> {
        let (text, rest) = self.rest.split_at(filter_end(self.rest)?);
        self.rest = rest.strip_prefix(")]").ok_or("unclosed array expect ]")?;
        let is_operator = |letter: char| "!<>=".contains(letter);
        let operator_at = text.find(is_operator).filter(|at| *at > 0);
        let step = match operator_at {
            None => {
                Step::Filter { left: nested(text, self.depth + 1)?, operator: Operator::Exists, right: Path::default() }
            }
            Some(at) => {
                let (left, rest) = text.split_at(at);
                let right = rest.trim_start_matches(is_operator);
                Step::Filter {
                    left: nested(left, self.depth + 1)?,
                    operator: operator(&rest[..rest.len() - right.len()])?,
                    right: nested(right, self.depth + 1)?,
                }
            }
        };
        self.steps.push(step);
        Ok(())
    }

    fn quote(&mut self, quote: char) -> Result<(), String> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.push(match letters.next() {
                    Some((_, 'n')) => '\n',
                    Some((_, 't')) => '\t',
                    Some((_, other)) => other,
                    None => break,
                }),
                letter if letter == quote => {
                    self.rest = &self.rest[at + letter.len_utf8()..];
                    self.steps.push(Step::Constant(text.into()));
                    return Ok(());
                }
                letter => text.push(letter),
            }
        }
        Err("unterminated quoted string".to_string())
    }

    fn number(&mut self) -> Result<(), String> {
        let signed = usize::from(self.rest.starts_with(['+', '-']));
        let digits = self.rest[signed..].find(|letter: char| letter != '.' && !letter.is_ascii_digit());
        let (text, rest) = self.rest.split_at(digits.map_or(self.rest.len(), |digits| digits + signed));
        self.rest = rest;
        let plain = text.trim_start_matches('+');
        let number = plain.parse::<i64>().map(Value::from).or_else(|_| plain.parse::<f64>().map(Value::from));
        self.steps.push(Step::Constant(number.map_err(|_| format!("cannot parse number {text}"))?));
        Ok(())
    }

    fn identifier(&mut self) -> Result<(), String> {
        let end = self.rest.find(is_terminator).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        match name {
            "true" | "false" => self.steps.push(Step::Constant((name == "true").into())),
            name => return Err(format!("unrecognized identifier {name}")),
        }
        Ok(())
    }
}

/// Where the closing parenthesis is; one inside of quotes does not count.
fn filter_end(text: &str) -> Result<usize, String> {
    let (mut quote, mut escaped) = (None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (_, _) if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if letter == open => quote = None,
            (None, ')') => return Ok(at),
            _ => {}
        }
    }
    Err("unterminated filter".to_string())
}

fn operator(text: &str) -> Result<Operator, String> {
    Ok(match text {
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterEqual,
        other => return Err(format!("unrecognized filter operator {other}")),
    })
}

/// `n`, `start:end`, `start:end:step`
fn slice(text: &str) -> Result<Slice, String> {
    let invalid = || format!("invalid array index {text}");
    let mut numbers = Vec::new();
    for part in text.split(':') {
        let part = part.trim_matches(' ');
        numbers.push(if part.is_empty() { None } else { Some(part.parse::<i64>().map_err(|_| invalid())?) });
    }
    match numbers.as_slice() {
        [Some(start)] => Ok(Slice { start: Some(*start), end: Some(0), step: None, single: true }),
        [start, end] => Ok(Slice { start: *start, end: *end, step: None, single: false }),
        [start, end, step] => Ok(Slice { start: *start, end: *end, step: *step, single: false }),
        _ => Err(invalid()),
    }
}

fn is_terminator(letter: char) -> bool {
    " \t\r\n.,[]$@{}".contains(letter)
}

fn is_alphanumeric(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

//! Field selectors: `metadata.name=x,status.phase!=Running`.

use api::status::Status;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equals,
    NotEquals,
}

/// A conjunction of field requirements; empty matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    requirements: Vec<(String, Op, String)>,
}

impl Fields {
    /// The `fieldSelector` query parameter. `\`, `,` and `=` in values are escaped with `\`.
    pub fn parse(text: &str) -> Result<Self, Status> {
        let mut terms = split(text);
        terms.sort_unstable();
        let mut requirements = Vec::new();
        for term in terms.into_iter().filter(|term| !term.is_empty()) {
            let Some((field, op, value)) = split_term(term) else {
                return Err(Status::bad_request(format!("invalid selector: '{text}'; can't understand '{term}'")));
            };
            requirements.push((field.to_string(), op, unescape(value).map_err(Status::bad_request)?));
        }
        Ok(Self { requirements })
    }

    pub fn requirements(&self) -> &[(String, Op, String)] {
        &self.requirements
    }

    /// `get` answers a field's value; an absent field equals the empty string.
    pub fn matches(&self, get: impl Fn(&str) -> Option<String>) -> bool {
        self.requirements.iter().all(|(field, op, value)| {
            let found = get(field).unwrap_or_default();
            (found == *value) == (*op == Op::Equals)
        })
    }

    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// At commas that are not escaped.
fn split(text: &str) -> Vec<&str> {
    let (mut terms, mut start, mut escaped) = (Vec::new(), 0, false);
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

/// At the first operator.
fn split_term(term: &str) -> Option<(&str, Op, &str)> {
    for (index, _) in term.char_indices() {
        let rest = &term[index..];
        for (symbol, op) in [("!=", Op::NotEquals), ("==", Op::Equals), ("=", Op::Equals)] {
            if let Some(value) = rest.strip_prefix(symbol) {
                return Some((&term[..index], op, value));
            }
        }
    }
    None
}

fn unescape(value: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => plain.push(c),
                Some(c) => return Err(format!("invalid field selector: invalid escape sequence: \\{c}")),
                None => return Err("invalid field selector: invalid escape sequence: \\".into()),
            },
            ',' | '=' => {
                return Err(format!("invalid field selector: unescaped character in value: {}", u32::from(c)));
            }
            c => plain.push(c),
        }
    }
    Ok(plain)
}

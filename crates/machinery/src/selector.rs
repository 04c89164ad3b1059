//! Label and field selectors: parsing as `k8s.io/apimachinery` does, with its wording, and matching against objects.
//! Which fields a kind can be selected by is the server's business.

mod fields;
mod lexer;
#[cfg(test)]
mod tests;

use std::fmt;

use api::{ObjectExt, status::Status};
use serde_json::{Map, Value, json};

pub use self::fields::{Fields, Op};
use self::lexer::{Token, Tokens};
use crate::{field, names};

/// A conjunction of label requirements; empty matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    op: LabelOp,
    /// Sorted.
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LabelOp {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Labels {
    /// The `labelSelector` query parameter: `app=web,tier in (a, b),!legacy`.
    pub fn parse(text: &str) -> Result<Self, Status> {
        parse(text).map(|requirements| Self { requirements }).map_err(Status::bad_request)
    }

    /// A `metav1.LabelSelector`: `matchLabels` and `matchExpressions`. An empty one matches everything; what an absent one
    /// (`null`) means is the caller's to say.
    pub fn from_object(selector: &Value) -> Result<Self, Status> {
        let mut requirements = Vec::new();
        for (key, value) in selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten() {
            let value = value.as_str().unwrap_or_default().to_string();
            requirements.push(Requirement::new(key, LabelOp::In, vec![value]).map_err(Status::bad_request)?);
        }
        let expressions = selector.get("matchExpressions").and_then(Value::as_array);
        for expression in expressions.into_iter().flatten() {
            let text = |key: &str| expression.get(key).and_then(Value::as_str).unwrap_or_default();
            let op = match text("operator") {
                "In" => LabelOp::In,
                "NotIn" => LabelOp::NotIn,
                "Exists" => LabelOp::Exists,
                "DoesNotExist" => LabelOp::DoesNotExist,
                other => {
                    return Err(Status::bad_request(format!("{other:?} is not a valid label selector operator")));
                }
            };
            let values = expression.get("values").and_then(Value::as_array);
            let values = values.into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect();
            requirements.push(Requirement::new(text("key"), op, values).map_err(Status::bad_request)?);
        }
        Ok(Self { requirements })
    }

    pub fn matches(&self, object: &Value) -> bool {
        let none = Map::new();
        self.matches_labels(object.labels().unwrap_or(&none))
    }

    /// Against a map of labels alone.
    pub fn matches_labels(&self, labels: &Map<String, Value>) -> bool {
        self.requirements.iter().all(|requirement| {
            requirement.matches(labels.get(&requirement.key).map(|value| value.as_str().unwrap_or_default()))
        })
    }

    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The labels that have to have one certain value.
    pub fn exact(&self) -> impl Iterator<Item = (&str, &str)> {
        self.requirements.iter().filter_map(|requirement| match (requirement.op, requirement.values.as_slice()) {
            (LabelOp::In, [only]) => Some((requirement.key.as_str(), only.as_str())),
            _ => None,
        })
    }
}

/// As upstream prints a selector: sorted by key, `a=b,c in (x,y),!d`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&Requirement> = self.requirements.iter().collect();
        sorted.sort_by_key(|requirement| &requirement.key);
        for (index, requirement) in sorted.into_iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, values) = (&self.key, self.values.join(","));
        match (self.op, self.values.len()) {
            (LabelOp::In, 1) => write!(f, "{key}={values}"),
            (LabelOp::In, _) => write!(f, "{key} in ({values})"),
            (LabelOp::NotIn, 1) => write!(f, "{key}!={values}"),
            (LabelOp::NotIn, _) => write!(f, "{key} notin ({values})"),
            (LabelOp::Exists, _) => f.write_str(key),
            (LabelOp::DoesNotExist, _) => write!(f, "!{key}"),
            (LabelOp::GreaterThan, _) => write!(f, "{key}>{values}"),
            (LabelOp::LessThan, _) => write!(f, "{key}<{values}"),
        }
    }
}

impl Requirement {
    fn new(key: &str, op: LabelOp, mut values: Vec<String>) -> Result<Self, String> {
        let mut errors = Vec::new();
        if let Some(error) = key_error(key, "key") {
            errors.push(error);
        }
        let complaint = match op {
            LabelOp::In | LabelOp::NotIn if values.is_empty() => {
                Some("for 'in', 'notin' operators, values set can't be empty")
            }
            LabelOp::Exists | LabelOp::DoesNotExist if !values.is_empty() => {
                Some("values set must be empty for exists and does not exist")
            }
            LabelOp::GreaterThan | LabelOp::LessThan if values.len() != 1 => {
                Some("for 'Gt', 'Lt' operators, exactly one value is required")
            }
            _ => None,
        };
        if let Some(complaint) = complaint {
            errors.push(print("values", &json!(values), complaint));
        }
        for (index, value) in values.iter().enumerate() {
            let compares = matches!(op, LabelOp::GreaterThan | LabelOp::LessThan);
            if compares && value.parse::<i64>().is_err() {
                let complaint = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(print(&format!("values[{index}]"), &json!(value), complaint));
            }
            let complaints = names::label_value(value);
            if !complaints.is_empty() {
                errors.push(print(&format!("values[{index}][{key}]"), &json!(value), &complaints.join("; ")));
            }
        }
        match errors.as_slice() {
            [] => {
                values.sort();
                values.dedup();
                Ok(Self { key: key.to_string(), op, values })
            }
            [one] => Err(one.clone()),
            many => Err(format!("[{}]", many.join(", "))),
        }
    }

    fn matches(&self, value: Option<&str>) -> bool {
        let listed = |value: &str| self.values.iter().any(|wanted| wanted == value);
        let number = |text: &str| text.parse::<i64>().ok();
        let wanted = self.values.first().and_then(|value| number(value));
        match self.op {
            LabelOp::In => value.is_some_and(listed),
            LabelOp::NotIn => !value.is_some_and(listed),
            LabelOp::Exists => value.is_some(),
            LabelOp::DoesNotExist => value.is_none(),
            LabelOp::GreaterThan => value.and_then(number).zip(wanted).is_some_and(|(value, wanted)| value > wanted),
            LabelOp::LessThan => value.and_then(number).zip(wanted).is_some_and(|(value, wanted)| value < wanted),
        }
    }
}

fn print(path: &str, value: &Value, detail: &str) -> String {
    format!("{path}: {}", field::invalid(path, value, detail).message)
}

fn key_error(key: &str, path: &str) -> Option<String> {
    let complaints = names::qualified_name(key);
    (!complaints.is_empty()).then(|| print(path, &json!(key), &complaints.join("; ")))
}

fn parse(text: &str) -> Result<Vec<Requirement>, String> {
    let mut tokens = Tokens::scan(text);
    let mut requirements = Vec::new();
    loop {
        match tokens.peek() {
            (Token::Identifier | Token::Not, _) => {}
            (Token::End, _) => return Ok(requirements),
            (_, found) => return Err(format!("found '{found}', expected: !, identifier, or 'end of string'")),
        }
        let requirement = parse_requirement(&mut tokens);
        requirements.push(requirement.map_err(|error| format!("unable to parse requirement: {error}"))?);
        match tokens.next() {
            (Token::End, _) => return Ok(requirements),
            (Token::Comma, _) => match tokens.peek() {
                (Token::Identifier | Token::Not, _) => {}
                (_, found) => return Err(format!("found '{found}', expected: identifier after ','")),
            },
            (_, found) => return Err(format!("found '{found}', expected: ',' or 'end of string'")),
        }
    }
}

fn parse_requirement(tokens: &mut Tokens) -> Result<Requirement, String> {
    let negated = tokens.peek().0 == Token::Not;
    if negated {
        tokens.next();
    }
    let (Token::Identifier, key) = tokens.next() else {
        return Err(format!("found '{}', expected: identifier", tokens.last()));
    };
    if let Some(error) = key_error(&key, "<nil>") {
        return Err(error);
    }
    if matches!(tokens.peek().0, Token::End | Token::Comma) {
        let op = if negated { LabelOp::DoesNotExist } else { LabelOp::Exists };
        return Requirement::new(&key, op, Vec::new());
    }
    if negated {
        return Requirement::new(&key, LabelOp::DoesNotExist, Vec::new());
    }
    let (token, found) = tokens.next_operator();
    let (op, values) = match token {
        Token::In => (LabelOp::In, parse_values(tokens)?),
        Token::NotIn => (LabelOp::NotIn, parse_values(tokens)?),
        Token::Equals => (LabelOp::In, parse_value(tokens)?),
        Token::NotEquals => (LabelOp::NotIn, parse_value(tokens)?),
        Token::Greater => (LabelOp::GreaterThan, parse_value(tokens)?),
        Token::Less => (LabelOp::LessThan, parse_value(tokens)?),
        _ => return Err(format!("found '{found}', expected: in, notin, =, ==, !=, gt, lt")),
    };
    Requirement::new(&key, op, values)
}

fn parse_value(tokens: &mut Tokens) -> Result<Vec<String>, String> {
    if matches!(tokens.peek().0, Token::End | Token::Comma) {
        return Ok(vec![String::new()]);
    }
    match tokens.next() {
        (Token::Identifier, value) => Ok(vec![value]),
        (_, found) => Err(format!("found '{found}', expected: identifier")),
    }
}

/// `(a, b)`; a missing value is the empty string.
fn parse_values(tokens: &mut Tokens) -> Result<Vec<String>, String> {
    match tokens.next() {
        (Token::Open, _) => {}
        (_, found) => return Err(format!("found '{found}' expected: '('")),
    }
    let mut values = Vec::new();
    let mut wants_value = true;
    loop {
        match tokens.next() {
            (Token::Identifier, value) if wants_value => {
                values.push(value);
                wants_value = false;
            }
            (Token::Comma, _) => {
                if wants_value {
                    values.push(String::new());
                }
                wants_value = true;
            }
            (Token::Close, _) => {
                if wants_value {
                    values.push(String::new());
                }
                return Ok(values);
            }
            (_, found) if wants_value => return Err(format!("found '{found}', expected: ',', or identifier")),
            (_, found) => return Err(format!("found '{found}', expected: ',' or ')'")),
        }
    }
}

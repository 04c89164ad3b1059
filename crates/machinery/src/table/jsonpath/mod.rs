//! JSONPath as `additionalPrinterColumns` has it: client-go's dialect, inside of one pair of braces, missing keys allowed.
//!
//! Where client-go answers in the order of a Go map, this answers in the order of names. Results are bounded, because `..`
//! multiplies.

mod parse;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

const RESULTS_MAX: usize = 10_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Path {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    Wildcard,
    Recursive,
    Slice(Slice),
    Union(Vec<Path>),
    Filter {
        left: Path,
        operator: Operator,
        right: Path,
    },
    /// A text, number or boolean to compare with.
    Constant(Value),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
    /// `[n]`: the end follows from the start.
    single: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Exists,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

type Found<'a> = Vec<Cow<'a, Value>>;

/// The path does not fit the object (an index out of bounds, a filter on what is no list): no cell.
#[derive(Debug, PartialEq)]
pub(super) struct Mismatch;

impl Path {
    /// As the CRD has it: `.spec.size`, `.status.conditions[?(@.type=="Ready")].status`.
    pub(super) fn parse(text: &str) -> Result<Path, String> {
        parse::path(text)
    }

    pub(super) fn find<'a>(&self, object: &'a Value) -> Result<Found<'a>, Mismatch> {
        self.walk(vec![Cow::Borrowed(object)])
    }

    fn walk<'a>(&self, input: Found<'a>) -> Result<Found<'a>, Mismatch> {
        let mut found = input;
        for step in &self.steps {
            found = step.walk(found)?;
            if found.len() > RESULTS_MAX {
                return Err(Mismatch);
            }
        }
        Ok(found)
    }
}

impl Step {
    fn walk<'a>(&self, input: Found<'a>) -> Result<Found<'a>, Mismatch> {
        let mut found = Vec::new();
        match self {
            Step::Constant(value) => found.extend(input.iter().take(1).map(|_| Cow::Owned(value.clone()))),
            Step::Union(paths) => {
                for path in paths {
                    found.extend(path.walk(input.clone())?);
                }
            }
            Step::Field(name) => {
                for value in input {
                    found.extend(child(value, |value| value.get(name)));
                }
            }
            Step::Wildcard => input.into_iter().for_each(|value| found.extend(children(value))),
            Step::Recursive => {
                for value in input {
                    descend(value, &mut found)?;
                }
            }
            Step::Slice(slice) => {
                for value in input.into_iter().filter(|value| !value.is_null()) {
                    slice.walk(value, &mut found)?;
                }
            }
            Step::Filter { left, operator, right } => {
                for value in input {
                    if !value.is_array() {
                        return Err(Mismatch);
                    }
                    for item in children(value) {
                        if passes(&item, left, *operator, right)? {
                            found.push(item);
                        }
                    }
                }
            }
        }
        Ok(found)
    }
}

fn child<'a>(value: Cow<'a, Value>, get: impl FnOnce(&Value) -> Option<&Value>) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => get(value).map(Cow::Borrowed),
        Cow::Owned(value) => get(&value).cloned().map(Cow::Owned),
    }
}

fn children<'a>(value: Cow<'a, Value>) -> Found<'a> {
    match value {
        Cow::Borrowed(Value::Array(list)) => list.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Array(list)) => list.into_iter().map(Cow::Owned).collect(),
        Cow::Owned(Value::Object(map)) => map.into_iter().map(|(_, value)| Cow::Owned(value)).collect(),
        _ => Vec::new(),
    }
}

/// The value and everything below it that has children of its own.
fn descend<'a>(value: Cow<'a, Value>, found: &mut Found<'a>) -> Result<(), Mismatch> {
    let below = children(value.clone());
    if !below.is_empty() {
        found.push(value);
        if found.len() > RESULTS_MAX {
            return Err(Mismatch);
        }
        for value in below {
            descend(value, found)?;
        }
    }
    Ok(())
}

impl Slice {
    fn walk<'a>(self, value: Cow<'a, Value>, found: &mut Found<'a>) -> Result<(), Mismatch> {
        if !value.is_array() {
            return Err(Mismatch);
        }
        let items = children(value);
        let length = items.len() as i64;
        let from_end = |index: i64| if index < 0 { index + length } else { index };
        let start = from_end(self.start.unwrap_or(0));
        let end = match self.end {
            Some(_) if self.single => start + 1,
            Some(end) => from_end(end),
            None => length,
        };
        if start == end {
            return Ok(());
        }
        if start < 0 || start >= length || end > length || end < start {
            return Err(Mismatch);
        }
        let step = usize::try_from(self.step.unwrap_or(1)).ok().filter(|step| *step > 0).ok_or(Mismatch)?;
        let wanted = items.into_iter().skip(start as usize).take((end - start) as usize);
        found.extend(wanted.step_by(step));
        Ok(())
    }
}

fn passes(item: &Value, left: &Path, operator: Operator, right: &Path) -> Result<bool, Mismatch> {
    let lefts = left.walk(vec![Cow::Borrowed(item)]);
    if operator == Operator::Exists {
        return Ok(lefts.is_ok_and(|lefts| !lefts.is_empty()));
    }
    let (lefts, rights) = (lefts?, right.walk(vec![Cow::Borrowed(item)])?);
    let (left, right) = match (lefts.as_slice(), rights.as_slice()) {
        ([left], [right]) => (left, right),
        ([], _) | (_, []) => return Ok(false),
        _ => return Err(Mismatch),
    };
    let order = compare(left, right)?;
    Ok(match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Operator::Exists => true,
    })
}

/// Values of one basic kind compare; others do not, and neither do an integer and a fraction.
fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, Mismatch> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(Some(left.cmp(right))),
        (Value::Bool(left), Value::Bool(right)) => Ok(Some(left.cmp(right))),
        (Value::Number(left), Value::Number(right)) if left.is_f64() == right.is_f64() => {
            match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Ok(Some(left.cmp(&right))),
                _ => Ok(left.as_f64().partial_cmp(&right.as_f64())),
            }
        }
        _ => Err(Mismatch),
    }
}

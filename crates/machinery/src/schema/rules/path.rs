//! Paths to fields of a schema: `.spec.replicas`, `.labels['a.b']`. For `fieldPath` and selectable fields.

use crate::schema::{Schema, Shape};

/// The path as errors show it, and the schema there; or what is wrong with it.
pub(crate) fn resolve<'a>(path: &str, schema: &'a Schema, arrays: bool) -> Result<(String, &'a Schema), String> {
    let tokens = tokens(path);
    let mut tokens = tokens.iter().map(String::as_str);
    let (mut shown, mut place) = (String::new(), schema);
    while let Some(token) = tokens.next() {
        let mut next = || tokens.next().ok_or_else(|| "unexpected end of JSON path".to_string());
        match token {
            "[" if !arrays => return Err("array notation is not allowed".into()),
            "[" => {
                let key = next()?;
                let quoted = key.len() >= 2 && key.starts_with('\'') && key.ends_with('\'');
                if !quoted {
                    return Err(format!("expected single quoted string but got {key}"));
                }
                let name = unescape(&key[1..key.len() - 1])?;
                place = step(place, &name, &mut shown)?;
                let close = next()?;
                if close != "]" {
                    return Err(format!("expected ] but got {close}"));
                }
            }
            "." => place = step(place, next()?, &mut shown)?,
            other => return Err(format!("expected [ or . but got: {other}")),
        }
    }
    Ok((shown, place))
}

/// Whether objects can be selected by the field at that path: the path as errors show it, or what is wrong.
pub fn selectable_field(path: &str, schema: &Schema) -> Result<String, String> {
    let (shown, place) = resolve(path, schema, false).map_err(|why| format!("is an invalid path: {why}"))?;
    if shown.split('.').next() == Some("metadata") {
        return Err("must not point to fields in metadata".into());
    }
    match place.shape {
        Shape::String | Shape::Boolean | Shape::Integer => Ok(shown),
        _ => Err("must point to a field of type string, boolean or integer. Enum string fields and strings with formats are \
                  allowed."
            .into()),
    }
}

fn step<'a>(place: &'a Schema, name: &str, shown: &mut String) -> Result<&'a Schema, String> {
    let missing = || "does not refer to a valid field".to_string();
    let Shape::Object(shape) = &place.resolve().shape else { return Err(missing()) };
    if !shape.properties.is_empty() {
        if !shown.is_empty() {
            shown.push('.');
        }
        shown.push_str(name);
        return shape.properties.get(name).ok_or_else(missing);
    }
    shown.push_str(&format!("[{name}]"));
    shape.additional.as_ref().ok_or_else(missing)
}

/// Delimiters, quoted texts, and what is between.
fn tokens(path: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    for c in path.chars() {
        if quoted {
            current.push(c);
            if c == '\'' && !current.ends_with("\\'") {
                quoted = false;
                tokens.push(std::mem::take(&mut current));
            }
            continue;
        }
        match c {
            '.' | '[' | ']' => {
                if !current.is_empty() {
                    tokens.push(std::mem::take(&mut current));
                }
                tokens.push(c.to_string());
            }
            '\'' if current.is_empty() => {
                quoted = true;
                current.push(c);
            }
            c => current.push(c),
        }
    }
    if !current.is_empty() {
        tokens.push(current);
    }
    tokens
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        plain.push(match chars.next() {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(c @ ('\'' | '\\')) => c,
            Some(other) => return Err(format!("invalid string literal: invalid escape char \\{other}")),
            None => return Err("invalid string literal: invalid escape char \\".into()),
        });
    }
    Ok(plain)
}

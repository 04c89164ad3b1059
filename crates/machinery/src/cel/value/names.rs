//! Names of fields that are no identifiers: how schemas' names are spelled in rules (`my-field` as `my__dash__field`).

use std::borrow::Cow;

use crate::cel::syntax::RESERVED;

/// Words of the grammar.
const WORDS: [&str; 4] = ["true", "false", "null", "in"];

const ESCAPES: [(&str, &str); 4] = [("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")];

/// Whether it means something in a source.
fn is_word(name: &str) -> bool {
    WORDS.contains(&name) || RESERVED.contains(&name)
}

/// The name in a rule; `None` for names that no rule can spell.
pub(crate) fn escape(name: &str) -> Option<Cow<'_, str>> {
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if is_word(name) {
        return Some(format!("__{name}__").into());
    }
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    if !name.chars().all(known) {
        return None;
    }
    if !name.contains("__") && !name.contains(['.', '-', '/']) {
        return Some(name.into());
    }
    let mut escaped = String::new();
    let mut rest = name;
    'next: while let Some(c) = rest.chars().next() {
        for (plain, spelled) in ESCAPES {
            if let Some(after) = rest.strip_prefix(plain) {
                escaped.push_str(spelled);
                rest = after;
                continue 'next;
            }
        }
        escaped.push(c);
        rest = &rest[c.len_utf8()..];
    }
    Some(escaped.into())
}

/// The schema's name for one in a rule.
pub(in crate::cel) fn unescape(name: &str) -> Option<Cow<'_, str>> {
    if !name.contains("__") {
        return Some(name.into());
    }
    let mut plain = String::new();
    let mut rest = name;
    while let Some(start) = rest.find("__") {
        let inside = &rest[start + 2..];
        let end = inside.find('_').filter(|end| *end > 0 && inside[*end..].starts_with("__"));
        let Some(end) = end else {
            plain.push_str(&rest[..start + 1]);
            rest = &rest[start + 1..];
            continue;
        };
        plain.push_str(&rest[..start]);
        let word = &inside[..end];
        let spelled = &rest[start..start + end + 4];
        match ESCAPES.iter().find(|(_, escape)| *escape == spelled) {
            Some((of, _)) => plain.push_str(of),
            None if is_word(word) && spelled.len() == name.len() => plain.push_str(word),
            None => return None,
        }
        rest = &inside[end + 2..];
    }
    plain.push_str(rest);
    Some(plain.into())
}

//! Patterns of schemas: Go's RE2 syntax, run by the regex crate, compiled once.
//!
//! The two engines agree but for a few spellings, which are translated: `\d \w \s \b` are ASCII in Go, brackets and `&&` in
//! classes are literal, and a brace that starts no repetition is literal.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use regex::Regex;

/// Compiled patterns kept; one more and all are forgotten. Installed CRDs have a few hundred.
const CACHED_MAX: usize = 4096;

/// What one compiled pattern may weigh.
const COMPILED_BYTES_MAX: usize = 4 << 20;

type Cache = Mutex<BTreeMap<String, Result<Arc<Regex>, String>>>;

pub(crate) fn compile(pattern: &str) -> Result<Arc<Regex>, String> {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let cache = CACHE.get_or_init(Cache::default);
    // The map is valid whatever a panicking holder did.
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = cache.get(pattern) {
        return found.clone();
    }
    let compiled = compile_once(pattern);
    if cache.len() >= CACHED_MAX {
        cache.clear();
    }
    cache.insert(pattern.to_string(), compiled.clone());
    compiled
}

/// Compiles without keeping the result: for patterns that come with the data.
pub(crate) fn compile_once(pattern: &str) -> Result<Arc<Regex>, String> {
    let built = regex::RegexBuilder::new(&translate(pattern)).size_limit(COMPILED_BYTES_MAX).build();
    built.map(Arc::new).map_err(|error| {
        // The last line says what is wrong; those before show a translated pattern.
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("error parsing regexp: {last}: `{pattern}`")
    })
}

fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let chars: Vec<char> = pattern.chars().collect();
    let (mut at, mut in_class, mut class_start) = (0, false, 0);
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => {
                at += translate_escape(&chars[at..], in_class, &mut out);
                continue;
            }
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if chars.get(at + 1) == Some(&'^') {
                    out.push('^');
                    at += 1;
                }
                class_start = at + 1;
            }
            '[' if chars.get(at + 1) == Some(&':') => {
                // A named class: `[:alpha:]`, up to its end.
                let end = (at..chars.len() - 1).find(|&end| chars[end] == ':' && chars[end + 1] == ']' && end > at + 1);
                match end {
                    Some(end) => {
                        out.extend(&chars[at..end + 2]);
                        at = end + 1;
                    }
                    None => out.push_str("\\["),
                }
            }
            // The first bracket of a class is literal.
            ']' if in_class && at == class_start => out.push_str("\\]"),
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', c]),
            '-' if in_class && chars[at - 1] == '-' => out.push_str("\\-"),
            '{' if !in_class && !starts_repetition(&chars[at..]) => out.push_str("\\{"),
            '}' if !in_class && !ends_repetition(&chars[..at]) => out.push_str("\\}"),
            c => out.push(c),
        }
        at += 1;
    }
    out
}

/// Answers how many characters were read.
fn translate_escape(rest: &[char], in_class: bool, out: &mut String) -> usize {
    let Some(&escaped) = rest.get(1) else {
        out.push('\\');
        return 1;
    };
    let class = match escaped {
        'd' => Some(("0-9", false)),
        'D' => Some(("0-9", true)),
        'w' => Some(("0-9A-Za-z_", false)),
        'W' => Some(("0-9A-Za-z_", true)),
        's' => Some((r"\t\n\x0C\r ", false)),
        'S' => Some((r"\t\n\x0C\r ", true)),
        _ => None,
    };
    match (class, escaped) {
        (Some((class, false)), _) if in_class => {
            out.push_str(class);
            // What follows a class is no range.
            if rest.get(2) == Some(&'-') {
                out.push_str("\\-");
                return 3;
            }
        }
        (Some((class, negated)), _) => out.push_str(&format!("[{}{class}]", if negated { "^" } else { "" })),
        (None, 'b') if !in_class => out.push_str(r"(?-u:\b)"),
        (None, 'B') if !in_class => out.push_str(r"(?-u:\B)"),
        (None, 'Q') if !in_class => {
            let text: String = rest[2..].iter().collect();
            let (quoted, length) = match text.split_once(r"\E") {
                Some((quoted, _)) => (quoted, quoted.chars().count() + 4),
                None => (text.as_str(), rest.len()),
            };
            out.push_str(&regex::escape(quoted));
            return length;
        }
        (None, 'p' | 'P' | 'x') if rest.get(2) == Some(&'{') => {
            let length = rest.iter().position(|&c| c == '}').map_or(rest.len(), |end| end + 1);
            out.extend(&rest[..length]);
            return length;
        }
        (None, c) => out.extend(['\\', c]),
    }
    2
}

/// `{2}`, `{2,}`, `{2,5}`
fn starts_repetition(rest: &[char]) -> bool {
    let Some(end) = rest.iter().position(|&c| c == '}') else { return false };
    let inside: String = rest[1..end].iter().collect();
    let (low, high) = inside.split_once(',').unwrap_or((&inside, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

fn ends_repetition(before: &[char]) -> bool {
    let Some(start) = before.iter().rposition(|&c| c == '{') else { return false };
    let mut candidate = before[start..].to_vec();
    candidate.push('}');
    starts_repetition(&candidate)
}

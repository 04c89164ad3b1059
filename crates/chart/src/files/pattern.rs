//! Go's `path.Match`: the globs of `.helmignore` and of `--show-only`. A `*` ends at a slash.

/// A pattern that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub struct BadPattern;

/// Whether the whole name matches. A fault of the pattern may stay unnoticed where the name differs before it, as in Go.
pub fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let (mut pattern, mut name) = (pattern, name);
    'chunks: while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Ok(!name.contains('/'));
        }
        if let Some(tail) = match_chunk(chunk, name)?
            && (tail.is_empty() || !pattern.is_empty())
        {
            name = tail;
            continue;
        }
        if star {
            for (at, c) in name.char_indices() {
                if c == '/' {
                    break;
                }
                let Some(tail) = match_chunk(chunk, &name[at + c.len_utf8()..])? else { continue };
                if pattern.is_empty() && !tail.is_empty() {
                    continue;
                }
                name = tail;
                continue 'chunks;
            }
        }
        while !pattern.is_empty() {
            let (_, chunk, rest) = scan_chunk(pattern);
            pattern = rest;
            match_chunk(chunk, "")?;
        }
        return Ok(false);
    }
    Ok(name.is_empty())
}

/// A leading run of stars, and what stands before the next star.
fn scan_chunk(pattern: &str) -> (bool, &str, &str) {
    let chunk = pattern.trim_start_matches('*');
    let star = chunk.len() < pattern.len();
    let bytes = chunk.as_bytes();
    let (mut at, mut in_class) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if at + 1 < bytes.len() => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    (star, &chunk[..at], &chunk[at..])
}

/// What is left of the name behind a chunk without stars. The chunk is read to its end even after a difference, for its faults.
fn match_chunk<'a>(chunk: &str, name: &'a str) -> Result<Option<&'a str>, BadPattern> {
    let (mut chunk, mut name, mut failed) = (chunk, name, false);
    while let Some(c) = chunk.chars().next() {
        if !failed && name.is_empty() {
            failed = true;
        }
        match c {
            '[' => {
                let mut subject = None;
                if !failed {
                    subject = name.chars().next();
                    name = &name[subject.map_or(0, char::len_utf8)..];
                }
                let (matched, rest) = match_class(&chunk[1..], subject)?;
                failed |= !matched;
                chunk = rest;
                continue;
            }
            '?' => {
                if !failed {
                    failed = name.starts_with('/');
                    name = &name[name.chars().next().map_or(0, char::len_utf8)..];
                }
                chunk = &chunk[1..];
                continue;
            }
            '\\' => {
                chunk = &chunk[1..];
                if chunk.is_empty() {
                    return Err(BadPattern);
                }
            }
            _ => {}
        }
        let Some(literal) = chunk.chars().next() else { break };
        if !failed {
            failed = !name.starts_with(literal);
            name = name.strip_prefix(literal).unwrap_or(name);
        }
        chunk = &chunk[literal.len_utf8()..];
    }
    Ok((!failed).then_some(name))
}

/// `[^a-z]` behind its bracket: whether the subject is in it, and the pattern behind it.
fn match_class(class: &str, subject: Option<char>) -> Result<(bool, &str), BadPattern> {
    let (mut class, negated) = match class.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (class, false),
    };
    let (mut matched, mut ranges) = (false, 0);
    loop {
        if ranges > 0
            && let Some(rest) = class.strip_prefix(']')
        {
            return Ok((subject.is_some() && matched != negated, rest));
        }
        let (low, rest) = class_char(class)?;
        class = rest;
        let mut high = low;
        if let Some(rest) = class.strip_prefix('-') {
            (high, class) = class_char(rest)?;
        }
        matched |= subject.is_some_and(|c| low <= c && c <= high);
        ranges += 1;
    }
}

fn class_char(class: &str) -> Result<(char, &str), BadPattern> {
    if class.is_empty() || class.starts_with(['-', ']']) {
        return Err(BadPattern);
    }
    let class = class.strip_prefix('\\').unwrap_or(class);
    let c = class.chars().next().ok_or(BadPattern)?;
    let rest = &class[c.len_utf8()..];
    if rest.is_empty() { Err(BadPattern) } else { Ok((c, rest)) }
}

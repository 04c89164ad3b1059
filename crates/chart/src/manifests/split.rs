//! Helm cuts text into documents before it reads YAML: at `---` at the beginning of a line, with the blank space around it.

use memchr::memmem;

/// Go's `\s`.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Without white space at both ends, as Go's `strings.TrimSpace` sees it.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b'\t'..=b'\r' | b' ');
    let start = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    let text = &text[start..end];
    // Only where a rune beyond ASCII stands at an end, there may be more to it.
    if text.first().is_none_or(u8::is_ascii) && text.last().is_none_or(u8::is_ascii) {
        return text;
    }
    std::str::from_utf8(text).map_or(text, |text| text.trim().as_bytes())
}

/// What `(?:^|\s*\n)---\s*` cuts.
pub(crate) fn documents(text: &[u8]) -> Vec<&[u8]> {
    let text = trimmed(text);
    let (mut found, mut start, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        // A place where a line begins; the very beginning counts as one.
        if text[at..].starts_with(b"---") {
            let mut end = at;
            while end > start && is_blank(text[end - 1]) {
                end -= 1;
            }
            push(&mut found, &text[start..end]);
            start = at + 3;
            while start < text.len() && is_blank(text[start]) {
                start += 1;
            }
            // A second `---` needs a line of its own, and the blanks before it are gone by now.
            at = start;
            if text[at..].starts_with(b"---") {
                match memchr::memchr(b'\n', &text[at..]) {
                    Some(line) => at += line + 1,
                    None => break,
                }
                continue;
            }
        }
        match memmem::find(&text[at..], b"\n---") {
            Some(line) => at += line + 1,
            None => break,
        }
    }
    push(&mut found, &text[start.min(text.len())..]);
    found
}

fn push<'t>(found: &mut Vec<&'t [u8]>, text: &'t [u8]) {
    let text = trimmed(text);
    if !text.is_empty() {
        found.push(text);
    }
}

/// What stands behind `# Source: CHART/`.
pub(super) fn source(document: &[u8]) -> Option<String> {
    for line in document.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        if let Some((_, rest)) = line.split_once("# Source: ")
            && let Some((_, path)) = rest.split_once('/')
            && !path.is_empty()
        {
            return Some(path.to_owned());
        }
    }
    None
}

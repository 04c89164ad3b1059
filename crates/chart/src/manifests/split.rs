//! Helm cuts text into documents before it reads YAML: at `---` at the beginning of a line, with the blank space around it.

/// Go's `\s`.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// Without white space at both ends, as Go's `strings.TrimSpace` sees it.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Ok(text) => text.trim().as_bytes(),
        Err(_) => text.trim_ascii(),
    }
}

/// What `(?:^|\s*\n)---\s*` cuts.
pub(crate) fn documents(text: &[u8]) -> Vec<Vec<u8>> {
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
                match text[at..].iter().position(|byte| *byte == b'\n') {
                    Some(line) => at += line + 1,
                    None => break,
                }
                continue;
            }
        }
        match text[at..].iter().position(|byte| *byte == b'\n') {
            Some(line) => at += line + 1,
            None => break,
        }
    }
    push(&mut found, &text[start.min(text.len())..]);
    found
}

fn push(found: &mut Vec<Vec<u8>>, text: &[u8]) {
    let text = trimmed(text);
    if !text.is_empty() {
        found.push(text.to_vec());
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

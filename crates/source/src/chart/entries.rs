//! The lines of an index that matter for one chart. Other charts' lines are told by their indentation and never reach the YAML
//! reader, which would spend seconds on an index of tens of megabytes. An index of another form goes through whole.

use std::{collections::BTreeSet, io::BufRead};

use super::index::is_near;

pub(super) struct Kept {
    pub(super) text: Vec<u8>,
    /// Names of other charts that are spelled alike.
    pub(super) others: BTreeSet<String>,
}

/// What is kept, at most, and the longest line.
const KEPT_MAX: usize = 64 << 20;
const LINE_MAX: u64 = 4 << 20;

enum Place {
    /// Before `entries:`, or behind it.
    Outside,
    /// In `entries:`, before its first key, which decides the indentation.
    Start,
    Chart {
        indent: usize,
        wanted: bool,
    },
}

pub(super) fn keep(mut input: impl BufRead, name: &str) -> Result<Kept, String> {
    let mut kept = Kept { text: Vec::new(), others: BTreeSet::new() };
    let (mut place, mut line) = (Place::Outside, Vec::new());
    loop {
        line.clear();
        let read = std::io::Read::take(&mut input, LINE_MAX).read_until(b'\n', &mut line);
        if read.map_err(|error| error.to_string())? == 0 {
            return Ok(kept);
        }
        if line.len() as u64 == LINE_MAX {
            return Err(format!("a line of index.yaml has more than {LINE_MAX} bytes"));
        }
        place = step(place, &line, name, &mut kept.others);
        if !matches!(place, Place::Chart { wanted: false, .. }) {
            kept.text.extend_from_slice(&line);
        }
        if kept.text.len() > KEPT_MAX {
            return Err(format!("index.yaml is over the limit of {KEPT_MAX} bytes for one chart"));
        }
    }
}

fn step(place: Place, line: &[u8], name: &str, others: &mut BTreeSet<String>) -> Place {
    let indent = line.iter().take_while(|byte| **byte == b' ').count();
    let rest = line[indent..].trim_ascii_end();
    if rest.is_empty() || rest.starts_with(b"#") {
        return place;
    }
    let at_indent = match place {
        Place::Outside | Place::Start if rest == b"entries:" && indent == 0 => return Place::Start,
        Place::Outside => return Place::Outside,
        Place::Start => indent,
        Place::Chart { indent, .. } => indent,
    };
    if indent == 0 || indent < at_indent {
        return if rest == b"entries:" { Place::Start } else { Place::Outside };
    }
    if indent > at_indent || rest == b"-" || rest.starts_with(b"- ") {
        return place;
    }
    match key(rest) {
        Some(key) => {
            if key != name && is_near(key, name) {
                others.insert(key.to_owned());
            }
            Place::Chart { indent, wanted: key == name }
        }
        // No key that is understood here: the reader shall see it, and what is below it.
        None => Place::Chart { indent, wanted: true },
    }
}

fn key(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let (key, _) = line.split_once(": ").or_else(|| line.strip_suffix(':').map(|key| (key, "")))?;
    let quoted = |quote| key.strip_prefix(quote).and_then(|key| key.strip_suffix(quote));
    let key = quoted('"').or_else(|| quoted('\'')).unwrap_or(key);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!key.is_empty() && key.chars().all(plain)).then_some(key)
}

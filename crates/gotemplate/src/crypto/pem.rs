//! PEM as Go's encoding/pem reads and writes it: whatever stands before the block does not matter, headers are skipped.

use base64::{Engine, prelude::BASE64_STANDARD};

pub(super) struct Block {
    pub(super) label: String,
    pub(super) der: Vec<u8>,
}

pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    let text = BASE64_STANDARD.encode(der);
    for line in text.as_bytes().chunks(64) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// The first block that is whole.
pub(super) fn decode(text: &[u8]) -> Option<Block> {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches(['\r', ' ', '\t'])).collect();
    (0..lines.len()).find_map(|start| block_at(&lines[start..]))
}

fn block_at(lines: &[&str]) -> Option<Block> {
    let label = lines.first()?.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?;
    let end = format!("-----END {label}-----");
    let length = lines.iter().position(|line| *line == end)?;
    let is_header = |line: &&&str| line.contains(':');
    let headers = lines[1..length].iter().take_while(is_header).count();
    let body: String = lines[1 + headers..length].iter().flat_map(|line| line.split_whitespace()).collect();
    Some(Block { label: label.to_owned(), der: BASE64_STANDARD.decode(body).ok()? })
}

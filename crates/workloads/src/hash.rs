//! Names made of contents: FNV-1a in the alphabet of Kubernetes' generated names. Upstream hashes its Go structs, so that the
//! values differ from a real cluster's; nothing may depend on them.

use serde_json::Value;

const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// Of a pod template, or of whatever makes a revision; `collisions` makes another name of the same contents.
pub(crate) fn of(content: &Value, collisions: i64) -> String {
    let mut bytes = content.to_string().into_bytes();
    if collisions > 0 {
        bytes.extend(collisions.to_le_bytes());
    }
    let hash = bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()])).collect()
}

//! Base64 and base32 with the standard alphabets. What does not decode comes out as the text of Go's error, which names the byte.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::arguments::text;
use crate::{
    function::{Function, Param},
    value::Value,
};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new("b64enc", &[Param::Text], |_, arguments| {
        Ok(Value::from(STANDARD.encode(text(arguments, 0)?.as_bytes())))
    }),
    Function::new("b64dec", &[Param::Text], |_, arguments| {
        Ok(decode_base64(text(arguments, 0)?)
            .map_or_else(|place| Value::from(format!("illegal base64 data at input byte {place}")), Value::text))
    }),
    Function::new("b32enc", &[Param::Text], |_, arguments| Ok(Value::text(encode_base32(text(arguments, 0)?)))),
    Function::new("b32dec", &[Param::Text], |_, arguments| {
        Ok(decode_base32(text(arguments, 0)?)
            .map_or_else(|place| Value::from(format!("illegal base32 data at input byte {place}")), Value::text))
    }),
];

const ALPHABET_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Decodes as Go does: line ends are skipped, padding is required, left-over bits are ignored. An error is the place of the byte
/// that Go names.
pub(crate) fn decode_base64(source: &[u8]) -> Result<Vec<u8>, usize> {
    let mut decoded = Vec::with_capacity(source.len() / 4 * 3);
    let mut at = 0;
    let skip_lines = |mut at: usize| {
        while matches!(source.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    loop {
        let (mut quantum, mut count) = (0_u32, 0_usize);
        while count < 4 {
            at = skip_lines(at);
            let Some(byte) = source.get(at) else {
                return if count == 0 { Ok(decoded) } else { Err(at - count) };
            };
            if let Some(value) = sextet(*byte) {
                quantum = quantum << 6 | u32::from(value);
                (count, at) = (count + 1, at + 1);
                continue;
            }
            if *byte != b'=' || count < 2 {
                return Err(at);
            }
            at += 1;
            if count == 2 {
                at = skip_lines(at);
                match source.get(at) {
                    Some(b'=') => at += 1,
                    Some(_) => return Err(at - 1),
                    None => return Err(source.len()),
                }
            }
            at = skip_lines(at);
            let bytes = (quantum << (6 * (4 - count))).to_be_bytes();
            decoded.extend_from_slice(&bytes[1..count]);
            return if at < source.len() { Err(at) } else { Ok(decoded) };
        }
        decoded.extend_from_slice(&quantum.to_be_bytes()[1..]);
    }
}

fn encode_base32(source: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(source.len().div_ceil(5) * 8);
    for chunk in source.chunks(5) {
        let mut quantum = [0; 8];
        quantum[3..3 + chunk.len()].copy_from_slice(chunk);
        let quantum = u64::from_be_bytes(quantum);
        let digits = (chunk.len() * 8).div_ceil(5);
        for place in 0..8 {
            let digit = ALPHABET_32[(quantum >> (35 - 5 * place)) as usize & 31];
            encoded.push(if place < digits { digit } else { b'=' });
        }
    }
    encoded
}

/// The same for base32, whose line ends Go takes out before it counts.
fn decode_base32(source: &[u8]) -> Result<Vec<u8>, usize> {
    let source: Vec<u8> = source.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut decoded = Vec::with_capacity(source.len() / 8 * 5);
    let (mut at, mut padded) = (0, false);
    while at < source.len() && !padded {
        let (mut quantum, mut count) = (0_u64, 0_usize);
        while count < 8 {
            let Some(byte) = source.get(at) else { return Err(at - count) };
            at += 1;
            if *byte == b'=' && count >= 2 && source.len() - at < 8 {
                check_padding(&source, at, count)?;
                padded = true;
                break;
            }
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'2'..=b'7' => byte - b'2' + 26,
                _ => return Err(at - 1),
            };
            quantum = quantum << 5 | u64::from(digit);
            count += 1;
        }
        let bytes = (quantum << (64 - 5 * count)).to_be_bytes();
        decoded.extend_from_slice(&bytes[..count * 5 / 8]);
    }
    Ok(decoded)
}

/// Whether padding may stand before `at`, behind `count` digits of the last quantum.
fn check_padding(source: &[u8], at: usize, count: usize) -> Result<(), usize> {
    if source.len() - at + count < 7 {
        return Err(source.len());
    }
    if let Some(other) = source[at..].iter().take(7 - count).position(|byte| *byte != b'=') {
        return Err(at + other - 1);
    }
    if matches!(count, 3 | 6) { Err(at - 1) } else { Ok(()) }
}

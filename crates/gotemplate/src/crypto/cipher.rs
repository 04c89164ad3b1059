//! `encryptAES` and `decryptAES`: AES-256 in CBC mode with PKCS#7 padding, the vector before the text, all in base64. The key is
//! the password itself, cut or filled with zeros: weak, and what Sprig does.

use aes::{
    Aes256, Block,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::sprig::encodings::decode_base64;

const BLOCK: usize = 16;

fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&key.into())
}

fn exclusive_or(block: &mut [u8; BLOCK], with: &[u8; BLOCK]) {
    for (byte, with) in block.iter_mut().zip(with) {
        *byte ^= with;
    }
}

pub(super) fn encrypt(password: &[u8], text: &[u8], entropy: &dyn api::env::Entropy) -> String {
    if text.is_empty() {
        return String::new();
    }
    let cipher = cipher(password);
    let padding = BLOCK - text.len() % BLOCK;
    let padded = [text, &vec![padding as u8; padding]].concat();
    let mut previous = [0; BLOCK];
    entropy.fill(&mut previous);
    let mut out = previous.to_vec();
    for block in padded.as_chunks::<BLOCK>().0 {
        let mut block = *block;
        exclusive_or(&mut block, &previous);
        let mut block = Block::from(block);
        cipher.encrypt_block(&mut block);
        previous = block.into();
        out.extend_from_slice(&previous);
    }
    BASE64_STANDARD.encode(out)
}

/// The errors are those that text/template makes of Go's panics.
pub(super) fn decrypt(password: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let sealed = decode_base64(text).map_err(|place| format!("illegal base64 data at input byte {place}"))?;
    let Some((vector, blocks)) = sealed.split_first_chunk::<BLOCK>() else {
        return Err(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {}",
            text.len() / 4 * 3
        ));
    };
    let (blocks, rest) = blocks.as_chunks::<BLOCK>();
    if !rest.is_empty() {
        return Err("crypto/cipher: input not full blocks".to_owned());
    }
    let cipher = cipher(password);
    let mut previous = *vector;
    let mut out = Vec::with_capacity(blocks.len() * BLOCK);
    for block in blocks {
        let mut opened = Block::from(*block);
        cipher.decrypt_block(&mut opened);
        let mut opened: [u8; BLOCK] = opened.into();
        exclusive_or(&mut opened, &previous);
        previous = *block;
        out.extend_from_slice(&opened);
    }
    let padding = out.last().copied().ok_or("runtime error: index out of range [-1]")?;
    match out.len().checked_sub(padding.into()) {
        Some(length) => {
            out.truncate(length);
            Ok(out)
        }
        None => Err(format!("runtime error: slice bounds out of range [:-{}]", usize::from(padding) - out.len())),
    }
}

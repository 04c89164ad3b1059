//! `derivePassword`: Master Password's algorithm, version 1. The same name, site and counter give the same password.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SEED: &[u8] = b"com.lyndir.masterpassword";

/// The looks of a type of password: each letter stands for a class of characters.
fn looks(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn class(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// What goes wrong is the result, as in Sprig.
pub(super) fn derive(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> String {
    let Some(looks) = looks(kind) else {
        return format!("cannot find password template {}", String::from_utf8_lossy(kind));
    };
    try_derive(counter, looks, password, user, site)
        .unwrap_or_else(|error| format!("failed to derive password: {error}"))
}

fn try_derive(counter: u32, looks: &[&str], password: &[u8], user: &[u8], site: &[u8]) -> Result<String, String> {
    let named = |name: &[u8]| [SEED, &(name.len() as u32).to_be_bytes(), name].concat();
    let parameters = scrypt::Params::new(15, 8, 2).map_err(|error| error.to_string())?;
    let mut key = [0; 64];
    scrypt::scrypt(password, &named(user), &parameters, &mut key).map_err(|error| error.to_string())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| error.to_string())?;
    mac.update(&named(site));
    mac.update(&counter.to_be_bytes());
    let seed = mac.finalize().into_bytes();
    let look = looks[usize::from(seed[0]) % looks.len()];
    let character = |(letter, byte): (u8, &u8)| {
        let class = class(letter);
        char::from(class[usize::from(*byte) % class.len()])
    };
    Ok(look.bytes().zip(&seed[1..]).map(character).collect())
}

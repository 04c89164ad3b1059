//! Checksums and the bcrypt hash of a password.

use sha2::Digest;

/// Lower-case hexadecimal of a digest.
pub(super) fn hexadecimal<D: Digest>(text: &[u8]) -> String {
    api::hex::encode(&D::digest(text))
}

/// RFC 1950's checksum, in decimal.
pub(super) fn adler32(text: &[u8]) -> String {
    const MODULUS: u32 = 65_521;
    let (a, b) = text.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % MODULUS;
        (a, (b + a) % MODULUS)
    });
    (b << 16 | a).to_string()
}

/// Go's `bcrypt.GenerateFromPassword` of cost 10. An error is part of the result, as Sprig has it.
pub(super) fn bcrypt(password: &[u8], entropy: &dyn api::env::Entropy) -> String {
    const COST: u32 = 10;
    const LENGTH_MAX: usize = 72;
    let failed = |why: &str| format!("failed to encrypt string with bcrypt: {why}");
    if password.len() > LENGTH_MAX {
        return failed("bcrypt: password length exceeds 72 bytes");
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(parts) => parts.format_for_version(bcrypt::Version::TwoA),
        Err(error) => failed(&error.to_string()),
    }
}

//! Sprig's cryptography: hashes, passwords, keys, certificates, ciphers. Real ones, in the formats that Go writes. All randomness
//! comes from the host's entropy and all time from its clock, so that a seeded render makes the same certificate again.

mod certificate;
mod cipher;
mod der;
mod functions;
mod hashes;
mod keys;
mod passwords;
mod pem;

pub(crate) use functions::FUNCTIONS;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use serde_json::json;

use crate::{Error, Jwks, SigningKey, sign, unverified_claims, verify};

#[derive(Debug)]
struct Counter(std::sync::atomic::AtomicU64);

impl api::env::Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            // A fixed multiplicative sequence: good enough to find primes with, and the same in every run.
            let n = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, std::sync::atomic::Ordering::Relaxed);
            *byte = (n ^ (n >> 29)).to_le_bytes()[5];
        }
    }
}

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(&Counter(std::sync::atomic::AtomicU64::new(7))).expect("a key"))
}

#[test]
fn a_signed_token_verifies_and_a_changed_one_does_not() {
    let keys = Jwks { keys: vec![key().jwk().clone()] };
    let token = sign(key(), &json!({"sub": "system:serviceaccount:a:b"})).expect("signs");
    assert_eq!(verify(&keys, &token).expect("verifies")["sub"], "system:serviceaccount:a:b");
    assert_eq!(unverified_claims(&token).expect("reads")["sub"], "system:serviceaccount:a:b");

    let (head, signature) = token.rsplit_once('.').expect("three parts");
    let forged =
        format!("{}.{signature}", head.replace(head.split('.').nth(1).expect("payload"), "eyJzdWIiOiJyb290In0"));
    assert_eq!(verify(&keys, &forged), Err(Error::Signature));
}

#[test]
fn other_algorithms_and_unknown_keys_are_refused() {
    let keys = Jwks { keys: vec![key().jwk().clone()] };
    // {"alg":"none"}
    assert_eq!(verify(&keys, "eyJhbGciOiJub25lIn0.e30."), Err(Error::Algorithm("none".into())));
    let token = sign(key(), &json!({})).expect("signs");
    assert_eq!(verify(&Jwks::default(), &token), Err(Error::UnknownKey(key().id().into())));
    assert_eq!(verify(&keys, "nonsense"), Err(Error::Malformed("three parts expected")));
}

#[test]
fn a_key_survives_its_pem_with_the_same_id() {
    let again = SigningKey::from_pem(key().to_pem()).expect("reads back");
    assert_eq!(again.id(), key().id());
    assert!(!format!("{again:?}").contains("PRIVATE"));
}

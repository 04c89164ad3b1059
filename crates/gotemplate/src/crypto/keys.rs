//! Private keys: made out of the host's entropy, read and written as Go does, and signing.

use std::fmt::Display;

use api::env::Random;
use crypto_bigint::{U1024, U2048};
use crypto_primes::{
    Flavor,
    hazmat::{SetBits, SmallFactorsSieveFactory},
    is_prime, sieve_and_find,
};
use ed25519_dalek::Signer as _;
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey},
    signature::{SignatureEncoding, Signer as _},
};

use super::{der, pem};

const P256: &str = "1.2.840.10045.3.1.7";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const ED25519: &str = "1.3.101.112";

pub(super) enum Key {
    Rsa(Box<RsaPrivateKey>),
    /// On the curve P-256.
    Ecdsa(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

/// A random prime of half the modulus's length. Its two highest bits are set, so that the product has the full length.
macro_rules! prime {
    ($integer:ty, $source:expr) => {{
        let sieve = SmallFactorsSieveFactory::<$integer>::new(Flavor::Any, <$integer>::BITS, SetBits::TwoMsb);
        sieve
            .and_then(|sieve| sieve_and_find($source, sieve, |_, candidate| is_prime(Flavor::Any, candidate)))
            .map_err(text)?
            .map(|prime| BigUint::from_bytes_be(prime.to_be_bytes().as_ref()))
            .ok_or_else(|| "no prime was found".to_owned())?
    }};
}

/// Primes that do not go together with the exponent (one pair of ten thousands) are made anew.
const ATTEMPTS_MAX: usize = 4;

fn text(error: impl Display) -> String {
    error.to_string()
}

impl Key {
    pub(super) fn rsa_2048(entropy: &dyn api::env::Entropy) -> Result<Self, String> {
        let mut source = Random(entropy);
        Self::rsa(|| Ok((prime!(U1024, &mut source), prime!(U1024, &mut source))))
    }

    pub(super) fn rsa_4096(entropy: &dyn api::env::Entropy) -> Result<Self, String> {
        let mut source = Random(entropy);
        Self::rsa(|| Ok((prime!(U2048, &mut source), prime!(U2048, &mut source))))
    }

    fn rsa(mut primes: impl FnMut() -> Result<(BigUint, BigUint), String>) -> Result<Self, String> {
        let mut refused = String::new();
        for _ in 0..ATTEMPTS_MAX {
            let (p, q) = primes()?;
            match RsaPrivateKey::from_p_q(p, q, BigUint::from(65_537_u32)) {
                Ok(key) => return Ok(Self::Rsa(Box::new(key))),
                Err(error) => refused = error.to_string(),
            }
        }
        Err(refused)
    }

    pub(super) fn ecdsa(entropy: &dyn api::env::Entropy) -> Result<Self, String> {
        let mut refused = String::new();
        // All but one of 2^32 scalars are in range.
        for _ in 0..ATTEMPTS_MAX {
            let mut scalar = [0; 32];
            entropy.fill(&mut scalar);
            match p256::ecdsa::SigningKey::from_slice(&scalar) {
                Ok(key) => return Ok(Self::Ecdsa(key)),
                Err(error) => refused = error.to_string(),
            }
        }
        Err(refused)
    }

    pub(super) fn ed25519(entropy: &dyn api::env::Entropy) -> Self {
        let mut seed = [0; 32];
        entropy.fill(&mut seed);
        Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Sprig's `parsePrivateKeyPEM`.
    pub(super) fn from_pem(text: &[u8]) -> Result<Self, String> {
        let block = pem::decode(text).ok_or("no PEM data in input")?;
        let Some(kind) = block.label.strip_suffix("PRIVATE KEY") else {
            return Err(format!("no private key data in PEM block of type {}", block.label));
        };
        match kind.trim_end() {
            "" => Self::from_pkcs8(&block.der).map_err(|error| format!("decoding PEM as PKCS#8: {error}")),
            "RSA" => Self::from_pkcs1(&block.der).map_err(|error| format!("parsing RSA private key from PEM: {error}")),
            "EC" => Self::from_sec1(&block.der).map_err(|error| format!("parsing EC private key from PEM: {error}")),
            "DSA" => Err("parsing DSA private key from PEM: DSA keys are not supported".to_owned()),
            kind => Err(format!("invalid private key type {kind}")),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, String> {
        RsaPrivateKey::from_pkcs1_der(der).map(|key| Self::Rsa(Box::new(key))).map_err(text)
    }

    fn from_sec1(bytes: &[u8]) -> Result<Self, String> {
        let members = der::members(bytes).ok_or("x509: failed to parse EC private key")?;
        let [(der::INTEGER, [1]), (der::OCTET_STRING, scalar), rest @ ..] = &members[..] else {
            return Err("x509: failed to parse EC private key".to_owned());
        };
        if let Some((0xa0, curve)) = rest.first()
            && *curve != der::object_identifier(P256)
        {
            return Err("only the curve P-256 is supported".to_owned());
        }
        p256::ecdsa::SigningKey::from_slice(scalar)
            .map(Self::Ecdsa)
            .map_err(|_| "x509: invalid elliptic curve private key value".to_owned())
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<Self, String> {
        let malformed = "x509: failed to parse private key";
        let members = der::members(bytes).ok_or(malformed)?;
        let [(der::INTEGER, _), (_, algorithm), (der::OCTET_STRING, key), ..] = &members[..] else {
            return Err(malformed.to_owned());
        };
        let is = |dotted: &str| algorithm.starts_with(&der::object_identifier(dotted));
        if is(RSA_ENCRYPTION) {
            return Self::from_pkcs1(key);
        }
        if is(EC_PUBLIC_KEY) {
            return Self::from_sec1(key);
        }
        if is(ED25519) {
            let (_, seed, _) = der::read(key).ok_or(malformed)?;
            let seed = seed.try_into().map_err(|_| "x509: invalid Ed25519 private key length".to_owned())?;
            return Ok(Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed)));
        }
        Err("x509: PKCS#8 wrapping contained private key with unknown algorithm".to_owned())
    }

    /// PKCS#1, SEC 1 and PKCS#8, by the type of the key, as Sprig writes them.
    pub(super) fn to_pem(&self) -> Result<String, String> {
        Ok(match self {
            Self::Rsa(key) => pem::encode("RSA PRIVATE KEY", key.to_pkcs1_der().map_err(text)?.as_bytes()),
            Self::Ecdsa(key) => {
                let members = [
                    der::integer(&[1]),
                    der::tagged(der::OCTET_STRING, &key.to_bytes()),
                    der::tagged(0xa0, &der::object_identifier(P256)),
                    der::tagged(0xa1, &der::bit_string(&self.public())),
                ];
                pem::encode("EC PRIVATE KEY", &der::sequence(&members))
            }
            Self::Ed25519(key) => {
                let algorithm = der::sequence(&[der::object_identifier(ED25519)]);
                let seed = der::tagged(der::OCTET_STRING, &key.to_bytes());
                let members = [der::integer(&[0]), algorithm, der::tagged(der::OCTET_STRING, &seed)];
                pem::encode("PRIVATE KEY", &der::sequence(&members))
            }
        })
    }

    /// The bits of the public key, as a certificate holds them.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.to_public_key().to_pkcs1_der().map(|der| der.as_bytes().to_vec()).unwrap_or_default(),
            Self::Ecdsa(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Ed25519(key) => key.verifying_key().to_bytes().to_vec(),
        }
    }

    /// `SubjectPublicKeyInfo`
    pub(super) fn public_info(&self) -> Vec<u8> {
        let algorithm = match self {
            Self::Rsa(_) => vec![der::object_identifier(RSA_ENCRYPTION), der::null()],
            Self::Ecdsa(_) => vec![der::object_identifier(EC_PUBLIC_KEY), der::object_identifier(P256)],
            Self::Ed25519(_) => vec![der::object_identifier(ED25519)],
        };
        der::sequence(&[der::sequence(&algorithm), der::bit_string(&self.public())])
    }

    /// The algorithm of [`Key::sign`]: with SHA-256, where a hash is used.
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        der::sequence(&match self {
            Self::Rsa(_) => vec![der::object_identifier("1.2.840.113549.1.1.11"), der::null()],
            Self::Ecdsa(_) => vec![der::object_identifier("1.2.840.10045.4.3.2")],
            Self::Ed25519(_) => vec![der::object_identifier(ED25519)],
        })
    }

    /// A signature that depends on nothing but the key and the message.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Rsa(key) => {
                let signer = rsa::pkcs1v15::SigningKey::<rsa::sha2::Sha256>::new((**key).clone());
                signer.try_sign(message).map_err(text)?.to_vec()
            }
            Self::Ecdsa(key) => {
                let signature: p256::ecdsa::Signature =
                    p256::ecdsa::signature::Signer::try_sign(key, message).map_err(text)?;
                signature.to_der().as_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        })
    }
}

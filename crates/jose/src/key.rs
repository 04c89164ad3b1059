//! Keys: made, kept as PKCS#8 PEM, published as JSON Web Keys.

use std::fmt;

use api::env::Random;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL};
use crypto_bigint::U1024;
use crypto_primes::{
    Flavor,
    hazmat::{SetBits, SmallFactorsSieveFactory},
    is_prime, sieve_and_find,
};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    traits::PublicKeyParts,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;

/// A private RSA key of 2048 bits with a stable key id. Never printed.
pub struct SigningKey {
    id: String,
    pair: RsaKeyPair,
    pem: String,
    public: Jwk,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A random prime of half the modulus's length. Its two highest bits are set, so that the product of two has 2048 bits.
fn prime(source: &mut Random<'_>) -> Result<BigUint, Error> {
    let failed = |error: &dyn fmt::Display| Error::Key(error.to_string());
    let sieve = SmallFactorsSieveFactory::<U1024>::new(Flavor::Any, U1024::BITS, SetBits::TwoMsb)
        .map_err(|error| failed(&error))?;
    let found = sieve_and_find(source, sieve, |_, candidate| is_prime(Flavor::Any, candidate))
        .map_err(|error| failed(&error))?;
    let found = found.ok_or_else(|| failed(&"no prime was found"))?;
    Ok(BigUint::from_bytes_be(found.to_be_bytes().as_ref()))
}

/// Keys whose primes do not go together with the exponent (one of ten thousands) are made anew.
const ATTEMPTS_MAX: usize = 4;

impl SigningKey {
    /// Takes about a tenth of a second: keep the result (see [`SigningKey::to_pem`]).
    pub fn generate(entropy: &dyn api::env::Entropy) -> Result<Self, Error> {
        let mut source = Random(entropy);
        let mut refused = Error::Key("no key was found".into());
        for _ in 0..ATTEMPTS_MAX {
            match RsaPrivateKey::from_p_q(prime(&mut source)?, prime(&mut source)?, BigUint::from(65_537_u32)) {
                Ok(key) => return Self::from_rsa(&key),
                Err(error) => refused = Error::Key(error.to_string()),
            }
        }
        Err(refused)
    }

    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        Self::from_rsa(&RsaPrivateKey::from_pkcs8_pem(pem).map_err(|error| Error::Key(error.to_string()))?)
    }

    /// PKCS#8 PEM. A secret: write it with mode 0600.
    pub fn to_pem(&self) -> &str {
        &self.pem
    }

    fn from_rsa(key: &RsaPrivateKey) -> Result<Self, Error> {
        let der = key.to_pkcs8_der().map_err(|error| Error::Key(error.to_string()))?;
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| Error::Key(error.to_string()))?.to_string();
        let pair = RsaKeyPair::from_pkcs8(der.as_bytes()).map_err(|error| Error::Key(error.to_string()))?;
        let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        // As Kubernetes does it: the id is a digest of the public key, so that it is the same after every restart.
        let id = URL.encode(Sha256::digest([n.as_slice(), e.as_slice()].concat()));
        let public = Jwk {
            key_use: "sig".into(),
            kty: "RSA".into(),
            kid: id.clone(),
            alg: "RS256".into(),
            n: URL.encode(n),
            e: URL.encode(e),
        };
        Ok(Self { id, pair, pem, public })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn jwk(&self) -> &Jwk {
        &self.public
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        // PKCS#1 v1.5 signatures take no randomness; ring uses its own only for blinding.
        self.pair
            .sign(&RSA_PKCS1_SHA256, &ring::rand::SystemRandom::new(), message, &mut signature)
            .map_err(|error| Error::Key(error.to_string()))?;
        Ok(signature)
    }
}

/// One public key, as in a JWKS document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    #[serde(rename = "use")]
    pub key_use: String,
    pub kty: String,
    pub kid: String,
    pub alg: String,
    pub n: String,
    pub e: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    pub keys: Vec<Jwk>,
}

/// A decoded public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    n: Vec<u8>,
    e: Vec<u8>,
}

impl PublicKey {
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, Error> {
        let decode = |text: &str| URL.decode(text).map_err(|error| Error::Key(error.to_string()));
        Ok(Self { n: decode(&jwk.n)?, e: decode(&jwk.e)? })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        RsaPublicKeyComponents { n: &self.n, e: &self.e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| Error::Signature)
    }
}

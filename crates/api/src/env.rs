//! Time and randomness as inputs. The edge hands real ones in, the sandbox and the simulator hand virtual ones in.

use std::{convert::Infallible, fmt::Debug, sync::Arc};

use jiff::Timestamp;
use rand_core::{TryCryptoRng, TryRng};

/// Where the time comes from. Virtual in the sandbox, the system's at the edge.
pub trait Clock: Send + Sync + Debug {
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from: uids, generated names, key material.
pub trait Entropy: Send + Sync + Debug {
    fn fill(&self, bytes: &mut [u8]);
}

/// Entropy in the form that searches for primes take.
#[derive(Debug)]
pub struct Random<'a>(pub &'a dyn Entropy);

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}

pub type SharedClock = Arc<dyn Clock>;
pub type SharedEntropy = Arc<dyn Entropy>;

/// A random (version 4) UUID out of the given entropy, in the lower-case form that Kubernetes and Azure use.
pub fn uuid(entropy: &dyn Entropy) -> String {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[0..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

/// RFC 3339 in whole seconds and UTC, as `metav1.Time` is written.
pub fn rfc3339(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 3339 with microseconds, as `metav1.MicroTime` is written.
pub fn rfc3339_micro(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

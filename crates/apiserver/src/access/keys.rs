//! The key that signs service account tokens, made when it is first needed: most clusters of a test never issue a token.

use std::{fmt, sync::Arc};

use api::status::Status;
use jose::{Jwks, SigningKey};
use parking_lot::Mutex;

type Make = dyn Fn() -> Result<Arc<SigningKey>, String> + Send + Sync;

/// Hands the signing key out. Cheap to clone; clones share the key.
///
/// Guarantees: `make` runs until it succeeds once, never twice at the same time. It may block for the tenth of a second that
/// an RSA key takes: in the sandbox, work on another thread would let the paused clock run ahead.
#[derive(Clone)]
pub struct Keys {
    make: Arc<Make>,
    made: Arc<Mutex<Option<Arc<SigningKey>>>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl From<Arc<SigningKey>> for Keys {
    fn from(key: Arc<SigningKey>) -> Self {
        Self::lazy(move || Ok(key.clone()))
    }
}

impl Keys {
    /// `make` loads the key from where it is kept, or makes one and keeps it there.
    pub fn lazy(make: impl Fn() -> Result<Arc<SigningKey>, String> + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(make), made: Arc::default() }
    }

    pub fn signing_key(&self) -> Result<Arc<SigningKey>, Status> {
        let mut made = self.made.lock();
        if let Some(key) = made.as_ref() {
            return Ok(key.clone());
        }
        let key = (self.make)().map_err(|why| Status::internal(format!("service account signing key: {why}")))?;
        *made = Some(key.clone());
        Ok(key)
    }

    /// The public half, as the cluster's issuer publishes it.
    pub fn jwks(&self) -> Result<Jwks, Status> {
        Ok(Jwks { keys: vec![self.signing_key()?.jwk().clone()] })
    }
}

//! The data directory of `windlass up`: what is where, made on the first start and kept ever after.
//! Directories are mode 0700, files 0600, written to a temporary name first.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use api::{
    Redacted,
    env::{self, Entropy},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sandbox::{Azure, Keys};
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error};

#[derive(Clone, Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
}

/// Ids that are made once. Not secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ids {
    tenant_id: String,
    subscription_id: String,
    owner_client_id: String,
}

impl DataDir {
    /// Opens or makes it.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        let this = Self { root: root.to_path_buf() };
        for directory in
            [root.to_path_buf(), this.store(), this.pki(), this.path("keys"), this.path("secrets"), this.path("git")]
        {
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory);
            made.context(format!("the data directory {} cannot be made", directory.display()))?;
        }
        fs::set_permissions(root, fs::Permissions::from_mode(0o700))
            .context(format!("the mode of {} cannot be set", root.display()))?;
        Ok(this)
    }

    /// One that must be there.
    pub(crate) fn existing(root: &Path) -> Result<Self, Error> {
        let this = Self { root: root.to_path_buf() };
        if this.path("ids.json").is_file() {
            return Ok(this);
        }
        Err(Error::new(format!("{} is no data directory of `windlass up`", root.display()))
            .hint("run `windlass up` first, or name another with --data-dir"))
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
    pub(crate) fn store(&self) -> PathBuf {
        self.path("store")
    }
    pub(crate) fn pki(&self) -> PathBuf {
        self.path("pki")
    }
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.path("kubeconfig")
    }
    pub(crate) fn repository(&self) -> PathBuf {
        self.path("git").join(sandbox::workshop::REPOSITORY)
    }
    /// What a shell sources to have az talk to the twin.
    pub(crate) fn azure_env(&self) -> PathBuf {
        self.path("azure.env")
    }
    /// For git's `credential.helper store --file`.
    pub(crate) fn git_credentials(&self) -> PathBuf {
        self.path("secrets").join("git-credentials")
    }

    /// Names and secrets of the simulated Azure, made on first use.
    pub(crate) fn azure(&self, entropy: &dyn Entropy) -> Result<Azure, Error> {
        let path = self.path("ids.json");
        let ids = match read(&path)? {
            Some(text) => serde_json::from_str(&text).context(format!("{} is damaged", path.display()))?,
            None => {
                let [tenant_id, subscription_id, owner_client_id] = std::array::from_fn(|_| env::uuid(entropy));
                let ids = Ids { tenant_id, subscription_id, owner_client_id };
                write(&path, &serde_json::to_string_pretty(&ids).context("ids.json")?)?;
                ids
            }
        };
        Ok(Azure {
            tenant_id: ids.tenant_id,
            subscription_id: ids.subscription_id,
            owner_client_id: ids.owner_client_id,
            owner_secret: self.secret("azure-owner", entropy)?,
        })
    }

    /// A random secret of that name, made on first use.
    pub(crate) fn secret(&self, name: &str, entropy: &dyn Entropy) -> Result<Redacted<String>, Error> {
        let path = self.path("secrets").join(name);
        if let Some(secret) = read(&path)? {
            return Ok(Redacted::new(secret.trim().to_string()));
        }
        let secret = loop {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            let secret = BASE64_URL_SAFE_NO_PAD.encode(bytes);
            // On a command line (`az login -p SECRET`) it would be an option.
            if !secret.starts_with('-') {
                break secret;
            }
        };
        write(&path, &secret)?;
        Ok(Redacted::new(secret))
    }

    /// Keys the hashes of write-only values.
    pub(crate) fn hash_key(&self, entropy: &dyn Entropy) -> Result<Redacted<[u8; 32]>, Error> {
        let secret = self.secret("hash-key", entropy)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(secret.reveal()).context("secrets/hash-key is damaged")?;
        let key =
            bytes.try_into().map_err(|_| Error::new("secrets/hash-key is damaged").because("32 bytes are expected"))?;
        Ok(Redacted::new(key))
    }

    /// Both issuers' signing keys; the two are made at the same time.
    pub(crate) fn keys(&self) -> Result<Keys, Error> {
        let (azure, cluster) = std::thread::scope(|scope| {
            let cluster = scope.spawn(|| self.key("cluster"));
            (self.key("azure"), cluster.join())
        });
        let cluster =
            cluster.map_err(|_| Error::new("a signing key could not be made").because("the thread panicked"))?;
        Ok(Keys { azure: azure?, cluster: cluster? })
    }

    fn key(&self, name: &str) -> Result<Arc<jose::SigningKey>, Error> {
        let path = self.path("keys").join(format!("{name}.pem"));
        let key = match read(&path)? {
            Some(pem) => jose::SigningKey::from_pem(&pem).context(format!("{} is damaged", path.display()))?,
            None => {
                let key = jose::SigningKey::generate(&crate::process::SystemEntropy)
                    .context("a signing key could not be made")?;
                write(&path, key.to_pem())?;
                key
            }
        };
        Ok(Arc::new(key))
    }
}

/// Why the store of a data directory did not open, with what to do when another process has it.
pub(crate) fn store_error(message: String, error: &store::Error) -> Error {
    let hint = match error {
        store::Error::Locked { pid: Some(pid), .. } => {
            format!("a `windlass up` uses it: stop it (`kill {pid}`), or name another directory")
        }
        store::Error::Locked { pid: None, .. } => "a `windlass up` uses it: stop it, or name another directory".into(),
        _ => return Error::new(message).caused_by(error),
    };
    Error::new(message).caused_by(error).hint(hint)
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(format!("{} cannot be read", path.display())).caused_by(error)),
    }
}

/// All or nothing, mode 0600: a half-written key would lock its owner out.
fn write(path: &Path, contents: &str) -> Result<(), Error> {
    apiserver::pki::write_private(path, contents.as_bytes()).context(format!("{} cannot be written", path.display()))
}

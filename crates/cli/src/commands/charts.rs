//! Where the charts of Applications come from: repositories and registries of the network, through a cache on disk.
//! Repository Secrets are not read, so nobody is asked for a credential.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use source::{
    Credential, Credentials,
    chart::{Cache, Charts, Options, Remote},
};

use crate::process;

/// What the cache of archives and indexes may take.
const CACHE_BYTES: u64 = 1 << 30;

#[derive(Debug)]
struct Nobody;

impl Credentials for Nobody {
    fn lookup(&self, _: &str) -> Option<Credential> {
        None
    }
}

/// Https only, and nothing of this machine's files but the mirror: what is asked for stands in repositories of others.
pub(super) fn remote(cache: &Path, mirror: Option<PathBuf>) -> Arc<dyn Charts> {
    let (proxy, no_proxy) = process::proxy();
    let options = Options { mirror, proxy, no_proxy, ..Options::default() };
    Arc::new(Remote::new(Cache::new(cache.join("charts"), CACHE_BYTES), options, Arc::new(Nobody)))
}

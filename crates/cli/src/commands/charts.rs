//! Where the charts of Applications come from: repositories and registries of the network, through a cache on disk.
//! Repository Secrets are not read, so nobody is asked for a credential.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use source::{
    Credential, Credentials,
    chart::{Cache, Charts, Limits, Options, Remote},
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

/// How long a connection to the workshop's chart repository may take before the built-in chart stands in.
const WORKSHOP_CONNECT: Duration = Duration::from_secs(3);

/// Charts of the network. The workshop goes on where its chart's repository cannot be reached: a chart of ours stands in, and says so.
pub(super) fn all(cache: &Path, mirror: Option<PathBuf>, workshop: bool) -> Arc<dyn Charts> {
    let mut limits = Limits::default();
    if workshop {
        limits.connect = WORKSHOP_CONNECT;
    }
    // Https only, and nothing of this machine's files but the mirror: what is asked for stands in repositories of others.
    let (proxy, no_proxy) = process::proxy();
    let options = Options { mirror, proxy, no_proxy, limits, ..Options::default() };
    let remote = Arc::new(Remote::new(Cache::new(cache.join("charts"), CACHE_BYTES), options, Arc::new(Nobody)));
    if workshop { Arc::new(sandbox::workshop::Charts::new(remote)) } else { remote }
}

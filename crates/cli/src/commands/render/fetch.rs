//! The chart of a command line: from this machine without a runtime, or over the network through the cache.

use std::{fs, path::PathBuf, sync::Arc};

use api::Redacted;
use chart::files::IgnoreRules;
use source::{
    Credential, Credentials,
    chart::{Cache, Charts, Fetched, Identity, Limits, Options, Remote, Tls, Wanted, is_local, read_local},
};

use crate::{
    args,
    error::{Context, Error},
    exit::Exit,
    process,
};

/// What the cache of archives and indexes may take.
const CACHE_BYTES: u64 = 1 << 30;

/// One credential for whatever is asked; it goes to the repository's own host only.
#[derive(Debug)]
struct Given(Option<Credential>);

impl Credentials for Given {
    fn lookup(&self, _: &str) -> Option<Credential> {
        self.0.clone()
    }
}

pub(super) fn chart(chart: &str, from: &args::From) -> Result<Fetched, Error> {
    let wanted = Wanted {
        chart: chart.to_owned(),
        repository: from.repo.clone(),
        version: from.version.clone(),
        devel: from.devel,
        pass_credentials: from.pass_credentials,
    };
    if let Some(path) = is_local(&wanted).map_err(|error| of_source(&error))? {
        return read_local(&path, &Limits::default(), ignored).map_err(|error| of_source(&error));
    }
    let remote = remote(from)?;
    super::super::runtime()?.block_on(remote.fetch(&wanted)).map_err(|error| of_source(&error))
}

/// The text of a file of values that is named by URL.
pub(super) fn document(url: &str, from: &args::From) -> Result<Vec<u8>, Error> {
    let remote = remote(from)?;
    let text = super::super::runtime()?.block_on(remote.document(url));
    text.map(|text| text.to_vec()).map_err(|error| of_source(&error))
}

/// What `.helmignore` names is not even read, nor what Helm leaves out without being told.
fn ignored(rules: Option<&[u8]>) -> source::chart::Ignored {
    match rules.map_or_else(|| Ok(IgnoreRules::default()), IgnoreRules::parse) {
        Ok(rules) => Box::new(move |path, is_directory| rules.ignores(path, is_directory)),
        // Reported when the chart is loaded.
        Err(_) => Box::new(|_, _| false),
    }
}

fn remote(from: &args::From) -> Result<Remote, Error> {
    let cache = process::cache_dir().ok_or_else(|| {
        Error::usage("neither XDG_CACHE_HOME nor HOME is set").hint("a cache is needed for charts of the network")
    })?;
    let pem = |path: &Option<PathBuf>| match path {
        Some(path) => fs::read(path).map(Some).context(format!("{} cannot be read", path.display())),
        None => Ok(None),
    };
    let identity = match (pem(&from.cert_file)?, pem(&from.key_file)?) {
        (Some(certificates), Some(key)) => Some(Identity { certificates, key: Redacted::new(key) }),
        _ => None,
    };
    let tls = Tls { authorities: pem(&from.ca_file)?, identity };
    let credential = from.username.as_ref().map(|username| Credential::Basic {
        username: username.clone(),
        password: Redacted::new(from.password.clone().unwrap_or_default()),
    });
    let (proxy, no_proxy) = process::proxy();
    let options = Options {
        local: true,
        plain_http: true,
        plain_http_registry: from.plain_http,
        pass_credentials: from.pass_credentials,
        mirror: from.mirror.clone(),
        proxy,
        no_proxy,
        tls,
        ..Options::default()
    };
    Ok(Remote::new(Cache::new(cache.join("charts"), CACHE_BYTES), options, Arc::new(Given(credential))))
}

fn of_source(error: &source::chart::Error) -> Error {
    let exit = match error {
        source::chart::Error::Denied { .. } => Exit::Authentication,
        _ => Exit::Failure,
    };
    let told = Error::new(error.to_string()).with_exit(exit);
    match error.hint() {
        Some(hint) => told.hint(hint),
        None => told,
    }
}

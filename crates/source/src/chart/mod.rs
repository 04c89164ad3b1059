//! Where Helm charts come from: a directory, an archive, an HTTP repository, an OCI registry.
//!
//! [`Charts`] is the port; [`Remote`] is the one implementation that does I/O. What a chart is made of is not known here: this
//! module hands over files or the bytes of an archive, and what they are called. Nothing here prints a credential.

mod cache;
mod entries;
mod error;
mod fields;
mod fixed;
mod index;
mod local;
mod oci;
mod reference;
mod repository;
mod threaded;
mod url;
mod versions;
mod web;
pub mod wire;

use std::{path::PathBuf, sync::Arc, time::Duration};

use api::files::FileSet;
use async_trait::async_trait;
use bytes::Bytes;

pub use cache::Cache;
pub use error::Error;
pub use fixed::FixedCharts;
pub use local::{Ignored, is_local, read_local};
pub use reference::Reference;
pub use threaded::Threaded;
pub use web::{Identity, Tls};

use crate::{Credential, Credentials};

/// Which chart, in the words of helm's command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A path, a URL of an archive, `oci://HOST/PATH`, or the name of a chart in `repository`.
    pub chart: String,
    /// The URL of an HTTP repository.
    pub repository: Option<String>,
    /// A version, or a range of versions.
    pub version: Option<String>,
    /// Pre-releases count as versions.
    pub devel: bool,
    /// Credentials of this repository also go to the hosts that its index names.
    pub pass_credentials: bool,
}

/// A chart as its source has it. Ignore rules, names and archives are the business of crate `chart`.
#[derive(Clone, Debug)]
pub enum Content {
    Directory(FileSet),
    Archive(Bytes),
}

#[derive(Clone, Debug)]
pub struct Fetched {
    pub content: Content,
    /// Of the archive: `sha256:` and 64 hex digits. A directory has none.
    pub digest: Option<String>,
    /// Where it was found, without credentials.
    pub origin: String,
    /// Why this is another chart than the one that was asked for. Nothing in this crate ever puts one in another's place.
    pub substituted: Option<String>,
}

/// The port that commands and controllers fetch charts through.
#[async_trait]
pub trait Charts: Send + Sync + std::fmt::Debug {
    async fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error>;
    /// Every version of the chart that its repository or registry has, in its order.
    async fn versions(&self, wanted: &Wanted) -> Result<Vec<String>, Error>;
}

/// What a chart may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files of a directory.
    pub files: usize,
    /// One file of a directory; helm's own limit.
    pub file_bytes: u64,
    /// Their contents in all.
    pub directory_bytes: u64,
    pub archive_bytes: u64,
    /// The index of a repository, as it comes over the network and when it is unpacked.
    pub index_bytes: u64,
    pub unpacked_index_bytes: u64,
    /// One small document: a manifest, a page of tags, a token.
    pub document_bytes: u64,
    /// Pages of tags of one repository.
    pub tag_pages: usize,
    pub redirects: usize,
    pub connect: Duration,
    /// One request with its redirects and its whole answer; helm's own.
    pub wall: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 50_000,
            file_bytes: 5 << 20,
            directory_bytes: 100 << 20,
            archive_bytes: 100 << 20,
            index_bytes: 256 << 20,
            unpacked_index_bytes: 1 << 30,
            document_bytes: 4 << 20,
            tag_pages: 100,
            redirects: 10,
            connect: Duration::from_secs(10),
            wall: Duration::from_secs(120),
        }
    }
}

/// What the operator decided.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub limits: Limits,
    /// Directories and `file://` URLs may be read: a command line's user may, a repository's author may not.
    pub local: bool,
    /// Plain http to any host; without it only to a loopback address.
    pub plain_http: bool,
    /// Registries are spoken to in plain http.
    pub plain_http_registry: bool,
    /// Credentials also go to the hosts that a repository's index or a redirect names.
    pub pass_credentials: bool,
    /// `DIR/HOST/PATH` answers for `https://HOST/PATH` where `DIR/HOST` is there: nothing of such a host is asked for.
    pub mirror: Option<PathBuf>,
    /// An http URL. CONNECT is used, TLS stays end to end.
    pub proxy: Option<String>,
    /// Host names and domain suffixes that are reached directly.
    pub no_proxy: Vec<String>,
    pub tls: Tls,
}

/// Charts of every kind of source, through a cache on disk.
#[derive(Debug)]
pub struct Remote {
    web: web::Web,
    cache: Cache,
    options: Options,
    credentials: Arc<dyn Credentials>,
}

impl Remote {
    pub fn new(cache: Cache, options: Options, credentials: Arc<dyn Credentials>) -> Self {
        Self { web: web::Web::new(&options), cache, options, credentials }
    }

    /// A text of the network: a file of values that is named by URL.
    pub async fn document(&self, url: &str) -> Result<Bytes, Error> {
        let credential = self.credential(url).await?;
        let asked = web::Asked { credential, accept: None, limit: self.options.limits.document_bytes };
        self.web.bytes(&url::Url::parse(url)?, &asked).await
    }

    async fn archive(&self, url: &str, credential: Option<Credential>) -> Result<Fetched, Error> {
        let url = url::Url::parse(url)?;
        let asked = web::Asked { credential, accept: None, limit: self.options.limits.archive_bytes };
        let bytes = self.web.bytes(&url, &asked).await?;
        Ok(Fetched {
            digest: Some(cache::digest(&bytes)),
            content: Content::Archive(bytes),
            origin: url.shown(),
            substituted: None,
        })
    }

    async fn credential(&self, url: &str) -> Result<Option<Credential>, Error> {
        if let (_, Some(own)) = crate::address::split_credential(url) {
            return Ok(Some(own));
        }
        let (credentials, url) = (self.credentials.clone(), url::without_credential(url));
        let found = tokio::task::spawn_blocking(move || credentials.lookup(&url)).await;
        found.map_err(|error| Error::Failed { what: "the credentials".into(), message: error.to_string() })
    }
}

#[async_trait]
impl Charts for Remote {
    async fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error> {
        let reference = Reference::parse(wanted)?;
        tracing::debug!(chart = %wanted.chart, source = reference.kind(), "fetching a chart");
        match reference {
            Reference::Path(_) if !self.options.local => Err(Error::NotAllowed {
                what: wanted.chart.clone(),
                message: "charts of this machine's file system are not allowed here".into(),
            }),
            Reference::Path(path) => {
                let limits = self.options.limits.clone();
                let read = tokio::task::spawn_blocking(move || read_local(&path, &limits, |_| Box::new(|_, _| false)));
                read.await.map_err(|error| Error::Failed { what: wanted.chart.clone(), message: error.to_string() })?
            }
            Reference::Archive(url) => {
                let credential = self.credential(&url).await?;
                self.archive(&url, credential).await
            }
            Reference::Repository { url, name } => self.of_repository(&url, &name, wanted).await,
            Reference::Registry(image) => self.of_registry(&image, wanted).await,
        }
    }

    async fn versions(&self, wanted: &Wanted) -> Result<Vec<String>, Error> {
        match Reference::parse(wanted)? {
            Reference::Repository { url, name } => self.versions_of_repository(&url, &name).await,
            Reference::Registry(image) => self.versions_of_registry(&image).await,
            Reference::Path(_) | Reference::Archive(_) => {
                let message = "versions are listed by repositories and registries only".to_owned();
                Err(Error::Failed { what: wanted.chart.clone(), message })
            }
        }
    }
}

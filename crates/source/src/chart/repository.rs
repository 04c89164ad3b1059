//! HTTP repositories: the index through the cache, one of its versions, the archive verified by digest.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Content, Error, Fetched, Remote, Wanted, cache,
    index::{self, Chart, Entry},
    url::Url,
    versions,
    web::{Asked, Download},
};
use crate::Credential;

/// The first line of an index in the cache. The index as it came stands below it.
#[derive(Default, Serialize, Deserialize)]
struct Header {
    etag: Option<String>,
    modified: Option<String>,
    gzip: bool,
}

/// Room for the header, which is known when the body has come.
const HEADER_BYTES: usize = 1024;

impl Remote {
    pub(super) async fn of_repository(&self, repository: &str, name: &str, wanted: &Wanted) -> Result<Fetched, Error> {
        let credential = self.credential(repository).await?;
        let base = Url::parse(repository)?;
        let chart = self.index(&base, credential.clone(), name).await?;
        let entry = choose(&base, name, wanted, chart)?;
        let missing = || Error::NoDownload { chart: name.to_owned(), version: Some(entry.version.clone()) };
        let url = base.resolve(entry.urls.iter().flatten().next().ok_or_else(missing)?)?;
        // Some indexes have the digits only, some have none at all.
        let digest = entry.digest.as_deref().map(|digest| digest.trim().to_ascii_lowercase());
        let digest = digest.filter(|digest| !digest.is_empty()).map(|digest| match digest.starts_with("sha256:") {
            true => digest,
            false => format!("sha256:{digest}"),
        });
        if let Some(bytes) = digest.as_deref().and_then(|digest| self.cache.archive(digest)) {
            return Ok(Fetched { content: Content::Archive(bytes), digest, origin: url.shown(), substituted: None });
        }
        let credential =
            credential.filter(|_| self.options.pass_credentials || wanted.pass_credentials || url.same_origin(&base));
        let asked = Asked { credential, accept: None, limit: self.options.limits.archive_bytes };
        let bytes = self.web.bytes(&url, &asked).await?;
        let found = cache::digest(&bytes);
        if let Some(expected) = digest.filter(|digest| *digest != found) {
            return Err(Error::Digest { url: url.shown(), expected, found });
        }
        self.cache.keep_archive(&found, &bytes)?;
        Ok(Fetched { content: Content::Archive(bytes), digest: Some(found), origin: url.shown(), substituted: None })
    }

    pub(super) async fn versions_of_repository(&self, repository: &str, name: &str) -> Result<Vec<String>, Error> {
        let credential = self.credential(repository).await?;
        let base = Url::parse(repository)?;
        let chart = self.index(&base, credential, name).await?;
        match chart.entries {
            Some(entries) => Ok(entries.into_iter().map(|entry| entry.version).collect()),
            None => Err(Error::NotFound { chart: name.to_owned(), version: None, url: base.shown(), near: chart.near }),
        }
    }

    async fn index(&self, base: &Url, credential: Option<Credential>, name: &str) -> Result<Chart, Error> {
        let url = base.child("index.yaml");
        let broken = |message: String| Error::NoRepository { url: base.shown(), message };
        let limits = &self.options.limits;
        let path = self.cache.index_path(&url.to_string());
        let known = header(&path);
        let validators = known.as_ref().map_or((None, None), |it| (it.etag.as_deref(), it.modified.as_deref()));
        let mut aside = self.cache.aside("indexes")?;
        let unwritten =
            |error: std::io::Error| Error::Cache { path: path.display().to_string(), message: error.to_string() };
        aside.file().write_all(&[b' '; HEADER_BYTES]).map_err(unwritten)?;
        let asked = Asked { credential, accept: None, limit: limits.index_bytes };
        let downloaded = match self.web.download(&url, &asked, validators, &mut aside).await {
            Ok(downloaded) => downloaded,
            Err(Error::Refused { code, url }) => return Err(broken(format!("failed to fetch {url} : {code}"))),
            Err(error) => return Err(error),
        };
        let (path, gzip) = match downloaded {
            Download::Unchanged => {
                cache::touch(&path);
                (path, known.is_some_and(|known| known.gzip))
            }
            Download::Complete { etag, modified, gzip } => {
                write_header(aside.file(), Header { etag, modified, gzip }).map_err(unwritten)?;
                (self.cache.keep_index(aside, &url.to_string())?, gzip)
            }
        };
        let (limit, name) = (limits.unpacked_index_bytes, name.to_owned());
        let read = tokio::task::spawn_blocking(move || read_index(&path, gzip, limit, &name)).await;
        read.map_err(|error| broken(error.to_string()))?.map_err(broken)
    }
}

fn choose(base: &Url, name: &str, wanted: &Wanted, chart: Chart) -> Result<Entry, Error> {
    let version = wanted.version.clone().filter(|version| !version.is_empty());
    let url = base.shown();
    let Some(entries) = chart.entries else {
        return Err(Error::NotFound { chart: name.to_owned(), version, url, near: chart.near });
    };
    let texts: Vec<&str> = entries.iter().map(|entry| entry.version.as_str()).collect();
    match versions::choose(&texts, version.as_deref(), wanted.devel)? {
        Some(at) => Ok(entries[at].clone()),
        None => {
            let near = versions::newest(&texts, 3).into_iter().map(str::to_owned).collect();
            Err(Error::NotFound { chart: name.to_owned(), version, url, near })
        }
    }
}

fn header(path: &Path) -> Option<Header> {
    let mut head = Vec::new();
    fs::File::open(path).ok()?.take(HEADER_BYTES as u64).read_to_end(&mut head).ok()?;
    serde_json::from_slice(head.trim_ascii()).ok()
}

fn write_header(file: &mut fs::File, header: Header) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut text = serde_json::to_vec(&header)?;
    // Without validators it is asked for anew next time.
    if text.len() >= HEADER_BYTES {
        text = serde_json::to_vec(&Header { gzip: header.gzip, ..Header::default() })?;
    }
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&text)
}

fn read_index(path: &PathBuf, gzip: bool, limit: u64, name: &str) -> Result<Chart, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    file.fill_buf().map_err(|error| error.to_string())?;
    std::io::copy(&mut file.by_ref().take(HEADER_BYTES as u64), &mut std::io::sink())
        .map_err(|error| error.to_string())?;
    if gzip {
        index::read(BufReader::new(flate2::bufread::MultiGzDecoder::new(file).take(limit)), name)
    } else {
        index::read(file.take(limit), name)
    }
}

//! Archives by digest and indexes of repositories, on disk. Files appear whole (written aside, then renamed), so that processes
//! may share a cache; what was used longest ago goes first when it is full. Contents are verified when they are read.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::SystemTime,
};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::Error;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cache {
    root: PathBuf,
    bytes_max: u64,
}

impl Cache {
    /// Under `root`, which is made when it is needed. `bytes_max` bounds the archives and indexes in all.
    pub fn new(root: impl Into<PathBuf>, bytes_max: u64) -> Self {
        Self { root: root.into(), bytes_max }
    }

    /// The archive, if it is there and whole.
    pub(super) fn archive(&self, digest: &str) -> Option<Bytes> {
        let path = self.archive_path(digest)?;
        let bytes = fs::read(&path).ok()?;
        if self::digest(&bytes) != digest {
            let _ = fs::remove_file(&path);
            return None;
        }
        touch(&path);
        Some(bytes.into())
    }

    pub(super) fn keep_archive(&self, digest: &str, bytes: &[u8]) -> Result<(), Error> {
        let Some(path) = self.archive_path(digest) else { return Ok(()) };
        let mut aside = self.aside("archives")?;
        aside.file().write_all(bytes).map_err(|error| self.failed(&error))?;
        aside.become_file(&path).map_err(|error| self.failed(&error))?;
        self.make_room(&path);
        Ok(())
    }

    /// Where the index of a repository lies, whether it is there or not.
    pub(super) fn index_path(&self, url: &str) -> PathBuf {
        self.root.join("indexes").join(api::hex::encode(&Sha256::digest(url.as_bytes())))
    }

    pub(super) fn keep_index(&self, aside: Aside, url: &str) -> Result<PathBuf, Error> {
        let path = self.index_path(url);
        aside.become_file(&path).map_err(|error| self.failed(&error))?;
        self.make_room(&path);
        Ok(path)
    }

    /// A file that nobody else sees yet.
    pub(super) fn aside(&self, kind: &str) -> Result<Aside, Error> {
        let directory = self.root.join(kind);
        fs::create_dir_all(&directory).map_err(|error| self.failed(&error))?;
        for attempt in 0..1000_u32 {
            let path = directory.join(format!(".{}-{attempt}", std::process::id()));
            match fs::File::create_new(&path) {
                Ok(file) => return Ok(Aside { path: Some(path), file }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
        Err(Error::Cache { path: directory.display().to_string(), message: "is full of unfinished files".into() })
    }

    fn archive_path(&self, digest: &str) -> Option<PathBuf> {
        Some(self.root.join("archives").join(hex_of(digest)?))
    }

    /// Removes what was used longest ago, `keep` never.
    fn make_room(&self, keep: &Path) {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for kind in ["archives", "indexes"] {
            let Ok(entries) = fs::read_dir(self.root.join(kind)) else { continue };
            files.extend(entries.flatten().filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            }));
        }
        let mut total: u64 = files.iter().map(|(_, len, _)| len).sum();
        files.sort();
        for (_, len, path) in files.iter().filter(|(_, _, path)| path != keep && !unfinished(path)) {
            if total <= self.bytes_max {
                return;
            }
            if fs::remove_file(path).is_ok() {
                total -= len;
            }
        }
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::Cache { path: self.root.display().to_string(), message: error.to_string() }
    }
}

/// A file of another process's download.
fn unfinished(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'))
}

/// A file being written; it is removed unless it becomes one of the cache.
#[derive(Debug)]
pub(super) struct Aside {
    path: Option<PathBuf>,
    file: fs::File,
}

impl Aside {
    pub(super) fn file(&mut self) -> &mut fs::File {
        &mut self.file
    }

    fn become_file(mut self, target: &Path) -> std::io::Result<()> {
        self.file.flush()?;
        match self.path.take() {
            Some(path) => fs::rename(path, target),
            None => Ok(()),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// Marks as used now. A cache that cannot be written is still read.
pub(super) fn touch(path: &Path) {
    if let Ok(file) = fs::File::options().append(true).open(path) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the age of a cached file is no input of anything that is decided"
        )]
        let _ = file.set_modified(SystemTime::now());
    }
}

pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", api::hex::encode(&Sha256::digest(bytes)))
}

/// The digits of a digest, if it is one.
pub(super) fn hex_of(digest: &str) -> Option<&str> {
    let digits = digest.strip_prefix("sha256:")?;
    let plain = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    plain.then_some(digits)
}

//! What a caller loaded of a chart: paths and bytes, in order. Where they came from (a directory, an archive, a registry) is the
//! caller's matter; this crate opens no file.

mod archive;
mod budget;
mod glob;
mod ignore;
mod pattern;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, sync::Arc};

pub use archive::check_archive;
pub use budget::{Budget, FILE_BYTES_MAX};
pub use glob::Glob;
pub use ignore::{IGNORE_FILE, IgnoreRules};
pub use pattern::{BadPattern, matches as path_matches};

use sha2::{Digest, Sha256};

/// A file set that cannot be one, with Helm's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Refused for what it holds or how large it is.
    #[error("{0}")]
    Refused(String),
    /// The bytes are no gzip stream.
    #[error("gzip: invalid header")]
    NoGzip,
    /// The bytes are cut or damaged.
    #[error("{0}")]
    Damaged(String),
}

/// The byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// One file of a chart. The name is relative to the chart, with `/` between its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub data: Arc<[u8]>,
}

impl File {
    /// A byte order mark at the start is not part of the content, as in Helm.
    pub fn new(name: impl Into<String>, data: &[u8]) -> Self {
        let data = data.strip_prefix(MARK).unwrap_or(data);
        Self { name: name.into(), data: data.into() }
    }

    /// Without a copy of the content, unless it has to lose its mark.
    fn shared(name: String, data: Arc<[u8]>) -> Self {
        if data.starts_with(MARK) { Self::new(name, &data) } else { Self { name, data } }
    }
}

/// The files of one chart in the order in which Helm meets them: a directory's sorted by name at each level, an archive's as packed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSet {
    files: Vec<File>,
}

impl FileSet {
    /// Files that have been chosen already; the order stays.
    pub fn new(files: Vec<File>) -> Self {
        Self { files }
    }

    /// All files below a chart's directory: `.helmignore` is obeyed, the order is made.
    ///
    /// A caller that walks a large directory applies [`IgnoreRules`] itself, to leave ignored directories unread.
    pub fn from_directory(mut files: Vec<File>) -> Result<Self, Error> {
        let rules = match files.iter().find(|file| file.name == IGNORE_FILE) {
            Some(file) => IgnoreRules::parse(&file.data)?,
            None => IgnoreRules::default(),
        };
        files.retain(|file| !rules.ignores_file(&file.name));
        in_order(&mut files)?;
        Ok(Self { files })
    }

    /// As [`FileSet::from_directory`], of files that were read into a tree.
    pub fn from_tree(tree: &api::files::FileSet) -> Result<Self, Error> {
        Self::from_directory(tree.0.iter().map(|(name, data)| File::shared(name.clone(), Arc::clone(data))).collect())
    }

    /// The files of a walk that has obeyed [`IgnoreRules`] already.
    pub fn from_walk(tree: api::files::FileSet) -> Result<Self, Error> {
        let mut files: Vec<File> = tree.0.into_iter().map(|(name, data)| File::shared(name, data)).collect();
        // A walk that could not read the rules leaves it to others to say so.
        if let Some(file) = files.iter().find(|file| file.name == IGNORE_FILE) {
            IgnoreRules::parse(&file.data)?;
        }
        in_order(&mut files)?;
        Ok(Self { files })
    }

    /// The files of a gzipped tar archive, without its top directory.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_archive_within(bytes, &mut Budget::default())
    }

    /// [`FileSet::from_archive`] that takes from a budget which archives within archives share.
    pub fn from_archive_within(bytes: &[u8], budget: &mut Budget) -> Result<Self, Error> {
        archive::unpack(bytes, budget).map(|files| Self { files })
    }

    pub fn files(&self) -> &[File] {
        &self.files
    }

    pub fn into_files(self) -> Vec<File> {
        self.files
    }

    pub fn get(&self, name: &str) -> Option<&File> {
        self.files.iter().find(|file| file.name == name)
    }

    /// SHA-256 over names and contents: two equal sets are the same chart.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for file in &self.files {
            for part in [file.name.as_bytes(), &file.data] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn in_order(files: &mut [File]) -> Result<(), Error> {
    if let Some(file) = files.iter().find(|file| file.data.len() as u64 > FILE_BYTES_MAX) {
        let base = file.name.rsplit('/').next().unwrap_or_default();
        return Err(Error::Refused(format!(
            "chart file {base:?} is larger than the maximum file size {FILE_BYTES_MAX}"
        )));
    }
    files.sort_by(|a, b| walk_order(&a.name, &b.name));
    Ok(())
}

/// The order of a walk that sorts the names of each directory: a name ends before anything else can follow.
fn walk_order(a: &str, b: &str) -> Ordering {
    let key = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
    a.bytes().map(key).cmp(b.bytes().map(key))
}

//! A set of files by path, as a commit or a chart hands them over. Paths are relative, with `/`, without `.` or `..`.

use std::{collections::BTreeMap, sync::Arc};

/// Files by path. Contents are shared: the same blob in two trees is one allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet(pub BTreeMap<String, Arc<[u8]>>);

impl FileSet {
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(AsRef::as_ref)
    }

    pub fn insert(&mut self, path: impl Into<String>, contents: impl Into<Arc<[u8]>>) {
        self.0.insert(path.into(), contents.into());
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, contents)| (path.as_str(), contents.as_ref()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

//! Files of a commit out of a repository on disk: `ls-tree` and `cat-file`, so that neither checkout, filters nor
//! submodules come into play.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use api::files::FileSet;

use crate::{
    Error, Limits,
    failure::classify,
    process::Git,
    symlink::{self, Node},
};

/// One entry of a tree that is a file or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    oid: String,
    size: u64,
    link: bool,
}

/// A repository on disk, and how its origin is called in messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Objects<'a> {
    pub(crate) repository: &'a Path,
    pub(crate) url: &'a str,
    pub(crate) limits: &'a Limits,
}

pub(crate) type Blobs = BTreeMap<String, Arc<[u8]>>;

impl Objects<'_> {
    fn git(&self) -> Git<'_> {
        Git::new(self.limits.wall).dir(self.repository)
    }

    pub(crate) fn has(&self, commit: &str) -> bool {
        self.git().args(["cat-file", "-e", &format!("{commit}^{{commit}}")]).run().is_ok()
    }

    /// The commit that a name means in this repository.
    pub(crate) fn rev_parse(&self, revision: &str) -> Result<String, Error> {
        let name = format!("{revision}^{{commit}}");
        let output = self.git().args(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).run();
        match output {
            Ok(output) => Ok(String::from_utf8_lossy(&output).trim().to_owned()),
            Err(crate::process::Failure::Refused(_)) => {
                Err(Error::RevisionMissing { url: self.url.to_owned(), revision: revision.to_owned() })
            }
            Err(failure) => Err(classify(self.url, revision, failure)),
        }
    }

    /// Files under `path` at `commit`, links followed.
    pub(crate) fn files(&self, commit: &str, path: &str) -> Result<FileSet, Error> {
        let entries = self.list(commit)?;
        let links: Vec<&Entry> = entries.values().filter(|entry| entry.link).collect();
        let targets = self.read(commit, &links)?;
        let nodes: BTreeMap<&str, Node<'_>> = entries
            .iter()
            .map(|(path, entry)| {
                let target = targets.get(&entry.oid).filter(|_| entry.link);
                (path.as_str(), target.map_or(Node::File, |target| Node::Link(target)))
            })
            .collect();
        let selected = symlink::select(&nodes, path, self.url, commit)?;
        let real: Vec<&Entry> = selected.values().filter_map(|path| entries.get(*path)).collect();
        self.check_limits(&real)?;
        let blobs = self.read(commit, &real)?;
        let mut files = FileSet::default();
        for (path, real) in selected {
            if let Some(contents) = entries.get(real).and_then(|entry| blobs.get(&entry.oid)) {
                files.insert(path, contents.clone());
            }
        }
        Ok(files)
    }

    fn check_limits(&self, entries: &[&Entry]) -> Result<(), Error> {
        let over = |what: &str, limit| Error::TooLarge { url: self.url.to_owned(), what: what.to_owned(), limit };
        if entries.len() > self.limits.files {
            return Err(over("the number of files", self.limits.files as u64));
        }
        if entries.iter().map(|entry| entry.size).sum::<u64>() > self.limits.bytes {
            return Err(over("the size of all files", self.limits.bytes));
        }
        Ok(())
    }

    fn list(&self, commit: &str) -> Result<BTreeMap<String, Entry>, Error> {
        let output = self
            .git()
            .args(["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit])
            .stdout_max(self.limits.listing_bytes)
            .run()
            .map_err(|failure| classify(self.url, commit, failure))?;
        let mut entries = BTreeMap::new();
        for record in output.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            // A path that is not UTF-8 cannot be named in an Application, nor can its file matter to one.
            let Ok(record) = std::str::from_utf8(record) else { continue };
            let Some((facts, path)) = record.split_once('\t') else { continue };
            let facts: Vec<&str> = facts.split_whitespace().collect();
            // Submodules have the type `commit`: they are not followed.
            let [mode, "blob", oid, size] = facts[..] else { continue };
            let entry = Entry { oid: oid.to_owned(), size: size.parse().unwrap_or(u64::MAX), link: mode == "120000" };
            entries.insert(path.to_owned(), entry);
        }
        Ok(entries)
    }

    fn read(&self, commit: &str, entries: &[&Entry]) -> Result<Blobs, Error> {
        let mut blobs = Blobs::new();
        // The same contents under two paths are read once.
        let wanted: BTreeMap<&str, u64> = entries.iter().map(|entry| (entry.oid.as_str(), entry.size)).collect();
        if wanted.is_empty() {
            return Ok(blobs);
        }
        let names: String = wanted.keys().map(|oid| format!("{oid}\n")).collect();
        // A header line for each blob comes on top of the contents.
        let most = wanted.values().fold(0u64, |sum, size| sum.saturating_add(*size).saturating_add(100));
        let output = self
            .git()
            .args(["cat-file", "--batch"])
            .stdin(names.into_bytes())
            .stdout_max(most)
            .run()
            .map_err(|failure| classify(self.url, commit, failure))?;
        let unreadable = || Error::Git { url: self.url.to_owned(), message: "cat-file answered unexpectedly".into() };
        let mut rest = output.as_slice();
        while !rest.is_empty() {
            let (oid, contents, after) = next_blob(rest).ok_or_else(unreadable)?;
            blobs.insert(oid.to_owned(), contents.into());
            rest = after;
        }
        Ok(blobs)
    }
}

/// `OID blob SIZE\nCONTENTS\n`, and what follows.
fn next_blob(output: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let header = std::str::from_utf8(&output[..end]).ok()?;
    let mut fields = header.split(' ');
    let (oid, "blob", size) = (fields.next()?, fields.next()?, fields.next()?.parse::<usize>().ok()?) else {
        return None;
    };
    let contents = output.get(end + 1..)?.get(..size)?;
    Some((oid, contents, output.get(end + 1 + size + 1..)?))
}

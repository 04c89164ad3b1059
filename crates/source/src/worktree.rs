//! The files of a directory as the next commit would have them, and of its repository's commits: what `plan DIR` reads.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use api::files::FileSet;

use crate::{
    Commit, Error, Limits,
    address::shown,
    failure::classify,
    objects::Objects,
    process::{Failure, Git},
    symlink::{self, Node},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingTree {
    /// Every file of the whole repository (tracked, or untracked and not ignored) with its content on disk. Without a
    /// repository: every file of the directory.
    pub files: FileSet,
    /// Where the directory lies in its repository; empty when it is the root.
    pub prefix: String,
    /// URLs of the remotes, without credentials.
    pub remotes: Vec<String>,
    /// `None` without a repository, or before the first commit.
    pub head: Option<Commit>,
}

/// Reads a directory. Blocks: call it before the runtime's clock matters, or in `spawn_blocking`.
pub fn working_tree(dir: &Path, limits: &Limits) -> Result<WorkingTree, Error> {
    let url = dir.display().to_string();
    if !dir.is_dir() {
        return Err(Error::Unreachable { url, message: "there is no such directory".into() });
    }
    let git = || Git::new(limits.wall).dir(dir);
    let failed = |failure| classify(&url, "HEAD", failure);
    let Some(root) = toplevel(dir, limits).map_err(failed)? else { return plain(dir, &url, limits) };
    let prefix = text(git().args(["rev-parse", "--show-prefix"]).run().map_err(failed)?);
    let prefix = prefix.trim_end_matches('/').to_owned();
    let listed = Git::new(limits.wall)
        .dir(&root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z"])
        .stdout_max(limits.listing_bytes)
        .run()
        .map_err(failed)?;
    let names = listed.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
    let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    // A directory that an unrelated repository around it ignores stands for itself.
    if !prefix.is_empty() && !names.iter().any(|name| Path::new(name).starts_with(&prefix)) {
        return plain(dir, &url, limits);
    }
    let files = read(&root, names, &url, limits)?;
    let head = Objects { repository: dir, url: &url, limits }.rev_parse("HEAD").ok();
    Ok(WorkingTree { files, prefix, remotes: remotes(dir, limits).map_err(failed)?, head })
}

/// The files of a commit (any name that git understands) of the repository around `dir`, from its root. Blocks.
pub fn commit_tree(dir: &Path, revision: &str, limits: &Limits) -> Result<(Commit, FileSet), Error> {
    let url = dir.display().to_string();
    let objects = Objects { repository: dir, url: &url, limits };
    match toplevel(dir, limits) {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Error::Unreachable { url, message: "this is not a git repository".into() }),
        Err(failure) => return Err(classify(&url, revision, failure)),
    }
    let commit = objects.rev_parse(revision)?;
    let files = objects.files(&commit, "")?;
    Ok((commit, files))
}

fn toplevel(dir: &Path, limits: &Limits) -> Result<Option<PathBuf>, Failure> {
    match Git::new(limits.wall).dir(dir).args(["rev-parse", "--show-toplevel"]).run() {
        Ok(output) => Ok(Some(PathBuf::from(text(output)))),
        Err(Failure::Refused(words)) if words.to_lowercase().contains("not a git repository") => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn text(output: Vec<u8>) -> String {
    String::from_utf8_lossy(&output).trim_end_matches('\n').to_owned()
}

fn remotes(dir: &Path, limits: &Limits) -> Result<Vec<String>, Failure> {
    let query = Git::new(limits.wall).dir(dir).args(["config", "-z", "--get-regexp", r"^remote\..*\.url$"]).run();
    let output = match query {
        Ok(output) => output,
        // No such key is no error here.
        Err(Failure::Refused(words)) if words.is_empty() => return Ok(Vec::new()),
        Err(failure) => return Err(failure),
    };
    let output = String::from_utf8_lossy(&output);
    Ok(output.split('\0').filter_map(|record| record.split_once('\n')).map(|(_, url)| shown(url)).collect())
}

fn plain(dir: &Path, url: &str, limits: &Limits) -> Result<WorkingTree, Error> {
    let mut names = Vec::new();
    walk(dir, "", &mut names, limits.files).map_err(|error| unreadable(url, dir, &error))?;
    Ok(WorkingTree { files: read(dir, names, url, limits)?, ..WorkingTree::default() })
}

fn walk(dir: &Path, prefix: &str, names: &mut Vec<String>, most: usize) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| *name != ".git") else { continue };
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), names, most)?;
        } else {
            names.push(path);
        }
        // One more than allowed is enough to be refused.
        if names.len() > most {
            break;
        }
    }
    Ok(())
}

fn read(root: &Path, names: Vec<String>, url: &str, limits: &Limits) -> Result<FileSet, Error> {
    let over = |what: &str, limit| Error::TooLarge { url: url.to_owned(), what: what.to_owned(), limit };
    if names.len() > limits.files {
        return Err(over("the number of files", limits.files as u64));
    }
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut links: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for name in &names {
        let path = root.join(name);
        match fs::symlink_metadata(&path) {
            Ok(facts) if facts.is_symlink() => {
                let target = fs::read_link(&path).map_err(|error| unreadable(url, &path, &error))?;
                links.insert(name, target.as_os_str().as_bytes().to_vec());
            }
            Ok(facts) if facts.is_file() => drop(sizes.insert(name, facts.len())),
            // Sockets, pipes, and the directories of submodules.
            Ok(_) => {}
            // Tracked and deleted: the next commit will not have it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(url, &path, &error)),
        }
    }
    let mut nodes: BTreeMap<&str, Node<'_>> = sizes.keys().map(|name| (*name, Node::File)).collect();
    nodes.extend(links.iter().map(|(name, target)| (*name, Node::Link(target))));
    let selected = symlink::select(&nodes, "", url, "working tree")?;
    if selected.values().filter_map(|real| sizes.get(real)).sum::<u64>() > limits.bytes {
        return Err(over("the size of all files", limits.bytes));
    }
    let mut files = FileSet::default();
    for (name, real) in selected {
        let path = root.join(real);
        let contents = fs::read(&path).map_err(|error| unreadable(url, &path, &error))?;
        files.insert(name, Arc::<[u8]>::from(contents));
    }
    Ok(files)
}

fn unreadable(url: &str, path: &Path, error: &io::Error) -> Error {
    Error::Unreachable { url: url.to_owned(), message: format!("{}: {error}", path.display()) }
}

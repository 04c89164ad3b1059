//! Repositories of our own: `windlass up --workshop` makes one and commits to it.

use std::{path::Path, time::Duration};

use api::files::FileSet;
use jiff::Timestamp;

use crate::{Commit, Error, failure::classify, process::Git};

const WALL: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    pub email: String,
}

/// Makes an empty bare repository whose `HEAD` is `branch`. Harmless when it is there already. Blocks.
pub fn init_bare(path: &Path, branch: &str) -> Result<(), Error> {
    Git::new(WALL)
        .args(["init", "--quiet", "--bare", "--template="])
        .arg(format!("--initial-branch={branch}"))
        .arg("--")
        .arg(path)
        .run()
        .map(drop)
        .map_err(|failure| classify(&path.display().to_string(), branch, failure))
}

/// Commits exactly these files on a branch of a bare repository: the same input on the same parent is the same commit.
/// Blocks.
pub fn commit_files(
    bare: &Path,
    branch: &str,
    files: &FileSet,
    message: &str,
    author: &Author,
    at: Timestamp,
) -> Result<Commit, Error> {
    let url = bare.display().to_string();
    let reference = format!("refs/heads/{branch}");
    let git = || Git::new(WALL).dir(bare);
    let name = format!("{reference}^{{commit}}");
    let parent = git().args(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).run().ok();
    let mut input = format!(
        "commit {reference}\ncommitter {} <{}> {} +0000\ndata {}\n{message}\n",
        plain(&author.name),
        plain(&author.email),
        at.as_second(),
        message.len(),
    )
    .into_bytes();
    if let Some(parent) = parent {
        input.extend_from_slice(format!("from {}\n", String::from_utf8_lossy(&parent).trim()).as_bytes());
    }
    input.extend_from_slice(b"deleteall\n");
    for (path, contents) in files.iter() {
        input.extend_from_slice(format!("M 100644 inline {}\ndata {}\n", quoted(path), contents.len()).as_bytes());
        input.extend_from_slice(contents);
        input.push(b'\n');
    }
    input.extend_from_slice(b"done\n");
    let failed = |failure| classify(&url, branch, failure);
    git().args(["fast-import", "--quiet", "--done"]).stdin(input).run().map_err(failed)?;
    let commit = git().args(["rev-parse", "--verify", "--end-of-options", &name]).run().map_err(failed)?;
    Ok(String::from_utf8_lossy(&commit).trim().to_owned())
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && *c != '<' && *c != '>').collect()
}

/// A path in fast-import's spelling: C quotes keep a line break or a quote from being read as a command.
fn quoted(path: &str) -> String {
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

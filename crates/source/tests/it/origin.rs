//! A repository that tests commit to, and the git program as a user runs it.

use std::{path::Path, process::Command, time::Duration};

use api::files::FileSet;
use source::{Author, Git, Limits, Options, Policy};
use tempfile::TempDir;

pub(crate) struct Origin {
    pub(crate) dir: TempDir,
}

impl Origin {
    /// A bare repository without commits.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        source::init_bare(&dir.path().join("repo.git"), "main").expect("made");
        Self { dir }
    }

    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("repo.git")
    }

    pub(crate) fn url(&self) -> String {
        self.path().display().to_string()
    }

    pub(crate) fn commit(&self, branch: &str, contents: &[(&str, &str)]) -> String {
        let author = Author { name: "A Person".into(), email: "person@example.com".into() };
        let at = "2025-06-01T12:00:00Z".parse().expect("a time");
        source::commit_files(&self.path(), branch, &files(contents), "A change", &author, at).expect("committed")
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        run(&self.path(), args).expect("git succeeds")
    }

    /// A reader that may read this repository.
    pub(crate) fn reader(&self) -> Git {
        self.reader_with(Limits { wall: Duration::from_secs(60), ..Limits::default() })
    }

    pub(crate) fn reader_with(&self, limits: Limits) -> Git {
        let policy = Policy { file_roots: vec![self.dir.path().into()], ..Policy::default() };
        Git::new(self.dir.path().join("cache"), Options { policy, limits, credentials: None })
    }
}

pub(crate) fn files(contents: &[(&str, &str)]) -> FileSet {
    FileSet(contents.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().into())).collect())
}

/// `path=contents` lines.
pub(crate) fn listing(files: &FileSet) -> String {
    files.iter().map(|(path, text)| format!("{path}={}\n", String::from_utf8_lossy(text))).collect()
}

/// What git printed, or what it complained about.
pub(crate) fn run(dir: &Path, args: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(dir)
        .args(["-c", "user.name=A Person", "-c", "user.email=person@example.com", "-c", "credential.helper="])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_AUTHOR_DATE", "1748779200 +0000")
        .env("GIT_COMMITTER_DATE", "1748779200 +0000")
        .output()
        .expect("git starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

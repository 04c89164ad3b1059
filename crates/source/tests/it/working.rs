//! What `plan DIR` reads.

use std::{fs, path::Path};

use expect_test::expect;
use source::{Error, Limits, commit_tree, working_tree};

use crate::origin::{listing, run};

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    fs::write(path, text).expect("written");
}

fn repository(dir: &Path) {
    run(dir, &["init", "-q", "-b", "main"]).expect("made");
    run(dir, &["remote", "add", "origin", "https://user:hunter2@example.com/org/repo.git"]).expect("added");
    write(dir, ".gitignore", "ignored/\n");
    write(dir, "apps/a.yaml", "committed");
    write(dir, "apps/gone.yaml", "committed");
    run(dir, &["add", "."]).expect("added");
    run(dir, &["commit", "-q", "-m", "one"]).expect("committed");
}

#[test]
fn the_working_tree_is_what_the_next_commit_could_be() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path();
    repository(root);
    write(root, "apps/a.yaml", "changed");
    write(root, "apps/new.yaml", "untracked");
    write(root, "ignored/secret", "ignored");
    fs::remove_file(root.join("apps/gone.yaml")).expect("removed");
    std::os::unix::fs::symlink("a.yaml", root.join("apps/link.yaml")).expect("linked");
    let tree = working_tree(root, &Limits::default()).expect("read");
    expect![[r#"
        .gitignore=ignored/

        apps/a.yaml=changed
        apps/link.yaml=changed
        apps/new.yaml=untracked
    "#]]
    .assert_eq(&listing(&tree.files));
    assert_eq!(tree.remotes, ["https://example.com/org/repo.git"]);
    assert_eq!(tree.head, Some(run(root, &["rev-parse", "HEAD"]).expect("a commit")));
    assert_eq!(tree.prefix, "");
    let below = working_tree(&root.join("apps"), &Limits::default()).expect("read");
    assert_eq!((below.prefix.as_str(), &below.files), ("apps", &tree.files));
    let (commit, files) = commit_tree(&root.join("apps"), "main", &Limits::default()).expect("read");
    assert_eq!(Some(commit), tree.head);
    assert_eq!(listing(&files), ".gitignore=ignored/\n\napps/a.yaml=committed\napps/gone.yaml=committed\n");
    let missing = commit_tree(root, "nope", &Limits::default()).map_err(|error| error.to_string());
    assert_eq!(missing, Err(format!("repository {} has no revision nope", root.display())));
}

#[test]
fn nothing_that_the_repository_configures_is_run() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path();
    repository(root);
    let mark = root.join("ran");
    let command = format!("touch {}", mark.display());
    let settings = ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.pager", "core.sshCommand"];
    for setting in settings.into_iter().chain(["diff.external", "alias.ls-files", "uploadpack.packObjectsHook"]) {
        run(root, &["config", setting, &command]).expect("configured");
    }
    write(root, ".git/hooks/post-index-change", &format!("#!/bin/sh\n{command}\n"));
    write(root, ".gitattributes", "* filter=evil\n");
    write(root, "apps/a.yaml", "changed");
    working_tree(root, &Limits::default()).expect("read");
    commit_tree(root, "HEAD", &Limits::default()).expect("read");
    assert!(!mark.exists());
}

#[test]
fn a_directory_without_a_repository_is_walked() {
    let dir = tempfile::tempdir().expect("a directory");
    write(dir.path(), "a.yaml", "a");
    write(dir.path(), "deep/b.yaml", "b");
    write(dir.path(), ".git.d/c", "c");
    let tree = working_tree(dir.path(), &Limits::default()).expect("read");
    assert_eq!(listing(&tree.files), ".git.d/c=c\na.yaml=a\ndeep/b.yaml=b\n");
    assert_eq!((tree.head, tree.remotes), (None, vec![]));
    let few = working_tree(dir.path(), &Limits { files: 2, ..Limits::default() });
    assert!(matches!(few, Err(Error::TooLarge { limit: 2, .. })));
    assert!(matches!(commit_tree(dir.path(), "main", &Limits::default()), Err(Error::Unreachable { .. })));
    assert!(matches!(working_tree(&dir.path().join("no"), &Limits::default()), Err(Error::Unreachable { .. })));
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("out")).expect("linked");
    assert!(matches!(working_tree(dir.path(), &Limits::default()), Err(Error::Unsupported { .. })));
}

#[test]
fn before_the_first_commit_there_is_no_head() {
    let dir = tempfile::tempdir().expect("a directory");
    run(dir.path(), &["init", "-q"]).expect("made");
    write(dir.path(), "a.yaml", "a");
    let tree = working_tree(dir.path(), &Limits::default()).expect("read");
    assert_eq!((listing(&tree.files).as_str(), tree.head), ("a.yaml=a\n", None));
}

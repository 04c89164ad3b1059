//! Resolving and reading through the git program.

use std::fs;

use expect_test::expect;
use source::{Error, Limits, Repository};

use crate::origin::{Origin, listing, run};

#[tokio::test]
async fn every_kind_of_revision_resolves() {
    let origin = Origin::new();
    let reader = origin.reader();
    let url = origin.url();
    assert_eq!(reader.resolve(&url, "HEAD").await, Err(Error::Empty { url: url.clone() }));
    let first = origin.commit("main", &[("a.yaml", "1")]);
    let second = origin.commit("main", &[("a.yaml", "2")]);
    let side = origin.commit("feature/x", &[("b.yaml", "1")]);
    origin.git(&["tag", "v1", &first]);
    origin.git(&["tag", "-a", "v2", "-m", "annotated", &second]);
    // A branch and a tag of one name: the branch wins.
    origin.git(&["tag", "feature/x", &first]);
    let cases = [
        ("", &second),
        ("HEAD", &second),
        ("main", &second),
        ("refs/heads/main", &second),
        ("feature/x", &side),
        ("refs/tags/feature/x", &first),
        ("v1", &first),
        ("v2", &second),
        ("refs/tags/v2", &second),
        // A range of versions is its newest tag.
        ("<2", &first),
        (">=1.0.0", &second),
        ("1.*", &first),
        (first.as_str(), &first),
        (&side[..8], &side),
    ];
    for (revision, commit) in cases {
        assert_eq!(reader.resolve(&url, revision).await.as_ref(), Ok(commit), "{revision}");
    }
    // Not the tip of anything: known only after its commit was read.
    assert!(matches!(reader.resolve(&url, "y").await, Err(Error::RevisionMissing { .. })));
    assert!(matches!(reader.resolve(&url, "main/x").await, Err(Error::RevisionMissing { .. })));
    let third = origin.commit("main", &[("a.yaml", "3")]);
    assert_eq!(reader.resolve(&url, "HEAD").await, Ok(third), "nothing is cached");
}

#[tokio::test]
async fn revisions_that_cannot_be_looked_up_are_refused_by_name() {
    let origin = Origin::new();
    let first = origin.commit("main", &[("a.yaml", "1")]);
    origin.commit("main", &[("a.yaml", "2")]);
    let reader = origin.reader();
    let mut said = String::new();
    for revision in [&first[..7], "1.*", ">=1.0.0", "--upload-pack=x", "main~1", "main^{tree}", "no\nsuch"] {
        let error = reader.resolve(&origin.url(), revision).await.expect_err("refused").to_string();
        said += &error.replace(&origin.url(), "URL").replace(&first[..7], "SHORT");
        said += "\n";
    }
    expect![[r#"
        repository URL: SHORT looks like a short commit id, which a server cannot look up: use all 40 digits
        repository URL has no revision 1.*
        repository URL has no revision >=1.0.0
        repository URL: "--upload-pack=x" cannot be the name of a branch, a tag or a commit, nor a range of versions
        repository URL: "main~1" cannot be the name of a branch, a tag or a commit, nor a range of versions
        repository URL: "main^{tree}" cannot be the name of a branch, a tag or a commit, nor a range of versions
        repository URL: "no\nsuch" cannot be the name of a branch, a tag or a commit, nor a range of versions
    "#]]
    .assert_eq(&said);
    // Once its commit was read, the short id is known.
    reader.tree(&origin.url(), &first, "").await.expect("read");
    assert_eq!(reader.resolve(&origin.url(), &first[..7]).await, Ok(first));
}

#[tokio::test]
async fn trees_are_read_by_path_and_kept_by_commit() {
    let origin = Origin::new();
    let reader = origin.reader();
    let url = origin.url();
    let contents = [("apps/a.yaml", "a"), ("apps/deep/b.yaml", "same"), ("c d\"é.yaml", "same"), ("empty", "")];
    let first = origin.commit("main", &contents);
    let second = origin.commit("main", &[("apps/a.yaml", "new")]);
    let all = reader.tree(&url, &first, ".").await.expect("the root");
    expect![[r#"
        apps/a.yaml=a
        apps/deep/b.yaml=same
        c d"é.yaml=same
        empty=
    "#]]
    .assert_eq(&listing(&all));
    let apps = reader.tree(&url, &first, "./apps/").await.expect("a path");
    assert_eq!(listing(&apps), "a.yaml=a\ndeep/b.yaml=same\n");
    assert!(std::sync::Arc::ptr_eq(&all.0["apps/deep/b.yaml"], &apps.0["deep/b.yaml"]), "equal contents are shared");
    assert_eq!(listing(&reader.tree(&url, &second, "apps").await.expect("newer")), "a.yaml=new\n");
    let missing = reader.tree(&url, &second, "apps/deep").await.map_err(|error| error.to_string());
    assert_eq!(missing, Err("apps/deep: app path does not exist".into()));
    let unknown = "0".repeat(40);
    let gone = Error::RevisionMissing { url: url.clone(), revision: unknown.clone() };
    assert_eq!(reader.tree(&url, &unknown, "").await, Err(gone));
    fs::rename(origin.path(), origin.dir.path().join("moved.git")).expect("moved");
    fs::create_dir(origin.path()).expect("made");
    // Both were read before: neither memory nor mirror needs the origin.
    assert!(reader.tree(&url, &first, ".").await.is_ok());
    assert!(reader.tree(&url, &first, "apps/deep").await.is_ok());
    assert!(matches!(reader.resolve(&url, "main").await, Err(Error::Unreachable { .. })));
}

#[tokio::test]
async fn links_attributes_and_submodules_of_a_real_repository() {
    let origin = Origin::new();
    let inner = origin.commit("inner", &[("x", "y")]);
    let work = origin.dir.path().join("work");
    fs::create_dir_all(work.join("apps")).expect("made");
    run(&work, &["init", "-q", "-b", "main"]).expect("made");
    fs::write(work.join("shared.yaml"), "shared").expect("written");
    fs::write(work.join("apps/large.bin"), "a pointer").expect("written");
    fs::write(work.join(".gitattributes"), "* filter=evil\n*.bin filter=lfs\n").expect("written");
    std::os::unix::fs::symlink("../shared.yaml", work.join("apps/link.yaml")).expect("linked");
    run(&work, &["add", "."]).expect("added");
    run(&work, &["update-index", "--add", "--cacheinfo", &format!("160000,{inner},apps/module")]).expect("added");
    run(&work, &["commit", "-q", "-m", "all"]).expect("committed");
    let reader = origin.reader();
    let url = work.display().to_string();
    let head = reader.resolve(&format!("file://{url}"), "main").await.expect("resolved");
    let apps = reader.tree(&url, &head, "apps").await.expect("read");
    assert_eq!(listing(&apps), "large.bin=a pointer\nlink.yaml=shared\n");
    std::os::unix::fs::symlink("../../../etc/passwd", work.join("out")).expect("linked");
    run(&work, &["add", "out"]).expect("added");
    run(&work, &["commit", "-q", "-m", "out"]).expect("committed");
    let head = reader.resolve(&url, "main").await.expect("resolved");
    let refused = reader.tree(&url, &head, "apps").await.map_err(|error| error.to_string());
    assert_eq!(refused, Err(format!("repository {url}: repository contains out-of-bounds symlinks. file: out")));
}

#[tokio::test]
async fn limits_are_refused_by_name() {
    let origin = Origin::new();
    let commit = origin.commit("main", &[("a", "12345"), ("b/c", "12345")]);
    let url = origin.url();
    let too_large = |limits| {
        let reader = origin.reader_with(limits);
        let (url, commit) = (url.clone(), commit.clone());
        async move { reader.tree(&url, &commit, "").await.map(|_| ()).map_err(|error| error.to_string()) }
    };
    let files = too_large(Limits { files: 1, ..Limits::default() }).await;
    assert_eq!(files, Err(format!("the number of files of repository {url} is over the limit of 1")));
    let bytes = too_large(Limits { bytes: 9, ..Limits::default() }).await;
    assert_eq!(bytes, Err(format!("the size of all files of repository {url} is over the limit of 9")));
    assert_eq!(too_large(Limits { files: 2, bytes: 10, ..Limits::default() }).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_run_into_time_limits() {
    let origin = Origin::new();
    let commit = origin.commit("main", &[("a", "1")]);
    let before = tokio::time::Instant::now();
    let reader = origin.reader();
    let read = async { reader.resolve(&origin.url(), "main").await };
    let patient = tokio::time::timeout(std::time::Duration::from_secs(3600), read).await;
    assert_eq!(patient, Ok(Ok(commit)));
    assert_eq!(before.elapsed().as_secs(), 0);
}

#[test]
fn the_same_commit_twice_is_the_same_commit() {
    let (one, other) = (Origin::new(), Origin::new());
    let contents = [("a.yaml", "1"), ("dir/b.yaml", "2")];
    assert_eq!(one.commit("main", &contents), other.commit("main", &contents));
    let log = one.git(&["log", "--format=%an <%ae> %ct %s", "main"]);
    assert_eq!(log, "A Person <person@example.com> 1748779200 A change");
    assert_ne!(one.commit("main", &contents), other.commit("side", &contents), "the parent counts");
    assert_eq!(one.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
}

use std::collections::BTreeMap;

use expect_test::expect;

use super::*;
use crate::{
    failure::classify,
    process::Failure,
    symlink::{Node, select},
};

fn verdicts(policy: &Policy, urls: &[&str]) -> String {
    let verdict = |url: &&str| match policy.admit(url) {
        Ok(address) => format!("{} over {}", address.url, address.protocol),
        Err(error) => error.to_string(),
    };
    urls.iter().map(|url| verdict(url) + "\n").collect()
}

#[test]
fn only_allowed_urls_reach_git() {
    let urls = [
        "https://github.com/org/repo",
        "https://user:hunter2@github.com/org/repo.git?token=hunter2",
        "http://github.com/org/repo",
        "http://127.0.0.1:8080/repo",
        "http://localhost.evil.example/repo",
        "http://127.0.0.1@evil.example/repo",
        "git@github.com:org/repo.git",
        "ssh://git@github.com/org/repo",
        "ext::sh -c touch% /tmp/pwned",
        "ext::sh",
        "--upload-pack=touch /tmp/pwned",
        "-oProxyCommand=x",
        "file:///etc",
        "/etc",
        "relative/path",
        "file://host/share",
        "",
        "https://host/a\nb",
    ];
    expect![[r#"
        https://github.com/org/repo over https
        https://github.com/org/repo.git?token=hunter2 over https
        repository URL http://github.com/org/repo is not allowed: http is allowed to loopback addresses only, use https
        repository URL http://127.0.0.1:8080/repo is not allowed: http is allowed to loopback addresses only, use https
        repository URL http://localhost.evil.example/repo is not allowed: http is allowed to loopback addresses only, use https
        repository URL http://evil.example/repo is not allowed: http is allowed to loopback addresses only, use https
        repository URL git@github.com:org/repo.git is not allowed: ssh is not supported yet, use https
        repository URL ssh://github.com/org/repo is not allowed: the scheme ssh is not supported, use https
        repository URL ext::sh -c touch% /tmp/pwned is not allowed: this is not a repository URL
        repository URL ext::sh is not allowed: ssh is not supported yet, use https
        repository URL --upload-pack=touch /tmp/pwned is not allowed: this is not a repository URL
        repository URL -oProxyCommand=x is not allowed: this is not a repository URL
        repository URL file:///etc is not allowed: local repositories are allowed only in directories that the operator names
        repository URL /etc is not allowed: local repositories are allowed only in directories that the operator names
        repository URL relative/path is not allowed: a local repository needs an absolute path
        repository URL file://host/share is not allowed: a file URL has no host and an absolute path
        repository URL  is not allowed: this is not a repository URL
        repository URL https://host/a b is not allowed: this is not a repository URL
    "#]]
    .assert_eq(&verdicts(&Policy::default(), &urls));
    let policy = Policy { https: false, loopback_http: true, ..Policy::default() };
    let urls = ["http://127.0.0.1:8080/repo", "http://[::1]/r", "http://127.0.0.1@evil.example/r", "https://host/r"];
    expect![[r#"
        http://127.0.0.1:8080/repo over http
        http://[::1]/r over http
        repository URL http://evil.example/r is not allowed: http is allowed to loopback addresses only, use https
        repository URL https://host/r is not allowed: https is not allowed here
    "#]]
    .assert_eq(&verdicts(&policy, &urls));
}

#[test]
fn links_are_resolved_before_roots_are_compared() {
    let dir = tempfile::tempdir().expect("a directory");
    let root = dir.path().canonicalize().expect("a path");
    for name in ["allowed/repo", "other/repo"] {
        std::fs::create_dir_all(root.join(name)).expect("made");
    }
    std::os::unix::fs::symlink(root.join("other/repo"), root.join("allowed/sneaky")).expect("linked");
    let policy = Policy { file_roots: vec![root.join("allowed")], ..Policy::default() };
    let admit = |path: &str| policy.admit(&format!("file://{}/{path}", root.display()));
    assert_eq!(admit("allowed/repo").expect("allowed").url, root.join("allowed/repo").display().to_string());
    assert!(matches!(admit("allowed/sneaky"), Err(Error::NotAllowed { .. })));
    assert!(matches!(admit("allowed/../other/repo"), Err(Error::NotAllowed { .. })));
    assert!(matches!(admit("allowed/missing"), Err(Error::Unreachable { .. })));
    assert!(matches!(admit("other/missing"), Err(Error::NotAllowed { .. })));
}

#[test]
fn one_repository_has_many_spellings() {
    let github = "https://github.com/Org/repo";
    for same in ["https://github.com/org/repo.git", "git@github.com:org/repo.git", "ssh://git@github.com/org/repo/"] {
        assert!(same_repository(github, same), "{same}");
    }
    assert!(same_repository("file:///srv/repo.git", "/srv/repo"));
    for other in ["https://github.com/org/repo2", "https://gitlab.com/org/repo", ""] {
        assert!(!same_repository(github, other), "{other}");
    }
    assert!(!same_repository("/srv/Repo", "/srv/repo"));
}

fn linked(path: &str, links: &[(&str, &str)], files: &[&str]) -> String {
    let mut tree: BTreeMap<&str, Node<'_>> = files.iter().map(|file| (*file, Node::File)).collect();
    tree.extend(links.iter().map(|(link, target)| (*link, Node::Link(target.as_bytes()))));
    match select(&tree, path, "URL", "REV") {
        Ok(selected) => selected.iter().map(|(path, real)| format!("{path} <- {real}\n")).collect(),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn links_are_followed_inside_of_the_tree_and_refused_outside() {
    let files = ["a/one.yaml", "a/sub/two.yaml", "b.yaml"];
    expect![[r#"
        one.yaml <- a/one.yaml
        sub/two.yaml <- a/sub/two.yaml
        up.yaml <- b.yaml
        via.yaml <- b.yaml
    "#]]
    .assert_eq(&linked(
        "a",
        &[("a/up.yaml", "../b.yaml"), ("a/via.yaml", "./up.yaml"), ("a/dir", "sub"), ("a/gone", "nowhere")],
        &files,
    ));
    expect![[r#"
        two.yaml <- a/sub/two.yaml
    "#]]
    .assert_eq(&linked("./link/sub/", &[("link", "a")], &files));
    let out_of = |target| linked("a", &[("elsewhere/x", target)], &files);
    expect![[r#"
        repository URL: repository contains out-of-bounds symlinks. file: elsewhere/x
    "#]]
    .assert_eq(&out_of("/etc/passwd"));
    assert_eq!(out_of("../../etc/passwd"), out_of("/etc/passwd"));
    expect![[r#"
        one.yaml <- a/one.yaml
        sub/two.yaml <- a/sub/two.yaml
    "#]]
    .assert_eq(&linked("a", &[("a/x", "y"), ("a/y", "x"), ("a/z", "z/z")], &files));
    for path in ["nowhere", "../a", "/a", "b.yaml"] {
        assert_eq!(linked(path, &[], &files), format!("{path}: app path does not exist\n"));
    }
    assert_eq!(linked(".", &[], &files), linked("", &[], &files));
    assert_eq!(linked("", &[], &[]), "");
}

#[test]
fn what_git_says_becomes_an_error() {
    let check = |stderr: &str| classify("URL", "main", Failure::Refused(stderr.into())).to_string();
    let said = [
        "fatal: unable to access 'https://nope.invalid/': Could not resolve host: nope.invalid",
        "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
        "remote: Repository not found.\nfatal: Authentication failed for 'https://github.com/org/private/'",
        "fatal: '/srv/nothing' does not appear to be a git repository\nfatal: Could not read from remote repository.",
        "fatal: remote error: upload-pack: not our ref 0123",
        "fatal: detected dubious ownership in repository at '/srv/repo'",
        "fatal: unable to access 'https://host/': The requested URL returned error: 503",
        "fatal: something new",
        "",
    ];
    expect![[r#"
        repository URL cannot be reached: unable to access 'https://nope.invalid/': Could not resolve host: nope.invalid
        repository URL refused the credentials: could not read Username for 'https://github.com': terminal prompts disabled
        repository URL refused the credentials: Authentication failed for 'https://github.com/org/private/'
        repository URL cannot be reached: '/srv/nothing' does not appear to be a git repository
        repository URL has no revision main
        repository URL refused the credentials: detected dubious ownership in repository at '/srv/repo'
        repository URL cannot be reached: unable to access 'https://host/': The requested URL returned error: 503
        git failed for URL: something new
        git failed for URL: no reason given
    "#]]
    .assert_eq(&said.map(|said| check(said) + "\n").concat());
}

#[test]
fn a_call_that_hangs_is_ended_with_its_children() {
    let hanging =
        process::Git::new(Duration::from_millis(100)).args(["-c", "alias.hang=!sleep 1000 & sleep 1000", "hang"]).run();
    assert_eq!(hanging, Err(Failure::TimedOut(Duration::from_millis(100))));
    let endless =
        process::Git::new(Duration::from_secs(60)).stdout_max(1_000).args(["-c", "alias.all=!yes", "all"]).run();
    assert_eq!(endless, Err(Failure::TooMuch(1_000)));
}

#[tokio::test]
async fn fixed_repositories_answer_like_real_ones() {
    let files = |names: &[&str]| FileSet(names.iter().map(|name| ((*name).into(), name.as_bytes().into())).collect());
    let fixed = Fixed::new();
    let url = "https://example.com/org/repo.git";
    fixed.add(url);
    assert_eq!(fixed.resolve(url, "HEAD").await, Err(Error::Empty { url: url.into() }));
    fixed.set_head(url, "main", "c1", files(&["a/x.yaml", "b/y.yaml"]));
    fixed.set_head(url, "main", "c2", files(&["a/x.yaml", "a/z.yaml"]));
    for revision in ["", "HEAD", "main", "refs/heads/main", "c2"] {
        assert_eq!(fixed.resolve("https://example.com/org/repo", revision).await, Ok("c2".into()), "{revision}");
    }
    let missing = fixed.resolve(url, "v1").await.map_err(|error| error.to_string());
    assert_eq!(missing, Err(format!("repository {url} has no revision v1")));
    let tree = fixed.tree(url, "c1", "a").await.expect("an old commit is still there");
    assert_eq!(tree.0.keys().collect::<Vec<_>>(), ["x.yaml"]);
    let missing = fixed.tree(url, "c2", "b").await.map_err(|error| error.to_string());
    assert_eq!(missing, Err("b: app path does not exist".into()));
    let failure = Error::Denied { url: url.into(), message: "no".into() };
    fixed.set_failure(url, Some(failure.clone()));
    assert_eq!(fixed.resolve(url, "main").await, Err(failure));
    fixed.set_failure(url, None);
    assert!(fixed.resolve(url, "main").await.is_ok());
    assert!(matches!(fixed.resolve("https://example.com/other", "main").await, Err(Error::Unreachable { .. })));
}

#[test]
fn a_client_certificate_that_is_none_is_told_without_its_key() {
    use crate::chart::Identity;
    let key = api::Redacted::new(b"hunter2".to_vec());
    let identity = Identity { certificates: b"nothing".to_vec(), key: key.clone() };
    assert_eq!(identity.check(), Err("the certificate file: no certificate in it".to_owned()));
    let pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    let identity = Identity { certificates: pem, key };
    assert_eq!(identity.check(), Err("the key file: no private key in it".to_owned()));
    assert!(!format!("{identity:?}").contains("hunter2"));
}

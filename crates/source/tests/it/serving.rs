//! Our server, used by the real git and by our own reader.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use api::Redacted;
use source::{
    Credential, Credentials, Error, Git, Options, Policy, Repository,
    serve::{Config, router},
};
use tokio::net::TcpListener;

use crate::origin::{Origin, listing, run};

const SECRET: &str = "the-data-directory's-credential";

struct Server {
    origin: Origin,
    address: String,
    pushes: Arc<AtomicUsize>,
}

impl Server {
    async fn start(configure: impl FnOnce(&mut Config)) -> Self {
        let origin = Origin::new();
        let pushes = Arc::new(AtomicUsize::new(0));
        let counted = pushes.clone();
        let on_push = Arc::new(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let mut config = Config::new(origin.path(), Redacted::new(SECRET.to_owned()), on_push);
        configure(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let app = axum::Router::new().nest("/git/app.git", router(config));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { origin, address, pushes }
    }

    fn url(&self, userinfo: &str) -> String {
        format!("http://{userinfo}{}/git/app.git", self.address)
    }

    fn with_secret(&self) -> String {
        self.url(&format!("git:{}@", SECRET.replace('\'', "%27")))
    }
}

async fn git(dir: &Path, args: &[&str]) -> Result<String, String> {
    let (dir, args): (_, Vec<String>) = (dir.to_owned(), args.iter().map(|arg| (*arg).to_owned()).collect());
    let work = move || run(&dir, &args.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(work).await.expect("git ran")
}

/// A clone with one commit more than its origin.
async fn changed_clone(server: &Server, url: &str, contents: &str) -> std::path::PathBuf {
    let clone = server.origin.dir.path().join(format!("clone-{}", contents.len()));
    git(server.origin.dir.path(), &["clone", "-q", url, clone.to_str().expect("a path")]).await.expect("cloned");
    fs::write(clone.join("a.yaml"), contents).expect("written");
    git(&clone, &["add", "."]).await.expect("added");
    git(&clone, &["commit", "-q", "-m", "change"]).await.expect("committed");
    clone
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_needs_the_credential_and_wakes_the_pollers() {
    let server = Server::start(|config| config.anonymous_fetch = true).await;
    server.origin.commit("main", &[("a.yaml", "1")]);
    let clone = changed_clone(&server, &server.url(""), "changed").await;
    let denied = git(&clone, &["push", "-q", &server.url(""), "main"]).await.expect_err("no credential");
    assert!(denied.contains("could not read Username"), "{denied}");
    let denied = git(&clone, &["push", "-q", &server.url("git:wrong@"), "main"]).await.expect_err("a wrong one");
    assert!(denied.contains("Authentication failed"), "{denied}");
    assert_eq!(server.pushes.load(Ordering::SeqCst), 0);
    git(&clone, &["push", "-q", &server.with_secret(), "main"]).await.expect("pushed");
    assert_eq!(server.pushes.load(Ordering::SeqCst), 1);
    assert_eq!(server.origin.git(&["show", "main:a.yaml"]), "changed");
    // The same as a token, and large enough for git to send it in chunks.
    let entropy = testkit::SeededEntropy::default();
    let large: String = (0..200_000).map(|_| format!("{:016x}", entropy.next_u64())).collect();
    fs::write(clone.join("large"), &large).expect("written");
    git(&clone, &["add", "."]).await.expect("added");
    git(&clone, &["commit", "-q", "-m", "large"]).await.expect("committed");
    let header = format!("http.extraHeader=Authorization: Bearer {SECRET}");
    git(&clone, &["-c", &header, "push", "-q", &server.url(""), "main"]).await.expect("pushed");
    assert_eq!(server.pushes.load(Ordering::SeqCst), 2);
    assert_eq!(server.origin.git(&["show", "main:large"]).len(), large.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_needs_the_credential_unless_it_is_open() {
    let server = Server::start(|_| ()).await;
    let commit = server.origin.commit("main", &[("a.yaml", "1")]);
    let dir = server.origin.dir.path();
    assert!(git(dir, &["ls-remote", &server.url("")]).await.is_err());
    assert!(git(dir, &["ls-remote", &server.url("git:x@")]).await.is_err());
    let listed = git(dir, &["ls-remote", &server.with_secret(), "main"]).await.expect("listed");
    assert_eq!(listed, format!("{commit}\trefs/heads/main"));
    // So many branches that git compresses its request.
    for branch in 0..40 {
        server.origin.commit(&format!("b{branch}"), &[("a.yaml", &branch.to_string())]);
    }
    git(dir, &["clone", "-q", &server.with_secret(), "all"]).await.expect("cloned");
    let branches = git(&dir.join("all"), &["branch", "-r"]).await.expect("listed");
    assert_eq!(branches.lines().filter(|line| line.contains("origin/b")).count(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hooks_of_the_repository_are_not_run_and_large_pushes_are_refused() {
    let server = Server::start(|config| {
        config.anonymous_fetch = true;
        config.request_bytes_max = 50_000;
    })
    .await;
    server.origin.commit("main", &[("a.yaml", "1")]);
    let hook = server.origin.path().join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().expect("a parent")).expect("made");
    fs::write(&hook, "#!/bin/sh\nexit 1\n").expect("written");
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    let clone = changed_clone(&server, &server.url(""), "small").await;
    git(&clone, &["push", "-q", &server.with_secret(), "main"]).await.expect("pushed");
    let entropy = testkit::SeededEntropy::default();
    let noise: String = (0..20_000).map(|_| format!("{:x}", entropy.next_u64())).collect();
    let clone = changed_clone(&server, &server.url(""), &noise).await;
    let refused = git(&clone, &["push", &server.with_secret(), "main"]).await.expect_err("too large");
    assert!(refused.contains("413") || refused.contains("exceeds"), "{refused}");
    assert_eq!(server.pushes.load(Ordering::SeqCst), 1);
}

#[derive(Debug)]
struct One(Credential);

impl Credentials for One {
    fn lookup(&self, url: &str) -> Option<Credential> {
        url.contains("/git/").then(|| self.0.clone())
    }
}

fn reader(server: &Server, name: &str, credential: Option<Credential>) -> Git {
    let policy = Policy { loopback_http: true, ..Policy::default() };
    let credentials = credential.map(|credential| Arc::new(One(credential)) as Arc<dyn Credentials>);
    let cache = server.origin.dir.path().join(name);
    Git::new(cache, Options { policy, credentials, ..Options::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_reader_reads_from_our_server() {
    let server = Server::start(|_| ()).await;
    let url = server.url("");
    let secret = || Redacted::new(SECRET.to_owned());
    let basic = reader(&server, "basic", Some(Credential::Basic { username: "git".into(), password: secret() }));
    assert_eq!(basic.resolve(&url, "main").await, Err(Error::Empty { url: url.clone() }));
    let commit = server.origin.commit("main", &[("apps/a.yaml", "1")]);
    server.origin.commit("main", &[("apps/a.yaml", "2")]);
    let bearer = reader(&server, "bearer", Some(Credential::Bearer(secret())));
    for reader in [&basic, &bearer] {
        assert!(reader.resolve(&url, "main").await.is_ok());
        // No reference points at it any more.
        assert_eq!(listing(&reader.tree(&url, &commit, "apps").await.expect("read")), "a.yaml=1\n");
    }
    let inline = reader(&server, "inline", None);
    assert!(inline.resolve(&server.with_secret(), "main").await.is_ok());
    let wrong = server.url("git:hunter2@");
    let denied = inline.resolve(&wrong, "main").await.expect_err("a wrong credential");
    assert!(matches!(denied, Error::Denied { .. }), "{denied}");
    assert!(!format!("{denied:?}").contains("hunter2"), "{denied}");
    let missing = inline.resolve(&format!("http://{}/git/none.git", server.address), "main").await;
    assert!(matches!(missing, Err(Error::Unreachable { .. })), "{missing:?}");
    let closed = inline.resolve("http://127.0.0.1:1/x", "main").await;
    assert!(matches!(closed, Err(Error::Unreachable { .. })), "{closed:?}");
}

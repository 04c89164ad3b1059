//! Charts of HTTP repositories, archives and directories, from a server of this process.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::Redacted;
use axum::{
    body::Bytes,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use expect_test::{Expect, expect};
use sha2::{Digest, Sha256};
use source::{
    Credential, Credentials,
    chart::{Cache, Charts, Content, Error, Fetched, Limits, Options, Remote, Threaded, Wanted},
};
use tokio::net::TcpListener;

/// What a server gives out, by path, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) pages: BTreeMap<String, Page>,
    /// `Authorization` that every page needs.
    pub(crate) authorization: Option<String>,
    pub(crate) asked: Mutex<Vec<String>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) code: u16,
    /// Never answers.
    pub(crate) silent: bool,
}

impl Page {
    pub(crate) fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), code: 200, ..Self::default() }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self { headers: vec![("location", to.to_owned())], code: 302, ..Self::default() }
    }
}

async fn serve(site: Arc<Site>, request: Request) -> Response {
    let (request, _) = request.into_parts();
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let path = request.uri.path().to_owned();
    let authorization = header("authorization");
    let mark = if authorization.is_some() { " with credentials" } else { "" };
    site.asked.lock().expect("no panic").push(format!("{path}{mark}"));
    if site.authorization.is_some() && site.authorization != authorization {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"charts\"")]).into_response();
    }
    let Some(page) = site.pages.get(&path) else { return StatusCode::NOT_FOUND.into_response() };
    if page.silent {
        std::future::pending::<()>().await;
    }
    let etag = page.headers.iter().find(|(name, _)| *name == "etag").map(|(_, value)| value.clone());
    if etag.is_some() && etag == header("if-none-match") {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = Bytes::from(page.body.clone()).into_response();
    *response.status_mut() = StatusCode::from_u16(page.code).expect("a code");
    for (name, value) in &page.headers {
        response.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    response
}

impl Site {
    pub(crate) async fn listen() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        (listener, address)
    }

    pub(crate) fn start(self, listener: TcpListener) -> Arc<Self> {
        let site = Arc::new(self);
        let shared = site.clone();
        let app = axum::Router::new().fallback(move |request: Request| serve(shared.clone(), request));
        tokio::spawn(async move { axum::serve(listener, app).await });
        site
    }

    fn page(mut self, path: &str, page: Page) -> Self {
        self.pages.insert(path.to_owned(), page);
        self
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("no panic"))
    }
}

#[derive(Debug)]
pub(crate) struct Only(pub(crate) Option<Credential>);

impl Credentials for Only {
    fn lookup(&self, _: &str) -> Option<Credential> {
        self.0.clone()
    }
}

pub(crate) fn password() -> Option<Credential> {
    Some(Credential::Basic { username: "user".into(), password: Redacted::new("pass word".into()) })
}

/// `user:pass word`.
pub(crate) const BASIC: &str = "Basic dXNlcjpwYXNzIHdvcmQ=";

pub(crate) fn remote(cache: &Path, credential: Option<Credential>, change: impl FnOnce(&mut Options)) -> Remote {
    let mut options = Options::default();
    options.limits.wall = Duration::from_secs(20);
    change(&mut options);
    Remote::new(Cache::new(cache, 1 << 20), options, Arc::new(Only(credential)))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An index as helm writes it, with other charts before and after.
fn index(entries: &[(&str, &str, Option<&[u8]>)]) -> String {
    let mut text = String::from(
        "apiVersion: v1\nentries:\n  another:\n  - name: another\n    version: 9.9.9\n    urls:\n    - another-9.9.9.tgz\n  app:\n",
    );
    for (version, url, archive) in entries {
        text.push_str(&format!("  - apiVersion: v2\n    name: app\n    version: {version}\n    urls:\n    - {url}\n"));
        if let Some(archive) = archive {
            text.push_str(&format!("    digest: {}\n", sha256(archive)));
        }
    }
    text.push_str("  apply:\n  - name: apply\n    version: 0.1.0\n    urls: [apply-0.1.0.tgz]\ngenerated: \"2025-06-01T00:00:00Z\"\n");
    text
}

fn wanted(repository: &str, version: Option<&str>) -> Wanted {
    Wanted {
        chart: "app".into(),
        repository: Some(repository.into()),
        version: version.map(str::to_owned),
        devel: false,
        ..Wanted::default()
    }
}

pub(crate) fn archive(fetched: &Fetched) -> &[u8] {
    match &fetched.content {
        Content::Archive(bytes) => bytes,
        Content::Directory(_) => panic!("a directory"),
    }
}

/// The error without what differs from run to run.
fn check_error(error: &Error, address: &str, expected: Expect) {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    expected.assert_eq(&format!("{error}{hint}").replace(address, "HOST"));
}

#[tokio::test]
async fn versions_and_ranges() {
    let (listener, host) = Site::listen().await;
    let entries = [
        ("2.0.0-rc.1", "app-2.0.0-rc.1.tgz", Some(&b"rc"[..])),
        ("1.10.0", "app-1.10.0.tgz", Some(&b"ten"[..])),
        ("v1.9.0", "charts/app-1.9.0.tgz", Some(&b"nine"[..])),
        ("not a version", "x.tgz", None),
        ("1.2.0", "../elsewhere/app-1.2.0.tgz", None),
    ];
    let site = Site::default()
        .page("/repo/index.yaml", Page::new(index(&entries)))
        .page("/repo/app-2.0.0-rc.1.tgz", Page::new("rc"))
        .page("/repo/app-1.10.0.tgz", Page::new("ten"))
        .page("/repo/charts/app-1.9.0.tgz", Page::new("nine"))
        .page("/elsewhere/app-1.2.0.tgz", Page::new("two"))
        .start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |_| {});
    let repository = format!("http://{host}/repo/");
    let cases = [
        (None, "ten"),
        (Some("1.10.0"), "ten"),
        (Some("1.9.0"), "nine"),
        (Some("v1.9.0"), "nine"),
        (Some("1.2.0"), "two"),
        (Some("~1.9"), "nine"),
        (Some("<1.9 || 3.x"), "two"),
        (Some("^1.2"), "ten"),
        (Some(">=1.2.0-0 <=2.0.0"), "rc"),
        (Some("2.0.0-rc.1"), "rc"),
    ];
    for (version, expected) in cases {
        let fetched = charts.fetch(&wanted(&repository, version)).await.unwrap_or_else(|e| panic!("{version:?}: {e}"));
        assert_eq!(archive(&fetched), expected.as_bytes(), "{version:?}");
    }
    let devel = Wanted { devel: true, ..wanted(&repository, None) };
    assert_eq!(archive(&charts.fetch(&devel).await.expect("fetched")), b"rc");
    site.asked();
    let again = charts.fetch(&wanted(&repository, None)).await.expect("fetched");
    assert_eq!(again.origin, format!("http://{host}/repo/app-1.10.0.tgz"));
    assert_eq!(again.digest, Some(format!("sha256:{}", sha256(b"ten"))));
    assert_eq!(site.asked(), ["/repo/index.yaml"], "the archive comes out of the cache");
    let all = charts.versions(&wanted(&repository, None)).await.expect("listed");
    assert_eq!(all, ["2.0.0-rc.1", "1.10.0", "v1.9.0", "not a version", "1.2.0"], "in the order of the index");
    let other = Wanted { chart: "ap".into(), ..wanted(&repository, None) };
    check_error(
        &charts.versions(&other).await.expect_err("unknown"),
        &host,
        expect![[r#"
            chart "ap" not found in http://HOST/repo/ repository
            hint: there is app"#]],
    );
}

/// A paused clock is over before the network answers; a thread of its own holds it still.
#[test]
fn a_paused_clock_waits_for_the_network() {
    let server = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let host = server.block_on(async {
        let (listener, host) = Site::listen().await;
        let entries = [("1.0.0", "a.tgz", Some(&b"a"[..]))];
        Site::default()
            .page("/repo/index.yaml", Page::new(index(&entries)))
            .page("/repo/a.tgz", Page::new("a"))
            .start(listener);
        host
    });
    let cache = tempfile::tempdir().expect("a directory");
    let charts = Threaded::new(Arc::new(remote(cache.path(), None, |_| {})));
    let paused = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    paused.expect("a runtime").block_on(async {
        let start = tokio::time::Instant::now();
        let wanted = wanted(&format!("http://{host}/repo"), Some("1.0.0"));
        assert_eq!(charts.versions(&wanted).await.expect("listed"), ["1.0.0"]);
        for _ in 0..2 {
            assert_eq!(archive(&charts.fetch(&wanted).await.expect("fetched")), b"a");
        }
        assert_eq!(start.elapsed(), std::time::Duration::ZERO);
    });
}

#[tokio::test]
async fn what_is_not_there() {
    let (listener, host) = Site::listen().await;
    let body = index(&[("1.10.0", "a.tgz", None), ("1.9.0", "gone.tgz", Some(b"x"))]);
    let site = Site::default()
        .page("/repo/index.yaml", Page::new(body))
        .page("/repo/a.tgz", Page::new("a"))
        .page("/empty/index.yaml", Page::new(" \n"))
        .page("/old/index.yaml", Page::new("entries: {}\n"))
        .page("/html/index.yaml", Page::new("<html>it works</html>"));
    let site = site.page("/bad/index.yaml", Page::new(index(&[("1.0.0", "/repo/a.tgz", Some(b"b"))])));
    site.start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |_| {});
    let error = async |chart: &str, path: &str, version: Option<&str>| {
        let wanted = Wanted { chart: chart.into(), ..wanted(&format!("http://{host}/{path}"), version) };
        charts.fetch(&wanted).await.expect_err("not there")
    };
    let check = |error: Error, expected: Expect| check_error(&error, &host, expected);
    check(
        error("ap", "repo", None).await,
        expect![[r#"
        chart "ap" not found in http://HOST/repo repository
        hint: there is app"#]],
    );
    check(
        error("app", "repo", Some("3.0.0")).await,
        expect![[r#"
        chart "app" version "3.0.0" not found in http://HOST/repo repository
        hint: there is 1.10.0, 1.9.0"#]],
    );
    check(error("app", "repo", Some("1.9.0")).await, expect!["failed to fetch http://HOST/repo/gone.tgz : 404"]);
    check(
        error("app", "repo", Some("1.9 to 2")).await,
        expect![[r#"
            improper constraint: 1.9 to 2
            hint: versions are like 1.2.3, ranges like ^1.2, ~1.2.3, ">=1.2 <2""#]],
    );
    check(
        error("app", "none", None).await,
        expect![[r#"
        looks like "http://HOST/none" is not a valid chart repository or cannot be reached: failed to fetch http://HOST/none/index.yaml : 404
        hint: the URL is that of the directory with index.yaml; a registry's begins with oci://"#]],
    );
    check(
        error("app", "empty", None).await,
        expect![[r#"
        looks like "http://HOST/empty" is not a valid chart repository or cannot be reached: empty index.yaml file
        hint: the URL is that of the directory with index.yaml; a registry's begins with oci://"#]],
    );
    check(
        error("app", "old", None).await,
        expect![[r#"
        looks like "http://HOST/old" is not a valid chart repository or cannot be reached: no API version specified
        hint: the URL is that of the directory with index.yaml; a registry's begins with oci://"#]],
    );
    let html = error("app", "html", None).await;
    assert!(matches!(html, Error::NoRepository { .. }), "{html}");
    check(
        error("app", "bad", None).await,
        expect![[r#"
        http://HOST/repo/a.tgz has digest sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb, expected sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d
        hint: the archive is not the one that its repository lists: ask its owner, and do not use it"#]],
    );
}

#[tokio::test]
async fn what_is_refused_without_asking() {
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |_| {});
    let check = |error: Error, expected: Expect| check_error(&error, "HOST", expected);
    let unknown = charts.fetch(&Wanted { chart: "jetstack/cert-manager".into(), ..Wanted::default() }).await;
    check(
        unknown.expect_err("no names"),
        expect![[r#"
        repo jetstack not found
        hint: names of repositories are not kept: name it by URL, `windlass render NAME cert-manager --repo https://...`"#]],
    );
    let remote_http = charts.fetch(&wanted("http://charts.example.test", None)).await;
    check(
        remote_http.expect_err("plain"),
        expect![
            "http://charts.example.test/index.yaml is not allowed: plain http is allowed to loopback addresses only, use https"
        ],
    );
}

#[tokio::test]
async fn credentials_stay_with_their_origin_and_are_never_printed() {
    let (elsewhere, other) = Site::listen().await;
    let other_site = Site::default().page("/app.tgz", Page::new("app")).start(elsewhere);
    let (listener, host) = Site::listen().await;
    let body = index(&[("1.0.0", &format!("http://{other}/app.tgz"), Some(b"app"))]);
    let mut site = Site::default()
        .page("/index.yaml", Page::new(body))
        .page("/moved.tgz", Page::redirect(&format!("http://{other}/app.tgz")));
    site.authorization = Some(BASIC.into());
    let site = site.start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), password(), |_| {});
    let repository = format!("http://{host}");
    charts.fetch(&wanted(&repository, None)).await.expect("fetched");
    assert_eq!(site.asked(), ["/index.yaml with credentials"]);
    assert_eq!(other_site.asked(), ["/app.tgz"], "another host gets none");
    let moved = Wanted { chart: format!("http://{host}/moved.tgz"), ..Wanted::default() };
    charts.fetch(&moved).await.expect("fetched");
    assert_eq!(other_site.asked(), ["/app.tgz"], "nor after a redirect");
    remote(cache.path(), password(), |options| options.pass_credentials = true).fetch(&moved).await.expect("fetched");
    assert_eq!(other_site.asked(), ["/app.tgz with credentials"], "unless it is asked for");
    let in_url = format!("http://user:pass%20word@{host}");
    let fetched = remote(cache.path(), None, |_| {}).fetch(&wanted(&in_url, None)).await.expect("fetched");
    assert!(!format!("{fetched:?}{charts:?}").contains("pass word"));
    let wrong = format!("http://user:wrong@{host}");
    let error = remote(cache.path(), None, |_| {}).fetch(&wanted(&wrong, None)).await.expect_err("denied");
    check_error(
        &error,
        &host,
        expect![[r#"
        http://HOST/index.yaml refused the credentials: 401 Unauthorized
        hint: give --username and --password, or WINDLASS_CHART_USERNAME and WINDLASS_CHART_PASSWORD"#]],
    );
    assert!(!format!("{error:?}").contains("wrong"));
}

/// Forty megabytes, of which a few lines are wanted; compressed on the way, and not sent again.
#[tokio::test]
async fn a_huge_index() {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    for chart in 0..200 {
        text.push_str(&format!("  chart-{chart}:\n"));
        for version in 0..100 {
            text.push_str(&format!(
                "  - name: chart-{chart}\n    version: 1.{version}.0\n    description: {}\n    urls:\n    - https://h/{chart}-{version}.tgz\n",
                "word ".repeat(370)
            ));
        }
    }
    text.push_str("  app:\n  - name: app\n    version: 1.0.0\n    urls: [app.tgz]\n");
    assert!(text.len() > 37 << 20);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("compressed");
    let (listener, host) = Site::listen().await;
    let page = Page {
        headers: vec![("content-encoding", "gzip".into()), ("etag", "\"one\"".into())],
        ..Page::new(gzip.finish().expect("compressed"))
    };
    let site = Site::default().page("/index.yaml", page).page("/app.tgz", Page::new("app")).start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |_| {});
    for _ in 0..2 {
        let fetched = charts.fetch(&wanted(&format!("http://{host}"), None)).await.expect("fetched");
        assert_eq!(archive(&fetched), b"app");
    }
    assert_eq!(site.asked().len(), 4, "a chart without a digest is fetched anew");
    let small = |options: &mut Options| options.limits.unpacked_index_bytes = 1 << 20;
    let error = remote(cache.path(), None, small).fetch(&wanted(&format!("http://{host}"), None)).await;
    assert!(
        matches!(error, Err(Error::NoRepository { .. } | Error::NotFound { .. })),
        "a bomb is cut short: {error:?}"
    );
}

/// As helm 4.1.4 and helm 3.17.3 accept and refuse them: duplicates and unknown fields in YAML, neither in JSON.
#[tokio::test]
async fn an_index_is_read_strictly() {
    let entry = "apiVersion: v1\nentries:\n  app:\n  - name: app\n    version: 1.0.0\n    urls: [a.tgz]\n";
    let json = r#"{"apiVersion":"v1","apiVersion":"v1","foo":1,"entries":{"app":[{"version":"1.0.0","urls":["a.tgz"],"foo":1}]}}"#;
    let everything = "    APPVersion: '1'\n    engine: gotpl\n    maintainers: [{name: x, email: e, url: z}]\n    dependencies: null\n";
    let unknown =
        |field: &str| Some(format!("error unmarshaling JSON: while decoding JSON: json: unknown field \"{field}\""));
    let duplicate = |key: &str| Some(format!("duplicate mapping key: {key}"));
    let cases = [
        (entry.to_owned(), None),
        (format!("{entry}{everything}serverInfo: {{}}\npublicKeys: []\n"), None),
        (json.to_owned(), None),
        (format!("{entry}foo: 1\n"), unknown("foo")),
        (format!("{entry}    bar: 1\n"), unknown("bar")),
        (format!("{entry}    maintainers: [{{name: x}}, {{foo: 1}}]\n"), unknown("foo")),
        (format!("{entry}    dependencies:\n    - name: x\n      optional: true\n"), unknown("optional")),
        (format!("{entry}apiVersion: v1\n"), duplicate("apiVersion")),
        (format!("{entry}  app: []\n"), duplicate("app")),
        (format!("{entry}    version: 1.0.0\n"), duplicate("version")),
        (format!("{entry}    annotations:\n      a: b\n      a: c\n"), duplicate("a")),
    ];
    for (index, refused) in cases {
        let (listener, host) = Site::listen().await;
        let site = Site::default().page("/index.yaml", Page::new(index.clone())).page("/a.tgz", Page::new("a"));
        site.start(listener);
        let cache = tempfile::tempdir().expect("a directory");
        let fetched = remote(cache.path(), None, |_| {}).fetch(&wanted(&format!("http://{host}"), None)).await;
        match (fetched, refused) {
            (Ok(fetched), None) => assert_eq!(archive(&fetched), b"a", "{index}"),
            (Err(error), Some(words)) => assert!(error.to_string().contains(&words), "{error}\n{index}"),
            (fetched, refused) => panic!("{:?}, expected {refused:?}\n{index}", fetched.map(|_| ())),
        }
    }
}

#[tokio::test]
async fn an_index_in_json() {
    let (listener, host) = Site::listen().await;
    let json = r#"{"apiVersion":"v1","entries":{"x":[{"version":"1.0.0"}],"app":[null,{"version":"0.1.0","urls":["a.tgz"],"created":"x"}]}}"#;
    Site::default().page("/index.yaml", Page::new(json)).page("/a.tgz", Page::new("a")).start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let fetched = remote(cache.path(), None, |_| {}).fetch(&wanted(&format!("http://{host}"), None)).await;
    assert_eq!(archive(&fetched.expect("fetched")), b"a");
}

#[tokio::test]
async fn limits() {
    let (listener, host) = Site::listen().await;
    let silent = Page { silent: true, ..Page::new("") };
    Site::default()
        .page("/big.tgz", Page::new(vec![0; 5000]))
        .page("/circle.tgz", Page::redirect("/circle.tgz"))
        .page("/silent.tgz", silent)
        .start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |options| {
        options.limits = Limits { archive_bytes: 4000, wall: Duration::from_millis(300), ..Limits::default() };
    });
    let error = async |path: &str| {
        let wanted = Wanted { chart: format!("http://{host}/{path}"), ..Wanted::default() };
        charts.fetch(&wanted).await.expect_err("over a limit").to_string().replace(&host, "HOST")
    };
    expect!["http://HOST/big.tgz is over the limit of 4000 bytes"].assert_eq(&error("big.tgz").await);
    expect!["http://HOST/circle.tgz cannot be reached: more than 10 redirects"].assert_eq(&error("circle.tgz").await);
    expect!["no answer from http://HOST/silent.tgz within 0 s"].assert_eq(&error("silent.tgz").await);
}

#[tokio::test]
async fn a_full_cache_forgets_what_was_used_longest_ago() {
    let (listener, host) = Site::listen().await;
    let bodies: Vec<Vec<u8>> = (0..8).map(|n| vec![n; 300 << 10]).collect();
    let mut site = Site::default();
    let names: Vec<String> = (0..8).map(|n| format!("1.{n}.0")).collect();
    let entries: Vec<(&str, String, &[u8])> =
        names.iter().zip(&bodies).map(|(name, body)| (name.as_str(), format!("{name}.tgz"), body.as_slice())).collect();
    for (_, url, body) in &entries {
        site = site.page(&format!("/{url}"), Page::new(*body));
    }
    let lines: Vec<_> = entries.iter().map(|(name, url, body)| (*name, url.as_str(), Some(*body))).collect();
    site.page("/index.yaml", Page::new(index(&lines))).start(listener);
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), None, |_| {});
    for name in &names {
        charts.fetch(&wanted(&format!("http://{host}"), Some(name))).await.expect("fetched");
    }
    let kept: Vec<u64> = std::fs::read_dir(cache.path().join("archives"))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").metadata().expect("metadata").len())
        .collect();
    assert!(kept.iter().sum::<u64>() <= 1 << 20 && kept.len() >= 2, "{kept:?}");
    assert!(
        std::fs::read_dir(cache.path().join("archives")).expect("a directory").all(|entry| !entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .starts_with('.')),
        "nothing unfinished stays"
    );
}

#[tokio::test]
async fn a_mirror_answers_for_its_hosts() {
    let place = tempfile::tempdir().expect("a directory");
    let host = place.path().join("mirror/charts.example.test/stable");
    std::fs::create_dir_all(&host).expect("made");
    std::fs::write(host.join("index.yaml"), index(&[("1.0.0", "app%2D1.tgz", Some(b"app"))])).expect("written");
    std::fs::write(host.join("app-1.tgz"), "app").expect("written");
    std::fs::write(place.path().join("secret.tgz"), "secret").expect("written");
    let charts =
        remote(&place.path().join("cache"), None, |options| options.mirror = Some(place.path().join("mirror")));
    let fetched = charts.fetch(&wanted("https://charts.example.test/stable", None)).await.expect("fetched");
    assert_eq!(archive(&fetched), b"app");
    for outside in ["..%2f..%2fsecret.tgz", "%2e%2e/%2e%2e/secret.tgz", "stable"] {
        let wanted = Wanted { chart: format!("https://charts.example.test/{outside}"), ..Wanted::default() };
        assert!(matches!(charts.fetch(&wanted).await, Err(Error::Refused { code: 404, .. })), "{outside}");
    }
}

#[tokio::test]
async fn directories_and_archives_of_this_machine() {
    let place = tempfile::tempdir().expect("a directory");
    let chart = place.path().join("app");
    std::fs::create_dir_all(chart.join("templates")).expect("made");
    std::fs::write(chart.join("Chart.yaml"), "name: app").expect("written");
    std::fs::write(chart.join("templates/a.yaml"), "a: 1").expect("written");
    std::os::unix::fs::symlink(chart.join("templates"), chart.join("linked")).expect("linked");
    std::fs::write(place.path().join("app.tgz"), "archive").expect("written");
    let path = chart.to_str().expect("UTF-8");
    let cache = place.path().join("cache");
    let charts = remote(&cache, None, |options| options.local = true);
    let fetch = async |chart: &str| charts.fetch(&Wanted { chart: chart.into(), ..Wanted::default() }).await;
    let Content::Directory(files) = fetch(path).await.expect("read").content else { panic!("a directory") };
    let names: Vec<&str> = files.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Chart.yaml", "linked/a.yaml", "templates/a.yaml"]);
    assert_eq!(archive(&fetch(&format!("{path}.tgz")).await.expect("read")), b"archive");
    assert_eq!(archive(&fetch(&format!("file://{path}.tgz")).await.expect("read")), b"archive");
    let missing = fetch("./no/such/chart").await.expect_err("missing");
    assert_eq!(missing.to_string(), r#"path "./no/such/chart" not found"#);
    std::os::unix::fs::symlink(&chart, chart.join("circle")).expect("linked");
    let circle = fetch(path).await.expect_err("a circle").to_string();
    assert!(circle.contains("is a link part of a circle?") || circle.contains("symbolic links"), "{circle}");
    let refused = remote(&cache, None, |_| {}).fetch(&Wanted { chart: path.into(), ..Wanted::default() }).await;
    assert!(matches!(refused, Err(Error::NotAllowed { .. })), "{refused:?}");
    assert!(!cache.exists(), "a local chart needs no cache");
}

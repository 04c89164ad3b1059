//! Charts of OCI registries, from a registry of this process that asks for tokens.

use std::sync::{Arc, Mutex};

use axum::{
    body::Bytes,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use expect_test::expect;
use source::chart::{Charts, Error, Options, Wanted};

use crate::charts::{BASIC, Site, archive, password, remote, sha256};

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// A registry with one repository, `team/app`.
struct Registry {
    host: String,
    config: &'static str,
    /// Of the layer, instead of the real one.
    digest: Option<String>,
    asked: Mutex<Vec<String>>,
}

impl Registry {
    fn manifest(&self, tag: &str) -> String {
        let content = format!("chart {tag}");
        let digest = self.digest.clone().unwrap_or_else(|| format!("sha256:{}", sha256(content.as_bytes())));
        format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"{}","digest":"sha256:{}","size":2}},"layers":[
                {{"mediaType":"application/vnd.cncf.helm.chart.provenance.v1.prov","digest":"sha256:{}","size":1}},
                {{"mediaType":"{LAYER}","digest":"{digest}","size":{}}}]}}"#,
            self.config,
            sha256(b"{}"),
            sha256(b"p"),
            content.len()
        )
    }

    fn answer(&self, request: &Request) -> Response {
        let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
        let authorization = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if path == "/token" {
            self.asked.lock().expect("no panic").push(format!("token {query}"));
            return match authorization {
                Some(BASIC) => r#"{"access_token":"a-token"}"#.into_response(),
                _ => StatusCode::UNAUTHORIZED.into_response(),
            };
        }
        if authorization != Some("Bearer a-token") {
            let challenge = format!(
                r#"Bearer realm="http://{}/token",service="registry, of tests",scope="repository:team/app:pull""#,
                self.host
            );
            return (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)]).into_response();
        }
        self.asked.lock().expect("no panic").push(path.to_owned());
        let tags = ["1.0.0", "1.1.0_build.5", "latest", "2.0.0-rc.1"];
        match path.strip_prefix("/v2/team/app/").and_then(|path| path.split_once('/')) {
            Some(("tags", "list")) if query.contains("last") => {
                format!(r#"{{"tags":{:?}}}"#, &tags[1..]).into_response()
            }
            Some(("tags", "list")) => {
                let next = [("link", "</v2/team/app/tags/list?last=1.0.0&n=1>; rel=\"next\"")];
                (next, r#"{"name":"team/app","tags":["1.0.0"]}"#).into_response()
            }
            Some(("manifests", tag)) if tags.contains(&tag) => self.manifest(tag).into_response(),
            Some(("manifests", digest)) if digest.starts_with("sha256:") => self.manifest("1.0.0").into_response(),
            Some(("blobs", digest)) => {
                let blobs = tags.map(|tag| format!("chart {tag}"));
                let blob = blobs.iter().find(|blob| digest.ends_with(&sha256(blob.as_bytes())));
                blob.map_or(StatusCode::NOT_FOUND.into_response(), |blob| {
                    Bytes::copy_from_slice(blob.as_bytes()).into_response()
                })
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    async fn start(change: impl FnOnce(&mut Self)) -> Arc<Self> {
        let (listener, host) = Site::listen().await;
        let mut registry = Self { host, config: CONFIG, digest: None, asked: Mutex::default() };
        change(&mut registry);
        let registry = Arc::new(registry);
        let shared = registry.clone();
        let app = axum::Router::new().fallback(move |request: Request| {
            let shared = shared.clone();
            async move { shared.answer(&request) }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        registry
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("no panic"))
    }
}

fn plain(options: &mut Options) {
    options.plain_http_registry = true;
}

fn wanted(chart: String, version: Option<&str>) -> Wanted {
    Wanted { chart, version: version.map(str::to_owned), ..Wanted::default() }
}

#[tokio::test]
async fn tags_are_versions() {
    let registry = Registry::start(|_| {}).await;
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), password(), plain);
    let chart = format!("oci://{}/team/app", registry.host);
    let by_digest = format!("{chart}@sha256:{}", sha256(registry.manifest("1.0.0").as_bytes()));
    let cases = [
        (chart.clone(), None, "chart 1.1.0_build.5"),
        (chart.clone(), Some("^1.0"), "chart 1.1.0_build.5"),
        (chart.clone(), Some("1.0.0"), "chart 1.0.0"),
        (chart.clone(), Some("1.1.0+build.5"), "chart 1.1.0_build.5"),
        (format!("{chart}:1.0.0"), None, "chart 1.0.0"),
        (format!("{chart}:latest"), None, "chart latest"),
        (by_digest, None, "chart 1.0.0"),
    ];
    for (chart, version, expected) in cases {
        let fetched = charts.fetch(&wanted(chart.clone(), version)).await.unwrap_or_else(|e| panic!("{chart}: {e}"));
        assert_eq!(String::from_utf8_lossy(archive(&fetched)), expected, "{chart} {version:?}");
    }
    registry.asked();
    charts.fetch(&wanted(chart, Some("1.0.0"))).await.expect("fetched");
    assert_eq!(
        registry.asked(),
        ["token scope=repository%3Ateam%2Fapp%3Apull&service=registry%2C%20of%20tests", "/v2/team/app/manifests/1.0.0"],
        "the layer comes out of the cache"
    );
    let all = charts.versions(&wanted(format!("oci://{}/team/app", registry.host), None)).await.expect("listed");
    assert!(all.contains(&"1.0.0".to_owned()) && all.contains(&"1.1.0+build.5".to_owned()), "{all:?}");
}

#[tokio::test]
async fn what_is_refused() {
    let registry = Registry::start(|_| {}).await;
    let cache = tempfile::tempdir().expect("a directory");
    let charts = remote(cache.path(), password(), plain);
    let chart = format!("oci://{}/team/app", registry.host);
    let error = async |chart: String, version: Option<&str>| {
        charts.fetch(&wanted(chart, version)).await.expect_err("refused").to_string().replace(&registry.host, "HOST")
    };
    expect!["oci://HOST/team/app:1.0.0: chart reference and version mismatch: 1.1.0 is not 1.0.0"]
        .assert_eq(&error(format!("{chart}:1.0.0"), Some("1.1.0")).await);
    expect![[r#"chart "team/app" version "^7" not found in oci://HOST/team/app repository"#]]
        .assert_eq(&error(chart.clone(), Some("^7")).await);
    expect!["oci://HOST/team/app: http://HOST/v2/team/app/manifests/7.0.0: not found"]
        .assert_eq(&error(chart.clone(), Some("7.0.0")).await);
    expect!["oci://HOST/Team: invalid reference: invalid repository"]
        .assert_eq(&error(format!("oci://{}/Team", registry.host), None).await);
    let wrong = format!("{chart}@sha256:{}", sha256(b"another"));
    assert!(error(wrong, None).await.contains("has digest sha256:"), "a digest binds");

    let denied = remote(cache.path(), None, plain).fetch(&wanted(chart.clone(), None)).await.expect_err("denied");
    assert!(matches!(denied, Error::Denied { .. }), "{denied}");
    let image = Registry::start(|it| it.config = "application/vnd.oci.image.config.v1+json").await;
    let error =
        charts.fetch(&wanted(format!("oci://{}/team/app:1.0.0", image.host), None)).await.expect_err("no chart");
    expect!["oci://HOST/team/app:1.0.0: this is no chart: could not load config with mediatype application/vnd.cncf.helm.config.v1+json, found application/vnd.oci.image.config.v1+json"]
        .assert_eq(&error.to_string().replace(&image.host, "HOST"));
    let weak = Registry::start(|it| it.digest = Some("md5:1".into())).await;
    let error = charts.fetch(&wanted(format!("oci://{}/team/app:1.0.0", weak.host), None)).await.expect_err("weak");
    assert!(error.to_string().contains("is not of sha256"), "{error}");
    assert_eq!(BASIC, format!("Basic {}", BASE64_STANDARD.encode("user:pass word")));
}

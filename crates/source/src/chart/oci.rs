//! OCI registries: the pull half of the distribution API. Tags are versions, with `_` where a version has `+`; the chart is the
//! one layer of a manifest whose configuration is a chart's.

use std::collections::BTreeMap;

use api::Redacted;
use bytes::Bytes;
use http::{Response, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Content, Error, Fetched, Remote, Wanted, cache, reference::Image, url::Url, versions, web::Asked};
use crate::Credential;

const MANIFEST: &str =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const LAYERS: [&str; 2] = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];

#[derive(Deserialize)]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// One pull: the credential becomes a token when the registry asks for one.
struct Pull<'a> {
    remote: &'a Remote,
    image: &'a Image,
    base: Url,
    own: Option<Credential>,
    session: Option<Credential>,
}

impl Remote {
    async fn pull<'a>(&'a self, image: &'a Image) -> Result<Pull<'a>, Error> {
        let scheme = if self.options.plain_http_registry { "http" } else { "https" };
        let base = Url::parse(&format!("{scheme}://{}/v2/{}", image.host, image.path))?;
        let own = self.credential(&base.to_string()).await?;
        Ok(Pull { remote: self, image, base, own, session: None })
    }

    pub(super) async fn versions_of_registry(&self, image: &Image) -> Result<Vec<String>, Error> {
        let tags = self.pull(image).await?.tags().await?;
        Ok(tags.into_iter().map(|tag| tag.replace('_', "+")).collect())
    }

    pub(super) async fn of_registry(&self, image: &Image, wanted: &Wanted) -> Result<Fetched, Error> {
        let mut pull = self.pull(image).await?;
        let (reference, known) = pull.reference(wanted).await?;
        let manifest = pull.manifest(&reference, known.as_deref()).await?;
        let layer = pull.layer(manifest)?;
        let origin = image.shown();
        if let Some(bytes) = self.cache.archive(&layer.digest) {
            return Ok(Fetched {
                content: Content::Archive(bytes),
                digest: Some(layer.digest),
                origin,
                substituted: None,
            });
        }
        let bytes = pull.blob(&layer).await?;
        self.cache.keep_archive(&layer.digest, &bytes)?;
        Ok(Fetched { content: Content::Archive(bytes), digest: Some(layer.digest), origin, substituted: None })
    }
}

impl Pull<'_> {
    fn wrong(&self, message: impl Into<String>) -> Error {
        Error::Registry { reference: self.image.shown(), message: message.into() }
    }

    /// What to ask the manifest of, and its digest where it is known before.
    async fn reference(&mut self, wanted: &Wanted) -> Result<(String, Option<String>), Error> {
        let version = wanted.version.as_deref().map(str::trim).filter(|version| !version.is_empty());
        if let (Some(tag), Some(version)) = (&self.image.tag, version)
            && tag.replace('_', "+") != version
        {
            return Err(self.wrong(format!("chart reference and version mismatch: {version} is not {tag}")));
        }
        if let Some(digest) = &self.image.digest {
            return Ok((digest.clone(), Some(digest.clone())));
        }
        if let Some(tag) = &self.image.tag {
            return Ok((tag.replace('+', "_"), None));
        }
        if let Some(exact) = version.filter(|version| versions::is_exact(version)) {
            return Ok((exact.replace('+', "_"), None));
        }
        let tags: Vec<String> = self.tags().await?.into_iter().map(|tag| tag.replace('_', "+")).collect();
        let texts: Vec<&str> = tags.iter().map(String::as_str).collect();
        match versions::choose(&texts, version, wanted.devel)? {
            Some(at) => Ok((tags[at].replace('+', "_"), None)),
            None => Err(Error::NotFound {
                chart: self.image.path.clone(),
                version: version.map(str::to_owned),
                url: self.image.shown(),
                near: versions::newest(&texts, 3).into_iter().map(str::to_owned).collect(),
            }),
        }
    }

    async fn tags(&mut self) -> Result<Vec<String>, Error> {
        let mut url = self.base.child("tags/list");
        let mut all = Vec::new();
        for _ in 0..self.remote.options.limits.tag_pages {
            let (answer, limit) = (None, self.remote.options.limits.document_bytes);
            let response = self.get(&url, answer, limit).await?;
            let page: Tags = self.json(response.body())?;
            all.extend(page.tags.unwrap_or_default());
            match response.headers().get(header::LINK).and_then(|link| next_page(link.to_str().ok()?)) {
                Some(next) => url = url.join(next)?,
                None => return Ok(all),
            }
        }
        Err(self.wrong(format!("more than {} pages of tags", self.remote.options.limits.tag_pages)))
    }

    async fn manifest(&mut self, reference: &str, known: Option<&str>) -> Result<Manifest, Error> {
        let url = self.base.child(&format!("manifests/{reference}"));
        let limit = self.remote.options.limits.document_bytes;
        let response = self.get(&url, Some(MANIFEST), limit).await?;
        let said = response.headers().get("docker-content-digest").and_then(|digest| digest.to_str().ok());
        // A digest that was asked for binds; one of the answer is checked where it is one.
        let expected = known.or_else(|| said.filter(|digest| cache::hex_of(digest).is_some()));
        verify(&url, response.body(), expected)?;
        self.json(response.body())
    }

    fn layer(&self, manifest: Manifest) -> Result<Descriptor, Error> {
        let config = manifest.config.map(|config| config.media_type).unwrap_or_default();
        if config != CONFIG {
            let found = if config.is_empty() { "none" } else { &config };
            return Err(
                self.wrong(format!("this is no chart: could not load config with mediatype {CONFIG}, found {found}"))
            );
        }
        let layer = manifest.layers.into_iter().find(|layer| LAYERS.contains(&layer.media_type.as_str()));
        let layer = layer.ok_or_else(|| self.wrong("manifest does not contain a layer with the content of a chart"))?;
        if cache::hex_of(&layer.digest).is_none() {
            return Err(self.wrong(format!("the digest {:?} of the chart's layer is not of sha256", layer.digest)));
        }
        let limit = self.remote.options.limits.archive_bytes;
        if layer.size > limit {
            return Err(Error::TooLarge { what: self.image.shown(), limit });
        }
        Ok(layer)
    }

    async fn blob(&mut self, layer: &Descriptor) -> Result<Bytes, Error> {
        let url = self.base.child(&format!("blobs/{}", layer.digest));
        let response = self.get(&url, None, self.remote.options.limits.archive_bytes).await?;
        verify(&url, response.body(), Some(&layer.digest))?;
        Ok(response.into_body())
    }

    fn json<'de, T: Deserialize<'de>>(&self, body: &'de Bytes) -> Result<T, Error> {
        serde_json::from_slice(body)
            .map_err(|error| self.wrong(format!("the registry's answer is not understood: {error}")))
    }

    /// A success, with a token where the registry asks for one.
    async fn get(&mut self, url: &Url, accept: Option<&'static str>, limit: u64) -> Result<Response<Bytes>, Error> {
        let asked = Asked { credential: self.session.clone(), accept, limit };
        let mut response = self.remote.web.answer(url, &asked).await?;
        if response.status().as_u16() == 401 && self.session.is_none() {
            let challenges: Vec<String> = response
                .headers()
                .get_all(header::WWW_AUTHENTICATE)
                .iter()
                .filter_map(|value| value.to_str().ok().map(str::to_owned))
                .collect();
            self.session = self.log_in(url, &challenges).await?;
            let asked = Asked { credential: self.session.clone(), accept, limit };
            response = self.remote.web.answer(url, &asked).await?;
        }
        match response.status().as_u16() {
            200..=299 => Ok(response),
            401 | 403 => Err(Error::Denied { url: url.shown(), message: why(&response) }),
            404 => Err(self.wrong(format!("{}: not found", url.shown()))),
            code => Err(Error::Refused { url: url.shown(), code }),
        }
    }

    async fn log_in(&self, url: &Url, challenges: &[String]) -> Result<Option<Credential>, Error> {
        let denied = |message: &str| Error::Denied { url: url.shown(), message: message.to_owned() };
        let bearer = challenges.iter().find_map(|challenge| parameters(challenge, "bearer"));
        let Some(bearer) = bearer else {
            let basic = challenges.iter().any(|challenge| parameters(challenge, "basic").is_some());
            return match (&self.own, basic || challenges.is_empty()) {
                (Some(own), true) => Ok(Some(own.clone())),
                (None, _) => Err(denied("it asks for a user name and a password")),
                (_, false) => Err(denied("it asks for a way to log in that is not known here")),
            };
        };
        let realm = bearer.get("realm").ok_or_else(|| denied("its answer names no place for tokens"))?;
        let realm = url.join(realm)?;
        let scope = bearer.get("scope").cloned().unwrap_or_else(|| format!("repository:{}:pull", self.image.path));
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut query = format!("scope={}", encode(&scope));
        if let Some(service) = bearer.get("service") {
            query.push_str(&format!("&service={}", encode(service)));
        }
        if url.https && !realm.https {
            return Err(denied("it sends credentials from https to http"));
        }
        let asked =
            Asked { credential: self.own.clone(), accept: None, limit: self.remote.options.limits.document_bytes };
        let body = self.remote.web.bytes(&realm.with_query(&query), &asked).await?;
        let token: Token = self.json(&body)?;
        let token = token.token.or(token.access_token).filter(|token| !token.is_empty());
        token.map(|token| Some(Credential::Bearer(Redacted::new(token)))).ok_or_else(|| denied("it gives no token"))
    }
}

/// Reads what could be a manifest or a page of tags.
pub(super) fn understood(body: &[u8]) {
    let _ = serde_json::from_slice::<Manifest>(body);
    let _ = serde_json::from_slice::<Tags>(body);
    let _ = serde_json::from_slice::<Token>(body);
}

/// Reads what could be a challenge; the address of the next page, where it is one.
pub(super) fn challenge_and_page(text: &str) -> Option<&str> {
    drop(parameters(text, "bearer"));
    next_page(text)
}

fn verify(url: &Url, body: &Bytes, expected: Option<&str>) -> Result<(), Error> {
    let found = cache::digest(body);
    match expected {
        Some(expected) if expected != found => {
            Err(Error::Digest { url: url.shown(), expected: expected.to_owned(), found })
        }
        _ => Ok(()),
    }
}

/// The registry's own words, or the status.
fn why(response: &Response<Bytes>) -> String {
    let said: Option<serde_json::Value> = serde_json::from_slice(response.body()).ok();
    let message = said.as_ref().and_then(|said| said["errors"][0]["message"].as_str());
    message.filter(|message| message.len() < 300).map_or_else(|| response.status().to_string(), str::to_owned)
}

/// `<URL>; rel="next"`.
fn next_page(link: &str) -> Option<&str> {
    let (url, rest) = link.strip_prefix('<')?.split_once('>')?;
    rest.contains("next").then_some(url)
}

/// The parameters of a challenge, when it is of that scheme.
fn parameters(challenge: &str, scheme: &str) -> Option<BTreeMap<String, String>> {
    let challenge = challenge.trim();
    let (found, mut rest) = challenge.split_once(' ').unwrap_or((challenge, ""));
    if !found.eq_ignore_ascii_case(scheme) {
        return None;
    }
    let mut parameters = BTreeMap::new();
    while let Some((name, value)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']).to_ascii_lowercase();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once(',').unwrap_or((value, "")),
        };
        parameters.insert(name, value.to_owned());
        rest = after;
    }
    Some(parameters)
}

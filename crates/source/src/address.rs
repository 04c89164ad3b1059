//! Repository URLs: what they mean, which are allowed, how they are shown, and when two name the same repository.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
};

use api::Redacted;
use percent_encoding::percent_decode_str;

use crate::{Credential, Error};

/// What repositories may be read. The default allows https and nothing of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub https: bool,
    /// Plain http, to a loopback address only: our own server.
    pub loopback_http: bool,
    /// Directories under which local repositories may lie. Links are resolved before the comparison.
    pub file_roots: Vec<PathBuf>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { https: true, loopback_http: false, file_roots: Vec::new() }
    }
}

/// A URL that is allowed, without credentials, as git gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) url: String,
    /// The one protocol that git may use for it, redirects included.
    pub(crate) protocol: &'static str,
    /// Credentials that were part of the URL.
    pub(crate) credential: Option<Credential>,
}

impl Policy {
    pub(crate) fn admit(&self, url: &str) -> Result<Address, Error> {
        let refuse = |message: &str| Err(Error::NotAllowed { url: shown(url), message: message.to_owned() });
        if url.is_empty() || url.starts_with('-') || url.chars().any(|c| c.is_control() || c == ' ') {
            return refuse("this is not a repository URL");
        }
        if let Some(path) = url.strip_prefix("file://") {
            return self.admit_path(url, &percent_decode_str(path).decode_utf8_lossy());
        }
        if url.starts_with('/') {
            return self.admit_path(url, url);
        }
        match url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()).as_deref() {
            Some("https") if self.https => Ok(network(url, "https")),
            Some("http") if self.loopback_http && is_loopback(host(url)) => Ok(network(url, "http")),
            Some("https") => refuse("https is not allowed here"),
            Some("http") => refuse("http is allowed to loopback addresses only, use https"),
            Some(scheme) => refuse(&format!("the scheme {scheme} is not supported, use https")),
            None if url.contains(':') => refuse("ssh is not supported yet, use https"),
            None => refuse("a local repository needs an absolute path"),
        }
    }

    fn admit_path(&self, url: &str, path: &str) -> Result<Address, Error> {
        let refuse = |message: String| Error::NotAllowed { url: shown(url), message };
        let path = Path::new(path);
        if !path.is_absolute() {
            return Err(refuse("a file URL has no host and an absolute path".into()));
        }
        let missing = |error: std::io::Error| Error::Unreachable { url: shown(url), message: error.to_string() };
        let allowed = |real: &Path| {
            let roots = self.file_roots.iter().filter_map(|root| fs::canonicalize(root).ok());
            roots.into_iter().any(|root| real.starts_with(root))
        };
        // What is not allowed must not even tell whether it exists.
        let real = fs::canonicalize(path);
        match real {
            Ok(real) if allowed(&real) => {
                let url = real.to_str().ok_or_else(|| refuse("the path is not UTF-8".into()))?;
                Ok(Address { url: url.to_owned(), protocol: "file", credential: None })
            }
            Err(error) if self.file_roots.iter().any(|root| path.starts_with(root)) => Err(missing(error)),
            _ => Err(refuse("local repositories are allowed only in directories that the operator names".into())),
        }
    }
}

fn network(url: &str, protocol: &'static str) -> Address {
    let (url, credential) = split_credential(url);
    Address { url, protocol, credential }
}

/// A URL without its user name and password, and those.
pub(crate) fn split_credential(url: &str) -> (String, Option<Credential>) {
    let (rest, userinfo) = without_userinfo(url);
    let credential = userinfo.map(|userinfo| {
        let (username, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Credential::Basic { username: decode(username), password: Redacted::new(decode(password)) }
    });
    (rest, credential)
}

fn without_userinfo(url: &str) -> (String, Option<&str>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((userinfo, _)) => (format!("{scheme}://{}", &rest[userinfo.len() + 1..]), Some(userinfo)),
        None => (url.to_owned(), None),
    }
}

/// A URL for messages: without credentials and query, on one line.
pub(crate) fn shown(url: &str) -> String {
    let (url, _) = without_userinfo(url);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    url.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(v6) = authority.strip_prefix('[') {
        return v6.split(']').next().unwrap_or(v6);
    }
    authority.split(':').next().unwrap_or(authority)
}

pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether two URLs name one repository, however it is reached: `https://host/a/b`, `git@host:a/b.git` and
/// `ssh://git@host/a/b/` are the same.
pub fn same_repository(one: &str, other: &str) -> bool {
    !one.trim().is_empty() && identity(one) == identity(other)
}

fn identity(url: &str) -> String {
    let (url, _) = without_userinfo(url.trim());
    let place = match url.split_once("://") {
        Some(("file", path)) => path.to_owned(),
        Some((_, rest)) => rest.to_owned(),
        // The short form of ssh: user@host:path.
        None if !url.starts_with('/') => {
            url.rsplit_once('@').map_or(url.as_str(), |(_, rest)| rest).replacen(':', "/", 1)
        }
        None => url,
    };
    let place = place.trim_end_matches('/').trim_end_matches(".git").trim_end_matches('/');
    if place.starts_with('/') { place.to_owned() } else { place.to_ascii_lowercase() }
}

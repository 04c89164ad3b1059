//! URLs of chart repositories: what is needed of RFC 3986, with helm's rule for references in an index.

use crate::{
    address::{shown, split_credential},
    chart::Error,
};

/// An absolute http or https URL without credentials and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) https: bool,
    /// Host and port, as they were written.
    pub(super) authority: String,
    /// Begins with `/`.
    path: String,
    query: Option<String>,
}

impl Url {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |message: &str| Error::NotAllowed { what: shown(text), message: message.to_owned() };
        let (text, _) = split_credential(text.trim());
        let text = text.split('#').next().unwrap_or_default();
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(wrong("a URL has no blanks"));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("this is no URL"))?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong("could not find protocol handler: http, https and oci are supported")),
        };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, "/"),
        };
        if authority.is_empty() || authority.starts_with(':') {
            return Err(wrong("a URL has a host"));
        }
        Ok(Self { https, authority: authority.to_ascii_lowercase(), path: path.to_owned(), query })
    }

    pub(super) fn host(&self) -> &str {
        match self.authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => self.authority.split(':').next().unwrap_or(&self.authority),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A file below this directory; its query stays.
    pub(super) fn child(&self, name: &str) -> Self {
        Self { path: format!("{}/{name}", self.path.trim_end_matches('/')), ..self.clone() }
    }

    pub(super) fn with_query(&self, more: &str) -> Self {
        let query = self.query.as_ref().map_or_else(|| more.to_owned(), |query| format!("{query}&{more}"));
        Self { query: Some(query), ..self.clone() }
    }

    /// A reference in an index of this directory: absolute, or relative to the directory, which hands its query on.
    pub(super) fn resolve(&self, reference: &str) -> Result<Self, Error> {
        let directory = Self { path: format!("{}/", self.path.trim_end_matches('/')), ..self.clone() };
        let resolved = directory.join(reference)?;
        let relative = !reference.contains("://");
        Ok(Self { query: if relative { self.query.clone() } else { resolved.query }, ..resolved })
    }

    /// RFC 3986: what a document at this URL means by the reference.
    pub(super) fn join(&self, reference: &str) -> Result<Self, Error> {
        if reference.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':')) {
            return Self::parse(reference);
        }
        if reference.starts_with("//") {
            return Self::parse(&format!("{}:{reference}", if self.https { "https" } else { "http" }));
        }
        let reference = reference.split('#').next().unwrap_or_default();
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (reference, None),
        };
        let path = match path {
            "" => {
                return Self::parse(&Self { query: query.or_else(|| self.query.clone()), ..self.clone() }.to_string());
            }
            absolute if absolute.starts_with('/') => without_dots(absolute),
            relative => {
                let directory = self.path.rsplit_once('/').map_or("", |(directory, _)| directory);
                without_dots(&format!("{directory}/{relative}"))
            }
        };
        Self::parse(&Self { path, query, ..self.clone() }.to_string())
    }

    /// Whether credentials for one are for the other too.
    pub(super) fn same_origin(&self, other: &Self) -> bool {
        let port = |url: &Self| match url.authority.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => port.to_owned(),
            _ => if url.https { "443" } else { "80" }.to_owned(),
        };
        self.https == other.https && self.host() == other.host() && port(self) == port(other)
    }

    /// For messages.
    pub(super) fn shown(&self) -> String {
        shown(&self.to_string())
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)?;
        self.query.as_ref().map_or(Ok(()), |query| write!(f, "?{query}"))
    }
}

pub(super) fn without_credential(url: &str) -> String {
    split_credential(url).0
}

fn without_dots(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." if last => out.push(""),
            "." => {}
            ".." => {
                out.pop();
                if last {
                    out.push("");
                }
            }
            segment => out.push(segment),
        }
    }
    format!("/{}", out.join("/"))
}

//! What the name of a chart means, by helm's rules.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::{Error, Wanted};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A directory or an archive of this machine.
    Path(PathBuf),
    /// The URL of an archive.
    Archive(String),
    Repository {
        url: String,
        name: String,
    },
    Registry(Image),
}

/// `oci://HOST/PATH[:TAG][@DIGEST]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub host: String,
    pub path: String,
    pub tag: Option<String>,
    pub digest: Option<String>,
}

impl Reference {
    pub fn parse(wanted: &Wanted) -> Result<Self, Error> {
        let chart = wanted.chart.trim();
        if let Some(repository) = wanted.repository.as_deref().filter(|url| !url.is_empty()) {
            if repository.starts_with("oci://") {
                return Err(Error::Registry {
                    reference: repository.to_owned(),
                    message: "--repo is for HTTP repositories: name a registry's chart as oci://HOST/PATH".into(),
                });
            }
            return Ok(Self::Repository { url: repository.to_owned(), name: chart.to_owned() });
        }
        if let Some(image) = chart.strip_prefix("oci://") {
            return Image::parse(image).map(Self::Registry);
        }
        if let Some(path) = chart.strip_prefix("file://") {
            let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
            if !path.starts_with('/') {
                let message = "a file URL has no host and an absolute path".into();
                return Err(Error::NotAllowed { what: chart.to_owned(), message });
            }
            return Ok(Self::Path(path.into()));
        }
        if chart.starts_with("http://") || chart.starts_with("https://") {
            return Ok(Self::Archive(chart.to_owned()));
        }
        let path = Path::new(chart);
        if path.is_absolute() || chart.starts_with('.') || path.exists() {
            return Ok(Self::Path(path.to_owned()));
        }
        match chart.split_once('/') {
            Some((repository, name)) if !name.is_empty() => {
                Err(Error::UnknownRepository { repository: repository.to_owned(), chart: name.to_owned() })
            }
            _ => Err(Error::Failed {
                what: chart.to_owned(),
                message: "no such directory or archive, and no repository is named".to_owned(),
            }),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Path(_) => "path",
            Self::Archive(_) => "archive",
            Self::Repository { .. } => "repository",
            Self::Registry(_) => "registry",
        }
    }
}

impl Image {
    fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |message: &str| Error::Registry { reference: format!("oci://{text}"), message: message.to_owned() };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') => (rest, Some(tag.to_owned())),
            _ => (rest, None),
        };
        let (host, path) =
            rest.split_once('/').ok_or_else(|| wrong("invalid reference: a registry and a repository are needed"))?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/".contains(c);
        if host.is_empty() || path.is_empty() || !path.chars().all(plain) || path.split('/').any(str::is_empty) {
            return Err(wrong("invalid reference: invalid repository"));
        }
        let tag_is_plain = |tag: &String| {
            tag.len() <= 128 && !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c))
        };
        if !tag.iter().all(tag_is_plain) {
            return Err(wrong("invalid reference: invalid tag"));
        }
        if !digest.iter().all(|digest| super::cache::hex_of(digest).is_some()) {
            return Err(wrong("invalid reference: a digest is sha256: and 64 hex digits"));
        }
        Ok(Self { host: host.to_ascii_lowercase(), path: path.to_owned(), tag, digest })
    }

    pub(super) fn shown(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = self.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
        format!("oci://{}/{}{tag}{digest}", self.host, self.path)
    }
}

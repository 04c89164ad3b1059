//! The parsers of what repositories and registries send, reachable without a connection: for fuzzing. Nothing here is of use to a
//! program that wants a chart.

use super::{Wanted, index, oci, reference::Reference, url::Url};

/// How many versions an index has of a chart.
pub fn index(text: &[u8], name: &str) -> Result<usize, String> {
    index::read(text, name).map(|chart| chart.entries.unwrap_or_default().len())
}

/// Reads a reference of a user. Whether what it is shown as means the same.
pub fn reference(text: &str) -> bool {
    let read = |chart: String| match Reference::parse(&Wanted { chart, ..Wanted::default() }) {
        Ok(Reference::Registry(image)) => Some(image),
        _ => None,
    };
    drop(read(text.to_owned()));
    read(format!("oci://{text}")).is_none_or(|image| read(image.shown()).is_some_and(|again| again == image))
}

/// A manifest, and a page of tags.
pub fn manifest(body: &[u8]) {
    oci::understood(body);
}

/// Reads a challenge, the address of a next page, and the address of a redirect. Whether the addresses stay the same when they are
/// written and read again.
pub fn headers(text: &str) -> bool {
    let next = oci::challenge_and_page(text);
    let Ok(base) = Url::parse("https://charts.example.com/a/b?c=d") else { return false };
    let urls = [Some(text), next].into_iter().flatten().filter_map(|reference| base.join(reference).ok());
    urls.into_iter().all(|url| Url::parse(&url.to_string()).is_ok_and(|again| again == url))
}

//! What chart repositories and registries answer.

use source::chart::wire;

use crate::{lossy, parts};

/// The name of a chart, and an index.
pub(crate) fn index(data: &[u8]) {
    let [name, index] = parts(data);
    let _ = wire::index(index, &lossy(name));
}

/// A reference of a user, a manifest or a page of tags, and the header of an answer.
pub(crate) fn registry(data: &[u8]) {
    let [reference, body, header] = parts(data);
    assert!(wire::reference(&lossy(reference)), "what a reference is shown as means the same");
    wire::manifest(body);
    assert!(wire::headers(&lossy(header)), "an address reads back");
}

//! Discovery documents.
#[derive(Debug, Default)]
pub(crate) struct Cache {}

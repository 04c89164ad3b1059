//! What a single call may make. Go has no such limits, and dies of a chart that repeats a text a thousand million times; a render
//! of ours ends with an error that says which function, how much, and how much is allowed.

use crate::function::FunctionError;

/// The longest text that one call returns: 64 MiB, far over what the Kubernetes API takes in a whole release.
pub(crate) const TEXT_MAX_BYTES: usize = 64 << 20;

/// The longest list that one call makes.
pub(crate) const LIST_MAX_ITEMS: usize = 1 << 20;

/// How deep `deepCopy`, `merge` and `deepEqual` follow maps and lists. A map that contains itself is deeper.
pub(crate) const DEPTH_MAX: usize = 1_000;

/// How many values they look at. A map that holds another one twice, thirty times over, holds a thousand million.
pub(crate) const VALUES_MAX: usize = 1_000_000;

/// The length of a result, where it is allowed. `None` is a length that overflows.
pub(crate) fn text_bytes(bytes: Option<usize>) -> Result<usize, FunctionError> {
    match bytes {
        Some(bytes) if bytes <= TEXT_MAX_BYTES => Ok(bytes),
        Some(bytes) => {
            Err(FunctionError::new(format!("a text of {bytes} bytes is over the limit of {TEXT_MAX_BYTES} bytes")))
        }
        None => Err(FunctionError::new(format!("the text is over the limit of {TEXT_MAX_BYTES} bytes"))),
    }
}

/// What a writer of documents says when it stops. Functions that swallow what cannot be written must not swallow this.
pub(crate) fn document_over_limit() -> String {
    format!("{DOCUMENT}{TEXT_MAX_BYTES} bytes")
}

const DOCUMENT: &str = "the document is over the limit of ";

pub(crate) fn is_over_limit(error: &str) -> bool {
    error.starts_with(DOCUMENT)
}

pub(crate) fn list_items(items: u128) -> Result<usize, FunctionError> {
    usize::try_from(items).ok().filter(|items| *items <= LIST_MAX_ITEMS).ok_or_else(|| {
        FunctionError::new(format!("a list of {items} items is over the limit of {LIST_MAX_ITEMS} items"))
    })
}

/// Why a value is not written as a document.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The format cannot hold it: the error of Go's library, which some functions swallow.
    Unsupported(String),
    /// It is too much: never swallowed.
    Limit(String),
}

impl Refused {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Unsupported(text) | Self::Limit(text) => text,
        }
    }
}

impl From<FunctionError> for Refused {
    fn from(error: FunctionError) -> Self {
        Self::Limit(error.to_string())
    }
}

/// How much one call has looked at of values within values.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    values: usize,
}

impl Walk {
    /// Counts a value at a depth.
    pub(crate) fn enter(&mut self, depth: usize) -> Result<(), FunctionError> {
        self.values += 1;
        if depth > DEPTH_MAX {
            return Err(FunctionError::new(format!(
                "the value nests deeper than {DEPTH_MAX} levels, or contains itself"
            )));
        }
        if self.values > VALUES_MAX {
            return Err(FunctionError::new(format!("the value holds more than {VALUES_MAX} others")));
        }
        Ok(())
    }
}

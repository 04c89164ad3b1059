//! What an error means for whoever has to decide about a retry. Backoff tables read this and nothing else.

use std::time::Duration;

/// The answer every error that crosses into a shell gives to "and now?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Likely to pass by itself: network, 5xx, an owner that is not ready yet.
    Transient,
    /// Somebody else wrote first: read again and decide again.
    Conflict,
    /// The peer asked for patience.
    Throttled { after: Duration },
    /// The input is wrong; a retry without a change of input is pointless.
    Invalid,
    /// The caller may not do this; a retry helps only after a grant.
    Denied,
    /// Our own mistake: reported loudly, retried slowly.
    Bug,
}

//! The three patch formats of the Kubernetes API as pure functions: JSON Patch (RFC 6902, with the leniencies of the
//! library that upstream uses), JSON Merge Patch (RFC 7386) and strategic merge patch. Server-side apply is
//! [`crate::apply`].
//!
//! A patch is applied to the object as the client sees it; defaulting, pruning and validation come after.

mod json;
mod merge;
mod order;
mod strategic;
#[cfg(test)]
mod tests;

use api::status::{Cause, Status};

pub use self::{json::json, merge::merge, strategic::strategic};

/// The patch is well formed and does not fit the object. Upstream hides what went wrong; the cause says it.
fn unprocessable(field: &str, detail: String) -> Status {
    let cause = Cause { reason: "UnexpectedServerResponse".into(), message: detail, field: field.into() };
    Status::failure(422, "Invalid", "the server rejected our request due to an error in our request")
        .with_causes(vec![cause])
}

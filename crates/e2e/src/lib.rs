//! What end-to-end tests (crates/windlass/tests) need: the built binary, real clients, a running server with a data directory of its own.
//!
//! The tests drive kubectl and git against the binary as a user does; nothing of ours is linked in.

// Tests start programs and find them: they are an edge.
#![expect(clippy::disallowed_methods, reason = "finds tools in the environment and waits with deadlines")]

mod command;
mod server;
mod tools;

pub use command::{Output, run, run_with_input};
pub use server::Server;
pub use tools::{Tool, binary, missing_is_failure, setting, use_binary};

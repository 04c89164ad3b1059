//! Controllers that are part of the server: garbage collection, the end of namespaces and of CustomResourceDefinitions, what
//! every namespace has (the `default` ServiceAccount, the cluster's CA), aggregated roles as people read them, Secrets
//! that carry service account tokens, and the age of Events.
//!
//! Flow: one watch over everything that is stored feeds a [`graph::Graph`] and a queue of keys; each key is looked at as it is
//! now, a pure `decide` says what to do, [`execute`] does it. Guarantees: level-triggered, so that a crash or a lost conflict
//! only repeats work; deletes carry uid and resourceVersion; what is decided from the graph is read again before it is final.
//! Silence: without a change there is no write and no timer; only failures set one, with growing pauses. Events go when
//! another Event is written.

mod collect;
mod definition;
mod execute;
mod graph;
mod namespace;
mod queue;
mod secret;
mod shell;

#[cfg(test)]
mod tests;

pub(crate) use shell::run;

/// How long an Event is kept after it was last written.
pub(crate) const EVENT_SECS: i64 = 3600;

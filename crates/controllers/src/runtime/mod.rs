//! A deduplicating work queue and the loop that drains it. Level-triggered: a key says what to look at, never what changed.
//!
//! Guarantees: one key is never reconciled twice at the same time; a key that is added while it runs is run once more; a
//! panic of one reconcile does not end the loop. Order is first come first served, and the same in every replay of a
//! simulation (no hashing).

mod links;
mod queue;
mod task;

use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use actions::Requeue;
use api::Class;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};

pub(crate) use links::Links;
pub use queue::Queue;
pub use task::{Apart, apart};

/// How one pass over a key ended.
pub type Pass = Result<Requeue, Failure>;

/// Two controllers write to one object now and then; only who never gets through has something to say.
const QUIET_CONFLICTS: u32 = 3;

/// A pass that failed, with what that means for the next try.
#[derive(Debug)]
pub struct Failure {
    pub class: Class,
    /// The whole chain of causes, printed once.
    pub message: String,
}

/// Delays of failing keys, doubled each time.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub base: Duration,
    pub max: Duration,
}

impl Backoff {
    /// `failures` counts from 1.
    pub fn delay(&self, failures: u32) -> Duration {
        self.base.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1).min(30))).min(self.max)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), max: Duration::from_secs(30) }
    }
}

/// Reconciles keys from the queue, at most `parallelism` at once, until it is dropped.
pub async fn run<K, F>(queue: Arc<Queue<K>>, parallelism: usize, backoff: Backoff, reconcile: impl Fn(K) -> F)
where
    K: Ord + Clone + std::fmt::Debug,
    F: Future<Output = Pass>,
{
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            biased;
            Some((key, pass)) = running.next(), if !running.is_empty() => finish(&queue, backoff, key, pass),
            key = queue.next(), if running.len() < parallelism => {
                let reconcile = &reconcile;
                running.push(async move {
                    let pass = AssertUnwindSafe(async { reconcile(key.clone()).await }).catch_unwind();
                    let pass = pass.await.unwrap_or_else(|_| Err(panicked()));
                    (key, pass)
                });
            }
        }
    }
}

fn panicked() -> Failure {
    Failure { class: Class::Bug, message: "the controller panicked; this is a bug of Windlass".into() }
}

fn finish<K: Ord + Clone + std::fmt::Debug>(queue: &Queue<K>, backoff: Backoff, key: K, pass: Pass) {
    match pass {
        Ok(Requeue::OnChange) => {
            queue.succeeded(&key);
            queue.done(&key, None);
        }
        Ok(Requeue::After(delay)) => {
            queue.succeeded(&key);
            queue.done(&key, Some(delay));
        }
        Ok(Requeue::Backoff) => {
            let delay = backoff.delay(queue.failed(&key));
            queue.done(&key, Some(delay));
        }
        Err(failure) => {
            let failures = queue.failed(&key);
            let delay = match failure.class {
                Class::Conflict => Duration::from_millis(10).saturating_mul(failures.min(100)),
                Class::Throttled { after } => after.max(backoff.delay(failures)),
                Class::Transient | Class::Invalid | Class::Denied | Class::Bug => backoff.delay(failures),
            };
            if failure.class == Class::Conflict && failures <= QUIET_CONFLICTS {
                tracing::debug!(?key, failures, error = failure.message, "somebody else wrote first");
            } else {
                tracing::warn!(?key, class = ?failure.class, failures, delay_ms = delay.as_millis(), error = failure.message, "reconcile failed");
            }
            queue.done(&key, Some(delay));
        }
    }
}

#[cfg(test)]
mod tests;

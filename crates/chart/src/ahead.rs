//! Work done before its turn comes: templates to parse, documents to read. Whoever needs a result first makes it, and threads that
//! the caller has to spare take from a queue meanwhile. What a render gives, and which of several errors, is the same without them.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

/// Something whose result is made once, by the thread that comes first.
pub(crate) trait Job: Send + Sync {
    fn make(&self);
}

/// A queue of such work. It starts no thread of its own: [`Ahead::work`] is for the caller's.
#[derive(Default)]
pub struct Ahead {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Arc<dyn Job>>,
    is_closed: bool,
}

impl Ahead {
    /// Does what is there and what comes, until [`Ahead::close`].
    pub fn work(&self) {
        while let Some(job) = self.next() {
            job.make();
        }
    }

    /// Lets the threads go once nothing waits any more.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.more.notify_all();
    }

    pub(crate) fn push(&self, job: Arc<dyn Job>) {
        self.lock().waiting.push_back(job);
        self.more.notify_one();
    }

    fn next(&self) -> Option<Arc<dyn Job>> {
        let mut queue = self.lock();
        loop {
            match queue.waiting.pop_front() {
                None if !queue.is_closed => queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner),
                next => return next,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ahead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ahead").field("waiting", &self.lock().waiting.len()).finish_non_exhaustive()
    }
}

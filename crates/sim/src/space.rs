//! A store that dies: it counts the commits of all its spaces, and at a chosen one it stops to answer, either right before
//! or right after the commit is visible. What was committed stays, as it would on a disk.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use futures::{
    FutureExt,
    future::{self, BoxFuture},
};
use store::{Error, Page, Revision, Space, Store, Stored, Watch, Write};
use tokio::sync::Notify;

use crate::Trace;

/// On which side of a commit the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

impl Side {
    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// The death of one incarnation.
#[derive(Debug, Default)]
pub(crate) struct Death {
    dead: AtomicBool,
    happened: Notify,
}

impl Death {
    pub(crate) async fn happens(&self) {
        let happened = self.happened.notified();
        if !self.is_dead() {
            happened.await;
        }
    }

    pub(crate) fn strike(&self) {
        self.dead.store(true, Ordering::SeqCst);
        self.happened.notify_waiters();
        self.happened.notify_one();
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }
}

/// What all incarnations of a run share.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) commits: AtomicU64,
    /// Whether anything may still die.
    pub(crate) mortal: AtomicBool,
    pub(crate) trace: Arc<Trace>,
}

/// The store of one incarnation.
#[derive(Debug)]
pub(crate) struct Mortal {
    pub(crate) inner: Arc<store::Memory>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) death: Arc<Death>,
    /// The commit (counted from 1 over the whole run) to die at.
    pub(crate) at: Option<(u64, Side)>,
}

impl Store for Mortal {
    fn space(&self, name: &str) -> Result<Arc<dyn Space>, Error> {
        let (ledger, death) = (self.ledger.clone(), self.death.clone());
        Ok(Arc::new(MortalSpace { name: name.into(), inner: self.inner.space(name)?, ledger, death, at: self.at }))
    }
}

#[derive(Debug)]
struct MortalSpace {
    name: String,
    inner: Arc<dyn Space>,
    ledger: Arc<Ledger>,
    death: Arc<Death>,
    at: Option<(u64, Side)>,
}

impl MortalSpace {
    fn die(&self, number: u64, side: Side) -> BoxFuture<'static, Result<Vec<Stored>, Error>> {
        self.ledger.trace.line(&format!("dies {side:?} commit {number} of {}", self.name));
        self.death.strike();
        // Nobody hears of it any more.
        future::pending().boxed()
    }
}

impl Space for MortalSpace {
    fn revision(&self) -> Revision {
        self.inner.revision()
    }

    fn get(&self, key: &str) -> Option<Stored> {
        self.inner.get(key)
    }

    fn list(&self, prefix: &str, at: Option<Revision>, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        self.inner.list(prefix, at, after, limit)
    }

    fn commit(&self, writes: Vec<Write>) -> BoxFuture<'static, Result<Vec<Stored>, Error>> {
        if self.death.is_dead() {
            return future::pending().boxed();
        }
        if writes.is_empty() {
            return self.inner.commit(writes);
        }
        let number = self.ledger.commits.fetch_add(1, Ordering::SeqCst) + 1;
        let fated = self.at.filter(|(at, _)| *at == number && self.ledger.mortal.load(Ordering::SeqCst));
        if fated.is_some_and(|(_, side)| side == Side::Before) {
            return self.die(number, Side::Before);
        }
        let keys: Vec<String> = writes.iter().map(|write| write.key.clone()).collect();
        let done = self.inner.commit(writes);
        self.ledger.trace.line(&format!(
            "commit {number} {} {} {}",
            self.name,
            self.inner.revision().0,
            keys.join(" ")
        ));
        if fated.is_some() {
            return self.die(number, Side::After);
        }
        done
    }

    fn watch(&self, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error> {
        self.inner.watch(prefix, from)
    }

    fn compact(&self, through: Revision) {
        self.inner.compact(through);
    }
}

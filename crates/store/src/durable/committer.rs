//! The one writer of a durable store: a thread that turns whatever is queued into one transaction and one sync.
//!
//! It knows nothing of tables (see `tables`) and decides nothing about preconditions (see `history`).

use std::{
    collections::BTreeMap,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use redb::Database;
use tokio::sync::oneshot;

use super::{Target, directory::Directory, tables};
use crate::{Error, Revision, Stored, Write, history::Pending};

/// How many commits one transaction takes at most: a bound on the memory and the latency of a batch.
const GROUP_MAX: usize = 1024;
/// How many jobs wait at most; whoever comes then is refused.
const WAITING_MAX: usize = 50_000;
/// Forgotten history is deleted from disk in portions: a deletion per write would dirty as many pages again.
const TRIM_BACKLOG: u64 = 512;

type Answer = Result<Vec<Stored>, Error>;

#[derive(Debug)]
pub(super) enum Job {
    Commit {
        target: Target,
        writes: Vec<Write>,
        reply: oneshot::Sender<Answer>,
    },
    /// History was forgotten on demand: delete it from disk, too.
    Trim(Target),
    Stop,
}

#[derive(Clone, Debug)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Queue {
    pub(super) fn commit(&self, target: Target, writes: Vec<Write>) -> impl Future<Output = Answer> + use<> {
        let (reply, answer) = oneshot::channel();
        let refused = self.waiting.load(Ordering::Relaxed) >= WAITING_MAX;
        if !refused {
            self.send(Job::Commit { target, writes, reply });
        }
        async move {
            if refused {
                return Err(Error::Failed(format!("{WAITING_MAX} writes are waiting already")));
            }
            // A job that is dropped unanswered was never written: the store is closed.
            answer.await.unwrap_or_else(|_| Err(Error::Failed("the store is closed".into())))
        }
    }

    pub(super) fn send(&self, job: Job) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if self.jobs.send(job).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            tracing::debug!("a job for a store that is closed");
        }
    }

    pub(super) fn stop(&self) {
        self.send(Job::Stop);
    }
}

pub(super) fn start(database: Database, directory: Option<Directory>) -> Result<(Queue, JoinHandle<()>), Error> {
    let (sender, jobs) = mpsc::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let queue = Queue { jobs: sender, waiting: waiting.clone() };
    let run = move || {
        Committer { database, poisoned: None, waiting }.run(&jobs);
        // Other processes may come in once the database is closed, not before.
        drop(directory);
    };
    let handle = thread::Builder::new()
        .name("store-committer".into())
        .spawn(run)
        .map_err(|error| Error::Failed(format!("the committer thread cannot be started: {error}")))?;
    Ok((queue, handle))
}

struct Committer {
    database: Database,
    poisoned: Option<String>,
    waiting: Arc<AtomicUsize>,
}

/// What the queued jobs of one space amount to.
struct Group {
    target: Target,
    pending: Pending,
    trim: bool,
}

impl Committer {
    fn run(mut self, jobs: &mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut queued = vec![first];
            queued.extend(jobs.try_iter().take(GROUP_MAX - 1));
            self.waiting.fetch_sub(queued.len(), Ordering::Relaxed);
            let stop = queued.iter().position(|job| matches!(job, Job::Stop));
            queued.truncate(stop.unwrap_or(queued.len()));
            self.process(queued);
            if stop.is_some() {
                return;
            }
        }
    }

    fn process(&mut self, jobs: Vec<Job>) {
        let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
        let mut answers: Vec<(oneshot::Sender<Answer>, Answer)> = Vec::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Commit { target, writes, reply } => {
                    let answer = self.accept(group(&mut groups, target), writes);
                    answers.push((reply, answer));
                }
                Job::Trim(target) => group(&mut groups, target).trim = true,
                Job::Stop => {}
            }
        }
        if let Err(error) = self.persist(&mut groups) {
            tracing::error!(error = error.to_string(), "the store failed and takes no writes any more");
            // Failed preconditions too: they may have been judged by writes that are lost now.
            for (_, answer) in &mut answers {
                *answer = Err(error.clone());
            }
            groups.clear();
        }
        publish(groups);
        for (reply, answer) in answers {
            // Nobody waits for a commit whose future was dropped.
            let _ = reply.send(answer);
        }
    }

    fn accept(&self, group: &mut Group, writes: Vec<Write>) -> Answer {
        if let Some(why) = &self.poisoned {
            return Err(Error::Failed(why.clone()));
        }
        let history = group.target.shared.history.read();
        // An encoder is a caller's code: its panic must not take the store from everybody else.
        catch_unwind(AssertUnwindSafe(|| group.pending.accept(&history, writes)))
            .unwrap_or_else(|_| Err(Error::Failed("the encoder of a write panicked".into())))
    }

    fn persist(&mut self, groups: &mut BTreeMap<u32, Group>) -> Result<(), Error> {
        groups.retain(|_, group| group.trim || !group.pending.entries.is_empty());
        if groups.is_empty() || self.poisoned.is_some() {
            return Ok(());
        }
        self.transact(groups).map_err(|error| {
            // Whether the disk has the batch is unknown from here on: only a restart can tell.
            let why = format!("writing failed: {error}");
            self.poisoned = Some(why.clone());
            Error::Failed(why)
        })
    }

    fn transact(&self, groups: &BTreeMap<u32, Group>) -> Result<(), redb::Error> {
        let transaction = tables::begin(&self.database)?;
        for Group { target, pending, trim } in groups.values() {
            let (revision, compacted) = {
                let history = target.shared.history.read();
                (history.revision(), history.compacted())
            };
            let revision = pending.entries.last().map_or(revision, |entry| entry.revision);
            let space = tables::SpaceRow { id: target.id, name: &target.name, revision };
            tables::write(&transaction, &space, &pending.entries)?;
            let backlog = if *trim { 1 } else { TRIM_BACKLOG };
            tables::trim(&transaction, &space, Revision(compacted.0), backlog)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

fn group(groups: &mut BTreeMap<u32, Group>, target: Target) -> &mut Group {
    groups.entry(target.id).or_insert_with(|| Group { target, pending: Pending::default(), trim: false })
}

fn publish(groups: BTreeMap<u32, Group>) {
    let mut grown: Vec<Arc<crate::cursor::Shared>> = Vec::with_capacity(groups.len());
    for Group { target, pending, .. } in groups.into_values() {
        if !pending.entries.is_empty() {
            target.shared.history.write().publish(pending.entries);
            grown.push(target.shared);
        }
    }
    for shared in grown {
        shared.announce();
    }
}

//! The queue itself: ready keys in order, delayed keys by time, keys that run, and keys to run again.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

#[derive(Debug)]
pub struct Queue<K: Ord> {
    state: Mutex<State<K>>,
    wake: Notify,
}

#[derive(Debug)]
struct State<K: Ord> {
    ready: VecDeque<K>,
    queued: BTreeSet<K>,
    running: BTreeSet<K>,
    /// Added while running.
    again: BTreeSet<K>,
    delayed: BTreeSet<(Instant, K)>,
    due: BTreeMap<K, Instant>,
    failures: BTreeMap<K, u32>,
}

impl<K: Ord + Clone> Default for Queue<K> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                ready: VecDeque::new(),
                queued: BTreeSet::new(),
                running: BTreeSet::new(),
                again: BTreeSet::new(),
                delayed: BTreeSet::new(),
                due: BTreeMap::new(),
                failures: BTreeMap::new(),
            }),
            wake: Notify::new(),
        }
    }
}

impl<K: Ord + Clone> Queue<K> {
    /// Reconcile this key soon. Many adds before it runs are one run.
    pub fn add(&self, key: K) {
        let mut state = self.state.lock();
        state.forget_delay(&key);
        if state.running.contains(&key) {
            state.again.insert(key);
            return;
        }
        if state.queued.insert(key.clone()) {
            state.ready.push_back(key);
            drop(state);
            self.wake.notify_one();
        }
    }

    /// Reconcile this key after a while; an earlier time that is already planned wins.
    pub fn add_after(&self, key: K, delay: Duration) {
        let at = Instant::now() + delay;
        let mut state = self.state.lock();
        if state.queued.contains(&key) || state.due.get(&key).is_some_and(|due| *due <= at) {
            return;
        }
        state.forget_delay(&key);
        state.due.insert(key.clone(), at);
        state.delayed.insert((at, key));
        drop(state);
        self.wake.notify_one();
    }

    /// Counts a failure of the key and returns how many there were in a row.
    pub fn failed(&self, key: &K) -> u32 {
        let mut state = self.state.lock();
        let failures = state.failures.entry(key.clone()).or_default();
        *failures = failures.saturating_add(1);
        *failures
    }

    /// The key's run went well: its next failure is a first one.
    pub fn succeeded(&self, key: &K) {
        self.state.lock().failures.remove(key);
    }

    /// The key's run is over.
    pub fn done(&self, key: &K, requeue: Option<Duration>) {
        let rerun = {
            let mut state = self.state.lock();
            state.running.remove(key);
            state.again.remove(key)
        };
        match requeue {
            _ if rerun => self.add(key.clone()),
            Some(delay) => self.add_after(key.clone(), delay),
            None => {}
        }
    }

    /// The next key to run; it counts as running until [`Queue::done`].
    pub async fn next(&self) -> K {
        loop {
            let wait = {
                let mut state = self.state.lock();
                state.promote(Instant::now());
                if let Some(key) = state.ready.pop_front() {
                    state.queued.remove(&key);
                    state.running.insert(key.clone());
                    return key;
                }
                state.delayed.first().map(|(at, _)| *at)
            };
            let woken = self.wake.notified();
            match wait {
                Some(at) => tokio::select! {
                    biased;
                    () = woken => {}
                    () = tokio::time::sleep_until(at) => {}
                },
                None => woken.await,
            }
        }
    }

    /// Keys that wait, run or are planned: the depth of the queue.
    pub fn depth(&self) -> usize {
        let state = self.state.lock();
        state.ready.len() + state.running.len()
    }
}

impl<K: Ord + Clone> State<K> {
    fn forget_delay(&mut self, key: &K) {
        if let Some(at) = self.due.remove(key) {
            self.delayed.remove(&(at, key.clone()));
        }
    }

    /// Moves keys whose time has come to the ready ones.
    fn promote(&mut self, now: Instant) {
        while let Some((at, key)) = self.delayed.first().cloned() {
            if at > now {
                return;
            }
            self.forget_delay(&key);
            if self.running.contains(&key) {
                self.again.insert(key);
            } else if self.queued.insert(key.clone()) {
                self.ready.push_back(key);
            }
        }
    }
}

//! Commits in flight. A decision is made on the state in memory and handed to the space at once, in order; its answer waits
//! until it is durable, the next decision does not. So the space can sync many requests together, and still no answer, of a
//! read either, rests on something that a crash could take back.
//!
//! Two decisions that touch one record wait for each other. When a commit fails, the state in memory is read anew from the
//! space before anything else is decided.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use parking_lot::{Mutex, RwLock};
use store::{Expect, Revision, Space, Stored, Write};

use crate::state::{Change, Record, State};

/// The end of a commit; whoever waits drives it, so that nobody has to stay.
pub(crate) type Flying = Shared<BoxFuture<'static, Result<Vec<Stored>, store::Error>>>;

#[derive(Debug)]
struct Flight {
    changes: Vec<Change>,
    outcome: Flying,
}

#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    flights: VecDeque<Flight>,
    /// The records that are being written, by key.
    flying: BTreeMap<String, Flying>,
    /// The state in memory holds changes that the space refused.
    failed: bool,
}

/// Held while a decision is made and handed over; never across an await.
pub(crate) type Lock = Mutex<Pipeline>;

impl Pipeline {
    /// Takes in what has ended. `Err` when the state has to be read anew: with the flight to wait for first, if one is left.
    pub(crate) fn land(&mut self, state: &RwLock<State>) -> Result<(), Option<Flying>> {
        while let Some(front) = self.flights.front() {
            let Some(outcome) = front.outcome.clone().now_or_never() else { break };
            let changes = self.flights.pop_front().map(|flight| flight.changes).unwrap_or_default();
            for change in &changes {
                self.flying.remove(&change.key());
            }
            match outcome {
                Ok(stored) => settle_revisions(&mut state.write(), &changes, &stored),
                Err(_) => self.failed = true,
            }
        }
        match (self.failed, self.flights.back()) {
            (false, _) => Ok(()),
            (true, last) => Err(last.map(|flight| flight.outcome.clone())),
        }
    }

    /// The state was read anew.
    pub(crate) fn recover(&mut self) {
        self.failed = false;
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// What an answer that is given now has to wait for.
    pub(crate) fn last(&self) -> Option<Flying> {
        self.flights.back().map(|flight| flight.outcome.clone())
    }

    /// Applies the changes in memory and hands them to the space. `Err` with the flight that touches the same record.
    pub(crate) fn launch(
        &mut self,
        space: &dyn Space,
        state: &RwLock<State>,
        changes: Vec<Change>,
    ) -> Result<(), Flying> {
        let mut state = state.write();
        // Dropping what is not there is no change.
        let there = |change: &Change| matches!(change, Change::Put(_)) || state.revision(&change.key()).is_some();
        let changes: Vec<Change> = changes.into_iter().filter(there).collect();
        if changes.is_empty() {
            return Ok(());
        }
        if let Some(other) = changes.iter().find_map(|change| self.flying.get(&change.key())) {
            return Err(other.clone());
        }
        let writes: Vec<Write> = changes.iter().map(|change| write(&state, change)).collect();
        let outcome = space.commit(writes).shared();
        for change in &changes {
            self.flying.insert(change.key(), outcome.clone());
            match change {
                // The revision is not known yet; nobody asks for it before the flight has landed.
                Change::Put(record) => state.put(Revision(0), record.clone()),
                Change::Drop(key) => state.remove(key),
            }
        }
        self.flights.push_back(Flight { changes, outcome });
        Ok(())
    }
}

fn settle_revisions(state: &mut State, changes: &[Change], stored: &[Stored]) {
    for (change, stored) in changes.iter().zip(stored) {
        if let Change::Put(record) = change {
            state.put(stored.revision, record.clone());
        }
    }
}

fn write(state: &State, change: &Change) -> Write {
    let key = change.key();
    let expect = state.revision(&key).map_or(Expect::Absent, Expect::At);
    let encode = |record: &Record| Bytes::from(serde_json::to_vec(record).unwrap_or_default());
    let change = match change {
        Change::Put(record) => {
            let bytes = encode(record);
            store::Change::Put(Box::new(move |_| bytes))
        }
        // Watchers of the space get no last state: nobody watches the twin's space.
        Change::Drop(_) => store::Change::Delete(Box::new(|_| Bytes::new())),
    };
    Write { key, expect, change }
}

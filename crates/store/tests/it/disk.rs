//! A disk that loses power: it fails from a chosen operation on, and forgets what was not synced.

use std::{
    io,
    sync::{Arc, Mutex},
};

use redb::StorageBackend;
use testkit::SeededEntropy;

/// What is lost in a power cut is written in sectors.
const SECTOR: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The power goes: this operation and all later ones fail.
    Dead,
    /// One operation fails, the disk works on.
    Once,
}

#[derive(Debug)]
enum Unsynced {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Debug, Default)]
struct State {
    live: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Unsynced>,
    operations: u64,
    syncs: u64,
    failed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
    fails: Option<(u64, Failure)>,
}

impl Disk {
    pub(crate) fn new(image: Vec<u8>, fails: Option<(u64, Failure)>) -> Self {
        let state = State { live: image.clone(), synced: image, ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), fails }
    }

    /// Whether the chosen operation was reached.
    pub(crate) fn failed(&self) -> bool {
        self.locked(|state| state.failed)
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.locked(|state| state.syncs)
    }

    /// What is on the platter when nothing of the unsynced arrived.
    pub(crate) fn synced(&self) -> Vec<u8> {
        self.locked(|state| state.synced.clone())
    }

    /// What is on the platter when the device wrote any part of the unsynced, in sectors and in any order.
    pub(crate) fn torn(&self, chance: &SeededEntropy) -> Vec<u8> {
        self.locked(|state| {
            let mut image = state.synced.clone();
            for lost in &state.unsynced {
                match lost {
                    Unsynced::Length(length) if chance.below(2) == 0 => image.resize(*length, 0),
                    Unsynced::Length(_) => {}
                    Unsynced::Write(offset, bytes) => {
                        for (index, sector) in bytes.chunks(SECTOR).enumerate() {
                            if chance.below(2) == 0 {
                                place(&mut image, offset + index * SECTOR, sector);
                            }
                        }
                    }
                }
            }
            image
        })
    }

    fn locked<T>(&self, read: impl FnOnce(&mut State) -> T) -> T {
        read(&mut self.state.lock().expect("the disk's lock"))
    }

    fn operate<T>(&self, operation: impl FnOnce(&mut State) -> T) -> io::Result<T> {
        self.locked(|state| {
            state.operations += 1;
            let broken = self.fails.is_some_and(|(at, failure)| match failure {
                Failure::Dead => state.operations >= at,
                Failure::Once => state.operations == at,
            });
            if broken {
                state.failed = true;
                return Err(io::Error::other("the disk failed, as tested"));
            }
            Ok(operation(state))
        })
    }
}

fn place(image: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if image.len() < offset + bytes.len() {
        image.resize(offset + bytes.len(), 0);
    }
    image[offset..offset + bytes.len()].copy_from_slice(bytes);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.operate(|state| state.live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = offset as usize;
        self.operate(|state| out.copy_from_slice(&state.live[offset..offset + out.len()]))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(|state| {
            state.live.resize(len as usize, 0);
            state.unsynced.push(Unsynced::Length(len as usize));
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(|state| {
            state.syncs += 1;
            for done in std::mem::take(&mut state.unsynced) {
                match done {
                    Unsynced::Write(offset, bytes) => place(&mut state.synced, offset, &bytes),
                    Unsynced::Length(length) => state.synced.resize(length, 0),
                }
            }
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(|state| {
            place(&mut state.live, offset as usize, data);
            state.unsynced.push(Unsynced::Write(offset as usize, data.to_vec()));
        })
    }
}

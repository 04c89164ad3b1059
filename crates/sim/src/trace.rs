//! What happened in a run, as lines, and their hash: two runs are the same when their hashes are.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Lines that a failure shows.
const TAIL: usize = 50;

#[derive(Debug)]
pub struct Trace {
    start: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    hash: u64,
    count: u64,
    lines: VecDeque<String>,
    keep_all: bool,
    tell: Option<fn(&str)>,
}

impl Trace {
    /// Must be called within the runtime whose clock it follows.
    pub(crate) fn new(keep_all: bool, tell: Option<fn(&str)>) -> Self {
        // FNV-1a's offset basis.
        let state = State { hash: 0xcbf2_9ce4_8422_2325, count: 0, lines: VecDeque::new(), keep_all, tell };
        Self { start: Instant::now(), state: Mutex::new(state) }
    }

    pub(crate) fn line(&self, text: &str) {
        let line = format!("{:>10.3} {text}", self.start.elapsed().as_secs_f64());
        let mut state = self.state.lock();
        if let Some(tell) = state.tell {
            tell(&line);
        }
        for byte in line.bytes() {
            state.hash = (state.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        state.count += 1;
        if state.lines.len() >= TAIL && !state.keep_all {
            state.lines.pop_front();
        }
        state.lines.push_back(line);
    }

    pub(crate) fn hash(&self) -> u64 {
        self.state.lock().hash
    }

    /// Lines so far.
    pub(crate) fn count(&self) -> u64 {
        self.state.lock().count
    }

    /// The last lines, or all when all are kept.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.state.lock().lines.iter().cloned().collect()
    }
}

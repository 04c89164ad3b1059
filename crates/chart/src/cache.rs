//! Charts and documents of a service: loaded once by digest, within a number of bytes, rendered by as many threads as there are.
//! A render shares with others only what never changes: files, defaults, compiled templates, texts and what they read as.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::env::{Clock, Entropy};
use gotemplate::Dialect;

use crate::{Chart, Document, Documents, Error, Release, Rendered, files::FileSet, render, values::Table};

/// A chart in memory, and what renders compile of it, against its files: the texts themselves, defaults as trees, and some sets of
/// compiled templates.
const TIMES_ITS_FILES: usize = 8;
/// What the smallest chart takes.
const CHART_BYTES: usize = 16 << 10;

/// A cache of charts by digest. Which digest is the caller's choice (of the archive, of the files), as long as it is one of the
/// content: a chart that is known is not loaded again.
#[derive(Debug)]
pub struct Charts {
    held: Mutex<Held>,
    bytes_max: usize,
    documents: Documents,
}

#[derive(Debug, Default)]
struct Held {
    charts: BTreeMap<Key, Slot>,
    bytes: usize,
    /// Counts uses, so that the least recent one can be told.
    uses: u64,
}

/// A digest, and whether it is Helm 4's reading of the chart.
type Key = (String, bool);

#[derive(Debug)]
struct Slot {
    chart: Arc<Chart>,
    bytes: usize,
    used: u64,
}

impl Charts {
    /// Charts take `charts` bytes at most, documents and their objects `documents`; both are estimates. A chart that is too large
    /// for it is rendered, but not kept.
    pub fn new(charts: usize, documents: usize) -> Self {
        Self { held: Mutex::default(), bytes_max: charts, documents: Documents::new(documents) }
    }

    /// The chart of this digest. Its files are asked for where it is not known; two threads may ask at once, and neither waits for
    /// the other.
    pub fn chart(
        &self,
        digest: &str,
        dialect: Dialect,
        files: impl FnOnce() -> Result<FileSet, Error>,
    ) -> Result<Arc<Chart>, Error> {
        let key = (digest.to_owned(), dialect == Dialect::Helm4);
        if let Some(chart) = self.lock().get(&key) {
            return Ok(chart);
        }
        let files = files()?;
        let names = files.files().iter().map(|file| file.name.len() + file.data.len());
        let bytes = CHART_BYTES.saturating_add(names.sum::<usize>().saturating_mul(TIMES_ITS_FILES));
        let chart = Arc::new(Chart::load(files, dialect)?);
        if bytes <= self.bytes_max {
            self.lock().put(key, &chart, bytes, self.bytes_max);
        }
        Ok(chart)
    }

    /// Like [`crate::render`]; documents that were seen before are not read again.
    pub fn render(
        &self,
        chart: &Chart,
        given: &Table,
        release: &Release,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<Rendered, Error> {
        render::remembering(chart, given, release, clock, entropy, Some(&self.documents))
    }

    /// What was rendered, as objects.
    pub fn objects(&self, rendered: &Rendered) -> Result<Vec<Document>, Error> {
        self.documents.of(rendered)
    }

    /// How many charts are kept, what they take, and what documents take: about, in bytes.
    pub fn kept(&self) -> (usize, usize, usize) {
        let held = self.lock();
        (held.charts.len(), held.bytes, self.documents.bytes())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn get(&mut self, key: &Key) -> Option<Arc<Chart>> {
        self.uses += 1;
        let slot = self.charts.get_mut(key)?;
        slot.used = self.uses;
        Some(Arc::clone(&slot.chart))
    }

    /// Those that were not used for the longest time make room.
    fn put(&mut self, key: Key, chart: &Arc<Chart>, bytes: usize, bytes_max: usize) {
        self.uses += 1;
        let slot = Slot { chart: Arc::clone(chart), bytes, used: self.uses };
        if let Some(before) = self.charts.insert(key, slot) {
            self.bytes -= before.bytes;
        }
        self.bytes += bytes;
        while self.bytes > bytes_max {
            let oldest = self.charts.iter().min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| self.charts.remove(&key)) else { break };
            self.bytes -= gone.bytes;
        }
    }
}

//! What one template made, cut into documents whose heads are read: by the render, or before it gets there by a thread that has time.

use std::sync::{Arc, OnceLock};

use gotemplate::Dialect;

use super::{Head, split};
use crate::{Documents, ahead::Job};

/// The documents up to the first one that is no YAML, or why that one is none.
type Read = Result<Vec<(Arc<[u8]>, Arc<Head>)>, String>;

#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) text: Vec<u8>,
    dialect: Dialect,
    read: OnceLock<Read>,
}

impl Made {
    pub(crate) fn new(text: Vec<u8>, dialect: Dialect) -> Self {
        Self { text, dialect, read: OnceLock::new() }
    }

    /// `memory` knows documents that were read before.
    pub(super) fn documents(&self, memory: Option<&Documents>) -> Read {
        match memory {
            Some(memory) => self.remembered(memory),
            None => self.read().clone(),
        }
    }

    fn read(&self) -> &Read {
        let document = |text: &[u8]| Ok((Arc::from(text), Arc::new(Head::read(text, self.dialect)?)));
        self.read.get_or_init(|| split::documents(&self.text).into_iter().map(document).collect())
    }

    fn remembered(&self, memory: &Documents) -> Read {
        let document = |text: &[u8]| {
            if let Some(known) = memory.head(text) {
                return Ok(known);
            }
            let (text, head) = (Arc::<[u8]>::from(text), Arc::new(Head::read(text, self.dialect)?));
            memory.keep_head(&text, &head);
            Ok((text, head))
        };
        split::documents(&self.text).into_iter().map(document).collect()
    }
}

impl Job for Made {
    fn make(&self) {
        let _ = self.read();
    }
}

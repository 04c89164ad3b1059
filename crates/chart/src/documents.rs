//! What a render made as objects, for those who apply them. Constant documents (CRDs first of all) are converted once: a text that
//! was seen before, in this chart or in another, is the object that it was.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use gotemplate::yaml;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Error, Manifest, Rendered};

/// Texts that are kept. When there are more, all are forgotten: a service that renders the same charts fills it again at once.
const TEXTS_MAX: usize = 20_000;
/// Small texts are converted faster than they are looked up.
const KEPT_FROM_BYTES: usize = 512;

/// One object of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub object: Arc<Value>,
    /// The template or the file of `crds/` that it comes from.
    pub source: String,
    pub hook: Option<HookInfo>,
    pub is_crd: bool,
}

/// When a hook runs, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookInfo {
    pub events: Vec<String>,
    pub weight: i64,
    pub delete_policies: Vec<String>,
}

/// Converts documents, and remembers. Shared by all renders of a process.
#[derive(Debug, Default)]
pub struct Documents {
    known: Mutex<BTreeMap<[u8; 32], Arc<Value>>>,
}

impl Documents {
    /// CRDs where they were asked for, manifests in the order of installation, then hooks. Documents that are empty or hold a comment only
    /// are no objects.
    pub fn of(&self, rendered: &Rendered) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::new();
        for (source, text) in &rendered.crds {
            for object in crate::manifests::documents(text) {
                self.push(&mut documents, source, &object, None, true)?;
            }
        }
        for Manifest { source, text, .. } in &rendered.manifests {
            self.push(&mut documents, source, text, None, false)?;
        }
        for hook in &rendered.hooks {
            let info = HookInfo {
                events: hook.events.clone(),
                weight: hook.weight,
                delete_policies: hook.delete_policies.clone(),
            };
            self.push(&mut documents, &hook.manifest.source, &hook.manifest.text, Some(info), false)?;
        }
        Ok(documents)
    }

    fn push(
        &self,
        into: &mut Vec<Document>,
        source: &str,
        text: &[u8],
        hook: Option<HookInfo>,
        is_crd: bool,
    ) -> Result<(), Error> {
        let object =
            self.object(text).map_err(|error| Error::Output(format!("YAML parse error on {source}: {error}")))?;
        match &*object {
            Value::Null => Ok(()),
            Value::Object(_) => {
                into.push(Document { object, source: source.to_owned(), hook, is_crd });
                Ok(())
            }
            _ => Err(Error::Output(format!("YAML parse error on {source}: the document is no object"))),
        }
    }

    fn object(&self, text: &[u8]) -> Result<Arc<Value>, yaml::YamlError> {
        if text.len() < KEPT_FROM_BYTES {
            return yaml::read_json(text).map(Arc::new);
        }
        let hash: [u8; 32] = Sha256::digest(text).into();
        let known = self.lock().get(&hash).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let object = Arc::new(yaml::read_json(text)?);
        let mut known = self.lock();
        if known.len() >= TEXTS_MAX {
            known.clear();
        }
        known.insert(hash, Arc::clone(&object));
        Ok(object)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<[u8; 32], Arc<Value>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

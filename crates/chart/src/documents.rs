//! What a render made as objects, for those who apply them. Constant documents (CRDs first of all) are read once: a text that
//! was seen before, in this chart or in another, is the object that it was. Texts are told apart by all of their bytes.

mod kept;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use gotemplate::yaml;
use serde_json::Value;

use crate::{Error, Manifest, Rendered, manifests::Head};
use kept::Kept;

/// What the texts, their heads and their objects may take, about.
const BYTES_MAX: usize = 256 << 20;
/// Smaller texts are read faster than they are looked up.
const KEPT_FROM_BYTES: usize = 64;

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
#[derive(Debug)]
pub struct Documents {
    heads: Kept<Arc<Head>>,
    objects: Kept<Arc<Value>>,
}

impl Default for Documents {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl Documents {
    /// Keeps so many bytes, about. What a tree of an object takes is estimated.
    pub fn new(bytes_max: usize) -> Self {
        let heads = bytes_max / 4;
        Self { heads: Kept::new(heads), objects: Kept::new(bytes_max - heads) }
    }

    /// How many bytes are kept now, about.
    pub fn bytes(&self) -> usize {
        self.heads.bytes() + self.objects.bytes()
    }

    /// CRDs where they were asked for, manifests in the order of installation, then hooks. Documents that are empty or hold a comment only
    /// are no objects.
    pub fn of(&self, rendered: &Rendered) -> Result<Vec<Document>, Error> {
        let mut documents = Vec::with_capacity(rendered.manifests.len() + rendered.hooks.len());
        for (source, text) in &rendered.crds {
            for text in crate::manifests::documents(text) {
                let object = self.object(source, text, || Arc::from(text))?;
                push(&mut documents, source, object, None, true)?;
            }
        }
        for Manifest { source, text, .. } in &rendered.manifests {
            let object = self.object(source, text, || Arc::clone(text))?;
            push(&mut documents, source, object, None, false)?;
        }
        for hook in &rendered.hooks {
            let info = HookInfo {
                events: hook.events.clone(),
                weight: hook.weight,
                delete_policies: hook.delete_policies.clone(),
            };
            let Manifest { source, text, .. } = &hook.manifest;
            let object = self.object(source, text, || Arc::clone(text))?;
            push(&mut documents, source, object, Some(info), false)?;
        }
        Ok(documents)
    }

    fn object(&self, source: &str, text: &[u8], key: impl FnOnce() -> Arc<[u8]>) -> Result<Arc<Value>, Error> {
        if text.len() >= KEPT_FROM_BYTES
            && let Some((_, known)) = self.objects.get(text)
        {
            return Ok(known);
        }
        let object =
            yaml::read_json(text).map_err(|error| Error::Output(format!("YAML parse error on {source}: {error}")))?;
        let bytes = kept::estimate(&object);
        let object = Arc::new(object);
        if text.len() >= KEPT_FROM_BYTES {
            self.objects.put(key(), Arc::clone(&object), bytes);
        }
        Ok(object)
    }

    /// The head of a text that was read before, and the text as it is kept.
    pub(crate) fn head(&self, text: &[u8]) -> Option<(Arc<[u8]>, Arc<Head>)> {
        self.heads.get(text)
    }

    pub(crate) fn keep_head(&self, text: &Arc<[u8]>, head: &Arc<Head>) {
        self.heads.put(Arc::clone(text), Arc::clone(head), head.bytes());
    }
}

fn push(
    into: &mut Vec<Document>,
    source: &str,
    object: Arc<Value>,
    hook: Option<HookInfo>,
    is_crd: bool,
) -> Result<(), Error> {
    match &*object {
        Value::Null => Ok(()),
        Value::Object(_) => {
            into.push(Document { object, source: source.to_owned(), hook, is_crd });
            Ok(())
        }
        _ => Err(Error::Output(format!("YAML parse error on {source}: the document is no object"))),
    }
}

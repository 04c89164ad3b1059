//! Parsed templates, kept beside their chart. Which subcharts take part, and under which names, depends on the values, so there
//! is one set of templates for each such shape; most charts have one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use gotemplate::{ParseError, Parsed, Templates};

use crate::ahead::{Ahead, Job};

/// Shapes that are kept. The oldest goes first.
const SHAPES_MAX: usize = 8;

/// A template's name, and where its text is: the chart that owns this cache owns the texts too, so a place means one text.
type Shape = Vec<(String, usize)>;

#[derive(Debug, Default)]
pub(crate) struct Compiled {
    shapes: Mutex<Vec<(Shape, Templates)>>,
    pub(crate) early: Option<Early>,
}

impl Compiled {
    pub(crate) fn new(early: Option<Early>) -> Self {
        Self { shapes: Mutex::default(), early }
    }

    /// The templates of these texts, in the order in which they are parsed.
    pub(crate) fn templates(&self, texts: &[(&str, &Arc<[u8]>)]) -> Result<Templates, ParseError> {
        let shape: Shape = texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_ptr() as usize)).collect();
        let known = self.lock().iter().find(|(known, _)| *known == shape).map(|(_, templates)| templates.clone());
        if let Some(templates) = known {
            return Ok(templates);
        }
        // Parsed without the lock: two renders may do it at once, none waits for the other.
        let mut templates = Templates::new();
        let mut known: BTreeMap<&[u8], Parsed> = BTreeMap::new();
        for (name, text) in texts {
            let early = self.early.as_ref().and_then(|early| early.parsed(name, text));
            let same = || known.get(&***text).and_then(|same| same.in_file(name));
            let parsed = match early.or_else(same) {
                Some(parsed) => parsed,
                None => templates.parsed(name, Arc::clone(text))?,
            };
            templates.add(&parsed);
            if self.early.is_none() {
                known.insert(text, parsed);
            }
        }
        let mut shapes = self.lock();
        if shapes.len() >= SHAPES_MAX {
            shapes.remove(0);
        }
        shapes.push((shape, templates.clone()));
        Ok(templates)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Shape, Templates)>> {
        self.shapes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Texts that are parsed while the rest of the chart is loaded, under the names that they will have unless values say otherwise.
/// A text that is never asked for is parsed in vain; what is wrong with it is not told.
#[derive(Debug)]
pub(crate) struct Early {
    pub(crate) ahead: Arc<Ahead>,
    texts: BTreeMap<Arc<[u8]>, Arc<Text>>,
}

#[derive(Debug)]
struct Text {
    name: String,
    text: Arc<[u8]>,
    parsed: OnceLock<Result<Parsed, ParseError>>,
}

impl Text {
    fn parsed(&self) -> &Result<Parsed, ParseError> {
        self.parsed.get_or_init(|| Templates::new().parsed(&self.name, Arc::clone(&self.text)))
    }
}

impl Job for Text {
    fn make(&self) {
        let _ = self.parsed();
    }
}

impl Early {
    pub(crate) fn new(ahead: Arc<Ahead>) -> Self {
        Self { ahead, texts: BTreeMap::new() }
    }

    pub(super) fn begin(&mut self, name: String, text: &Arc<[u8]>) {
        if self.texts.contains_key(text) {
            return;
        }
        let job = Arc::new(Text { name, text: Arc::clone(text), parsed: OnceLock::new() });
        self.ahead.push(Arc::<Text>::clone(&job));
        self.texts.insert(Arc::clone(text), job);
    }

    /// The templates of a text that has been begun. `None` where it has to be parsed again for its name's sake: an error says it.
    fn parsed(&self, name: &str, text: &Arc<[u8]>) -> Option<Parsed> {
        let job = self.texts.get(text)?;
        let parsed = job.parsed().as_ref().ok()?;
        if job.name == name { Some(parsed.clone()) } else { parsed.in_file(name) }
    }
}

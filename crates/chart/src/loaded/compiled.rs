//! Parsed templates, kept beside their chart. Which subcharts take part, and under which names, depends on the values, so there
//! is one set of templates for each such shape; most charts have one.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use gotemplate::{ParseError, Parsed, Templates};

/// Shapes that are kept. The oldest goes first.
const SHAPES_MAX: usize = 8;

/// A template's name, and where its text is: the chart that owns this cache owns the texts too, so a place means one text.
type Shape = Vec<(String, usize)>;

#[derive(Debug, Default)]
pub(crate) struct Compiled {
    shapes: Mutex<Vec<(Shape, Templates)>>,
}

impl Compiled {
    /// The templates of these texts, in the order in which they are parsed.
    pub(crate) fn templates(&self, texts: &[(&str, &[u8])]) -> Result<Templates, ParseError> {
        let shape: Shape = texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_ptr() as usize)).collect();
        let known = self.lock().iter().find(|(known, _)| *known == shape).map(|(_, templates)| templates.clone());
        if let Some(templates) = known {
            return Ok(templates);
        }
        // Parsed without the lock: two renders may do it at once, none waits for the other.
        let mut templates = Templates::new();
        let mut known: BTreeMap<&[u8], Parsed> = BTreeMap::new();
        for (name, text) in texts {
            if let Some(parsed) = known.get(text).and_then(|same| same.in_file(name)) {
                templates.add(&parsed);
                continue;
            }
            let parsed = templates.parsed(name, text)?;
            templates.add(&parsed);
            known.insert(text, parsed);
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

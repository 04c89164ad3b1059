//! Events to trees: anchors, aliases, merge keys, keys as text, and go-yaml's limits on expansion.
//!
//! go-yaml first parses a document into nodes and then decodes these. Here both happen at once, so that an error of decoding is
//! remembered and given only where the rest of the document parses.

use std::{borrow::Cow, fmt};

use super::{
    Limits, YamlError,
    build::{Build, scalar},
    number::format_float32,
    parse::{Event, Parser, ScalarEvent},
    resolve::{Resolved, resolve, resolve_tagged},
};
use crate::print::{float::non_finite, runes::runes};

const NO_MAP: &str = "map merge requires map or sequence of maps as the value";
const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    Sequence,
    Mapping,
    Alias,
}

/// What an entry of a mapping waits for.
enum Pending<B: Build> {
    Key,
    Value(B::Key),
    Merge,
    /// The key was refused or is too deep; its value is read and dropped.
    Refused,
    /// JSON cannot have the key. The message is complete with its value.
    Unsupported {
        message: String,
        key: Option<B::Key>,
    },
}

enum Collection<B: Build> {
    Sequence,
    Mapping(Pending<B>),
}

/// An open collection. Its items or entries are the last ones of the composer.
struct Frame<'a, B: Build> {
    collection: Collection<B>,
    start: usize,
    anchor: Option<&'a str>,
    cost: u64,
}

/// What an anchor stands for.
struct Anchored<'a, B: Build> {
    name: &'a str,
    /// `None` while the node is being read.
    node: Option<B::Node>,
    kind: Kind,
    /// How many nodes it decodes to.
    cost: u64,
    /// The scalar, where it is one: an alias of it can be a key.
    scalar: Option<(Resolved, String)>,
}

/// What is wrong with the documents, in the order in which go-yaml would notice.
#[derive(Default)]
struct Problems {
    decode: Option<String>,
    key: Option<String>,
    number: Option<&'static str>,
    /// Whether a message lacks a node in Go's syntax.
    unshown: bool,
}

pub(super) struct Composer<'a, B: Build> {
    parser: Parser<'a>,
    limits: Limits,
    nodes: Vec<B::Node>,
    entries: Vec<(B::Key, B::Node)>,
    frames: Vec<Frame<'a, B>>,
    anchors: Vec<Anchored<'a, B>>,
    problems: Problems,
    root: Option<B::Node>,
    decoded: u64,
    aliased: u64,
    unshown: bool,
    /// How many collections deep nodes are built; what is deeper is only checked.
    kept_depth: usize,
    anchored: bool,
}

impl<'a, B: Build> Composer<'a, B> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            parser: Parser::new(text),
            limits,
            nodes: Vec::new(),
            entries: Vec::new(),
            frames: Vec::with_capacity(16),
            anchors: Vec::new(),
            problems: Problems::default(),
            root: None,
            decoded: 0,
            aliased: 0,
            unshown: false,
            kept_depth: usize::MAX,
            anchored: false,
        }
    }

    /// Builds the document only so deep. An anchor may be needed anywhere, so that one ends the reading.
    pub(super) fn keep(mut self, depth: usize) -> Self {
        self.kept_depth = depth;
        self
    }

    /// Whether an anchor ended the reading.
    pub(super) fn was_anchored(&self) -> bool {
        self.anchored
    }

    fn is_kept(&self) -> bool {
        self.frames.len() <= self.kept_depth
    }

    /// Notes an anchor, which a partial reading cannot go on with.
    fn meet_anchor(&mut self) -> Result<(), YamlError> {
        if self.kept_depth == usize::MAX {
            return Ok(());
        }
        self.anchored = true;
        Err(YamlError::yaml("an anchor in a document that is read in part"))
    }

    /// Whether a message lacks a node that only `Shown` can print.
    pub(super) fn is_unshown(&self) -> bool {
        self.unshown
    }

    /// How far the text has been read.
    pub(super) fn position(&self) -> usize {
        self.parser.position()
    }

    /// The next document, `None` at the end of the stream.
    pub(super) fn document(&mut self) -> Result<Option<B::Node>, YamlError> {
        if matches!(self.parser.next()?, Event::StreamEnd) {
            return Ok(None);
        }
        self.anchors.clear();
        self.decoded = 1;
        self.aliased = 0;
        loop {
            match self.parser.next()? {
                Event::DocumentEnd | Event::StreamEnd => break,
                Event::DocumentStart => {}
                Event::Alias(name) => self.alias(name)?,
                Event::Scalar(event) => self.scalar(event)?,
                Event::SequenceStart { anchor } => self.open(Collection::Sequence, self.nodes.len(), anchor)?,
                Event::MappingStart { anchor } => {
                    self.open(Collection::Mapping(Pending::Key), self.entries.len(), anchor)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close()?,
            }
        }
        let problems = std::mem::take(&mut self.problems);
        self.unshown |= problems.unshown;
        if let Some(problem) = problems.decode {
            return Err(YamlError::yaml(problem));
        }
        if let Some(problem) = problems.key {
            return Err(YamlError::Convert(problem));
        }
        if let Some(number) = problems.number {
            return Err(YamlError::Convert(format!("json: unsupported value: {number}")));
        }
        Ok(Some(self.root.take().unwrap_or_else(B::null)))
    }

    fn open(&mut self, collection: Collection<B>, start: usize, anchor: Option<&'a str>) -> Result<(), YamlError> {
        if self.frames.len() >= self.limits.depth {
            return Err(YamlError::yaml(format_args!("exceeded max depth of {}", self.limits.depth)));
        }
        self.count(1)?;
        if let Some(name) = anchor {
            self.meet_anchor()?;
            self.anchors.push(Anchored { name, node: None, kind: Kind::Scalar, cost: 0, scalar: None });
        }
        self.frames.push(Frame { collection, start, anchor, cost: 1 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let (node, kind) = match frame.collection {
            Collection::Sequence => (B::list(self.nodes.split_off(frame.start)), Kind::Sequence),
            Collection::Mapping(_) => (B::map(self.entries.drain(frame.start..)), Kind::Mapping),
        };
        if let Some(name) = frame.anchor
            && let Some(open) = self.anchors.iter_mut().rev().find(|known| known.name == name && known.node.is_none())
        {
            open.node = Some(B::copy(&node));
            open.kind = kind;
            open.cost = frame.cost;
        }
        self.complete(node, kind, frame.cost);
        Ok(())
    }

    /// Hands a finished node to the collection around it.
    fn complete(&mut self, node: B::Node, kind: Kind, cost: u64) {
        let kept = self.is_kept();
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.cost = frame.cost.saturating_add(cost);
        let pending = match &mut frame.collection {
            Collection::Sequence => {
                if kept {
                    self.nodes.push(node);
                }
                return;
            }
            Collection::Mapping(pending) => std::mem::replace(pending, Pending::Key),
        };
        match pending {
            Pending::Value(key) => self.entries.push((key, node)),
            Pending::Merge => self.merge(node, kind),
            Pending::Refused => {}
            Pending::Unsupported { message, key } => {
                let value = self.go_syntax(&node);
                self.problems.key = Some(format!("unsupported map key of type: {message}, value: {value}"));
                self.entries.extend(key.map(|key| (key, node)));
            }
            Pending::Key => {
                self.set_pending(Pending::Refused);
                let key = self.go_syntax(&node);
                self.fail(format_args!("invalid map key: {key}"));
            }
        }
    }

    fn go_syntax(&mut self, node: &B::Node) -> String {
        B::go_syntax(node).unwrap_or_else(|| {
            self.problems.unshown = true;
            String::new()
        })
    }

    fn set_pending(&mut self, to: Pending<B>) {
        if let Some(Frame { collection: Collection::Mapping(pending), .. }) = self.frames.last_mut() {
            *pending = to;
        }
    }

    fn fail(&mut self, problem: impl fmt::Display) {
        if self.problems.decode.is_none() {
            self.problems.decode = Some(problem.to_string());
        }
    }

    /// Adds the entries of what `<<` names. They win over entries before them, as in go-yaml v2.
    fn merge(&mut self, node: B::Node, kind: Kind) {
        let maps = match kind {
            Kind::Mapping => vec![node],
            Kind::Sequence => B::items(node).unwrap_or_default(),
            Kind::Scalar | Kind::Alias => Vec::new(),
        };
        if maps.is_empty() && kind != Kind::Sequence {
            return self.fail(NO_MAP);
        }
        for map in maps.into_iter().rev() {
            match B::entries(map) {
                Some(entries) => self.entries.extend(entries),
                None => return self.fail(NO_MAP),
            }
        }
    }

    fn scalar(&mut self, event: ScalarEvent<'a>) -> Result<(), YamlError> {
        let ScalarEvent { anchor, tag, value, implicit } = event;
        if anchor.is_some() {
            self.meet_anchor()?;
        }
        let is_key = matches!(self.frames.last(), Some(Frame { collection: Collection::Mapping(Pending::Key), .. }));
        if is_key && value == "<<" && (implicit || tag.as_deref() == Some(MERGE_TAG)) {
            if let Some(name) = anchor {
                self.anchor_scalar(name, &Resolved::Text, &value);
            }
            self.set_pending(Pending::Merge);
            return Ok(());
        }
        if matches!(self.frames.last(), Some(Frame { collection: Collection::Mapping(Pending::Merge), .. })) {
            self.set_pending(Pending::Key);
            self.fail(NO_MAP);
            return Ok(());
        }
        self.count(1)?;
        let resolved = match &tag {
            None if !implicit => Resolved::Text,
            None => resolve(&value),
            Some(tag) => resolve_tagged(tag, &value).unwrap_or_else(|problem| {
                self.fail(problem);
                Resolved::Null
            }),
        };
        if let Some(name) = anchor {
            self.anchor_scalar(name, &resolved, &value);
        }
        if is_key {
            self.key(&resolved, &value);
        } else {
            let kept = self.is_kept() || matches!(resolved, Resolved::Float(_));
            let node = if kept { self.node(&resolved, value) } else { B::null() };
            self.complete(node, Kind::Scalar, 1);
        }
        Ok(())
    }

    fn anchor_scalar(&mut self, name: &'a str, resolved: &Resolved, text: &str) {
        let node = Some(scalar::<B>(resolved, Cow::Borrowed(text)));
        let scalar = Some((resolved.clone(), text.to_owned()));
        self.anchors.push(Anchored { name, node, kind: Kind::Scalar, cost: 1, scalar });
    }

    fn node(&mut self, resolved: &Resolved, text: Cow<'_, str>) -> B::Node {
        if let Resolved::Float(value) = resolved
            && let Some(name) = non_finite(*value)
        {
            self.problems.number.get_or_insert(name);
        }
        scalar::<B>(resolved, text)
    }

    /// Takes a scalar as the key of the open mapping. JSON's keys are text, so the others are printed.
    fn key(&mut self, resolved: &Resolved, text: &str) {
        if let Some(frame) = self.frames.last_mut() {
            frame.cost = frame.cost.saturating_add(1);
        }
        let key = match resolved {
            Resolved::Text | Resolved::Time if !self.is_kept() => return self.set_pending(Pending::Refused),
            Resolved::Text | Resolved::Time => B::key(text, resolved),
            Resolved::Int(value) => B::key(&value.to_string(), resolved),
            Resolved::Float(value) => B::key(&format_float32(*value), resolved),
            Resolved::Bool(value) => B::key(if *value { "true" } else { "false" }, resolved),
            Resolved::Binary(bytes) => B::key(&runes(bytes).collect::<String>(), resolved),
            // sigs.k8s.io/yaml knows no text for these.
            Resolved::Null => return self.unsupported("%!s(<nil>), key: <nil>".to_owned(), resolved),
            Resolved::Uint(value) => return self.unsupported(format!("uint64, key: 0x{value:x}"), resolved),
        };
        self.set_pending(Pending::Value(key));
    }

    fn unsupported(&mut self, message: String, resolved: &Resolved) {
        self.set_pending(Pending::Unsupported { message, key: B::odd_key(resolved) });
    }

    fn alias(&mut self, name: &'a str) -> Result<(), YamlError> {
        let Some(index) = self.anchors.iter().rposition(|known| known.name == name) else {
            return Err(YamlError::yaml(format_args!("unknown anchor '{name}' referenced")));
        };
        self.count(1)?;
        let target = &self.anchors[index];
        let (kind, cost) = (target.kind, target.cost);
        if target.node.is_none() {
            self.fail(format_args!("anchor '{name}' value contains itself"));
            self.complete(B::null(), Kind::Mapping, 1);
            return Ok(());
        }
        self.aliased = self.aliased.saturating_add(cost);
        if let Err(error) = self.count(cost) {
            // Nothing is copied any more; the rest is read for its syntax alone.
            self.fail(error.cause().trim_start_matches("yaml: "));
            self.aliased = 0;
            self.complete(B::null(), Kind::Mapping, 1);
            return Ok(());
        }
        let is_key = matches!(self.frames.last(), Some(Frame { collection: Collection::Mapping(Pending::Key), .. }));
        let target = &self.anchors[index];
        if is_key && let Some((resolved, text)) = target.scalar.clone() {
            self.key(&resolved, &text);
            return Ok(());
        }
        if let Some(node) = target.node.as_ref().map(B::copy) {
            // Only a map that is an alias itself can be merged, not a list.
            let kind = if kind == Kind::Mapping { Kind::Mapping } else { Kind::Alias };
            self.complete(node, kind, cost.saturating_add(1));
        }
        Ok(())
    }

    /// Counts decoded nodes as go-yaml does, and refuses documents that are mostly aliases.
    fn count(&mut self, nodes: u64) -> Result<(), YamlError> {
        self.decoded = self.decoded.saturating_add(nodes);
        if self.decoded > self.limits.nodes {
            return Err(YamlError::yaml(format_args!("document has more than {} nodes", self.limits.nodes)));
        }
        if self.aliased > 100
            && self.decoded > 1000
            && self.aliased as f64 / self.decoded as f64 > allowed_alias_ratio(self.decoded)
        {
            return Err(YamlError::yaml("document contains excessive aliasing"));
        }
        Ok(())
    }
}

/// The part of a document's nodes that may come out of aliases: all but one in a hundred of a small document, a tenth of a large one.
fn allowed_alias_ratio(decoded: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decoded {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((decoded - LOW) as f64 / (HIGH - LOW) as f64),
    }
}

//! The committed table of facts, `facts/kubernetes.txt`: its grammar and its reading. Types are indexed once; the fields of
//! a type are read when they are first asked for.
//!
//! ```text
//! package OPENAPI-PREFIX GROUP|- VERSION
//! type NAME [kind] [atomic] [special]          kind: has apiVersion and kind; special: its JSON form is written by hand
//!  JSON-NAME|~ PROTOBUF-NUMBER TYPE FLAGS...   ~: the fields of TYPE are inlined; number 0: not in protobuf
//! ```
//! TYPE: `s`tring, `b`ool, `i`nt32, `l` int64, `f`loat64, b`y`tes, `?` anything, `[]T`, `{}T` (a map), `N[]T` (a list that
//! is a message in protobuf), `.Name` (same package), `path.Name` (below `io.k8s.`). FLAGS: `*` may be absent in Go, `z`
//! printed when empty, `!` required, `l=set|atomic|map:KEYS`, `m=atomic`, `p=STRATEGIES:MERGE-KEY`, `e=A|B`, `d=JSON`.

use std::{collections::BTreeMap, sync::OnceLock};

use crate::schema::Schema;

const TEXT: &str = include_str!("../../facts/kubernetes.txt");

#[derive(Debug)]
pub(super) struct Table {
    /// Sorted by name.
    types: Vec<TypeFacts>,
    /// (group, version, kind) to the place in `types`.
    kinds: BTreeMap<(&'static str, &'static str, &'static str), usize>,
}

#[derive(Debug)]
pub(super) struct TypeFacts {
    /// `io.k8s.api.core.v1.Pod`
    pub(super) name: String,
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) short_name: &'static str,
    pub(super) kind: bool,
    pub(super) atomic: bool,
    pub(super) special: bool,
    package: &'static str,
    lines: &'static str,
    fields: OnceLock<Vec<Field>>,
    pub(super) schema: OnceLock<Schema>,
}

#[derive(Debug, Default)]
pub(super) struct Field {
    /// Empty when inlined.
    pub(super) name: &'static str,
    pub(super) number: u32,
    pub(super) of: FieldType,
    pub(super) pointer: bool,
    pub(super) always: bool,
    pub(super) required: bool,
    pub(super) list: Option<&'static str>,
    pub(super) atomic: bool,
    pub(super) patch: Option<&'static str>,
    pub(super) values: Option<&'static str>,
    pub(super) default: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(super) enum FieldType {
    #[default]
    Any,
    String,
    Bool,
    Int32,
    Int64,
    Double,
    Bytes,
    Of(&'static TypeFacts),
    List(Box<FieldType>),
    /// A list that is a message with one repeated field in protobuf.
    NullableList(Box<FieldType>),
    Map(Box<FieldType>),
}

pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(TEXT))
}

impl Table {
    fn read(text: &'static str) -> Table {
        let mut types = Vec::new();
        let (mut package, mut group, mut version) = ("", "", "");
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            rest = after;
            if let Some(of) = line.strip_prefix("package ") {
                let mut words = of.split(' ');
                (package, group, version) =
                    (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
                group = group.trim_start_matches('-');
            } else if let Some(of) = line.strip_prefix("type ") {
                let mut end = 0;
                while after[end..].starts_with(' ') {
                    end += after[end..].find('\n').map_or(after.len() - end, |at| at + 1);
                }
                let mut words = of.split(' ');
                let short_name = words.next().unwrap_or("");
                let flags: Vec<&str> = words.collect();
                types.push(TypeFacts {
                    name: format!("{package}.{short_name}"),
                    group,
                    version,
                    short_name,
                    kind: flags.contains(&"kind"),
                    atomic: flags.contains(&"atomic"),
                    special: flags.contains(&"special"),
                    package,
                    lines: &after[..end],
                    fields: OnceLock::new(),
                    schema: OnceLock::new(),
                });
                rest = &after[end..];
            }
        }
        types.sort_by(|a, b| a.name.cmp(&b.name));
        let kinds = types.iter().enumerate().filter(|(_, of)| of.kind);
        let kinds = kinds.map(|(at, of)| ((of.group, of.version, of.short_name), at)).collect();
        Table { types, kinds }
    }

    pub(super) fn get(&self, name: &str) -> Option<&TypeFacts> {
        let at = self.types.binary_search_by(|of| of.name.as_str().cmp(name)).ok()?;
        Some(&self.types[at])
    }

    /// Any upstream kind, served or not.
    pub(super) fn kind(&'static self, group: &str, version: &str, kind: &str) -> Option<&'static TypeFacts> {
        // The map's keys are 'static; a lookup by shorter strings goes through the shorter type.
        let kinds: &BTreeMap<(&str, &str, &str), usize> = &self.kinds;
        kinds.get(&(group, version, kind)).map(|at| &self.types[*at])
    }

    #[cfg(test)]
    pub(super) fn types(&self) -> &[TypeFacts] {
        &self.types
    }
}

impl TypeFacts {
    pub(super) fn fields(&'static self) -> &'static [Field] {
        self.fields.get_or_init(|| self.lines.lines().map(|line| self.field(line)).collect())
    }

    fn field(&self, line: &'static str) -> Field {
        // A default is JSON and may hold spaces; it comes last.
        let (line, default) = line.split_once(" d=").map_or((line, None), |(line, default)| (line, Some(default)));
        let mut words = line.trim_start().split(' ');
        let mut field = Field {
            name: words.next().unwrap_or("").trim_start_matches('~'),
            number: words.next().and_then(|number| number.parse().ok()).unwrap_or(0),
            of: self.field_type(words.next().unwrap_or("?")),
            default,
            ..Field::default()
        };
        for flag in words {
            match flag.split_once('=').unwrap_or((flag, "")) {
                ("*", _) => field.pointer = true,
                ("z", _) => field.always = true,
                ("!", _) => field.required = true,
                ("l", list) => field.list = Some(list),
                ("m", _) => field.atomic = true,
                ("p", patch) => field.patch = Some(patch),
                ("e", values) => field.values = Some(values),
                _ => {}
            }
        }
        field
    }

    fn field_type(&self, text: &str) -> FieldType {
        if let Some(inner) = text.strip_prefix("N[]") {
            return FieldType::NullableList(Box::new(self.field_type(inner)));
        }
        if let Some(inner) = text.strip_prefix("[]") {
            return FieldType::List(Box::new(self.field_type(inner)));
        }
        if let Some(inner) = text.strip_prefix("{}") {
            return FieldType::Map(Box::new(self.field_type(inner)));
        }
        match text {
            "s" => FieldType::String,
            "b" => FieldType::Bool,
            "i" => FieldType::Int32,
            "l" => FieldType::Int64,
            "f" => FieldType::Double,
            "y" => FieldType::Bytes,
            "?" => FieldType::Any,
            name => {
                let name = match name.strip_prefix('.') {
                    Some(name) => format!("{}.{name}", self.package),
                    None => format!("io.k8s.{name}"),
                };
                table().get(&name).map_or(FieldType::Any, FieldType::Of)
            }
        }
    }
}

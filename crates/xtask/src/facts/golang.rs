//! Reads type declarations out of formatted Go source: structs with tags and markers, named types, string constants. This is
//! not a Go parser: it relies on gofmt's layout and skips whatever is not a declaration of a type or of a constant.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

/// One Go package: its types by name, its string constants by type.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// `k8s.io/api/core/v1`
    pub(super) path: String,
    pub(super) group: Option<String>,
    pub(super) types: BTreeMap<String, Declaration>,
    /// Constant name to (type name, value).
    pub(super) constants: BTreeMap<String, (String, String)>,
}

#[derive(Debug)]
pub(super) struct Declaration {
    /// `+marker` lines without the plus.
    pub(super) markers: Vec<String>,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Struct(Vec<Field>),
    Named(GoType),
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) markers: Vec<String>,
    pub(super) go_type: GoType,
    pub(super) json: String,
    pub(super) protobuf: Option<String>,
    pub(super) patch_strategy: Option<String>,
    pub(super) patch_merge_key: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum GoType {
    /// A predeclared type: `string`, `int32`, ...
    Plain(String),
    Named {
        package: String,
        name: String,
    },
    Pointer(Box<GoType>),
    Slice(Box<GoType>),
    Map(Box<GoType>),
}

pub(super) fn read(directory: &Path, path: &str) -> Result<Package> {
    let mut package = Package { path: path.to_string(), ..Package::default() };
    let mut files: Vec<_> = fs::read_dir(directory)
        .with_context(|| format!("{}", directory.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let skipped = name.ends_with("_test.go") || name.contains("generated") || !name.ends_with(".go");
        if !skipped {
            let text = fs::read_to_string(&file)?;
            Reader::new(&mut package).file(&text).with_context(|| format!("{}", file.display()))?;
        }
    }
    Ok(package)
}

/// One file's declarations, for tests.
#[cfg(test)]
pub(super) fn parse(text: &str, path: &str) -> Result<Package> {
    let mut package = Package { path: path.to_string(), ..Package::default() };
    Reader::new(&mut package).file(text)?;
    Ok(package)
}

struct Reader<'a> {
    package: &'a mut Package,
    imports: BTreeMap<String, String>,
    markers: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(package: &'a mut Package) -> Self {
        Self { package, imports: BTreeMap::new(), markers: Vec::new() }
    }

    fn file(&mut self, text: &str) -> Result<()> {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(comment) = line.strip_prefix("//") {
                self.comment(comment);
            } else if line == "import (" || line == "const (" {
                for line in lines.by_ref().take_while(|line| *line != ")") {
                    self.import(line);
                    self.constant(line);
                }
                self.markers.clear();
            } else if let Some(rest) = line.strip_prefix("import ") {
                self.import(rest);
            } else if let Some(rest) = line.strip_prefix("const ") {
                self.constant(rest);
            } else if let Some(rest) = line.strip_prefix("type ") {
                self.declaration(rest, &mut lines)?;
            } else if !line.trim().is_empty() {
                self.markers.clear();
            }
        }
        Ok(())
    }

    fn comment(&mut self, comment: &str) {
        if let Some(marker) = comment.trim().strip_prefix('+') {
            self.markers.push(marker.to_string());
        }
    }

    fn import(&mut self, line: &str) {
        let mut parts = line.split('"');
        let (Some(alias), Some(path)) = (parts.next(), parts.next()) else { return };
        if line.contains('=') || !path.contains('/') && path != "time" {
            return;
        }
        let last = path.rsplit('/').next().unwrap_or(path);
        let alias = Some(alias.trim()).filter(|alias| !alias.is_empty()).unwrap_or(last);
        self.imports.insert(alias.to_string(), path.to_string());
    }

    /// `Name Type = "value"`, and the group's name.
    fn constant(&mut self, line: &str) {
        let Some((left, right)) = line.split_once('=') else { return };
        let right = right.trim();
        let Some(value) = right.strip_prefix('"').and_then(|rest| rest.split('"').next()) else { return };
        let mut words = left.split_whitespace();
        let Some(name) = words.next() else { return };
        if name == "GroupName" {
            self.package.group = Some(value.to_string());
        } else if let Some(type_name) = words.next() {
            self.package.constants.insert(name.to_string(), (type_name.to_string(), value.to_string()));
        }
    }

    fn declaration<'t>(&mut self, rest: &str, lines: &mut impl Iterator<Item = &'t str>) -> Result<()> {
        let markers = std::mem::take(&mut self.markers);
        let Some((name, body)) = rest.split_once(' ') else { bail!("a type without a body: {rest}") };
        let body = body.trim_start_matches("= ").split("//").next().unwrap_or_default().trim();
        let body = match body {
            "struct {" => Body::Struct(self.fields(lines)?),
            "struct{}" => Body::Struct(Vec::new()),
            body if body.starts_with("interface") || body.starts_with("func") || name.contains('[') || name == "(" => {
                return Ok(());
            }
            body => Body::Named(self.go_type(body)?),
        };
        self.package.types.insert(name.to_string(), Declaration { markers, body });
        Ok(())
    }

    fn fields<'t>(&mut self, lines: &mut impl Iterator<Item = &'t str>) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        for line in lines.by_ref().take_while(|line| *line != "}") {
            let line = line.trim();
            if let Some(comment) = line.strip_prefix("//") {
                self.comment(comment);
                continue;
            }
            // Upstream separates a first block of markers from the documented one by an empty line.
            if line.is_empty() {
                continue;
            }
            let markers = std::mem::take(&mut self.markers);
            let Some((declared, tags)) = line.split_once('`') else { continue };
            let tags = tags.split('`').next().unwrap_or_default();
            let Some(json) = tag(tags, "json") else { continue };
            // An embedded field has a type and no name.
            let declared = declared.split_whitespace().last().unwrap_or_default();
            fields.push(Field {
                markers,
                go_type: self.go_type(declared)?,
                json,
                protobuf: tag(tags, "protobuf").filter(|tag| tag != "-"),
                patch_strategy: tag(tags, "patchStrategy"),
                patch_merge_key: tag(tags, "patchMergeKey"),
            });
        }
        self.markers.clear();
        Ok(fields)
    }

    fn go_type(&self, text: &str) -> Result<GoType> {
        Ok(if let Some(inner) = text.strip_prefix('*') {
            GoType::Pointer(Box::new(self.go_type(inner)?))
        } else if let Some(inner) = text.strip_prefix("[]") {
            GoType::Slice(Box::new(self.go_type(inner)?))
        } else if let Some(rest) = text.strip_prefix("map[") {
            let (_, value) = rest.split_once(']').with_context(|| format!("an unknown map: {text}"))?;
            GoType::Map(Box::new(self.go_type(value)?))
        } else if let Some((alias, name)) = text.split_once('.') {
            let package = self.imports.get(alias).cloned().unwrap_or_else(|| alias.to_string());
            GoType::Named { package, name: name.to_string() }
        } else if text.starts_with(|c: char| c.is_ascii_uppercase()) {
            GoType::Named { package: self.package.path.clone(), name: text.to_string() }
        } else {
            GoType::Plain(text.to_string())
        })
    }
}

/// One key of a struct tag.
fn tag(tags: &str, key: &str) -> Option<String> {
    let at = tags.split_whitespace().find_map(|part| part.strip_prefix(key)?.strip_prefix(":\""))?;
    Some(at.trim_end_matches('"').to_string())
}

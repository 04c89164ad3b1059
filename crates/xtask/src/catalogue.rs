//! Compiles Azure's published type data into the committed catalogue: `cargo xtask catalogue --types DIR [--out FILE]`.
//! DIR holds `PROVIDER/API-VERSION/*.types.json`. What is taken is in `crates/catalogue/data/selection.txt`, what the type
//! data lacks in `crates/catalogue/data/facts.toml`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use catalogue::{Facts, codec, compile::Compiler};
use serde::Deserialize;
use serde_json::Value;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../catalogue/data");

#[derive(Deserialize)]
struct FactsFile {
    kind: Vec<Facts>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let mut types = None;
    let mut out = PathBuf::from(DATA).join("catalogue.bin");
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (argument.as_str(), rest.next()) {
            ("--types", Some(value)) => types = Some(PathBuf::from(value)),
            ("--out", Some(value)) => out = PathBuf::from(value),
            _ => bail!("expected `catalogue --types DIR [--out FILE]`, found {argument}"),
        }
    }
    let types = types.context("expected `--types DIR`: a checkout of Azure's published type data")?;
    let facts_file = Path::new(DATA).join("facts.toml");
    let facts: FactsFile = toml::from_str(&fs::read_to_string(&facts_file)?).context("facts.toml")?;
    let selection = Selection::parse(&fs::read_to_string(Path::new(DATA).join("selection.txt"))?)?;

    let documents = documents(&types)?;
    ensure!(!documents.is_empty(), "no *.types.json below {}", types.display());
    let available = available(&documents)?;
    let mut compiler = Compiler::default();
    for path in &documents {
        if !selection.may_want(path) {
            continue;
        }
        let document = read(path)?;
        let wanted = |arm_type: &str, version: &str| selection.wants(arm_type, version, &available);
        compiler.add(&document, wanted).with_context(|| path.display().to_string())?;
    }
    let dropped = compiler.dropped_patterns;
    let compiled = compiler.finish(facts.kind);
    for facts in compiled.all_facts() {
        for version in &facts.versions {
            let found = compiled.resource_by_arm(&facts.arm, version).is_some();
            ensure!(found, "facts.toml serves {}@{version}, which is not selected or does not exist", facts.arm);
        }
    }
    let file = codec::encode(&compiled);
    println!(
        "{} types at {} versions, {} nodes, {} patterns beyond RE2 left out, {} bytes -> {}",
        compiled.types().iter().map(|of| of.arm_type.to_lowercase()).collect::<std::collections::BTreeSet<_>>().len(),
        compiled.types().len(),
        compiled.nodes().len(),
        dropped,
        file.len(),
        out.display()
    );
    fs::write(&out, file).with_context(|| out.display().to_string())
}

fn documents(types: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![types.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).with_context(|| directory.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_string_lossy().ends_with("types.json") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

/// Every version of every type, by lower-case name. Read from the text, because parsing all of it takes long.
fn available(documents: &[PathBuf]) -> Result<BTreeMap<String, Vec<String>>> {
    let mut available: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in documents {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        for (at, _) in text.match_indices("\"name\": \"") {
            let name = text[at + 9..].split('"').next().unwrap_or_default();
            if let Some((arm_type, version)) = name.split_once('@') {
                available.entry(arm_type.to_lowercase()).or_default().push(version.to_string());
            }
        }
    }
    for versions in available.values_mut() {
        versions.sort();
        versions.dedup();
    }
    Ok(available)
}

struct Selection(Vec<(String, Vec<String>)>);

impl Selection {
    fn parse(text: &str) -> Result<Self> {
        let mut lines = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let mut words = line.split_whitespace().map(str::to_string);
            let name = words.next().unwrap_or_default().to_lowercase();
            let versions: Vec<String> = words.collect();
            ensure!(!versions.is_empty(), "selection.txt: {name} names no version");
            lines.push((name, versions));
        }
        Ok(Self(lines))
    }

    /// Whether a file can hold anything wanted: its path names the provider.
    fn may_want(&self, path: &Path) -> bool {
        let path = path.to_string_lossy().to_lowercase();
        self.0.iter().any(|(name, _)| {
            let provider = name.split('/').next().unwrap_or_default();
            provider.ends_with('*') || path.contains(&format!("/{provider}/"))
        })
    }

    fn wants(&self, arm_type: &str, version: &str, available: &BTreeMap<String, Vec<String>>) -> bool {
        let lower = arm_type.to_lowercase();
        let matches = |name: &str| match name.strip_suffix('*') {
            Some(prefix) => lower.starts_with(prefix),
            None => lower == name,
        };
        let Some((_, versions)) = self.0.iter().filter(|(name, _)| matches(name)).max_by_key(|(name, _)| name.len())
        else {
            return false;
        };
        let all = available.get(&lower).map(Vec::as_slice).unwrap_or_default();
        let is_stable = |version: &&String| !version.contains("preview");
        versions.iter().any(|wanted| match wanted.as_str() {
            "all" => true,
            "stable" => is_stable(&&version.to_string()),
            "latest" => all.iter().rfind(is_stable).or(all.last()).is_some_and(|latest| latest == version),
            exact => exact == version,
        })
    }
}

//! What a chart is made of, and what is given to it.

use std::io::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chart::{
    Chart, Release, Show,
    files::{File, FileSet, Glob, IgnoreRules, check_archive, path_matches},
    record::Record,
    render,
    values::{Table, Tree, read_file, strvals as set},
};
use flate2::{Compression, write::GzEncoder};
use gotemplate::Dialect;
use serde_json::json;

use crate::{
    host::{LIMITS, Still},
    lossy, parts,
};

const METADATA: &[u8] = b"apiVersion: v2\nname: demo\nversion: 0.1.0\n";
/// Prints all values, so that they are made.
const TEMPLATE: &[u8] = b"{{ toYaml .Values }}\n---\n{{ toJson .Subcharts }}";

fn load(files: &[(&str, &[u8])], dialect: Dialect) -> Option<Chart> {
    let files = files.iter().map(|(name, text)| File::new(*name, text)).collect();
    Chart::load(FileSet::new(files), dialect).ok()
}

fn print(chart: &Chart, given: &Table, dialect: Dialect) {
    let release = Release { dialect, include_crds: true, limits: LIMITS, ..Release::default() };
    if let Ok(rendered) = render(chart, given, &release, &Still, &Still) {
        let _ = rendered.text(&Show::default());
    }
}

/// The flags of `--set`'s family: the first byte says which.
pub(crate) fn strvals(data: &[u8]) {
    let Some((which, text)) = data.split_first() else { return };
    let text = lossy(text);
    let mut table = Table::new();
    let outcome = match which % 5 {
        0 => set::set(&text, &mut table),
        1 => set::set_string(&text, &mut table),
        2 => set::set_json(&text, &mut table),
        3 => set::set_literal(&text, &mut table),
        _ => set::set_file(&text, &mut table, &mut |name| Ok(name.as_bytes().to_vec())),
    };
    if outcome.is_ok() {
        // What was set is there the second time, where it may be overwritten.
        let _ = set::set(&text, &mut table);
    }
    drop(Tree::from(table).to_json());
}

/// `Chart.yaml`, `requirements.yaml`, `Chart.lock` and values.
pub(crate) fn metadata(data: &[u8]) {
    let [chart, requirements, given] = parts(data);
    let files = [
        ("Chart.yaml", chart),
        ("requirements.yaml", requirements),
        ("charts/sub/Chart.yaml", METADATA),
        ("templates/all", TEMPLATE),
    ];
    for dialect in [Dialect::Helm3, Dialect::Helm4] {
        let Some(chart) = load(&files, dialect) else { continue };
        print(&chart, &read_file(given, dialect).unwrap_or_default(), dialect);
    }
}

/// Values of a chart, of its subchart, and of the user.
pub(crate) fn values(data: &[u8]) {
    let [above, below, given] = parts(data);
    let files = [
        ("Chart.yaml", &b"apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n- {name: sub, version: '*', condition: 'sub.on,on', tags: [t], import-values: [x, {child: a, parent: b}]}\n"[..]),
        ("values.yaml", above),
        ("templates/all", TEMPLATE),
        ("charts/sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 0.1.0\n"),
        ("charts/sub/values.yaml", below),
        ("charts/sub/templates/all", TEMPLATE),
    ];
    for dialect in [Dialect::Helm3, Dialect::Helm4] {
        let Some(chart) = load(&files, dialect) else { continue };
        print(&chart, &read_file(given, dialect).unwrap_or_default(), dialect);
    }
}

/// An archive as it is, and a tar file that is packed and whose checksums are made right first.
pub(crate) fn archive(data: &[u8]) {
    let _ = check_archive("demo-0.1.0.tgz", data);
    let _ = FileSet::from_archive(data);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    let packed = gzip.write_all(&with_checksums(data)).and_then(|()| gzip.finish()).unwrap_or_default();
    let Ok(files) = FileSet::from_archive(&packed) else { return };
    for file in files.files() {
        assert!(!file.name.starts_with('/') && !file.name.split('/').any(|part| part == ".."), "{}", file.name);
    }
    if let Ok(chart) = Chart::load(files, Dialect::Helm4) {
        print(&chart, &Table::new(), Dialect::Helm4);
    }
}

const BLOCK: usize = 512;

fn with_checksums(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    let mut at = 0;
    while let Some(header) = data.get_mut(at..at + BLOCK) {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let size = lossy(&header[124..136]).trim_matches(['\0', ' ']).to_owned();
        at += BLOCK + usize::from_str_radix(&size, 8).unwrap_or_default().min(data.len()).next_multiple_of(BLOCK);
    }
    data.extend([0; 2 * BLOCK]);
    data
}

/// Rules, and a path that they are asked about.
pub(crate) fn ignore(data: &[u8]) {
    let [rules, path] = parts(data);
    let (text, path) = (lossy(rules), lossy(path));
    if let Ok(rules) = IgnoreRules::parse(rules) {
        let _ = (rules.ignores(&path, true), rules.ignores_file(&path));
    }
    let _ = path_matches(&text, &path);
    let _ = Glob::new(&text).matches(&path);
}

/// A record as a Secret has it, then its JSON, which is packed first.
pub(crate) fn record(data: &[u8]) {
    let _ = Record::decode(data);
    let Ok(release) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let secret = json!({ "type": "helm.sh/release.v1", "metadata": { "labels": release }, "data": { "release": BASE64_STANDARD.encode(data) } });
    let _ = Record::from_secret(&secret);
    let Ok(text) = serde_json::to_vec(&release) else { return };
    let Ok(record) = Record::decode(BASE64_STANDARD.encode(text).as_bytes()) else { return };
    let again = Record::decode(record.encode().as_bytes());
    assert_eq!(again, Ok(record), "what is written reads back");
}

//! Gzipped tar archives of charts: unpacked into memory, within limits, refusing every name that could leave the chart.

use std::io::{Read, Result as IoResult};

use flate2::bufread::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::{Budget, Error, File, budget::check_ratio};

/// Helm's first look at a file that should be an archive, with its hint for a YAML file.
pub fn check_archive(name: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.starts_with(b"\x1F\x8B\x08") {
        return Ok(());
    }
    if name.ends_with(".yml") || name.ends_with(".yaml") {
        return Err(Error::Refused(format!("file '{name}' seems to be a YAML file, but expected a gzipped archive")));
    }
    let head = &bytes[..bytes.len().min(512)];
    Err(Error::Refused(format!("file '{name}' does not appear to be a gzipped archive; got '{}'", content_type(head))))
}

/// What Go's sniffing would call the content, for the kinds that somebody could take for a chart.
fn content_type(head: &[u8]) -> &'static str {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "application/zip"),
        (b"Rar!\x1A\x07\x00", "application/x-rar-compressed"),
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\x0D\x0A\x1A\x0A", "image/png"),
        (b"\xEF\xBB\xBF", "text/plain; charset=utf-8"),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return kind;
    }
    let text = head.trim_ascii_start();
    let starts = |tag: &[u8]| text.len() > tag.len() && text[..tag.len()].eq_ignore_ascii_case(tag);
    if [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().any(|tag| starts(tag)) {
        return "text/html; charset=utf-8";
    }
    if starts(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    // What Helm hands to the sniffer is 512 bytes, zeros behind the end of a shorter file.
    let binary = head.len() < 512 || head.iter().any(|byte| matches!(byte, 0..=8 | 0x0B | 0x0E..=0x1A | 0x1C..=0x1F));
    if binary { "application/octet-stream" } else { "text/plain; charset=utf-8" }
}

/// Counts what came out of the decoder.
struct Counted<R> {
    inner: R,
    packed: u64,
    unpacked: u64,
    bomb: Option<Error>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        let read = self.inner.read(buffer)?;
        self.unpacked += read as u64;
        if let Err(error) = check_ratio(self.packed, self.unpacked) {
            let text = error.to_string();
            self.bomb = Some(error);
            return Err(std::io::Error::other(text));
        }
        Ok(read)
    }
}

pub(super) fn unpack(bytes: &[u8], budget: &mut Budget) -> Result<Vec<File>, Error> {
    if !bytes.starts_with(b"\x1F\x8B\x08") {
        return Err(Error::NoGzip);
    }
    let counted = Counted { inner: MultiGzDecoder::new(bytes), packed: bytes.len() as u64, unpacked: 0, bomb: None };
    let mut archive = Archive::new(counted);
    let unpacked = read_entries(&mut archive, budget);
    let counted = archive.into_inner();
    if let Some(bomb) = counted.bomb {
        return Err(bomb);
    }
    let files = unpacked?;
    if files.is_empty() {
        return Err(Error::Refused("no files in chart archive".to_owned()));
    }
    Ok(files)
}

fn read_entries(archive: &mut Archive<impl Read>, budget: &mut Budget) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if is_directory(&entry, &path) || entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        let name = name_in_chart(&path)?;
        let claimed = if holds_data(entry.header().entry_type()) { entry.size() } else { 0 };
        budget.check_claim(&path, claimed)?;
        let mut data = Vec::new();
        if claimed > 0 {
            entry.by_ref().take(budget.bytes_left()).read_to_end(&mut data).map_err(damaged)?;
        }
        budget.take(data.len() as u64, claimed)?;
        files.push(File::new(name, &data));
    }
    Ok(files)
}

fn is_directory<R: Read>(entry: &Entry<'_, R>, path: &str) -> bool {
    let header = entry.header();
    header.entry_type() == EntryType::Directory || (header.as_bytes()[156] == 0 && path.ends_with('/'))
}

/// Links and devices become empty files, as in Helm: nothing is followed.
fn holds_data(kind: EntryType) -> bool {
    matches!(kind, EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse)
}

/// The name without the archive's top directory. Refuses what could point out of the chart.
fn name_in_chart(path: &str) -> Result<String, Error> {
    let delimiter = if path.contains('\\') { '\\' } else { '/' };
    let (top, rest) = path.split_once(delimiter).unwrap_or((path, ""));
    let name = rest.replace(delimiter, "/");
    let refuse = |text: &str| Err(Error::Refused(text.to_owned()));
    if name.starts_with('/') {
        return refuse("chart illegally contains absolute paths");
    }
    let name = clean(&name);
    if name == "." {
        return Err(Error::Refused(format!("chart illegally contains content outside the base directory: {path:?}")));
    }
    if name.starts_with("..") {
        return refuse("chart illegally references parent directory");
    }
    let mut chars = name.chars();
    if chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":/") {
        return refuse("chart contains illegally named files");
    }
    if top == "Chart.yaml" {
        return refuse("chart yaml not in base directory");
    }
    Ok(name)
}

/// Go's `path.Clean` of a relative path.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn damaged(error: std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => Error::Damaged("unexpected EOF".to_owned()),
        InvalidData | InvalidInput => Error::Damaged(format!("archive is damaged: {error}")),
        _ => Error::Damaged(error.to_string()),
    }
}

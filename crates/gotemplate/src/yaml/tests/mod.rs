//! Cases of reading and writing. Every expected text is what Helm's own libraries give for the same document.

mod properties;
mod reading;
mod refusals;
mod writing;

use super::*;

/// One line per document: the document, and its JSON or its error.
fn read_table(documents: &[&str]) -> String {
    let line = |document: &&str| match read_json(document.as_bytes()) {
        Ok(json) => format!("{document:?} => {json}\n"),
        Err(error) => format!("{document:?} => {error}\n"),
    };
    documents.iter().map(line).collect()
}

/// Per document: the document and both ways of writing it.
fn write_table(documents: &[&str]) -> String {
    let entry = |document: &&str| {
        let value = read(document.as_bytes()).unwrap();
        let written = String::from_utf8(write(&value).unwrap_or_else(String::into_bytes)).unwrap();
        let pretty = String::from_utf8(write_pretty(&value).unwrap()).unwrap();
        let pretty = if pretty == written { "same\n".to_owned() } else { pretty };
        format!("# {document:?}\n{written}# pretty\n{pretty}")
    };
    documents.iter().map(entry).collect()
}

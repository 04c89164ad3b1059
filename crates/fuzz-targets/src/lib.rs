//! One function for every parser of foreign texts: `fuzz/` hands it what libFuzzer makes up, the tests here hand it a small corpus
//! and random changes of it. A function panics where something is wrong; what a parser refuses is fine.
//!
//! Input ends within limits: each function sets limits that are small beside the default ones, so that seconds and megabytes tell.

mod charts;
mod documents;
mod host;
mod sources;
mod templates;
#[cfg(test)]
mod tests;
mod texts;

/// A parser and what holds for it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Of the program in `fuzz/` and of the directory in `corpus/`.
    pub name: &'static str,
    pub run: fn(&[u8]),
}

pub const TARGETS: &[Target] = &[
    Target { name: "archive", run: charts::archive },
    Target { name: "chart_metadata", run: charts::metadata },
    Target { name: "date_layout", run: texts::date_layout },
    Target { name: "helmignore", run: charts::ignore },
    Target { name: "json", run: documents::json },
    Target { name: "oci", run: sources::registry },
    Target { name: "regex", run: texts::regex },
    Target { name: "release_record", run: charts::record },
    Target { name: "repository_index", run: sources::index },
    Target { name: "semver", run: texts::semver },
    Target { name: "strvals", run: charts::strvals },
    Target { name: "template_execute", run: templates::execute },
    Target { name: "template_parse", run: templates::parse },
    Target { name: "toml", run: documents::toml },
    Target { name: "values", run: charts::values },
    Target { name: "yaml", run: documents::yaml },
    Target { name: "yaml_round_trip", run: documents::yaml_round_trip },
];

/// Runs the target of that name.
///
/// # Panics
/// Where the input shows a bug, and when there is no such target.
pub fn run(name: &str, data: &[u8]) {
    match TARGETS.iter().find(|target| target.name == name) {
        Some(target) => (target.run)(data),
        None => panic!("there is no target {name}"),
    }
}

/// An input of several texts: zero bytes are between them, missing ones are empty.
fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = [&b""[..]; N];
    for (part, text) in parts.iter_mut().zip(data.splitn(N, |byte| *byte == 0)) {
        *part = text;
    }
    parts
}

fn lossy(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

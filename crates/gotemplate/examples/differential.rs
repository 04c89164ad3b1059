//! Our side of `fuzz/differential`: reads cases from standard input, a JSON object with a template `t` and data `d` on each line, and
//! writes `ok` or `err` and the result in base64, a line for each.

// A developer's tool: it prints.
#![expect(clippy::print_stdout, reason = "a program that is driven through its output")]

use std::{
    collections::BTreeMap,
    io::{BufRead, stdin},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use gotemplate::{Dialect, Limits, Offline, Run, Templates, json};
use serde_json::value::RawValue;
use testkit::{FixedClock, SeededEntropy};

/// The data stay text: `serde_json` would read their floats less exactly than Go.
fn render(template: &str, data: &str) -> Result<Vec<u8>, String> {
    let data = json::read(data.as_bytes())?;
    let mut templates = Templates::new();
    templates.parse("t", template).map_err(|error| error.to_string())?;
    let limits = Limits { output_bytes: 64 << 20, steps: 1_000_000, ..Limits::default() };
    // Nothing that is compared asks for the time or for randomness.
    let (clock, entropy) = (FixedClock::default(), SeededEntropy::default());
    let host = Offline { clock: &clock, entropy: &entropy, dialect: Dialect::Helm4 };
    Run::new(&templates, &host, limits).execute("t", &data).map_err(|error| error.to_string())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for line in stdin().lock().lines() {
        let line = line?;
        let case: BTreeMap<&str, &RawValue> = serde_json::from_str(&line)?;
        let text = |key| case.get(key).map_or("", |text| text.get());
        match render(&serde_json::from_str::<String>(text("t"))?, text("d")) {
            Ok(out) => println!("ok {}", BASE64_STANDARD.encode(out)),
            Err(error) => println!("err {}", BASE64_STANDARD.encode(error)),
        }
    }
    Ok(())
}

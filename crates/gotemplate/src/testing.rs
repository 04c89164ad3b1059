//! For unit tests: a host with a fixed clock and seeded entropy, and one call that renders a template.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Dialect, FunctionError, Host, Limits, Map, Run, Templates, Value, json};

/// 2026-11-22 23:30:15.123456789 UTC, a Sunday.
#[derive(Debug)]
struct FixedClock;

impl api::env::Clock for FixedClock {
    fn now(&self) -> jiff::Timestamp {
        "2026-11-22T23:30:15.123456789Z".parse().unwrap()
    }
}

/// SplitMix64: the same seed gives the same bytes.
#[derive(Debug)]
struct SeededEntropy(AtomicU64);

impl api::env::Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (word ^ (word >> 31)) as u8;
        }
    }
}

pub(crate) struct TestHost {
    clock: FixedClock,
    entropy: SeededEntropy,
    pub(crate) dialect: Dialect,
}

impl TestHost {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { clock: FixedClock, entropy: SeededEntropy(AtomicU64::new(seed)), dialect: Dialect::default() }
    }
}

impl Host for TestHost {
    fn clock(&self) -> &dyn api::env::Clock {
        &self.clock
    }

    fn entropy(&self) -> &dyn api::env::Entropy {
        &self.entropy
    }

    fn lookup(&self, _: &str, _: &str, _: &str, _: &str) -> Result<Value, FunctionError> {
        Ok(Value::Map(Map::default()))
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// Renders a template over data in JSON. What fails is the error's text.
pub(crate) fn render(template: &str, data: &str) -> String {
    render_with(&TestHost::seeded(1), template, data)
}

pub(crate) fn render_with(host: &TestHost, template: &str, data: &str) -> String {
    let data = json::read(data.as_bytes()).unwrap();
    let mut templates = Templates::new();
    if let Err(error) = templates.parse("t", template) {
        return error.to_string();
    }
    match Run::new(&templates, host, Limits::default()).execute("t", &data) {
        Ok(out) => String::from_utf8_lossy(&out).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// Renders one template over each of the texts, as `.s`: a line for each.
pub(crate) fn render_each(template: &str, texts: &[&str]) -> String {
    let line = |text: &&str| {
        let data = serde_json::json!({ "s": text }).to_string();
        format!("{text:?}: {}", render(template, &data))
    };
    texts.iter().map(line).collect::<Vec<_>>().join("\n")
}

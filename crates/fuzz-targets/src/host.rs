//! A clock that stands, entropy that counts, and no cluster: the same input does the same thing every time.

use api::env::{Clock, Entropy};
use gotemplate::{Dialect, Function, Limits, Offline, Run, Templates, Value};

#[derive(Debug)]
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

impl Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = (at as u8).wrapping_mul(151).wrapping_add(7);
        }
    }
}

/// Both for templates, and no cluster.
pub(crate) const HOST: Offline<'static> = Offline { clock: &Still, entropy: &Still, dialect: Dialect::Helm4 };

/// Slow by design, whatever their input: one call of them is what a fuzzer takes for a hang.
const SLOW: &[&str] = &["bcrypt", "htpasswd", "derivePassword", "buildCustomCert"];

/// All functions that answer quickly.
pub(crate) fn quick() -> Vec<Function> {
    let slow = |name: &str| name.starts_with("gen") || SLOW.contains(&name);
    gotemplate::functions().iter().filter(|function| !slow(function.name)).copied().collect()
}

pub(crate) const LIMITS: Limits = Limits { output_bytes: 1 << 20, depth: 200, steps: 20_000 };

/// Executes a template of ours over texts.
pub(crate) fn render(template: &str, texts: &[(&str, &[u8])]) {
    let data = texts.iter().map(|(name, text)| ((*name).into(), Value::text(*text))).collect();
    let mut templates = Templates::new();
    if let Err(error) = templates.parse("t", template) {
        panic!("{error}");
    }
    let _ = Run::new(&templates, &HOST, LIMITS).execute("t", &Value::Map(data));
}

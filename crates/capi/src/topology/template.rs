//! Go templates of a class: with Sprig's hermetic functions, over variables. Functions that would give another text each time,
//! or make keys, are not there: what is desired has to stay what it is.

use std::sync::LazyLock;

use api::env::{Clock, Entropy};
use gotemplate::{Dialect, Function, Limits, Offline, Run, Templates, yaml};
use jiff::Timestamp;
use serde_json::Value;

/// What upstream's map of hermetic functions lacks, what Helm adds to Sprig, and what makes keys and ciphers (which upstream
/// would make anew at each pass).
const ABSENT: &[&str] = &[
    // The clock, randomness and the environment.
    "ago",
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "env",
    "expandenv",
    "getHostByName",
    "htmlDate",
    "htmlDateInZone",
    "mustDateModify",
    "must_date_modify",
    "now",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "shuffle",
    "uuidv4",
    // Keys, certificates, salted hashes.
    "bcrypt",
    "encryptAES",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "htpasswd",
    // Helm's.
    "fromJsonArray",
    "fromToml",
    "fromYaml",
    "fromYamlArray",
    "include",
    "lookup",
    "mustToToml",
    "mustToYaml",
    "required",
    "toToml",
    "toYaml",
    "toYamlPretty",
    "tpl",
];

const LIMITS: Limits = Limits { output_bytes: 4 << 20, depth: 1000, steps: 2_000_000 };

/// What a template could ask of time and chance, were the functions there.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

impl Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// No templates yet, with the functions that they may call.
fn hermetic() -> Templates {
    static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
        let all = gotemplate::functions().iter();
        all.filter(|function| !ABSENT.contains(&function.name)).copied().collect()
    });
    static NONE: LazyLock<Templates> = LazyLock::new(|| Templates::with_functions(&FUNCTIONS));
    NONE.clone()
}

/// The text of a template over its variables.
pub(super) fn text(template: &str, variables: &Value) -> Result<String, String> {
    let mut templates = hermetic();
    templates.parse("tpl", template).map_err(|error| format!("failed to parse template: {template:?}: {error}"))?;
    let host = Offline { clock: &Still, entropy: &Still, dialect: Dialect::default() };
    let bytes = Run::new(&templates, &host, LIMITS)
        .execute("tpl", &yaml::from_json(variables))
        .map_err(|error| format!("failed to render template: {template:?}: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The value that the text is as YAML.
pub(super) fn value(template: &str, variables: &Value) -> Result<Value, String> {
    let text = text(template, variables)?;
    yaml::read_json(text.as_bytes())
        .map_err(|error| format!("failed to unmarshal rendered template: {text:?}: {error}"))
}

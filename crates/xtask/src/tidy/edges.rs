//! The allowed edges between crates. Changing this table is a reviewed diff: it is the architecture.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

/// Crates that decide and never do: no runtime, no network, no file system, no clock.
const PURE: &[&str] =
    &["api", "machinery", "catalogue", "actions", "gotemplate", "chart", "gitops", "aso", "capi", "workloads"];

/// What a pure crate may never depend on.
const IMPURE: &[&str] = &[
    "tokio",
    "axum",
    "hyper",
    "hyper-util",
    "kube",
    "tracing-subscriber",
    "redb",
    "reqwest",
    "tower",
    "fastrand",
    "getrandom",
];

/// crate: our crates that it may depend on (development dependencies included, `testkit` always allowed there).
const ALLOWED: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("jose", &["api"]),
    ("machinery", &["api"]),
    ("catalogue", &["api", "machinery"]),
    ("gotemplate", &["api"]),
    ("chart", &["api", "gotemplate"]),
    ("actions", &["api", "machinery"]),
    ("gitops", &["api", "machinery", "actions", "gotemplate", "chart"]),
    ("aso", &["api", "machinery", "catalogue", "actions"]),
    // A ClusterClass's patches are Go templates with Sprig's functions, over variables that have schemas.
    ("capi", &["api", "machinery", "actions", "gotemplate"]),
    ("workloads", &["api", "machinery", "actions"]),
    ("store", &["api"]),
    ("apiserver", &["api", "machinery", "store", "jose"]),
    ("twin", &["api", "machinery", "catalogue", "actions", "store", "jose"]),
    ("source", &["api", "gotemplate"]),
    ("arm", &["api", "actions", "jose"]),
    (
        "controllers",
        &["api", "machinery", "actions", "chart", "gitops", "aso", "capi", "workloads", "catalogue", "arm", "source"],
    ),
    (
        "sandbox",
        &[
            "api",
            "machinery",
            "actions",
            "gitops",
            "aso",
            "capi",
            "workloads",
            "catalogue",
            "store",
            "apiserver",
            "twin",
            "source",
            "arm",
            "jose",
            "controllers",
        ],
    ),
    ("sim", &["api", "actions", "arm", "controllers", "jose", "sandbox", "store", "source", "twin"]),
    (
        "cli",
        &[
            "api",
            "actions",
            "sandbox",
            "capi",
            "controllers",
            "source",
            "arm",
            "twin",
            "apiserver",
            "store",
            "catalogue",
            "jose",
            "gitops",
            "machinery",
            "gotemplate",
            "chart",
        ],
    ),
    ("windlass", &["cli", "e2e", "api", "chart", "gotemplate"]),
    ("testkit", &["api"]),
    ("e2e", &[]),
    ("fuzz-targets", &["api", "gotemplate", "chart", "source"]),
    ("xtask", &["machinery", "catalogue", "gitops", "twin"]),
];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut findings = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_string();
        let manifest = fs::read_to_string(path.join("Cargo.toml")).with_context(|| format!("{name}/Cargo.toml"))?;
        let manifest: toml::Table = manifest.parse().with_context(|| format!("{name}/Cargo.toml"))?;
        let Some(edges) = allowed.get(name.as_str()) else {
            findings
                .push(format!("crate {name} is not in the table of allowed edges (crates/xtask/src/tidy/edges.rs)"));
            continue;
        };
        for (section, dependency) in dependencies(&manifest) {
            let ours = allowed.contains_key(dependency);
            let test_help = section == "dev-dependencies" && dependency == "testkit";
            if ours && !edges.contains(&dependency) && !test_help {
                findings.push(format!("{name} may not depend on {dependency} (crates/xtask/src/tidy/edges.rs)"));
            }
            if section == "dependencies" && PURE.contains(&name.as_str()) && IMPURE.contains(&dependency) {
                findings.push(format!("{name} decides and never does: it may not depend on {dependency}"));
            }
        }
    }
    Ok(findings)
}

pub(super) fn dependencies(manifest: &toml::Table) -> Vec<(&str, &str)> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|section| Some((section, manifest.get(section)?.as_table()?)))
        .flat_map(|(section, table)| table.keys().map(move |name| (section, name.as_str())))
        .collect()
}

//! Helm's record of a release: JSON, gzipped, in base64, as the data of a Secret of type `helm.sh/release.v1`. Written so that
//! `helm list`, `helm history` and `helm get` read it, and read whoever wrote it. It does not talk to a cluster.

mod chart;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, io::Read, io::Write};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use serde_json::{Map, Value, json};

use crate::{
    Chart, Hook, Release, Rendered, Show,
    values::{Table, table_to_json},
};

const TYPE: &str = "helm.sh/release.v1";
/// Labels that are the record's own; others are the user's.
const SYSTEM_LABELS: &[&str] = &["name", "owner", "status", "version", "createdAt", "modifiedAt"];
/// A Secret holds 1 MiB, and manifests pack about ten to one: what unfolds to more than this is a bomb.
const RECORD_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why a Secret is no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the Secret {name} is no Helm release: {problem}")]
    NoRecord { name: String, problem: &'static str },
    #[error("the release record cannot be decoded: {0}")]
    Damaged(String),
}

/// One revision of a release.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    pub name: String,
    pub namespace: String,
    /// From 1.
    pub revision: u64,
    /// `deployed`, `superseded`, `failed`, `uninstalled`, `pending-install`, ...
    pub status: String,
    pub description: String,
    /// RFC 3339; empty where it never was.
    pub first_deployed: String,
    pub last_deployed: String,
    pub deleted: String,
    pub notes: String,
    /// What the user gave, without the chart's defaults.
    pub config: Value,
    pub manifest: String,
    pub hooks: Vec<Value>,
    /// The chart as Helm records it: metadata, templates, values, files.
    pub chart: Value,
    /// The user's labels.
    pub labels: BTreeMap<String, String>,
    /// `ssa` or `csa` in Helm 4; empty in Helm 3.
    pub apply_method: String,
}

impl Record {
    /// The first revision of what was rendered, as `helm install` would record it.
    pub fn of(
        chart: &Chart,
        given: &Table,
        release: &Release,
        rendered: &Rendered,
        now: &str,
    ) -> Result<Self, crate::Error> {
        let show = Show { no_hooks: true, ..Show::default() };
        let text = rendered.text(&show)?;
        let own_notes = format!("{}/templates/NOTES.txt", chart.name());
        let notes = rendered.notes.get(&own_notes).map(|notes| String::from_utf8_lossy(notes).into_owned());
        Ok(Self {
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            revision: 1,
            status: "deployed".to_owned(),
            description: "Install complete".to_owned(),
            first_deployed: now.to_owned(),
            last_deployed: now.to_owned(),
            deleted: String::new(),
            notes: notes.unwrap_or_default(),
            config: table_to_json(given),
            manifest: String::from_utf8_lossy(&text).into_owned(),
            hooks: rendered.hooks.iter().map(hook).collect(),
            chart: chart::json(chart),
            labels: BTreeMap::new(),
            apply_method: match release.dialect {
                gotemplate::Dialect::Helm4 => "ssa".to_owned(),
                gotemplate::Dialect::Helm3 => String::new(),
            },
        })
    }

    /// The name of the Secret: `sh.helm.release.v1.NAME.vREVISION`.
    pub fn secret_name(&self) -> String {
        format!("sh.helm.release.v1.{}.v{}", self.name, self.revision)
    }

    /// The Secret as it is sent to a cluster. `at` is in seconds since 1970, for the label that says when it was made.
    pub fn to_secret(&self, at: i64) -> Value {
        let mut labels: Map<String, Value> =
            self.labels.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        labels.insert("createdAt".to_owned(), at.to_string().into());
        labels.insert("name".to_owned(), self.name.as_str().into());
        labels.insert("owner".to_owned(), "helm".into());
        labels.insert("status".to_owned(), self.status.as_str().into());
        labels.insert("version".to_owned(), self.revision.to_string().into());
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "name": self.secret_name(), "namespace": self.namespace, "labels": labels },
            "type": TYPE,
            // The Secret's own base64 is around the record's.
            "data": { "release": BASE64_STANDARD.encode(self.encode()) },
        })
    }

    /// Reads a Secret out of a cluster.
    pub fn from_secret(secret: &Value) -> Result<Self, Error> {
        let name = secret.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        let no_record = |problem| Error::NoRecord { name: name.to_owned(), problem };
        if secret.get("type").and_then(Value::as_str) != Some(TYPE) {
            return Err(no_record("its type is not helm.sh/release.v1"));
        }
        let data = secret.pointer("/data/release").and_then(Value::as_str);
        let data = data.ok_or_else(|| no_record("it has no data called release"))?;
        let data = BASE64_STANDARD.decode(data).map_err(|_| no_record("its data is no base64"))?;
        let mut record = Self::decode(&data)?;
        if let Some(labels) = secret.pointer("/metadata/labels").and_then(Value::as_object) {
            let own = labels.iter().filter(|(key, _)| !SYSTEM_LABELS.contains(&key.as_str()));
            record.labels = own.map(|(key, value)| (key.clone(), text(Some(value)))).collect();
        }
        Ok(record)
    }

    /// The record as Helm stores it: base64 of gzip of JSON.
    pub fn encode(&self) -> String {
        let json = self.to_json().to_string();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        // A Vec takes every write.
        let packed = gzip.write_all(json.as_bytes()).and_then(|()| gzip.finish()).unwrap_or_default();
        BASE64_STANDARD.encode(packed)
    }

    /// Reads what [`Record::encode`] or Helm wrote; records of old Helms are not gzipped.
    pub fn decode(data: &[u8]) -> Result<Self, Error> {
        let damaged = |problem: &dyn std::fmt::Display| Error::Damaged(problem.to_string());
        let packed = BASE64_STANDARD.decode(data).map_err(|error| damaged(&error))?;
        let json = if packed.starts_with(b"\x1F\x8B\x08") {
            let mut json = Vec::new();
            let mut limited = MultiGzDecoder::new(packed.as_slice()).take(RECORD_BYTES_MAX + 1);
            limited.read_to_end(&mut json).map_err(|error| damaged(&error))?;
            if json.len() as u64 > RECORD_BYTES_MAX {
                return Err(Error::Damaged(format!("it unfolds to more than {RECORD_BYTES_MAX} bytes")));
            }
            json
        } else {
            packed
        };
        let json: Value = serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
        Ok(Self::of_json(&json))
    }

    fn to_json(&self) -> Value {
        let info = trimmed(json!({
            "first_deployed": self.first_deployed,
            "last_deployed": self.last_deployed,
            "deleted": self.deleted,
            "description": self.description,
            "status": self.status,
            "notes": self.notes,
        }));
        let mut release = trimmed(json!({
            "name": self.name,
            "manifest": self.manifest,
            "namespace": self.namespace,
            "apply_method": self.apply_method,
        }));
        if let Value::Object(release) = &mut release {
            release.insert("info".to_owned(), info);
            release.insert("version".to_owned(), self.revision.into());
            release.insert("chart".to_owned(), self.chart.clone());
            if self.config.as_object().is_some_and(|config| !config.is_empty()) {
                release.insert("config".to_owned(), self.config.clone());
            }
            if !self.hooks.is_empty() {
                release.insert("hooks".to_owned(), self.hooks.clone().into());
            }
        }
        release
    }

    fn of_json(json: &Value) -> Self {
        let info = |field: &str| text(json.get("info").and_then(|info| info.get(field)));
        Self {
            name: text(json.get("name")),
            namespace: text(json.get("namespace")),
            revision: json.get("version").and_then(Value::as_u64).unwrap_or_default(),
            status: info("status"),
            description: info("description"),
            first_deployed: info("first_deployed"),
            last_deployed: info("last_deployed"),
            deleted: info("deleted"),
            notes: info("notes"),
            config: json.get("config").filter(|config| config.is_object()).cloned().unwrap_or_else(|| json!({})),
            manifest: text(json.get("manifest")),
            hooks: json.get("hooks").and_then(Value::as_array).cloned().unwrap_or_default(),
            chart: json.get("chart").cloned().unwrap_or_default(),
            labels: BTreeMap::new(),
            apply_method: text(json.get("apply_method")),
        }
    }
}

fn hook(hook: &Hook) -> Value {
    let mut value = trimmed(json!({
        "name": hook.manifest.name,
        "kind": hook.manifest.kind,
        "path": hook.manifest.source,
        "manifest": String::from_utf8_lossy(&hook.manifest.text),
    }));
    if let Value::Object(value) = &mut value {
        value.insert("last_run".to_owned(), json!({ "phase": "" }));
        value.insert("events".to_owned(), hook.events.clone().into());
        if hook.weight != 0 {
            value.insert("weight".to_owned(), hook.weight.into());
        }
        for (key, list) in [("delete_policies", &hook.delete_policies), ("output_log_policies", &hook.log_policies)] {
            if !list.is_empty() {
                value.insert(key.to_owned(), list.clone().into());
            }
        }
    }
    value
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Without what Go's `omitempty` leaves out.
fn trimmed(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            _ => true,
        });
    }
    value
}

//! `--unused`: a line for each finding about the values. Like a diff, there is something to say or not.

use chart::Finding;
use serde_json::json;

use crate::{args::RenderFormat, error::Error, exit::Exit, output};

pub(super) fn print(format: RenderFormat, findings: &[Finding]) -> Result<Exit, Error> {
    match format {
        RenderFormat::Yaml => findings.iter().for_each(|finding| output::data(&line(finding))),
        RenderFormat::Json => {
            let items: Vec<_> = findings.iter().map(object).collect();
            let text = serde_json::to_string_pretty(&items);
            output::data(&text.map_err(|error| Error::new("cannot print JSON").caused_by(error))?);
        }
    }
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::Failure })
}

fn line(finding: &Finding) -> String {
    match finding {
        Finding::Unread { path, near: Some(near) } => {
            format!("{path}: no template reads this value; did you mean {near}?")
        }
        Finding::Unread { path, near: None } => format!("{path}: no template reads this value"),
        Finding::Kept { path } => {
            format!("{path}: comes from the chart's defaults, beside what you gave; set it to null to drop it")
        }
    }
}

fn object(finding: &Finding) -> serde_json::Value {
    match finding {
        Finding::Unread { path, near } => json!({"path": path, "finding": "unread", "near": near}),
        Finding::Kept { path } => json!({"path": path, "finding": "kept"}),
    }
}

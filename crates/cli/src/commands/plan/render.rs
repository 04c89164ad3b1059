//! A plan as a person reads it. `-o json` prints the same value; nothing is decided here.

use std::fmt::Write;

use actions::{Finding, Severity};
use anstyle::Style;
use sandbox::plan::{AzureChange, Change, FieldChange, Plan, Symbol};
use serde_json::Value;

use crate::output::{CYAN, GREEN, RED, YELLOW, paint};

/// The whole plan. Writing into a String cannot fail, so that results of `write!` are dropped.
pub(super) fn table(plan: &Plan) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "From {} to {}\n", plan.base, plan.head);
    section(
        &mut out,
        "Applications",
        plan.applications.iter().map(|app| {
            let mut text = format!("  {}/{}: {}, {}", app.namespace, app.name, app.sync, app.health);
            app.messages.iter().for_each(|message| text.push_str(&format!("\n      {message}")));
            text
        }),
    );
    section(&mut out, "Kubernetes objects", plan.objects.iter().map(object));
    section(&mut out, "Azure requests, in order", plan.azure.iter().map(request));
    section(
        &mut out,
        "Not planned",
        plan.not_planned.iter().map(|left| {
            let object = left.object.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("  {object} ({}): {}", left.file, left.why)
        }),
    );
    section(&mut out, "Findings", plan.findings.iter().map(finding));
    let _ = writeln!(out, "{}", summary(plan));
    out
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "{title}\n{}\n", lines.join("\n"));
    }
}

fn style(symbol: Symbol) -> Style {
    match symbol {
        Symbol::Create => GREEN,
        Symbol::Update => YELLOW,
        Symbol::Delete | Symbol::Replace => RED,
    }
}

fn object(change: &Change) -> String {
    let mut text =
        format!("  {} {}", paint(&format!("{:<3}", change.symbol.as_str()), style(change.symbol)), change.object);
    change.fields.iter().for_each(|field| text.push_str(&format!("\n        {}", field_change(field))));
    text
}

fn field_change(field: &FieldChange) -> String {
    let show = |value: &Option<Value>| value.as_ref().map_or("(absent)".to_string(), Value::to_string);
    format!("{}: {} -> {}", field.path, show(&field.before), show(&field.after))
}

fn request(change: &AzureChange) -> String {
    let symbol = paint(&format!("{:<3}", change.symbol.as_str()), style(change.symbol));
    let mut text = format!("  {symbol} {} {}?api-version={}", change.method, change.id, change.api_version);
    if !change.reason.is_empty() {
        text.push_str(&format!("\n        {}", change.reason));
    }
    if change.outcome.status >= 400 {
        text.push_str(&format!(
            "\n        {} {} {}",
            paint("refused:", RED),
            change.outcome.status,
            change.outcome.error
        ));
    }
    text
}

fn finding(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => paint("error:", RED),
        Severity::Warning => paint("warning:", YELLOW),
        Severity::Info => paint("info:", CYAN),
    };
    let object = finding.object.as_ref().map(|object| format!("{object}: ")).unwrap_or_default();
    let field = if finding.field.is_empty() { String::new() } else { format!("{}: ", finding.field) };
    format!("  {severity} {object}{field}{} [{}]\n      fix: {}", finding.message, finding.code, finding.fix)
}

fn summary(plan: &Plan) -> String {
    let s = &plan.summary;
    let mut text = format!(
        "Plan: {} to create, {} to update, {} to delete, {} to replace; {} Azure requests",
        s.create, s.update, s.delete, s.replace, s.azure_requests
    );
    if s.refused_by_azure > 0 {
        let _ = write!(text, ", {} of them refused", s.refused_by_azure);
    }
    let _ = write!(text, "; {} findings.", s.findings);
    if plan.partial {
        let _ = write!(text, " The plan is partial: {} objects were not planned.", s.not_planned);
    }
    text
}

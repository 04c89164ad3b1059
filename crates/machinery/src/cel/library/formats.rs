//! Named formats: `format.dns1123Label().validate(self.name)`.

use super::{Function, mismatch};
use crate::{
    cel::value::{Outcome, Value},
    names,
    schema::format::matches,
};

/// A format that texts can be checked against.
#[derive(Debug)]
pub(in crate::cel) struct Format {
    pub(in crate::cel) name: &'static str,
    /// How long upstream says its pattern is, for costs.
    pub(in crate::cel) pattern_length: u64,
    /// What is wrong with a text.
    check: fn(&str) -> Vec<String>,
}

/// A prefix of a name: what generates one ends with a dash.
fn prefix(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(rest) if !text.is_empty() => format!("{rest}a"),
        _ => text.to_string(),
    }
}

fn known(name: &str, text: &str, complaint: &str) -> Vec<String> {
    if matches(name, text) == Some(false) { vec![complaint.into()] } else { Vec::new() }
}

static FORMATS: [Format; 13] = [
    Format { name: "dns1123Label", pattern_length: 30, check: |text| names::dns_label(text) },
    Format { name: "dns1123Subdomain", pattern_length: 60, check: |text| names::dns_subdomain(text) },
    Format { name: "dns1035Label", pattern_length: 30, check: |text| names::dns_1035_label(text) },
    Format { name: "qualifiedName", pattern_length: 60, check: |text| names::qualified_name(text) },
    Format { name: "dns1123LabelPrefix", pattern_length: 30, check: |text| names::dns_label(&prefix(text)) },
    Format { name: "dns1123SubdomainPrefix", pattern_length: 60, check: |text| names::dns_subdomain(&prefix(text)) },
    Format { name: "dns1035LabelPrefix", pattern_length: 30, check: |text| names::dns_1035_label(&prefix(text)) },
    Format { name: "labelValue", pattern_length: 40, check: |text| names::label_value(text) },
    Format { name: "uri", pattern_length: 1018, check: |text| super::url::parse(text).err().into_iter().collect() },
    Format { name: "uuid", pattern_length: 98, check: |text| known("uuid", text, "does not match the UUID format") },
    Format { name: "byte", pattern_length: 84, check: |text| known("byte", text, "invalid base64") },
    Format { name: "date", pattern_length: 102, check: |text| known("date", text, "invalid date") },
    Format { name: "datetime", pattern_length: 102, check: |text| known("datetime", text, "invalid datetime") },
];

fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

fn constant<'a>(name: &str) -> Outcome<'a> {
    named(name).map_or_else(mismatch, |format| Ok(Value::Format(format)))
}

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "validate" => |scratch, args| match args {
            [Value::Format(format), Value::Text(text)] => {
                let complaints = (format.check)(text);
                scratch.take_items(complaints.len())?;
                if complaints.is_empty() {
                    return Ok(Value::Optional(None));
                }
                Ok(Value::some(Value::list(complaints.into_iter().map(Value::text).collect())))
            }
            _ => mismatch(),
        },
        "format.named" => |_, args| match args {
            [Value::Text(name)] => {
                Ok(named(name).map_or(Value::Optional(None), |found| Value::some(Value::Format(found))))
            }
            _ => mismatch(),
        },
        "format.dns1123Label" => |_, _| constant("dns1123Label"),
        "format.dns1123Subdomain" => |_, _| constant("dns1123Subdomain"),
        "format.dns1035Label" => |_, _| constant("dns1035Label"),
        "format.qualifiedName" => |_, _| constant("qualifiedName"),
        "format.dns1123LabelPrefix" => |_, _| constant("dns1123LabelPrefix"),
        "format.dns1123SubdomainPrefix" => |_, _| constant("dns1123SubdomainPrefix"),
        "format.dns1035LabelPrefix" => |_, _| constant("dns1035LabelPrefix"),
        "format.labelValue" => |_, _| constant("labelValue"),
        "format.uri" => |_, _| constant("uri"),
        "format.uuid" => |_, _| constant("uuid"),
        "format.byte" => |_, _| constant("byte"),
        "format.date" => |_, _| constant("date"),
        "format.datetime" => |_, _| constant("datetime"),
        _ => return None,
    })
}

//! Field errors of a definition, worded as upstream's. Schemas are judged by [`Schema::compile`].

use api::{ObjectExt, status::Cause};
use machinery::schema::{Schema, selectable_field};
use serde_json::Value;

use super::{names::is_true, text};

fn cause(reason: &str, field: &str, message: impl Into<String>) -> Cause {
    Cause { reason: reason.into(), field: field.into(), message: message.into() }
}

fn invalid(field: &str, value: &str, why: &str) -> Cause {
    cause("FieldValueInvalid", field, format!("Invalid value: \"{value}\": {why}"))
}

fn required(field: &str, why: &str) -> Cause {
    let message = if why.is_empty() { "Required value".to_string() } else { format!("Required value: {why}") };
    cause("FieldValueRequired", field, message)
}

const DNS_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation \
    is '[a-z]([-a-z0-9]*[a-z0-9])?')";

fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(plain)
        && !text.ends_with('-')
}

pub(super) fn definition(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let (group, plural) = (text(new, "/spec/group"), text(new, "/spec/names/plural"));
    let name = new.name().unwrap_or_default();
    if name != format!("{plural}.{group}") {
        causes.push(invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
    }
    check_group(new, group, &mut causes);
    check_names(new, &mut causes);
    match text(new, "/spec/scope") {
        "Cluster" | "Namespaced" => {}
        "" => causes.push(required("spec.scope", "")),
        other => {
            let message = format!("Unsupported value: \"{other}\": supported values: \"Cluster\", \"Namespaced\"");
            causes.push(cause("FieldValueNotSupported", "spec.scope", message));
        }
    }
    check_conversion(new, &mut causes);
    check_versions(new, old, &mut causes);
    if let Some(old) = old {
        check_change(new, old, &mut causes);
    }
    causes
}

fn check_group(new: &Value, group: &str, causes: &mut Vec<Cause>) {
    const APPROVED: &str = "api-approved.kubernetes.io";
    if group.is_empty() {
        return causes.push(required("spec.group", ""));
    }
    if group.split('.').count() < 2 {
        causes.push(invalid("spec.group", group, "should be a domain with at least one dot"));
    }
    let protected =
        ["k8s.io", "kubernetes.io"].iter().any(|domain| group == *domain || group.ends_with(&format!(".{domain}")));
    if protected && new.annotation(APPROVED).is_none() {
        let why = format!(
            "protected groups must have approval annotation \"{APPROVED}\", see \
             https://github.com/kubernetes/enhancements/pull/1111"
        );
        causes.push(required(&format!("metadata.annotations[{APPROVED}]"), &why));
    }
}

fn check_names(new: &Value, causes: &mut Vec<Cause>) {
    for (field, lower) in [("plural", false), ("singular", false), ("kind", true), ("listKind", true)] {
        let name = text(new, &format!("/spec/names/{field}"));
        let path = format!("spec.names.{field}");
        if name.is_empty() {
            causes.push(required(&path, ""));
        } else if !is_label(&if lower { name.to_lowercase() } else { name.to_string() }) {
            let may_have_mixed_case = if lower { "may have mixed case, but should otherwise match: " } else { "" };
            causes.push(invalid(&path, name, &format!("{may_have_mixed_case}{DNS_1035}")));
        }
    }
    for field in ["shortNames", "categories"] {
        let list = new.pointer(&format!("/spec/names/{field}")).and_then(Value::as_array);
        for (index, name) in list.into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default();
            if !is_label(name) {
                causes.push(invalid(&format!("spec.names.{field}[{index}]"), name, DNS_1035));
            }
        }
    }
    let (kind, list_kind) = (text(new, "/spec/names/kind"), text(new, "/spec/names/listKind"));
    if !kind.is_empty() && kind == list_kind {
        causes.push(invalid("spec.names.listKind", list_kind, "kind and listKind may not be the same"));
    }
}

fn check_conversion(new: &Value, causes: &mut Vec<Cause>) {
    match text(new, "/spec/conversion/strategy") {
        "None" | "" => {}
        "Webhook" => {
            let message = "Unsupported value: \"Webhook\": this server calls no conversion webhooks; use \"None\" and keep \
                           the versions' schemas alike, or serve one version";
            causes.push(cause("FieldValueNotSupported", "spec.conversion.strategy", message));
        }
        other => {
            let message = format!("Unsupported value: \"{other}\": supported values: \"None\", \"Webhook\"");
            causes.push(cause("FieldValueNotSupported", "spec.conversion.strategy", message));
        }
    }
    if new.pointer("/spec/preserveUnknownFields") == Some(&Value::Bool(true)) {
        let message = "Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in \
                       spec.versions[*].schema instead";
        causes.push(cause("FieldValueInvalid", "spec.preserveUnknownFields", message));
    }
}

fn versions(definition: &Value) -> &[Value] {
    definition.pointer("/spec/versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn schema(version: &Value) -> Option<&Value> {
    version.pointer("/schema/openAPIV3Schema")
}

fn check_versions(new: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let versions = versions(new);
    if versions.is_empty() {
        return causes.push(required("spec.versions", "must have at least one version"));
    }
    // Upstream's internal type holds a schema that all versions share once, and names it so.
    let shared = versions.iter().all(|version| schema(version) == schema(&versions[0]));
    let same = |part: &str| versions.iter().all(|version| version.get(part) == versions[0].get(part));
    let (same_parts, same_columns) = (same("subresources"), same("additionalPrinterColumns"));
    let same_fields = same("selectableFields");
    let mut seen = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        let path = format!("spec.versions[{index}]");
        let name = text(version, "/name");
        if !is_label(name) {
            causes.push(invalid(&format!("{path}.name"), name, DNS_1035));
        }
        if seen.contains(&name) {
            causes.push(invalid("spec.versions", name, "must contain unique version names"));
        }
        seen.push(name);
        // What all versions share is said once.
        let place = |same: bool| match same {
            true => (index == 0).then(|| "spec".to_string()),
            false => Some(path.clone()),
        };
        if let Some(place) = place(same_columns) {
            check_columns(version, &place, causes);
        }
        if let Some(place) = place(same_parts) {
            check_scale(version, &format!("{place}.subresources.scale"), causes);
        }
        if let Some(place) = place(same_fields) {
            let hoisted = shared && versions.len() > 1 && !same_fields;
            check_selectable(version, &format!("{place}.selectableFields"), hoisted, causes);
        }
        let schema_path = match shared {
            true if index > 0 => continue,
            true => "spec.validation.openAPIV3Schema".to_string(),
            false => format!("{path}.schema.openAPIV3Schema"),
        };
        match schema(version) {
            None => causes.push(required(&format!("{path}.schema.openAPIV3Schema"), "schemas are required")),
            // A schema that was accepted once stays accepted.
            Some(schema) if old.is_some_and(|old| had_schema(old, schema)) => {}
            Some(schema) => check_schema(schema, &schema_path, causes),
        }
    }
    if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
        causes.push(invalid(
            "spec.versions",
            &seen.join(","),
            "must have exactly one version marked as storage version",
        ));
    }
}

fn had_schema(old: &Value, wanted: &Value) -> bool {
    versions(old).iter().any(|version| schema(version) == Some(wanted))
}

fn check_schema(openapi: &Value, path: &str, causes: &mut Vec<Cause>) {
    if let Err(found) = Schema::compile_at(openapi, path) {
        causes.extend(found);
    }
}

/// Paths of numbers: plain ones, below what they are of.
fn check_scale(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(scale) = version.pointer("/subresources/scale") else { return };
    let wanted = [
        ("specReplicasPath", &[".spec."][..], "should be a json path under .spec"),
        ("statusReplicasPath", &[".status."], "should be a json path under .status"),
        ("labelSelectorPath", &[".spec.", ".status."], "should be a json path under either .spec or .status"),
    ];
    for (field, roots, why) in wanted {
        let (at, given) = (format!("{path}.{field}"), text(scale, &format!("/{field}")));
        match given {
            "" if field == "labelSelectorPath" => {}
            "" => causes.push(required(&at, "")),
            _ if !given.starts_with('.') => {
                causes.push(invalid(&at, given, "must be a simple json path starting with ."));
            }
            _ if !roots.iter().any(|root| given.starts_with(root)) => causes.push(invalid(&at, given, why)),
            _ => {}
        }
    }
}

fn check_columns(version: &Value, path: &str, causes: &mut Vec<Cause>) {
    const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
    const FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
    let columns = version.get("additionalPrinterColumns").and_then(Value::as_array);
    for (index, column) in columns.into_iter().flatten().enumerate() {
        let path = format!("{path}.additionalPrinterColumns[{index}]");
        if text(column, "/name").is_empty() {
            causes.push(required(&format!("{path}.name"), ""));
        }
        let (kind, format) = (text(column, "/type"), text(column, "/format"));
        let types = format!("must be one of {}", TYPES.join(","));
        if kind.is_empty() {
            causes.push(required(&format!("{path}.type"), &types));
        } else if !TYPES.contains(&kind) {
            causes.push(invalid(&format!("{path}.type"), kind, &types));
        }
        if !format.is_empty() && !FORMATS.contains(&format) {
            let formats = format!("must be one of {}", FORMATS.join(","));
            causes.push(invalid(&format!("{path}.format"), format, &formats));
        }
        match text(column, "/jsonPath") {
            "" => causes.push(required(&format!("{path}.JSONPath"), "")),
            given if !given.starts_with('.') => {
                let why = "must be a simple json path starting with .";
                causes.push(invalid(&format!("{path}.JSONPath"), given, why));
            }
            _ => {}
        }
    }
}

/// Fields that objects can be selected by. `hoisted`: upstream keeps the schema elsewhere and finds the fields without one.
fn check_selectable(version: &Value, path: &str, hoisted: bool, causes: &mut Vec<Cause>) {
    const FIELDS_MAX: usize = 8;
    let fields = version.get("selectableFields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if fields.is_empty() {
        return;
    }
    if hoisted {
        let why = "selectableFields may only be set when version.schema.openAPIV3Schema is not included";
        return causes.push(invalid(path, "", why));
    }
    // A schema that does not compile is said elsewhere.
    let Some(Ok(schema)) = schema(version).map(Schema::compile) else { return };
    let mut seen = std::collections::BTreeSet::new();
    for (index, field) in fields.iter().enumerate() {
        let (at, given) = (format!("{path}[{index}].jsonPath"), text(field, "/jsonPath"));
        if given.is_empty() {
            causes.push(required(&at, ""));
            continue;
        }
        match selectable_field(given, &schema) {
            Err(why) => causes.push(invalid(&at, given, &why)),
            Ok(shown) if !seen.insert(shown.clone()) => {
                causes.push(cause("FieldValueDuplicate", &at, format!("Duplicate value: \"{given}\"")));
            }
            Ok(_) => {}
        }
    }
    if seen.len() > FIELDS_MAX {
        let message = format!("Too many: {}: must have at most {FIELDS_MAX} items", seen.len());
        causes.push(cause("FieldValueTooMany", path, message));
    }
}

/// What a definition promised to others cannot change.
fn check_change(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    let conditions = old.pointer("/status/conditions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut frozen = vec!["group"];
    if is_true(conditions, "Established") {
        frozen.extend(["scope", "names/kind", "names/plural"]);
    }
    for field in frozen {
        let pointer = format!("/spec/{field}");
        if old.pointer(&pointer) != new.pointer(&pointer) {
            let path = format!("spec.{}", field.replace('/', "."));
            causes.push(invalid(&path, text(new, &pointer), "field is immutable"));
        }
    }
    let stored = old.pointer("/status/storedVersions").and_then(Value::as_array);
    for (index, version) in stored.into_iter().flatten().enumerate() {
        let version = version.as_str().unwrap_or_default();
        if !versions(new).iter().any(|kept| kept["name"] == version) {
            let why = format!(
                "missing from spec.versions; {version} was previously a storage version, and must remain in spec.versions \
                 until a storage migration ensures no data remains persisted in {version} and removes {version} from \
                 status.storedVersions"
            );
            causes.push(invalid(&format!("status.storedVersions[{index}]"), version, &why));
        }
    }
}

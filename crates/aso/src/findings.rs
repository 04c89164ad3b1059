//! What a person should know about an Azure object before it is applied: for `plan`, and as warnings of admission. Pure
//! functions of the object and of what Git is known to define.

use std::collections::BTreeSet;

use actions::{Finding, Severity};
use api::{ObjectExt, names::ObjectRef};
use base64::{Engine, prelude::BASE64_STANDARD};
use catalogue::Catalogue;
use serde_json::Value;

use crate::{
    convert::{azure_name, resource_type},
    names::{CREDENTIAL_FROM, Policy, RECONCILE_POLICY, SECRET_GLOBAL, SECRET_IN_NAMESPACE},
};

/// What is known beside the object.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Fields that the API server would prune: `spec.owner.kind`.
    pub pruned: &'a [String],
    /// Namespace and name of the Secrets that Git defines; `None` when that is not known (admission).
    pub secrets_in_git: Option<&'a BTreeSet<(String, String)>>,
    /// The Secrets that exist in the cluster; `None` when that is not known.
    pub secrets_in_cluster: Option<&'a BTreeSet<(String, String)>>,
}

/// Every finding about one object: an Azure object, or a Secret that is a credential of one. Nothing about other kinds.
pub fn of(catalogue: &Catalogue, object: &Value, context: &Context<'_>) -> Vec<Finding> {
    if object.api_version() == Some("v1") && object.kind() == Some("Secret") {
        return of_credential(object);
    }
    let Some(resource) = resource_type(catalogue, object) else { return Vec::new() };
    let Some(facts) = resource.facts.as_deref() else { return Vec::new() };
    let mut findings = Vec::new();
    if let Some(why) = &facts.extension {
        findings.push(finding(
            object,
            Severity::Warning,
            "UnsupportedUpstream",
            "",
            format!(
                "{why}; on a cluster with the Go operator this object fails with \"no matches for kind\". Here it is an extension{}",
                if facts.operations.no_delete { "; deleting it leaves it in Azure, which has no DELETE for it" } else { "" }
            ),
            "use External Secrets or the Secrets Store CSI driver, or export secrets with spec.operatorSpec.secrets",
        ));
    }
    for field in context.pruned {
        let (message, fix) = if field.starts_with("spec.owner.") {
            let fix = "remove it: the owner's kind follows from this kind; owner is {name} or {armId}".to_string();
            (format!("unknown field \"{field}\" is dropped"), fix)
        } else {
            (format!("unknown field \"{field}\" is dropped"), format!("remove {field}, or check its spelling"))
        };
        findings.push(finding(object, Severity::Warning, "UnknownField", field, message, &fix));
    }
    findings.extend(global_name(catalogue, object));
    findings.extend(credential_in_git(object, context));
    findings.extend(literal_secrets(object, facts));
    findings
}

/// What an object leaves behind in Azure when Git lets it go while its owner stays.
pub fn of_removal(catalogue: &Catalogue, object: &Value) -> Option<Finding> {
    let facts = resource_type(catalogue, object)?.facts.as_deref()?;
    let (field, why, fix) = match Policy::parse(object.annotation(RECONCILE_POLICY)) {
        Policy::Manage if facts.operations.no_delete => (
            "",
            "Azure has no DELETE for it".to_string(),
            "delete it by hand, as `az keyvault secret delete` does, or remove its owner too",
        ),
        Policy::Manage => return None,
        Policy::Skip | Policy::DetachOnDelete => {
            let policy = object.annotation(RECONCILE_POLICY).unwrap_or_default();
            let fix = "that is what the annotation asks for; remove it first if the resource is to go";
            (
                "metadata.annotations[serviceoperator.azure.com/reconcile-policy]",
                format!("its reconcile-policy is {policy}"),
                fix,
            )
        }
    };
    let id = object.pointer("/status/id").and_then(Value::as_str).unwrap_or("its resource");
    let message = format!("{id} stays in Azure when the object is removed: {why}");
    Some(finding(object, Severity::Warning, "LeftInAzure", field, message, fix))
}

fn finding(object: &Value, severity: Severity, code: &str, field: &str, message: String, fix: &str) -> Finding {
    Finding {
        severity,
        code: code.to_string(),
        object: ObjectRef::of(object),
        field: field.to_string(),
        message,
        fix: fix.to_string(),
    }
}

/// A name that must be free in all of Azure and has nothing of its own in it.
fn global_name(catalogue: &Catalogue, object: &Value) -> Option<Finding> {
    let resource = resource_type(catalogue, object)?;
    let suffix = resource.facts.as_deref()?.global_name.as_deref()?;
    let name = azure_name(catalogue, resource, object);
    if looks_unique(&name) {
        return None;
    }
    let field = if object.pointer("/spec/azureName").is_some() { "spec.azureName" } else { "metadata.name" };
    let dash = if suffix == "core.windows.net" { "" } else { "-" };
    let stable = format!("{}{dash}{}", name.chars().take(17).collect::<String>(), short_hash(object, &name));
    let soft_delete = if suffix == "vault.azure.net" {
        ", also after its deletion for as long as it is soft-deleted (spec.properties.createMode: createOrRecover takes it back)"
    } else {
        ""
    };
    Some(finding(
        object,
        Severity::Warning,
        "GloballyUniqueName",
        field,
        format!("{name}.{suffix} must be unique in all of Azure{soft_delete}; {name:?} is a name that others may have"),
        &format!("set spec.azureName to a name with a stable suffix of your own, such as {stable:?}"),
    ))
}

/// A run of at least four characters that holds both digits and letters, or five digits: somebody's suffix.
fn looks_unique(name: &str) -> bool {
    name.split('-').any(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        digits >= 5 || (digits >= 2 && part.len() >= 4 && digits * 4 >= part.len())
    })
}

/// Stable, short, of the namespace and the name.
fn short_hash(object: &Value, name: &str) -> String {
    let seed = format!("{}/{name}", object.namespace().unwrap_or_default());
    let hash = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{:05x}", hash & 0xf_ffff)
}

/// The credential Secret that the object needs is not defined in Git, so Git alone cannot rebuild it.
fn credential_in_git(object: &Value, context: &Context<'_>) -> Option<Finding> {
    let namespace = object.namespace().unwrap_or_default();
    let in_git = context.secrets_in_git?;
    let has = |set: &BTreeSet<(String, String)>, name: &str| set.contains(&(namespace.to_string(), name.to_string()));
    let (name, field) = match object.annotation(CREDENTIAL_FROM) {
        Some(name) => (name, format!("metadata.annotations[{CREDENTIAL_FROM}]")),
        None if has(in_git, SECRET_IN_NAMESPACE) => return None,
        None => (SECRET_IN_NAMESPACE, String::new()),
    };
    if has(in_git, name) {
        return None;
    }
    let in_cluster = context.secrets_in_cluster;
    let (severity, state) = match in_cluster {
        Some(secrets) if has(secrets, name) => (Severity::Warning, "it exists in the cluster, made by hand"),
        Some(_) => (Severity::Error, "it does not exist in the cluster either"),
        None => (Severity::Warning, "it must be made by hand"),
    };
    let present: Vec<&str> = in_git
        .iter()
        .chain(in_cluster.into_iter().flatten())
        .filter(|(other, _)| other == namespace)
        .map(|(_, name)| name.as_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let present =
        if present.is_empty() { "none is there".to_string() } else { format!("there are: {}", present.join(", ")) };
    let message = if object.annotation(CREDENTIAL_FROM).is_some() {
        format!("manifest in Git references Secret {namespace}/{name} that Git doesn't define; {state}")
    } else {
        format!(
            "no credential in Git: neither {CREDENTIAL_FROM} nor Secret {namespace}/{name}; without one the operator's own {SECRET_GLOBAL} is used"
        )
    };
    Some(finding(
        object,
        severity,
        "CredentialNotInGit",
        &field,
        message,
        &format!(
            "define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace {namespace}: {present}"
        ),
    ))
}

/// Secrets that stand in the object itself.
fn literal_secrets(object: &Value, facts: &catalogue::Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in &facts.literal_secrets {
        let pointer = format!("/spec/{}", path.replace('.', "/"));
        let Some(value) = object.pointer(&pointer).and_then(Value::as_str) else { continue };
        let field = format!("spec.{path}");
        findings.push(finding(
            object,
            Severity::Warning,
            "SecretInGit",
            &field,
            format!("{field} is a secret in clear: whoever can read the manifest or the object has it"),
            &format!("set {field} to {{name, key}} of a Secret that is not in Git"),
        ));
        if let Some(length) = decodes_to_text(value) {
            findings.push(finding(
                object,
                Severity::Warning,
                "EncodedSecret",
                &field,
                format!(
                    "{field} looks like base64 of a text of {length} characters; it is stored as it stands, not decoded"
                ),
                "write the value itself, without base64",
            ));
        }
    }
    findings
}

/// The length of the text that the value is base64 of, when it is.
fn decodes_to_text(value: &str) -> Option<usize> {
    if value.len() < 8 || !value.len().is_multiple_of(4) {
        return None;
    }
    let text = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    text.chars().all(|letter| !letter.is_control()).then(|| text.chars().count())
}

/// A Secret with the keys of a credential.
fn of_credential(secret: &Value) -> Vec<Finding> {
    let has = |key: &str| ["data", "stringData"].iter().any(|part| !secret[*part][key].is_null());
    let mut findings = Vec::new();
    if !has("AZURE_CLIENT_ID") {
        return findings;
    }
    if has("USE_WORKLOAD_IDENTITY_AUTH") && secret.name() != Some(SECRET_GLOBAL) {
        findings.push(finding(
            secret,
            Severity::Info,
            "IgnoredKey",
            "stringData.USE_WORKLOAD_IDENTITY_AUTH",
            "USE_WORKLOAD_IDENTITY_AUTH is a key of the operator's own settings; in a credential Secret it is ignored (workload identity is the default there)".into(),
            "remove it; AUTH_MODE chooses another way",
        ));
    }
    for key in ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE"] {
        if has(key) {
            findings.push(finding(
                secret,
                Severity::Warning,
                "SecretInGit",
                &format!("stringData.{key}"),
                format!("{key} is a secret in clear: whoever can read the manifest has it"),
                "use workload identity (no secret at all), or seal the Secret",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests;

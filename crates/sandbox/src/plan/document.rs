//! The plan as a document: what `-o json` prints. docs/reference/plan.md describes it; a change of meaning raises
//! [`SCHEMA_VERSION`].

use actions::{ArmMethod, Finding};
use api::names::ObjectRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const SCHEMA_VERSION: &str = "windlass.dev/plan/v1";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    pub schema: String,
    /// What was compared: revisions, `working tree`, `nothing`.
    pub base: String,
    pub head: String,
    /// Something in the repository could not be planned; the rest is complete.
    pub partial: bool,
    pub applications: Vec<ApplicationState>,
    /// Objects that Git manages, in Kubernetes.
    pub objects: Vec<Change>,
    /// Requests to Azure in the order they would be sent.
    pub azure: Vec<AzureChange>,
    pub not_planned: Vec<NotPlanned>,
    pub findings: Vec<Finding>,
    pub summary: Summary,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationState {
    pub namespace: String,
    pub name: String,
    pub sync: String,
    pub health: String,
    /// Conditions and failed operations, in Argo CD's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Symbol {
    Create,
    Update,
    Delete,
    /// Deleted and made anew. Of a request: Azure refuses it, because only a new resource can have these values.
    Replace,
}

impl Symbol {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "+",
            Self::Update => "~",
            Self::Delete => "-",
            Self::Replace => "-/+",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub symbol: Symbol,
    pub object: ObjectRef,
    /// Of an update: what changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// `before` or `after` is absent when the field is. Secret values are `(secret)`, values that only Azure can know
/// `(known after apply)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AzureChange {
    pub symbol: Symbol,
    pub method: ArmMethod,
    pub id: String,
    pub api_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Why, in words: the fields that differ, or what asked for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    pub outcome: RequestOutcome,
}

/// What the twin of Azure answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOutcome {
    pub status: u16,
    /// Azure's error code and text when it would refuse.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotPlanned {
    pub file: String,
    pub object: Option<ObjectRef>,
    pub why: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub delete: usize,
    pub replace: usize,
    pub azure_requests: usize,
    pub refused_by_azure: usize,
    pub not_planned: usize,
    pub findings: usize,
}

impl Plan {
    pub fn has_changes(&self) -> bool {
        !self.objects.is_empty() || !self.azure.is_empty()
    }

    /// Whether something in the head state would not work: an error finding, or a request that Azure would refuse.
    pub fn has_errors(&self) -> bool {
        self.azure.iter().any(|request| request.outcome.status >= 400)
            || self.findings.iter().any(|finding| finding.severity == actions::Severity::Error)
    }

    pub(super) fn summarize(&mut self) {
        let count = |symbol| self.objects.iter().filter(|change| change.symbol == symbol).count();
        self.summary = Summary {
            create: count(Symbol::Create),
            update: count(Symbol::Update),
            delete: count(Symbol::Delete),
            replace: count(Symbol::Replace),
            azure_requests: self.azure.len(),
            refused_by_azure: self.azure.iter().filter(|request| request.outcome.status >= 400).count(),
            not_planned: self.not_planned.len(),
            findings: self.findings.len(),
        };
        self.partial = !self.not_planned.is_empty();
    }
}

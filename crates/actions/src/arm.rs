//! Requests to Azure Resource Manager and what came back, without any transport.
//! Follows the ARM resource provider contract (Azure/azure-resource-manager-rpc).

use std::{fmt, time::Duration};

use api::Class;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ArmMethod {
    Get,
    Head,
    Put,
    Patch,
    Post,
    Delete,
}

impl ArmMethod {
    const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Put, Self::Patch, Self::Post, Self::Delete];

    /// The method of that name, in upper case as HTTP has it; `None` for those that ARM does not know.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the request can change anything in Azure.
    pub fn writes(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }

    /// The same, knowing what is asked: POST actions that list something (keys, credentials) only read.
    pub fn changes(self, id: &str) -> bool {
        let lists = || id.rsplit('/').next().is_some_and(|action| action.starts_with("list"));
        self.writes() && !(self == Self::Post && lists())
    }
}

impl fmt::Display for ArmMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request. `id` is an ARM id (`/subscriptions/...`), with the action's name appended for a POST.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmRequest {
    pub method: ArmMethod,
    pub id: String,
    pub api_version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A successful answer (2xx). A 404 to a GET or DELETE is an [`ArmError`] like every other failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmResponse {
    pub status: u16,
    pub body: Value,
    /// Present when the operation goes on after the answer.
    pub operation: Option<ArmOperation>,
    pub retry_after_secs: Option<u64>,
    /// `x-ms-correlation-request-id`, to quote in a support request.
    pub correlation_id: String,
}

/// A long-running operation, in a form that survives a restart: it is recorded in the object's annotations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmOperation {
    pub style: OperationStyle,
    /// The URL to poll; empty for body polling, where the resource itself is read.
    pub url: String,
    pub method: ArmMethod,
}

/// ARM's three ways to follow a long-running operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperationStyle {
    /// `Azure-AsyncOperation`: a status document with `status`.
    AzureAsyncOperation,
    /// `Location`: 202 until done.
    Location,
    /// `properties.provisioningState` of the resource itself.
    ResourceBody,
}

/// A failure that Azure (or Entra ID, or the way there) reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {message}")]
#[serde(rename_all = "camelCase")]
pub struct ArmError {
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// ARM's `error.code`, Entra's `AADSTS...` number, or `TransportError`.
    pub code: String,
    pub message: String,
    pub retry_after_secs: Option<u64>,
    pub correlation_id: String,
}

impl ArmError {
    pub fn class(&self) -> Class {
        match self.status {
            429 => Class::Throttled { after: Duration::from_secs(self.retry_after_secs.unwrap_or(10)) },
            401 | 403 => Class::Denied,
            409 | 412 => Class::Conflict,
            // 2xx: an operation that was accepted and ended badly; ASO retries those unless the code says otherwise.
            0 | 200..=299 | 404 | 408 | 500..=599 => Class::Transient,
            _ => Class::Invalid,
        }
    }

    pub fn is_not_found(&self) -> bool {
        self.status == 404
    }
}

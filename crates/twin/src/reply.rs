//! An answer before it is HTTP, and Azure's way of saying no.

use serde_json::{Value, json};

use crate::cluster_host::{CredentialRole, HostedCluster};

/// Status, headers and JSON body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    /// What the host of the clusters has to hand out before this is an answer.
    pub(crate) kubeconfig: Option<Box<Kubeconfig>>,
}

/// Whose kubeconfig of which cluster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kubeconfig {
    pub(crate) cluster: HostedCluster,
    pub(crate) role: CredentialRole,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: None, kubeconfig: None }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: Some(body), kubeconfig: None }
    }

    /// ARM's error body.
    pub(crate) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self::json(status, json!({"error": {"code": code, "message": message.into()}}))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// `error.code` of an error body; AKS has no `error` around it.
    pub(crate) fn code(&self) -> Option<&str> {
        let body = self.body.as_ref().filter(|_| self.status >= 400)?;
        body.get("error").unwrap_or(body).get("code")?.as_str()
    }
}

//! Who speaks to Azure, and how that is proven to Entra ID.

use actions::ArmError;
use api::Redacted;
use sha2::{Digest, Sha256};

/// Fields of a form POST.
pub(crate) type Form = Vec<(&'static str, String)>;

/// A way to get a token. Secrets print as `[redacted]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A projected service account token, exchanged by a federated identity credential.
    WorkloadIdentity {
        tenant: String,
        client_id: String,
        token: Redacted<String>,
    },
    ClientSecret {
        tenant: String,
        client_id: String,
        secret: Redacted<String>,
    },
    /// Refused by name so far.
    ClientCertificate {
        tenant: String,
        client_id: String,
        certificate: Redacted<String>,
    },
    /// Refused by name so far.
    ManagedIdentity {
        client_id: Option<String>,
    },
}

impl Credential {
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::WorkloadIdentity { client_id, .. }
            | Self::ClientSecret { client_id, .. }
            | Self::ClientCertificate { client_id, .. } => Some(client_id),
            Self::ManagedIdentity { client_id } => client_id.as_deref(),
        }
    }

    /// The key of the token cache: another secret is another entry, so that a wrong secret never profits from the token of
    /// a right one.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let (kind, tenant, client_id, secret) = match self {
            Self::WorkloadIdentity { tenant, client_id, token } => ("wi", tenant.as_str(), client_id.as_str(), token),
            Self::ClientSecret { tenant, client_id, secret } => ("secret", tenant.as_str(), client_id.as_str(), secret),
            Self::ClientCertificate { tenant, client_id, certificate } => {
                ("certificate", tenant.as_str(), client_id.as_str(), certificate)
            }
            Self::ManagedIdentity { client_id } => {
                ("msi", "", client_id.as_deref().unwrap_or_default(), &Redacted::new(String::new()))
            }
        };
        let mut hash = Sha256::new();
        for part in [kind, tenant, client_id, secret.reveal()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.finalize().into()
    }

    /// Tenant and form fields of the token request.
    pub(crate) fn form(&self, scope: &str) -> Result<(&str, Form), ArmError> {
        let (tenant, client_id, proof) = match self {
            Self::WorkloadIdentity { tenant, client_id, token } => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_string();
                let token = token.reveal().trim().to_string();
                (tenant, client_id, vec![("client_assertion_type", kind), ("client_assertion", token)])
            }
            Self::ClientSecret { tenant, client_id, secret } => {
                (tenant, client_id, vec![("client_secret", secret.reveal().clone())])
            }
            Self::ClientCertificate { .. } => return Err(unsupported("client certificates")),
            Self::ManagedIdentity { .. } => return Err(unsupported("managed identities of the machine")),
        };
        let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if tenant.is_empty() || !tenant.chars().all(valid) {
            let message = format!("tenant {tenant:?} is neither a GUID nor a domain name: check AZURE_TENANT_ID");
            return Err(invalid("InvalidTenant", message));
        }
        let mut form = vec![
            ("client_id", client_id.clone()),
            ("grant_type", "client_credentials".to_string()),
            ("scope", scope.to_string()),
        ];
        form.extend(proof);
        Ok((tenant, form))
    }
}

fn unsupported(what: &str) -> ArmError {
    let next = "use workload identity or a client secret";
    invalid("CredentialNotSupported", format!("{what} cannot be used as a credential yet: {next}"))
}

/// A refusal of this client: the status says what Entra would have said, no request was sent.
fn invalid(code: &str, message: String) -> ArmError {
    ArmError { status: 401, code: code.into(), message, retry_after_secs: None, correlation_id: String::new() }
}

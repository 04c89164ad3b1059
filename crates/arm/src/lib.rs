//! The client of Azure Resource Manager and Entra ID: token exchange, requests, long-running operations, throttling.
//! The transport is a service, so that the same code speaks to live Azure over TLS and to the twin in this process.

use bytes::Bytes;
use tower::util::BoxCloneSyncService;

/// How bytes get to Azure. The request's URI is absolute (`https://management.azure.com/...`).
pub type Transport = BoxCloneSyncService<http::Request<Bytes>, http::Response<Bytes>, TransportError>;

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

//! The client of Azure Resource Manager and Entra ID: token exchange, requests, long-running operations, throttling.
//!
//! Entry points: [`Client`] (send, poll, list), [`Credential`], [`Endpoints`], [`Guard`] (which subscriptions may be
//! written to), [`live_transport`]. Requests and answers are [`actions::ArmRequest`] and friends.
//!
//! The transport is a service, so that the same code speaks to live Azure over TLS and to the twin in this process; nothing
//! here knows which. This crate decides nothing about retries: apart from one repetition after a rejected token, every
//! failure goes to the caller as an [`actions::ArmError`].

mod client;
mod credential;
mod endpoints;
mod guard;
mod live;
mod token;
mod wire;

use bytes::Bytes;
use tower::util::BoxCloneSyncService;

pub use client::{Client, Poll};
pub use credential::Credential;
pub use endpoints::{Endpoints, InvalidEndpoint};
pub use guard::Guard;
pub use live::{LiveSettings, live_transport};
pub use wire::provisioning_state;

/// How bytes get to Azure. The request's URI is absolute (`https://management.azure.com/...`).
pub type Transport = BoxCloneSyncService<http::Request<Bytes>, http::Response<Bytes>, TransportError>;

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

#[cfg(test)]
mod tests;

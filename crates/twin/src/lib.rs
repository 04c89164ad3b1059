//! A twin of Azure: Resource Manager, Entra ID, Graph look-ups and Key Vault secrets as a state machine over resource ids.
//!
//! Entry points: [`Twin`] (open over a store's space, [`Twin::handle`] one request, [`Twin::router`]), [`Config`],
//! [`fidelity`] (how far each type goes), [`Faults`] (failures on demand), [`ClusterHost`] (who runs its Kubernetes clusters).
//!
//! The core is pure: `apply(state, now, request) -> answer and changes`. The shell authenticates, commits the changes to the
//! space, and only then answers. Nothing runs in the background: what time changes is computed when it is looked at. Another
//! twin of the same state is another [`Twin`] over a fork of the space.
//!
//! The twin knows neither the Azure controllers nor the ARM client, listens on nothing, and refuses what it does not know.

mod access;
mod arm;
mod cluster_host;
mod clusters;
mod config;
mod core;
mod doors;
mod entra;
mod faults;
mod graph;
mod id;
mod log;
mod pipeline;
mod reply;
mod schema;
mod serve;
mod shell;
mod state;
mod types;
mod vault_data;

pub use cluster_host::{ClusterHost, CredentialRole, HostedCluster, HostedPool, NoClusters};
pub use config::{Config, IssuerKeys, OwnerPrincipal, Pace, Strangers, TokenKey};
pub use doors::{HOSTS, serves};
pub use faults::{Fault, FaultPoint, FaultTime, Faults, Rule, Script};
pub use log::LoggedRequest;
pub use serve::host_of;
pub use shell::{Error, ResourceView, Twin};
pub use types::{Fidelity, TypeFidelity, fidelity, fidelity_of, kubernetes_version_note, kubernetes_versions};

#[cfg(test)]
mod tests;

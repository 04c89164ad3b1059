//! Application and AppProject of argoproj.io/v1alpha1, typed where Windlass reads or writes them.
//!
//! Fields that no code of ours touches are kept in `rest`, so that a status or an operation that somebody else wrote is
//! never lost by reading and writing it. What of it all is supported is decided in `gitops`, not here.

mod application;
mod project;
mod status;

pub use application::{
    Application, Automated, Backoff, Destination, Directory, IgnoreDifferences, InitiatedBy, NamespaceMetadata,
    Operation, Retry, Source, Spec, SyncOperation, SyncPolicy, SyncResource,
};
pub use project::{AppProject, ProjectDestination, ProjectSpec};
pub use status::{
    ComparedTo, Condition, Health, History, OperationState, ResourceResult, ResourceStatus, Status, Summary, Sync,
    SyncResult,
};

/// The API group of all kinds in this module.
pub const GROUP: &str = "argoproj.io";
/// The only version there is.
pub const VERSION: &str = "v1alpha1";
/// `argocd.argoproj.io/refresh: normal|hard` asks for a comparison; the controller removes it.
pub const REFRESH_ANNOTATION: &str = "argocd.argoproj.io/refresh";
/// Which Application an object belongs to, and as what.
pub const TRACKING_ANNOTATION: &str = "argocd.argoproj.io/tracking-id";
/// Deleting an Application with this finalizer deletes what it deployed (foreground).
pub const RESOURCES_FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

#[cfg(test)]
mod tests;

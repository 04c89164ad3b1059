//! What a plan is made from. Everything was read before: the plan itself does no I/O but for other repositories.

use std::sync::Arc;

use api::files::FileSet;
use jiff::{Timestamp, civil::Date};
use source::{Repository, chart::Charts};
use store::Memory;

use crate::{Azure, Keys};

#[derive(Clone, Debug)]
pub struct Inputs {
    /// The repository before; `None` is nothing at all.
    pub base: Option<FileSet>,
    /// `main (1a2b3c4)`, `nothing`.
    pub base_label: String,
    pub head: FileSet,
    /// `working tree`, `HEAD (1a2b3c4)`.
    pub head_label: String,
    /// URLs that mean this repository.
    pub remotes: Vec<String>,
    pub against: Against,
    /// Where Applications that name other repositories read from.
    pub outside: Arc<dyn Repository>,
    /// Where Helm charts come from.
    pub charts: Arc<dyn Charts>,
    pub keys: Keys,
    /// The time that the sandbox's clock starts at.
    pub now: Timestamp,
    /// The day of which AKS' table of Kubernetes versions is; `None` for that of `now`.
    pub kubernetes_versions_of: Option<Date>,
}

/// What the platform holds before anything of the repository is applied.
#[derive(Clone, Debug)]
pub enum Against {
    /// An empty cluster and an empty subscription. What Git does not define is stood in and said so.
    Empty,
    /// A copy of a data directory's state.
    State { store: Arc<Memory>, azure: Azure },
}

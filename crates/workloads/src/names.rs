//! Labels, annotations and accounts.

/// On every pod: its containers do not run.
pub const SIMULATED: &str = "windlass.dev/simulated";
/// Chosen by a pod's author: with what its containers end. Without it, pods that may end do so with 0, and others never.
pub const EXIT_CODE: &str = "windlass.dev/simulated-exit-code";
/// Chosen by a pod's author: after how many seconds its containers end.
pub const SECONDS: &str = "windlass.dev/simulated-seconds";
/// Chosen by a pod's author: `"false"` keeps it from becoming ready.
pub const READY: &str = "windlass.dev/simulated-ready";

/// As whom everything here is written.
pub const ACCOUNT: &str = "system:kube-controller-manager";
pub const MANAGER: &str = "kube-controller-manager";

pub(crate) const TEMPLATE_HASH: &str = "pod-template-hash";
pub(crate) const REVISION: &str = "deployment.kubernetes.io/revision";
pub(crate) const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub(crate) const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
pub(crate) const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
pub(crate) const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
pub(crate) const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";
pub(crate) const REVISION_HASH: &str = "controller-revision-hash";
pub(crate) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";
pub(crate) const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

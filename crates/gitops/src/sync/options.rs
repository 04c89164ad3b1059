//! Sync options: `syncPolicy.syncOptions` of an Application and `argocd.argoproj.io/sync-options` of an object.

use actions::Propagation;
use api::ObjectExt;
use serde_json::Value;

const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
const COMPARE_OPTIONS: &str = "argocd.argoproj.io/compare-options";

/// Every option that has an effect here, or whose absence of effect is what it asks for. Writes are server-side apply with
/// the server's own validation in any case, so `ServerSideApply`, `Validate` and `ClientSideApplyMigration` ask for nothing.
pub(crate) const SUPPORTED: [&str; 25] = [
    "CreateNamespace=true",
    "CreateNamespace=false",
    "Prune=true",
    "Prune=false",
    "Delete=true",
    "Delete=false",
    "PruneLast=true",
    "PruneLast=false",
    "PrunePropagationPolicy=foreground",
    "PrunePropagationPolicy=background",
    "PrunePropagationPolicy=orphan",
    "SkipDryRunOnMissingResource=true",
    "SkipDryRunOnMissingResource=false",
    "ServerSideApply=true",
    "Validate=true",
    "Validate=false",
    "ClientSideApplyMigration=true",
    "ClientSideApplyMigration=false",
    "FailOnSharedResource=false",
    "Force=false",
    "RespectIgnoreDifferences=false",
    "ApplyOutOfSyncOnly=true",
    "ApplyOutOfSyncOnly=false",
    "FailOnSharedResource=true",
    "Replace=false",
];

/// The options of an operation or an Application.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options<'a>(pub(crate) &'a [String]);

impl Options<'_> {
    pub(crate) fn has(&self, option: &str) -> bool {
        self.0.iter().any(|given| given.trim() == option)
    }

    pub(crate) fn propagation(&self) -> Propagation {
        if self.has("PrunePropagationPolicy=background") {
            Propagation::Background
        } else if self.has("PrunePropagationPolicy=orphan") {
            Propagation::Orphan
        } else {
            Propagation::Foreground
        }
    }

    /// Options that this version does not honour, to be named in a warning.
    pub(crate) fn unsupported(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|option| option.trim()).filter(|option| !SUPPORTED.contains(option))
    }
}

/// The options that an object carries itself.
pub(crate) fn of_object(object: &Value) -> Vec<String> {
    list(object, SYNC_OPTIONS)
}

pub(crate) fn compare_option(object: &Value, option: &str) -> bool {
    list(object, COMPARE_OPTIONS).iter().any(|given| given == option)
}

/// Compare options of an object that have no effect here. The comparison is the server's dry run in any case.
pub(crate) fn unsupported_compare_options(object: &Value) -> Vec<String> {
    let known = ["IgnoreExtraneous", "ServerSideDiff=true"];
    list(object, COMPARE_OPTIONS).into_iter().filter(|option| !known.contains(&option.as_str())).collect()
}

fn list(object: &Value, annotation: &str) -> Vec<String> {
    let text = object.annotation(annotation).unwrap_or_default();
    text.split(',').map(|option| option.trim().to_string()).filter(|option| !option.is_empty()).collect()
}

/// The value of `Key=value`, first on the object, then on the Application.
pub(crate) fn value(object: &Value, app: Options<'_>, key: &str) -> Option<String> {
    let find = |options: &[String]| {
        options.iter().find_map(|option| Some(option.trim().strip_prefix(key)?.strip_prefix('=')?.to_string()))
    };
    find(&of_object(object)).or_else(|| find(app.0))
}

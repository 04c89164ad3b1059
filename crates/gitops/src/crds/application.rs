//! Application's definition. It has no status subresource, as upstream's: status is written through the main resource.

use serde_json::{Value, json};

use super::shape::{boolean, integer, list, map, object, requiring, root, string, strings, time};
use super::source::{dry_source, pairs, source};
use super::{Names, crd};

const NAMES: Names =
    Names { kind: "Application", plural: "applications", singular: "application", short: &["app", "apps"] };

pub(super) fn definition() -> Value {
    let column = |name: &str, path: &str| json!({ "name": name, "type": "string", "jsonPath": path });
    let wide = |name: &str, path: &str| json!({ "name": name, "type": "string", "jsonPath": path, "priority": 10 });
    let version = json!({
        "additionalPrinterColumns": [
            column("Sync Status", ".status.sync.status"),
            column("Health Status", ".status.health.status"),
            wide("Revision", ".status.sync.revision"),
            wide("Project", ".spec.project"),
        ],
        "subresources": {},
    });
    crd(&NAMES, version, root(spec(), vec![("operation", operation()), ("status", status())]))
}

fn destination() -> Value {
    object([("name", string()), ("namespace", string()), ("server", string())])
}

fn ignore_differences() -> Value {
    list(requiring(
        &["kind"],
        [
            ("group", string()),
            ("jqPathExpressions", strings()),
            ("jsonPointers", strings()),
            ("kind", string()),
            ("managedFieldsManagers", strings()),
            ("name", string()),
            ("namespace", string()),
        ],
    ))
}

fn retry() -> Value {
    object([
        ("backoff", object([("duration", string()), ("factor", integer()), ("maxDuration", string())])),
        ("limit", integer()),
        ("refresh", boolean()),
    ])
}

fn initiator() -> Value {
    object([("automated", boolean()), ("username", string())])
}

fn namespace_metadata() -> Value {
    object([("annotations", map(string())), ("labels", map(string()))])
}

fn operation() -> Value {
    let resource = requiring(
        &["kind", "name"],
        [("group", string()), ("kind", string()), ("name", string()), ("namespace", string())],
    );
    let strategy = object([("apply", object([("force", boolean())])), ("hook", object([("force", boolean())]))]);
    let sync = object([
        ("autoHealAttemptsCount", integer()),
        ("dryRun", boolean()),
        ("manifests", strings()),
        ("prune", boolean()),
        ("resources", list(resource)),
        ("revision", string()),
        ("revisions", strings()),
        ("source", source()),
        ("sources", list(source())),
        ("syncOptions", strings()),
        ("syncStrategy", strategy),
    ]);
    object([("info", pairs()), ("initiatedBy", initiator()), ("retry", retry()), ("sync", sync)])
}

fn hydrator() -> Value {
    let sync_source = requiring(
        &["path", "targetBranch"],
        [
            ("path", json!({ "type": "string", "minLength": 1, "pattern": "^.{2,}|[^./]$" })),
            ("repoURL", string()),
            ("targetBranch", string()),
        ],
    );
    requiring(
        &["drySource", "syncSource"],
        [
            ("drySource", dry_source()),
            ("hydrateTo", requiring(&["targetBranch"], [("targetBranch", string())])),
            ("syncSource", sync_source),
        ],
    )
}

fn spec() -> Value {
    let automated =
        object([("allowEmpty", boolean()), ("enabled", boolean()), ("prune", boolean()), ("selfHeal", boolean())]);
    let policy = object([
        ("automated", automated),
        ("managedNamespaceMetadata", namespace_metadata()),
        ("retry", retry()),
        ("syncOptions", strings()),
    ]);
    requiring(
        &["destination", "project"],
        [
            ("destination", destination()),
            ("ignoreDifferences", ignore_differences()),
            ("info", pairs()),
            ("project", string()),
            ("revisionHistoryLimit", integer()),
            ("source", source()),
            ("sourceHydrator", hydrator()),
            ("sources", list(source())),
            ("syncPolicy", policy),
        ],
    )
}

fn health() -> Value {
    object([("lastTransitionTime", time()), ("message", string()), ("status", string())])
}

fn conditions() -> Value {
    list(requiring(&["message", "type"], [("lastTransitionTime", time()), ("message", string()), ("type", string())]))
}

fn history() -> Value {
    list(requiring(
        &["deployedAt", "id"],
        [
            ("deployStartedAt", time()),
            ("deployedAt", time()),
            ("id", integer()),
            ("initiatedBy", initiator()),
            ("revision", string()),
            ("revisions", strings()),
            ("source", source()),
            ("sources", list(source())),
        ],
    ))
}

fn sync_result() -> Value {
    let resource = requiring(
        &["group", "kind", "name", "namespace", "version"],
        [
            ("group", string()),
            ("hookPhase", string()),
            ("hookType", string()),
            ("images", strings()),
            ("kind", string()),
            ("message", string()),
            ("name", string()),
            ("namespace", string()),
            ("status", string()),
            ("syncPhase", string()),
            ("version", string()),
        ],
    );
    requiring(
        &["revision"],
        [
            ("managedNamespaceMetadata", namespace_metadata()),
            ("resources", list(resource)),
            ("revision", string()),
            ("revisions", strings()),
            ("source", source()),
            ("sources", list(source())),
        ],
    )
}

fn operation_state() -> Value {
    requiring(
        &["operation", "phase", "startedAt"],
        [
            ("finishedAt", time()),
            ("message", string()),
            ("operation", operation()),
            ("phase", string()),
            ("retryCount", integer()),
            ("startedAt", time()),
            ("syncResult", sync_result()),
        ],
    )
}

fn resources() -> Value {
    list(object([
        ("group", string()),
        ("health", health()),
        ("hook", boolean()),
        ("kind", string()),
        ("name", string()),
        ("namespace", string()),
        ("requiresDeletionConfirmation", boolean()),
        ("requiresPruning", boolean()),
        ("status", string()),
        ("syncWave", integer()),
        ("version", string()),
    ]))
}

fn hydrator_status() -> Value {
    let current = requiring(
        &["message", "phase"],
        [
            ("drySHA", string()),
            ("finishedAt", time()),
            ("hydratedSHA", string()),
            ("message", string()),
            ("phase", json!({ "type": "string", "enum": ["Hydrating", "Failed", "Hydrated"] })),
            ("sourceHydrator", hydrator()),
            ("startedAt", time()),
        ],
    );
    let last = object([("drySHA", string()), ("hydratedSHA", string()), ("sourceHydrator", hydrator())]);
    object([("currentOperation", current), ("lastComparedDryRevision", string()), ("lastSuccessfulOperation", last)])
}

fn sync() -> Value {
    let compared = requiring(
        &["destination"],
        [
            ("destination", destination()),
            ("ignoreDifferences", ignore_differences()),
            ("source", source()),
            ("sources", list(source())),
        ],
    );
    requiring(
        &["status"],
        [("comparedTo", compared), ("revision", string()), ("revisions", strings()), ("status", string())],
    )
}

fn status() -> Value {
    object([
        ("conditions", conditions()),
        ("controllerNamespace", string()),
        ("health", health()),
        ("history", history()),
        ("observedAt", time()),
        ("operationState", operation_state()),
        ("reconciledAt", time()),
        ("resourceHealthSource", string()),
        ("resources", resources()),
        ("sourceHydrator", hydrator_status()),
        ("sourceType", string()),
        ("sourceTypes", strings()),
        ("summary", object([("externalURLs", strings()), ("images", strings()), ("isAppOfApps", boolean())])),
        ("sync", sync()),
    ])
}

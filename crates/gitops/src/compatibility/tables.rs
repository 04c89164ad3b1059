//! The rows. Wording is for people who have an Application in front of them; nothing here decides anything.

use super::{Row, ignored, partly, refused, supported};

/// `spec` of an Application.
pub const APPLICATION: &[Row] = &[
    partly("spec.project", "`default`", r#"{"project": "team"}"#),
    partly(
        "spec.destination.server",
        "`https://kubernetes.default.svc`",
        r#"{"destination": {"server": "https://other:6443"}}"#,
    ),
    partly("spec.destination.name", "`in-cluster`", r#"{"destination": {"server": null, "name": "aks"}}"#),
    supported("spec.destination.namespace", ""),
    partly(
        "spec.source.repoURL",
        "Git over https, file and local paths that are allowed; chart repositories over https; registries (`oci://`, or without a scheme) with `chart`",
        r#"{"source": {"repoURL": "oci://registry.example/r"}}"#,
    ),
    partly(
        "spec.source.path",
        "relative, inside of the repository; a directory with `Chart.yaml` is a chart",
        r#"{"source": {"path": "../up"}}"#,
    ),
    supported(
        "spec.source.targetRevision",
        "of Git a branch, tag, commit, `HEAD`, or a range of versions among the tags; of a chart a version (with or without `v`) or a range",
    ),
    supported("spec.source.directory.recurse", ""),
    supported("spec.source.directory.include", "globs as Argo CD reads them, `{a,b}` included"),
    supported("spec.source.directory.exclude", "wins over include"),
    supported("spec.source.directory.disableExtensionFilter", ""),
    refused(
        "spec.source.directory.jsonnet",
        "jsonnet is not evaluated",
        r#"{"source": {"directory": {"jsonnet": {"libs": ["lib"]}}}}"#,
    ),
    supported("spec.source.chart", "of an HTTP repository or a registry; public ones, repository Secrets are not read"),
    supported("spec.source.helm.releaseName", "the Application's name by default"),
    supported("spec.source.helm.namespace", "what templates see; the destination's by default"),
    supported("spec.source.helm.kubeVersion", "the destination's by default"),
    supported("spec.source.helm.apiVersions", "the destination's by default"),
    supported("spec.source.helm.values", ""),
    supported("spec.source.helm.valuesObject", "wins over `values`"),
    partly(
        "spec.source.helm.valueFiles",
        "files of the chart or of its repository; no URLs, patterns or other sources (`$ref`)",
        r#"{"source": {"helm": {"valueFiles": ["https://x/values.yaml"]}}}"#,
    ),
    supported("spec.source.helm.ignoreMissingValueFiles", ""),
    supported("spec.source.helm.parameters", "with `forceString` and the build environment's variables"),
    partly(
        "spec.source.helm.fileParameters",
        "as valueFiles",
        r#"{"source": {"helm": {"fileParameters": [{"name": "a", "path": "$other/a.txt"}]}}}"#,
    ),
    supported("spec.source.helm.skipCrds", ""),
    supported("spec.source.helm.skipTests", ""),
    supported("spec.source.helm.skipSchemaValidation", ""),
    supported("spec.source.helm.passCredentials", "there are no credentials to pass: repository Secrets are not read"),
    partly(
        "spec.source.helm.version",
        "`v3` and `v4`; charts render as helm 3 renders them",
        r#"{"source": {"helm": {"version": "v2"}}}"#,
    ),
    refused(
        "spec.source.kustomize",
        "kustomizations are not built yet",
        r#"{"source": {"kustomize": {"namePrefix": "x-"}}}"#,
    ),
    refused("spec.source.plugin", "plugins are programs of others", r#"{"source": {"plugin": {"name": "p"}}}"#),
    refused("spec.source.ref", "there is one source", r#"{"source": {"ref": "values"}}"#),
    refused("spec.source.tagPrefix", "tags are not filtered", r#"{"source": {"tagPrefix": "v"}}"#),
    supported("spec.source.name", "a label among several sources; with one source it asks for nothing"),
    refused("spec.sources", "one source per Application", r#"{"sources": [{"repoURL": "https://x/r", "path": "p"}]}"#),
    refused(
        "spec.sourceHydrator",
        "manifests are not written back to Git",
        r#"{"sourceHydrator": {"drySource": {"repoURL": "https://x/r", "path": "p", "targetRevision": "main"}, "syncSource": {"path": "p", "targetBranch": "b"}}}"#,
    ),
    supported("spec.syncPolicy.automated.prune", ""),
    supported("spec.syncPolicy.automated.selfHeal", "0, 2, 6, 18, ... seconds after the last heal, as upstream"),
    supported("spec.syncPolicy.automated.allowEmpty", ""),
    supported("spec.syncPolicy.automated.enabled", ""),
    supported("spec.syncPolicy.syncOptions", "see the options below"),
    supported("spec.syncPolicy.managedNamespaceMetadata", "with `CreateNamespace=true`"),
    supported("spec.syncPolicy.retry", "limit, backoff, refresh; five attempts by default"),
    supported("spec.ignoreDifferences[].group", "a glob"),
    supported("spec.ignoreDifferences[].kind", "a glob"),
    supported("spec.ignoreDifferences[].name", ""),
    supported("spec.ignoreDifferences[].namespace", ""),
    supported("spec.ignoreDifferences[].jsonPointers", ""),
    ignored(
        "spec.ignoreDifferences[].jqPathExpressions",
        "jq is not evaluated; use jsonPointers",
        r#"{"ignoreDifferences": [{"kind": "Secret", "jqPathExpressions": [".data"]}]}"#,
    ),
    ignored(
        "spec.ignoreDifferences[].managedFieldsManagers",
        "use jsonPointers",
        r#"{"ignoreDifferences": [{"kind": "Secret", "managedFieldsManagers": ["kubectl"]}]}"#,
    ),
    supported("spec.info", "kept for whoever reads it"),
    supported("spec.revisionHistoryLimit", "10 by default"),
];

/// `operation` of an Application: the slot that asks for a sync.
pub const OPERATION: &[Row] = &[
    supported("operation.sync.revision", ""),
    supported("operation.sync.prune", ""),
    supported("operation.sync.dryRun", ""),
    supported("operation.sync.resources", "a partial sync; it makes no history, as upstream"),
    supported("operation.sync.source", "a rollback's; it needs the same leave as the spec's source"),
    supported("operation.sync.syncOptions", ""),
    supported("operation.sync.autoHealAttemptsCount", ""),
    partly(
        "operation.sync.syncStrategy",
        "`apply` (hooks do not run) and `hook`; `force` is refused",
        r#"{"syncStrategy": {"apply": {"force": true}}}"#,
    ),
    refused("operation.sync.manifests", "Git is the only source", r#"{"manifests": ["{}"]}"#),
    refused("operation.sync.revisions", "one source per Application", r#"{"revisions": ["main"]}"#),
    refused(
        "operation.sync.sources",
        "one source per Application",
        r#"{"sources": [{"repoURL": "https://x/r", "path": "p"}]}"#,
    ),
    supported("operation.retry", ""),
    supported("operation.initiatedBy", ""),
    supported("operation.info", "kept for whoever reads it"),
];

/// `spec` of AppProject `default`, the only project.
pub const PROJECT: &[Row] = &[
    supported("spec.sourceRepos", "globs, `!` excludes"),
    supported("spec.destinations", "globs, `!` excludes"),
    supported("spec.sourceNamespaces", "Applications outside of the control namespace need it"),
    supported("spec.description", ""),
    partly(
        "spec.clusterResourceWhitelist",
        "`*/*`",
        r#"{"clusterResourceWhitelist": [{"group": "", "kind": "Node"}]}"#,
    ),
    refused("spec.clusterResourceBlacklist", "", r#"{"clusterResourceBlacklist": [{"group": "", "kind": "Node"}]}"#),
    refused("spec.namespaceResourceBlacklist", "", r#"{"namespaceResourceBlacklist": [{"group": "", "kind": "Pod"}]}"#),
    refused("spec.namespaceResourceWhitelist", "", r#"{"namespaceResourceWhitelist": [{"group": "", "kind": "Pod"}]}"#),
    refused("spec.syncWindows", "", r#"{"syncWindows": [{"kind": "deny", "schedule": "* * * * *"}]}"#),
    refused("spec.signatureKeys", "", r#"{"signatureKeys": [{"keyID": "4AEE18F83AFDEB23"}]}"#),
    refused("spec.sourceIntegrity", "", r#"{"sourceIntegrity": {"git": {"policies": []}}}"#),
    refused(
        "spec.destinationServiceAccounts",
        "",
        r#"{"destinationServiceAccounts": [{"server": "*", "defaultServiceAccount": "a"}]}"#,
    ),
    partly("spec.permitOnlyProjectScopedClusters", "`false`", r#"{"permitOnlyProjectScopedClusters": true}"#),
    ignored("spec.roles", "there is no Argo CD API to log in to", r#"{"roles": [{"name": "dev"}]}"#),
    ignored("spec.orphanedResources", "orphans are not looked for", r#"{"orphanedResources": {"warn": true}}"#),
];

/// Sync options, in `spec.syncPolicy.syncOptions` and in the annotation `argocd.argoproj.io/sync-options` of an object.
pub const SYNC_OPTIONS: &[Row] = &[
    supported("CreateNamespace=true", ""),
    supported("ApplyOutOfSyncOnly=true", ""),
    supported("Prune=false", ""),
    ignored("Prune=confirm", "the object is kept: nobody can confirm", "Prune=confirm"),
    supported("PruneLast=true", ""),
    supported("PrunePropagationPolicy=foreground", "also `background` and `orphan`"),
    supported("Delete=false", ""),
    ignored("Delete=confirm", "the object is kept: nobody can confirm", "Delete=confirm"),
    supported("SkipDryRunOnMissingResource=true", ""),
    supported("FailOnSharedResource=true", ""),
    supported("ServerSideApply=true", "every write is a server-side apply"),
    supported("Validate=false", "the server validates in any case"),
    supported("ClientSideApplyMigration=false", "nothing was ever applied on the client side here"),
    ignored("ServerSideApply=false", "every write is a server-side apply", "ServerSideApply=false"),
    ignored("Replace=true", "every write is a server-side apply", "Replace=true"),
    ignored("Force=true", "nothing is deleted to be made again", "Force=true"),
    ignored("RespectIgnoreDifferences=true", "ignored fields are applied", "RespectIgnoreDifferences=true"),
];

/// Annotations; examples are the annotations of a deployed object, or of the Application where the note says so.
pub const ANNOTATIONS: &[Row] = &[
    supported("argocd.argoproj.io/tracking-id", "written byte for byte; the label method does not exist"),
    supported("argocd.argoproj.io/refresh", "`normal` and `hard`; on the Application"),
    supported("argocd.argoproj.io/skip-reconcile", "on the Application"),
    supported(
        "argocd.argoproj.io/sync-wave",
        "also `helm.sh/hook-weight`; no pause between waves, health is waited for",
    ),
    supported("argocd.argoproj.io/sync-options", "see above"),
    partly(
        "argocd.argoproj.io/compare-options",
        "`IgnoreExtraneous`, `ServerSideDiff=true`; others are ignored with a warning",
        r#"{"argocd.argoproj.io/compare-options": "IncludeMutationWebhook=true"}"#,
    ),
    supported("argocd.argoproj.io/ignore-healthcheck", ""),
    supported("argocd.argoproj.io/ignore-resource-updates", "asks for fewer comparisons; the outcome is the same"),
    supported("argocd.argoproj.io/manifest-generate-paths", "asks for fewer comparisons; the outcome is the same"),
    supported(
        "cluster.x-k8s.io/replicas-managed-by",
        "on the live object: `spec.replicas` is neither compared nor applied; Argo CD has no such rule",
    ),
    supported("helm.sh/resource-policy", "`keep`"),
    partly(
        "argocd.argoproj.io/hook",
        "`PreSync`, `Sync`, `PostSync`, `SyncFail`, `Skip`; `PreDelete` and `PostDelete` are not run, with a warning",
        r#"{"argocd.argoproj.io/hook": "PreDelete"}"#,
    ),
    supported("argocd.argoproj.io/hook-delete-policy", "`BeforeHookCreation` by default"),
    supported("argocd.argoproj.io/hook-finalizer", "kept on a hook until its end was seen"),
    partly(
        "helm.sh/hook",
        "`pre-install` and `pre-upgrade` are PreSync, `post-install` and `post-upgrade` PostSync; deletion hooks are not run, with a warning; tests and rollbacks are nobody's, as upstream",
        r#"{"helm.sh/hook": "pre-delete"}"#,
    ),
    supported("helm.sh/hook-delete-policy", "together with Argo CD's"),
    ignored(
        "notifications.argoproj.io/*",
        "on the Application: notifications are not sent",
        r#"{"notifications.argoproj.io/subscribe.on-sync-succeeded.slack": "c"}"#,
    ),
    ignored(
        "argocd-image-updater.argoproj.io/*",
        "on the Application: images are not updated",
        r#"{"argocd-image-updater.argoproj.io/image-list": "a=b"}"#,
    ),
];

/// What is no field: kinds and programs of Argo CD that do not exist here, and what a user sees instead.
pub const NOT_SERVED: &[(&str, &str)] = &[
    ("ApplicationSet", "not served: `no matches for kind \"ApplicationSet\"`; `plan` lists it as not planned"),
    ("AppProject other than `default`", "an Application that names it is refused"),
    ("Argo CD's own API, UI and `argocd` command line", "not served; `kubectl` and `windlass why` are the way"),
    ("`argocd-cm`, `argocd-rbac-cm`, `argocd-cmd-params-cm`", "ConfigMaps like any other; nobody reads them"),
    ("repository Secrets (`argocd.argoproj.io/secret-type`)", "Secrets like any other; nobody reads them"),
    ("a path with `kustomization.yaml` or `.argocd-source.yaml`", "refused by name"),
    ("dependencies of a chart that are not in its `charts/`", "the comparison fails, in helm's words"),
    ("webhooks of other forges than GitHub", "refused by name"),
];

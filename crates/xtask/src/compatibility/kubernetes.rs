//! The Kubernetes part of COMPATIBILITY.md: served kinds from the facts, and what is not there with the answer that a client
//! gets. Answers were seen with kubectl 1.33.

use std::fmt::Write;

use anyhow::Result;

pub(super) fn write(text: &mut String) -> Result<()> {
    text.push_str(
        "## Kubernetes API\n\nThe surface of 1.33 as kubectl 1.33 and kube-rs use it. `all` is create, delete, deletecollection, get, list, \
         patch, update, watch.\n\n| group/version | kind | scope | verbs | subresources |\n|---|---|---|---|---|\n",
    );
    for kind in machinery::builtin::kinds() {
        let scope = if kind.namespaced { "namespace" } else { "cluster" };
        let verbs = match kind.verbs.len() {
            8 => "all".to_string(),
            _ => kind.verbs.join(", "),
        };
        let parts: Vec<&str> = kind.subresources.iter().map(|part| part.name).collect();
        writeln!(text, "| {} | {} | {scope} | {verbs} | {} |", kind.api_version(), kind.kind, parts.join(", "))?;
    }
    text.push_str(
        "\nand every kind of a CustomResourceDefinition (structural schemas: prune, default, validate; status and scale subresources; printer columns).\n\n",
    );
    text.push_str("| request | works |\n|---|---|\n");
    for (request, works) in SERVED {
        writeln!(text, "| {request} | {works} |")?;
    }
    text.push_str("\n### Not there\n\n| what | verdict | what a client sees |\n|---|---|---|\n");
    for (what, verdict, sees) in NOT_THERE {
        writeln!(text, "| {what} | {verdict} | {sees} |")?;
    }
    text.push('\n');
    Ok(())
}

const SERVED: &[(&str, &str)] = &[
    (
        "discovery",
        "aggregated and by group; OpenAPI v3 by group-version, and OpenAPI v2 whole, as JSON and protobuf; without descriptions of built-in types",
    ),
    ("bodies", "JSON, YAML; protobuf of built-in kinds in requests; responses are JSON"),
    ("patches", "JSON, merge, strategic merge, server-side apply with managedFields and conflicts"),
    (
        "lists and watches",
        "label and field selectors, limit and continue, bookmarks, `sendInitialEvents`, 410 after compaction",
    ),
    (
        "writes",
        "`dryRun=All`, `fieldValidation`, resourceVersion and uid preconditions, generation, finalizers, owner references",
    ),
    (
        "the end of a namespace",
        "conditions as upstream's; Secrets go when nothing else is left, so that whoever deletes with a credential still finds it",
    ),
    ("tables", "server-rendered columns and ages, PartialObjectMetadata"),
    (
        "`x-kubernetes-validations` (CEL)",
        "type-checked and priced when a definition is written, evaluated on every write with transition rules, ratcheting and \
         upstream's cost limits; libraries of 1.33, and `semver`",
    ),
    (
        "access",
        "client certificates, service account tokens (TokenRequest), RBAC, impersonation, access reviews, OIDC documents",
    ),
];

const NOT_THERE: &[(&str, &str, &str)] = &[
    (
        "built-in kinds that are not in the table (APIService, IPAddress, ServiceCIDR, ResourceClaim, ...)",
        "refused by name",
        "404, `the server could not find the requested resource`",
    ),
    (
        "containers that run",
        "not there",
        "in the management cluster a Pod is stored and stays Pending; in simulated AKS clusters it lives as the row below says",
    ),
    (
        "`pods/exec`, `attach`, `portforward`, `proxy`, `ephemeralcontainers`, `resize`; `proxy` of services and nodes",
        "refused by name",
        "501, which says that no process runs",
    ),
    (
        "`pods/log`",
        "supported in part",
        "the container is settled as upstream settles it; one line says that there are no logs",
    ),
    (
        "annotations of more than 256 KiB, as client-side apply makes of large definitions",
        "accepted with a warning",
        "up to 1 MiB (`windlass up --annotations-limit BYTES`): a Warning header says that Kubernetes refuses the object, and names `--server-side`",
    ),
    (
        "what makes and runs pods, in simulated AKS clusters",
        "supported in part",
        "Deployments, ReplicaSets, ReplicationControllers, StatefulSets (claims are kept), DaemonSets, Jobs (without pod failure and success \
         policies and limits per index), CronJobs, endpoints of Services, claims that name a volume or a class, disruption budgets; the scheduler \
         (selectors, required node affinity, taints, number of pods; no resources, no preferences, no spreading) and kubelets that run nothing: \
         every pod is annotated `windlass.dev/simulated`, a probe succeeds at once, `windlass.dev/simulated-exit-code`, `-seconds` and `-ready` \
         choose otherwise. Not made: Events",
    ),
    (
        "what acts on workloads elsewhere, and on claims, ingresses, network policies, autoscalers, disruption budgets",
        "ignored with a warning",
        "the object is stored with its defaults and checked; a Warning header says that nothing acts on it yet",
    ),
    (
        "addresses and node ports of Services",
        "supported in part",
        "given out of 10.0.0.0/16 and 30000-32767, kept, freed and refused as upstream does; IPv4 only; nothing is routed",
    ),
    (
        "calls of admission webhooks",
        "supported in part",
        "of URLs, and of Services of type ExternalName, by `windlass up`; a Service inside of a cluster has no process behind it: its webhook is \
         left out, with a Warning header; so are all of them in `windlass plan`. `matchConditions` without `authorizer`; not called for evictions, \
         bindings and the server's own garbage collection",
    ),
    ("ValidatingAdmissionPolicy", "refused by name", "its kind is not served: 404"),
    (
        "conversion webhooks of a definition",
        "refused by name",
        "422 at `spec.conversion.strategy`; `None` converts by changing apiVersion",
    ),
    ("aggregated APIs (APIService)", "refused by name", "404"),
    ("enforcement of ResourceQuota and LimitRange", "ignored with a warning", "a Warning header"),
];

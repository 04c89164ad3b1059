//! What is wrong in Git.

use api::files::FileSet;
use expect_test::expect;
use sandbox::workshop;
use serde_json::json;

use crate::{
    support::REPOSITORY,
    world::{Over, World, application, check, files},
};

async fn good_again(world: &World) {
    world.commit(&world.sample());
}

fn with_extra(world: &World, name: &str, text: &str) -> FileSet {
    let mut files = files(&world.sample());
    files.insert(format!("samples/{name}"), text.as_bytes().to_vec());
    files
}

#[test]
fn not_yaml() {
    let broken = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n data: [\n";
    check(
        Over::Nothing,
        async |world| world.commit_files(with_extra(world, "broken.yaml", broken)),
        good_again,
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "broken.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: while parsing a block mapping, did not find expected key at line 5, column 2
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "broken.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: while parsing a block mapping, did not find expected key at line 5, column 2
            next: correct the file that the message names
            --- plan
            Application implicit: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "samples/broken.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: while parsing a block mapping, did not find expected key at line 5, column 2
            Error ComparisonError : Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "samples/broken.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: while parsing a block mapping, did not find expected key at line 5, column 2
              fix: correct the named field or file
        "#]],
    );
}

#[test]
fn unknown_kind() {
    let unknown = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: x\n  namespace: rg-dev-app\n";
    check(
        Over::Nothing,
        async |world| world.commit_files(with_extra(world, "widget.yaml", unknown)),
        good_again,
        expect![[r#"
            Application: OutOfSync, Missing
              SyncError: Failed last sync attempt to [0000000000000000000000000000000000000002]: one or more synchronization tasks are not valid: The Kubernetes API could not find example.com/Widget for requested resource rg-dev-app/x. Make sure the "Widget" CRD is installed on the destination cluster. (retried 5 times).
              operation Failed: one or more synchronization tasks are not valid: The Kubernetes API could not find example.com/Widget for requested resource rg-dev-app/x. Make sure the "Widget" CRD is installed on the destination cluster. (retried 5 times).
                Widget/x SyncFailed: The Kubernetes API could not find example.com/Widget for requested resource rg-dev-app/x. Make sure the "Widget" CRD is installed on the destination cluster.
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: OutOfSync, Missing: sync Failed
              one or more synchronization tasks are not valid: The Kubernetes API could not find example.com/Widget for requested resource rg-dev-app/x. Make sure the "Widget" CRD is installed on the destination cluster. (retried 5 times).
            Widget/x: SyncFailed
              The Kubernetes API could not find example.com/Widget for requested resource rg-dev-app/x. Make sure the "Widget" CRD is installed on the destination cluster.
            next: install the kind (its CustomResourceDefinition), or remove the object from Git
            --- plan (partial)
            Application implicit: Synced, Healthy
              ExcludedResourceWarning: Resource example.com/Widget x is left out: the kind is not served
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            not planned: samples/widget.yaml Widget/x -n rg-dev-app: no matches for kind "Widget" in version "example.com/v1"
        "#]],
    );
}

#[test]
fn unknown_field() {
    check(
        Over::Nothing,
        async |world| world.edit("    enableSoftDelete: true", "    enableSoftDelete: true\n    colour: red"),
        good_again,
        expect![[r#"
            Application: Synced, Healthy
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.properties.colour"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind". Warning: unknown field "spec.properties.colour"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=True Succeeded
            Vault/app-keyvault: Ready=True Succeeded
            Secret/app-secret: Ready=True Succeeded
            --- why
            next: 
            --- plan
            Application implicit: Synced, Healthy
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.properties.colour"
            Warning UnknownField Vault/app-keyvault -n rg-dev-app spec.properties.colour: unknown field "spec.properties.colour" is dropped
              fix: remove spec.properties.colour, or check its spelling
        "#]],
    );
}

/// One object is refused by the API: the others are applied.
#[test]
fn refused_by_the_api() {
    let refused = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: Bad_Name\n  namespace: rg-dev-app\n";
    check(
        Over::Nothing,
        async |world| world.commit_files(with_extra(world, "refused.yaml", refused)),
        good_again,
        expect![[r#"
            Application: OutOfSync, Healthy
              SyncError: Failed last sync attempt to [0000000000000000000000000000000000000002]: one or more objects failed to apply, reason: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (retried 5 times).
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Failed: one or more objects failed to apply, reason: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (retried 5 times).
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret unchanged. Warning: unknown field "spec.owner.kind"
                ConfigMap/Bad_Name SyncFailed: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault unchanged. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app unchanged
            ResourceGroup/rg-dev-app: Ready=True Succeeded
            Vault/app-keyvault: Ready=True Succeeded
            Secret/app-secret: Ready=True Succeeded
            --- why
            Application/app-project-env-recursive -n argocd: OutOfSync, Healthy: sync Failed
              one or more objects failed to apply, reason: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (retried 5 times).
            ConfigMap/Bad_Name: SyncFailed
              ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            next: correct the object in Git as the message says, then push
            --- plan
            Application implicit: OutOfSync, Healthy
              SyncError: Failed last sync attempt to [head000000000000000000000000000000000000]: one or more objects failed to apply, reason: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (retried 5 times).
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              Failed: one or more objects failed to apply, reason: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') (retried 5 times).
            Error SyncFailed ConfigMap/Bad_Name -n rg-dev-app: would not be applied: ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
              fix: correct the object in Git as the message says
        "#]],
    );
}

/// A field with a value that its schema does not allow: Argo CD applies the rest.
#[test]
fn invalid_value() {
    check(
        Over::Nothing,
        async |world| world.edit("name: \"standard\"", "name: \"gold\""),
        good_again,
        expect![[r#"
            Application: OutOfSync, Degraded
              SyncError: Failed last sync attempt to [0000000000000000000000000000000000000002]: one or more objects failed to apply, reason: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard" (retried 5 times).
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              operation Failed: one or more objects failed to apply, reason: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard" (retried 5 times).
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret unchanged. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault SyncFailed: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app unchanged
            ResourceGroup/rg-dev-app: Ready=True Succeeded
            Vault/app-keyvault: not there
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" cannot be found. Progress is blocked until the owner is created.
            --- why
            Application/app-project-env-recursive -n argocd: OutOfSync, Degraded: sync Failed
              one or more objects failed to apply, reason: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard" (retried 5 times).
            Vault/app-keyvault: SyncFailed
              Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard"
            next: correct the object in Git as the message says, then push
            --- plan
            Application implicit: OutOfSync, Degraded
              SyncError: Failed last sync attempt to [head000000000000000000000000000000000000]: one or more objects failed to apply, reason: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard" (retried 5 times).
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              Failed: one or more objects failed to apply, reason: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard" (retried 5 times).
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" cannot be found. Progress is blocked until the owner is created.
              fix: make ready what the message names
            Error SyncFailed Vault/app-keyvault -n rg-dev-app: would not be applied: Vault.keyvault.azure.com "app-keyvault" is invalid: spec.properties.sku.name: Unsupported value: "gold": supported values: "premium", "standard"
              fix: correct the object in Git as the message says
        "#]],
    );
}

#[test]
fn missing_path() {
    let mut elsewhere = FileSet::default();
    elsewhere.insert("README.md", b"nothing here".to_vec());
    check(
        Over::TheState,
        async |world| world.commit_files(elsewhere),
        good_again,
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = samples: app path does not exist
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = samples: app path does not exist
            next: push the path, or correct spec.source.path
            --- plan
            Application app-project-env-recursive: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = samples: app path does not exist
            Info WaitingForSource Application/app-project-env-recursive -n argocd spec.source: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = samples: app path does not exist
              fix: commit a file below spec.source.path (Git keeps no empty directories) or correct the path
        "#]],
    );
}

#[test]
fn empty_repository() {
    let empty = "https://git.windlass.test/empty.git";
    check(
        Over::NoPlan,
        async |world| {
            world.repository.add(empty);
            world.apply(workshop::application(empty)).await;
        },
        async |world| world.apply(workshop::application(REPOSITORY)).await,
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'main' to a commit SHA: repository https://git.windlass.test/empty.git has no commits yet; waiting for the first push
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'main' to a commit SHA: repository https://git.windlass.test/empty.git has no commits yet; waiting for the first push
            next: push a first commit, or correct spec.source.repoURL
        "#]],
    );
}

#[test]
fn missing_revision() {
    let at = |revision: &str| {
        let mut application = workshop::application(REPOSITORY);
        application["spec"]["source"]["targetRevision"] = json!(revision);
        application
    };
    check(
        Over::NoPlan,
        async |world| world.apply(at("release-1.0")).await,
        async |world| world.apply(at(workshop::BRANCH)).await,
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'release-1.0' to a commit SHA: repository https://git.windlass.test/app-project-env.git has no revision release-1.0
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'release-1.0' to a commit SHA: repository https://git.windlass.test/app-project-env.git has no revision release-1.0
            next: push the branch or tag, or correct spec.source.targetRevision
        "#]],
    );
}

#[test]
fn wrong_repository_credentials() {
    let denied = source::Error::Denied {
        url: REPOSITORY.into(),
        message: "Authentication failed for 'https://git.windlass.test/app-project-env.git/'".into(),
    };
    check(
        Over::NoPlan,
        async |world| world.repository.set_failure(REPOSITORY, Some(denied)),
        async |world| {
            world.repository.set_failure(REPOSITORY, None);
            world.platform.applications().pushed(None);
        },
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.windlass.test/app-project-env.git refused the credentials: Authentication failed for 'https://git.windlass.test/app-project-env.git/'
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.windlass.test/app-project-env.git refused the credentials: Authentication failed for 'https://git.windlass.test/app-project-env.git/'
            next: correct the repository's credentials
        "#]],
    );
}

#[test]
fn unreachable_repository() {
    let denied = source::Error::Unreachable {
        url: REPOSITORY.into(),
        message: "Could not resolve host: git.windlass.test".into(),
    };
    check(
        Over::NoPlan,
        async |world| world.repository.set_failure(REPOSITORY, Some(denied)),
        // Nobody tells: the next poll finds out.
        async |world| world.repository.set_failure(REPOSITORY, None),
        expect![[r#"
            Application: Unknown, Healthy
              ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.windlass.test/app-project-env.git cannot be reached: Could not resolve host: git.windlass.test
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Healthy: ComparisonError
              Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.windlass.test/app-project-env.git cannot be reached: Could not resolve host: git.windlass.test
            next: check spec.source.repoURL, and that this host reaches it: `git ls-remote URL`
        "#]],
    );
}

/// Of the Application itself.
#[test]
fn an_unknown_project() {
    let of = |project: &str| {
        let mut application = workshop::application(REPOSITORY);
        application["spec"]["project"] = json!(project);
        application
    };
    check(
        Over::NoPlan,
        async |world| {
            assert!(world.get(&application()).await.is_some());
            world.apply(of("no-such-project")).await;
        },
        async |world| world.apply(of("default")).await,
        expect![[r#"
            Application: Unknown, Unknown
              InvalidSpecError: Application referencing project no-such-project which does not exist
            ResourceGroup/rg-dev-app: not there
            Vault/app-keyvault: not there
            Secret/app-secret: not there
            --- why
            Application/app-project-env-recursive -n argocd: Unknown, Unknown: InvalidSpecError
              Application referencing project no-such-project which does not exist
            next: correct spec.project: `kubectl get appprojects -n argocd` lists the projects
        "#]],
    );
}

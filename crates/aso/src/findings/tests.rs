//! The workshop's Sample 2 as it stands, and what there is to say about it.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Context, of};

fn check(objects: &[Value], context: &Context<'_>, expected: Expect) {
    let mut text = String::new();
    for object in objects {
        for finding in of(catalogue::builtin(), object, context) {
            let target = finding.object.map(|target| target.to_string()).unwrap_or_default();
            text += &format!(
                "{:?} {} {target} {}\n  {}\n  fix: {}\n",
                finding.severity, finding.code, finding.field, finding.message, finding.fix
            );
        }
    }
    expected.assert_eq(&text);
}

fn azure(api_version: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind,
        "metadata": {
            "name": name, "namespace": "rg-dev-app",
            "annotations": {"serviceoperator.azure.com/credential-from": "rg-dev-app-aso-credentials"},
        },
        "spec": spec,
    })
}

fn sample() -> Vec<Value> {
    vec![
        azure("resources.azure.com/v1api20200601", "ResourceGroup", "rg-dev-app", json!({"location": "westus3"})),
        azure(
            "keyvault.azure.com/v1api20210401preview",
            "Vault",
            "app-keyvault",
            json!({"owner": {"name": "rg-dev-app"}}),
        ),
        azure(
            "keyvault.azure.com/v1api20210401preview",
            "Secret",
            "app-secret",
            json!({"owner": {"name": "app-keyvault"}, "properties": {"value": "c2VjcmV0LXZhbHVlLWJhc2U2NA=="}}),
        ),
    ]
}

#[test]
fn the_workshop_sample() {
    let git = BTreeSet::new();
    let context = Context { secrets_in_git: Some(&git), ..Context::default() };
    check(
        &sample(),
        &context,
        expect![[r#"
            Warning CredentialNotInGit ResourceGroup/rg-dev-app -n rg-dev-app metadata.annotations[serviceoperator.azure.com/credential-from]
              manifest in Git references Secret rg-dev-app/rg-dev-app-aso-credentials that Git doesn't define; it must be made by hand
              fix: define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace rg-dev-app: none is there
            Warning GloballyUniqueName Vault/app-keyvault -n rg-dev-app metadata.name
              app-keyvault.vault.azure.net must be unique in all of Azure, also after its deletion for as long as it is soft-deleted (spec.properties.createMode: createOrRecover takes it back); "app-keyvault" is a name that others may have
              fix: set spec.azureName to a name with a stable suffix of your own, such as "app-keyvault-97c98"
            Warning CredentialNotInGit Vault/app-keyvault -n rg-dev-app metadata.annotations[serviceoperator.azure.com/credential-from]
              manifest in Git references Secret rg-dev-app/rg-dev-app-aso-credentials that Git doesn't define; it must be made by hand
              fix: define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace rg-dev-app: none is there
            Warning UnsupportedUpstream Secret/app-secret -n rg-dev-app 
              Azure Service Operator has no kind Secret in keyvault.azure.com: it manages no Key Vault secrets; on a cluster with the Go operator this object fails with "no matches for kind". Here it is an extension; deleting it leaves it in Azure, which has no DELETE for it
              fix: use External Secrets or the Secrets Store CSI driver, or export secrets with spec.operatorSpec.secrets
            Warning CredentialNotInGit Secret/app-secret -n rg-dev-app metadata.annotations[serviceoperator.azure.com/credential-from]
              manifest in Git references Secret rg-dev-app/rg-dev-app-aso-credentials that Git doesn't define; it must be made by hand
              fix: define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace rg-dev-app: none is there
            Warning SecretInGit Secret/app-secret -n rg-dev-app spec.properties.value
              spec.properties.value is a secret in clear: whoever can read the manifest or the object has it
              fix: set spec.properties.value to {name, key} of a Secret that is not in Git
            Warning EncodedSecret Secret/app-secret -n rg-dev-app spec.properties.value
              spec.properties.value looks like base64 of a text of 19 characters; it is stored as it stands, not decoded
              fix: write the value itself, without base64
        "#]],
    );
}

#[test]
fn pruned_fields_are_named() {
    let pruned = ["spec.owner.kind".to_string(), "spec.colour".to_string()];
    let context = Context { pruned: &pruned, ..Context::default() };
    check(
        &sample()[..1],
        &context,
        expect![[r#"
        Warning UnknownField ResourceGroup/rg-dev-app -n rg-dev-app spec.owner.kind
          unknown field "spec.owner.kind" is dropped
          fix: remove it: the owner's kind follows from this kind; owner is {name} or {armId}
        Warning UnknownField ResourceGroup/rg-dev-app -n rg-dev-app spec.colour
          unknown field "spec.colour" is dropped
          fix: remove spec.colour, or check its spelling
    "#]],
    );
}

/// D35: the annotation's note names another Secret than the one that is used.
#[test]
fn a_misnamed_credential_lists_those_present() {
    let git: BTreeSet<_> = [("rg-dev-app".to_string(), "aso-credentials".to_string())].into();
    let cluster = BTreeSet::new();
    let context = Context { secrets_in_git: Some(&git), secrets_in_cluster: Some(&cluster), ..Context::default() };
    check(
        &sample()[..1],
        &context,
        expect![[r#"
        Error CredentialNotInGit ResourceGroup/rg-dev-app -n rg-dev-app metadata.annotations[serviceoperator.azure.com/credential-from]
          manifest in Git references Secret rg-dev-app/rg-dev-app-aso-credentials that Git doesn't define; it does not exist in the cluster either
          fix: define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace rg-dev-app: there are: aso-credentials
    "#]],
    );
    let git: BTreeSet<_> = [("rg-dev-app".to_string(), "rg-dev-app-aso-credentials".to_string())].into();
    let context = Context { secrets_in_git: Some(&git), ..Context::default() };
    check(&sample()[..1], &context, expect![[""]]);
}

#[test]
fn credential_secrets() {
    let secret = |data: Value| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "c", "namespace": "n"}, "stringData": data});
    let sample = secret(json!({"AZURE_CLIENT_ID": "x", "USE_WORKLOAD_IDENTITY_AUTH": "true"}));
    let with_secret = secret(json!({"AZURE_CLIENT_ID": "x", "AZURE_CLIENT_SECRET": "y"}));
    let unrelated = secret(json!({"password": "y"}));
    check(
        &[sample, with_secret, unrelated],
        &Context::default(),
        expect![[r#"
        Info IgnoredKey Secret/c -n n stringData.USE_WORKLOAD_IDENTITY_AUTH
          USE_WORKLOAD_IDENTITY_AUTH is a key of the operator's own settings; in a credential Secret it is ignored (workload identity is the default there)
          fix: remove it; AUTH_MODE chooses another way
        Warning SecretInGit Secret/c -n n stringData.AZURE_CLIENT_SECRET
          AZURE_CLIENT_SECRET is a secret in clear: whoever can read the manifest has it
          fix: use workload identity (no secret at all), or seal the Secret
    "#]],
    );
}

#[test]
fn names_with_a_suffix_of_their_own_are_fine() {
    let named = |name: &str| {
        azure("keyvault.azure.com/v1api20230701", "Vault", "v", json!({"azureName": name, "owner": {"name": "rg"}}))
    };
    let reported = |name: &str| {
        of(catalogue::builtin(), &named(name), &Context::default()).iter().any(|it| it.code == "GloballyUniqueName")
    };
    assert!(["app-keyvault", "vault1", "kv-prod", "my-vault-2024x"].map(reported) == [true, true, true, false]);
    assert!(!reported("app-kv-3f9a2c") && !reported("kv18273"));
}

#[test]
fn what_stays_in_azure_when_an_object_goes() {
    let policy = "serviceoperator.azure.com/reconcile-policy";
    let mut detached = sample()[0].clone();
    detached["metadata"]["annotations"][policy] = json!("detach-on-delete");
    let mut objects = sample();
    objects.push(detached);
    let left = objects.iter().filter_map(|object| super::of_removal(catalogue::builtin(), object));
    let left: String = left
        .map(|it| {
            format!("{} {} {}\n", it.object.map(|target| target.to_string()).unwrap_or_default(), it.field, it.message)
        })
        .collect();
    expect![[r#"
        Secret/app-secret -n rg-dev-app  its resource stays in Azure when the object is removed: Azure has no DELETE for it
        ResourceGroup/rg-dev-app -n rg-dev-app metadata.annotations[serviceoperator.azure.com/reconcile-policy] its resource stays in Azure when the object is removed: its reconcile-policy is detach-on-delete
    "#]].assert_eq(&left);
}

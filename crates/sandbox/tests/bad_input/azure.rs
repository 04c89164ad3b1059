//! What is wrong on the way to Azure, or there.

use actions::ArmMethod;
use expect_test::expect;
use sandbox::workshop;
use serde_json::json;

use crate::{
    support::{OWNER, OWNER_SECRET, SUBSCRIPTION, TENANT},
    world::{Over, World, check, credential_secret},
};

async fn good_again(world: &World) {
    world.commit(&world.sample());
}

fn owner_with(secret: &str) -> serde_json::Value {
    json!({"AZURE_CLIENT_ID": OWNER, "AZURE_CLIENT_SECRET": secret})
}

#[test]
fn wrong_client_secret() {
    check(
        Over::TheState,
        async |world| world.credential(owner_with("expired")).await,
        async |world| world.credential(owner_with(OWNER_SECRET)).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AADSTS7000215
              AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '99999999-8888-4777-8666-555555555555'. (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AADSTS7000215
              AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '99999999-8888-4777-8666-555555555555'. (correlation id <id>)
            Entra ID: AADSTS7000215
              AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '99999999-8888-4777-8666-555555555555'. (correlation id <id>)
            next: put a valid AZURE_CLIENT_SECRET into Secret rg-dev-app/rg-dev-app-aso-credentials: `az ad app credential reset` makes one
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AADSTS7000215 ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '99999999-8888-4777-8666-555555555555'. (correlation id <id>)
              fix: put a valid AZURE_CLIENT_SECRET into Secret rg-dev-app/rg-dev-app-aso-credentials: `az ad app credential reset` makes one
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn wrong_client_id() {
    check(
        Over::TheState,
        async |world| world.credential(json!({"AZURE_CLIENT_ID": "12345678-0000-4000-8000-000000000000"})).await,
        async |world| world.credential(json!({"AZURE_CLIENT_ID": world.identity().client_id})).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AADSTS700016
              AADSTS700016: Application with identifier '12345678-0000-4000-8000-000000000000' was not found in the directory '72f988bf-0000-4000-8000-2d7cd011db47'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AADSTS700016
              AADSTS700016: Application with identifier '12345678-0000-4000-8000-000000000000' was not found in the directory '72f988bf-0000-4000-8000-2d7cd011db47'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. (correlation id <id>)
            Entra ID: AADSTS700016
              AADSTS700016: Application with identifier '12345678-0000-4000-8000-000000000000' was not found in the directory '72f988bf-0000-4000-8000-2d7cd011db47'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. (correlation id <id>)
            next: correct AZURE_CLIENT_ID and AZURE_TENANT_ID in Secret rg-dev-app/rg-dev-app-aso-credentials
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AADSTS700016 ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AADSTS700016: Application with identifier '12345678-0000-4000-8000-000000000000' was not found in the directory '72f988bf-0000-4000-8000-2d7cd011db47'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. (correlation id <id>)
              fix: correct AZURE_CLIENT_ID and AZURE_TENANT_ID in Secret rg-dev-app/rg-dev-app-aso-credentials
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn wrong_tenant() {
    let elsewhere = "12345678-0000-4000-8000-000000000000";
    check(
        Over::TheState,
        async |world| {
            world
                .credential(json!({"AZURE_CLIENT_ID": world.identity().client_id, "AZURE_TENANT_ID": elsewhere}))
                .await;
        },
        async |world| world.credential(json!({"AZURE_CLIENT_ID": world.identity().client_id})).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AADSTS90002
              AADSTS90002: Tenant '12345678-0000-4000-8000-000000000000' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AADSTS90002
              AADSTS90002: Tenant '12345678-0000-4000-8000-000000000000' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. (correlation id <id>)
            Entra ID: AADSTS90002
              AADSTS90002: Tenant '12345678-0000-4000-8000-000000000000' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. (correlation id <id>)
            next: correct AZURE_TENANT_ID in Secret rg-dev-app/rg-dev-app-aso-credentials
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AADSTS90002 ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AADSTS90002: Tenant '12345678-0000-4000-8000-000000000000' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. (correlation id <id>)
              fix: correct AZURE_TENANT_ID in Secret rg-dev-app/rg-dev-app-aso-credentials
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

async fn federate(world: &World, issuer: &str, subject: &str, audience: &str) {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{}/federatedIdentityCredentials/serviceoperator",
        workshop::RESOURCE_GROUP,
        workshop::IDENTITY
    );
    let body = json!({"properties": {"issuer": issuer, "subject": subject, "audiences": [audience]}});
    world.azure(ArmMethod::Put, &id, "2023-01-31", Some(body)).await;
}

const SUBJECT: &str = "system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default";
const AUDIENCE: &str = "api://AzureADTokenExchange";

#[test]
fn wrong_federated_subject() {
    check(
        Over::TheState,
        async |world| {
            let subject = "system:serviceaccount:azureserviceoperator-system:azureserviceoperator-default";
            federate(world, world.platform.issuer(), subject, AUDIENCE).await;
        },
        async |world| federate(world, world.platform.issuer(), SUBJECT, AUDIENCE).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            Entra ID: AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            next: make the federated credential's issuer, subject and audience equal to the token's: `az identity federated-credential list`
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AADSTS700213 ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
              fix: make the federated credential's issuer, subject and audience equal to the token's: `az identity federated-credential list`
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn wrong_federated_issuer() {
    check(
        Over::TheState,
        async |world| federate(world, "https://oidc.example.com/another/", SUBJECT, AUDIENCE).await,
        async |world| federate(world, world.platform.issuer(), SUBJECT, AUDIENCE).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            Entra ID: AADSTS700213
              AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
            next: make the federated credential's issuer, subject and audience equal to the token's: `az identity federated-credential list`
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AADSTS700213 ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation (correlation id <id>)
              fix: make the federated credential's issuer, subject and audience equal to the token's: `az identity federated-credential list`
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn missing_credential_secret() {
    check(
        Over::TheState,
        async |world| world.delete(&credential_secret()).await,
        async |world| world.credential(json!({"AZURE_CLIENT_ID": world.identity().client_id})).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning SecretNotFound
              rg-dev-app/rg-dev-app-aso-credentials does not exist (credential secret not found: secrets "rg-dev-app-aso-credentials" not found)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False SecretNotFound
              rg-dev-app/rg-dev-app-aso-credentials does not exist (credential secret not found: secrets "rg-dev-app-aso-credentials" not found)
            next: create the Secret that the message names, in the namespace of the object
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning SecretNotFound ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: rg-dev-app/rg-dev-app-aso-credentials does not exist (credential secret not found: secrets "rg-dev-app-aso-credentials" not found)
              fix: create the Secret that the message names, in the namespace of the object
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn incomplete_credential_secret() {
    check(
        Over::TheState,
        async |world| world.credential(json!({"AZURE_CLIENT_ID": "", "AZURE_TENANT_ID": ""})).await,
        async |world| world.credential(json!({"AZURE_CLIENT_ID": world.identity().client_id})).await,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning SecretNotFound
              credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_TENANT_ID", credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_CLIENT_ID"
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False SecretNotFound
              credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_TENANT_ID", credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_CLIENT_ID"
            next: add the keys that the message names to Secret rg-dev-app/rg-dev-app-aso-credentials
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning SecretNotFound ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_TENANT_ID", credential Secret "rg-dev-app/rg-dev-app-aso-credentials" does not contain key "AZURE_CLIENT_ID"
              fix: add the keys that the message names to Secret rg-dev-app/rg-dev-app-aso-credentials
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn credential_across_a_namespace() {
    check(
        Over::Nothing,
        async |world| world.edit("credential-from: rg-dev-app-aso-credentials", "credential-from: kube-system/admin"),
        good_again,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning SecretNotFound
              rg-dev-app/kube-system/admin does not exist (serviceoperator.azure.com/credential-from cannot contain '/'. Secret must be in same namespace as resource.)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False SecretNotFound
              rg-dev-app/kube-system/admin does not exist (serviceoperator.azure.com/credential-from cannot contain '/'. Secret must be in same namespace as resource.)
            next: name a Secret of the object's own namespace in the annotation serviceoperator.azure.com/credential-from
            --- plan
            Application implicit: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning CredentialNotInGit ResourceGroup/rg-dev-app -n rg-dev-app metadata.annotations[serviceoperator.azure.com/credential-from]: manifest in Git references Secret rg-dev-app/kube-system/admin that Git doesn't define; it must be made by hand
              fix: define the Secret in Git (with workload identity it holds no secret), or seal it; Secrets of namespace rg-dev-app: none is there
            Warning SecretNotFound ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: rg-dev-app/kube-system/admin does not exist (serviceoperator.azure.com/credential-from cannot contain '/'. Secret must be in same namespace as resource.)
              fix: name a Secret of the object's own namespace in the annotation serviceoperator.azure.com/credential-from
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

/// The name of a vault is its host name: the world has one of each.
#[test]
fn vault_name_taken() {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/somebody-else");
    check(
        Over::TheState,
        async |world| {
            world.azure(ArmMethod::Put, &group, "2020-06-01", Some(json!({"location": "eastus"}))).await;
            let id = format!("{group}/providers/Microsoft.KeyVault/vaults/app-keyvault");
            let properties =
                json!({"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "accessPolicies": []});
            let body = json!({"location": "eastus", "properties": properties});
            world.azure(ArmMethod::Put, &id, "2021-04-01-preview", Some(body)).await;
        },
        async |world| {
            let own = "  owner:\n    name: rg-dev-app\n    kind: ResourceGroup";
            world.edit(own, &format!("  azureName: app-keyvault-3f9c\n{own}"));
        },
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=True Succeeded
            Vault/app-keyvault: Ready=False Warning VaultAlreadyExists
              VaultAlreadyExists: The vault name 'app-keyvault' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740. (correlation id <id>)
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              Vault/app-keyvault -n rg-dev-app is Degraded
            Vault/app-keyvault -n rg-dev-app: Ready=False VaultAlreadyExists
              VaultAlreadyExists: The vault name 'app-keyvault' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740. (correlation id <id>)
            Azure Resource Manager /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: VaultAlreadyExists
              VaultAlreadyExists: The vault name 'app-keyvault' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740. (correlation id <id>)
            next: choose a name that nobody has: spec.azureName with a suffix of yours
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            refused: PUT /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app/providers/Microsoft.KeyVault/vaults/app-keyvault: 409 VaultAlreadyExists
            Warning VaultAlreadyExists Vault/app-keyvault -n rg-dev-app: would not become ready: VaultAlreadyExists: The vault name 'app-keyvault' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740. (correlation id <id>)
              fix: choose a name that nobody has: spec.azureName with a suffix of yours
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

/// Without its role on the subscription.
#[test]
fn no_role_assignment() {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/6f0c9a52-0d0e-4c8e-9d0a-1f1f5d1b7a01"
    );
    check(
        Over::TheState,
        async |world| world.azure(ArmMethod::Delete, &id, "2022-04-01", None).await,
        async |world| drop(workshop::identity(&world.platform).await.expect("prepared again")),
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=False Warning AuthorizationFailed
              AuthorizationFailed: The client '<akspe's client id>' with object id '<akspe's principal id>' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/read' over scope '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app' or the scope is invalid. If access was recently granted, please refresh your credentials. (correlation id <id>)
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
            ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False AuthorizationFailed
              AuthorizationFailed: The client '<akspe's client id>' with object id '<akspe's principal id>' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/read' over scope '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app' or the scope is invalid. If access was recently granted, please refresh your credentials. (correlation id <id>)
            Azure Resource Manager /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app: AuthorizationFailed
              AuthorizationFailed: The client '<akspe's client id>' with object id '<akspe's principal id>' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/read' over scope '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app' or the scope is invalid. If access was recently granted, please refresh your credentials. (correlation id <id>)
            next: assign the identity a role with that action: `az role assignment create`
            --- plan
            Application app-project-env-recursive: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning AuthorizationFailed ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: AuthorizationFailed: The client '<akspe's client id>' with object id '<akspe's principal id>' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/read' over scope '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app' or the scope is invalid. If access was recently granted, please refresh your credentials. (correlation id <id>)
              fix: assign the identity a role with that action: `az role assignment create`
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn missing_owner() {
    check(
        Over::Nothing,
        async |world| {
            world.edit("    name: rg-dev-app\n    kind: ResourceGroup", "    name: rg-typo\n    kind: ResourceGroup")
        },
        good_again,
        expect![[r#"
            Application: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
              operation Succeeded: successfully synced (all tasks run)
                Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
                Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
                ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
            ResourceGroup/rg-dev-app: Ready=True Succeeded
            Vault/app-keyvault: Ready=False Warning WaitingForOwner
              Owner "rg-typo, Group/Kind: resources.azure.com/ResourceGroup" cannot be found. Progress is blocked until the owner is created.
            Secret/app-secret: Ready=False Warning WaitingForOwner
              Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
            --- why
            Application/app-project-env-recursive -n argocd: Synced, Degraded
              Vault/app-keyvault -n rg-dev-app is Degraded
            Vault/app-keyvault -n rg-dev-app: Ready=False WaitingForOwner
              Owner "rg-typo, Group/Kind: resources.azure.com/ResourceGroup" cannot be found. Progress is blocked until the owner is created.
            ResourceGroup/rg-typo -n rg-dev-app: NotFound
              the object does not exist
            next: create it, or correct the name: `kubectl get resourcegroup -A`
            --- plan
            Application implicit: Synced, Degraded
              UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
              UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
            Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
              fix: make ready what the message names
            Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-typo, Group/Kind: resources.azure.com/ResourceGroup" cannot be found. Progress is blocked until the owner is created.
              fix: make ready what the message names
        "#]],
    );
}

#[test]
fn unknown_location() {
    check(
        Over::Nothing,
        async |world| world.edit("location: eastus", "location: mars"),
        good_again,
        expect![[r#"
        Application: Synced, Degraded
          UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
          UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
          operation Succeeded: successfully synced (all tasks run)
            Secret/app-secret Synced: secret.keyvault.azure.com/app-secret created. Warning: unknown field "spec.owner.kind"
            Vault/app-keyvault Synced: vault.keyvault.azure.com/app-keyvault created. Warning: unknown field "spec.owner.kind"
            ResourceGroup/rg-dev-app Synced: resourcegroup.resources.azure.com/rg-dev-app created
        ResourceGroup/rg-dev-app: Ready=False Error LocationNotAvailableForResourceGroup
          LocationNotAvailableForResourceGroup: The provided location 'mars' is not available for resource group. List of available regions is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'. (correlation id <id>)
        Vault/app-keyvault: Ready=False Warning WaitingForOwner
          Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
        Secret/app-secret: Ready=False Warning WaitingForOwner
          Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
        --- why
        Application/app-project-env-recursive -n argocd: Synced, Degraded
          ResourceGroup/rg-dev-app -n rg-dev-app is Degraded
        ResourceGroup/rg-dev-app -n rg-dev-app: Ready=False LocationNotAvailableForResourceGroup
          LocationNotAvailableForResourceGroup: The provided location 'mars' is not available for resource group. List of available regions is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'. (correlation id <id>)
        Azure Resource Manager /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-dev-app: LocationNotAvailableForResourceGroup
          LocationNotAvailableForResourceGroup: The provided location 'mars' is not available for resource group. List of available regions is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'. (correlation id <id>)
        next: correct spec.location: `az account list-locations` lists the names
        --- plan
        Application implicit: Synced, Degraded
          UnknownFieldWarning: Secret/app-secret -n rg-dev-app: unknown field "spec.owner.kind"
          UnknownFieldWarning: Vault/app-keyvault -n rg-dev-app: unknown field "spec.owner.kind"
        refused: PUT /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-dev-app: 400 LocationNotAvailableForResourceGroup
        Warning WaitingForOwner Secret/app-secret -n rg-dev-app: would not become ready: Owner "app-keyvault, Group/Kind: keyvault.azure.com/Vault" is not ready. Progress is blocked until the owner is ready.
          fix: make ready what the message names
        Warning WaitingForOwner Vault/app-keyvault -n rg-dev-app: would not become ready: Owner "rg-dev-app, Group/Kind: resources.azure.com/ResourceGroup" is not ready. Progress is blocked until the owner is ready.
          fix: make ready what the message names
        Error LocationNotAvailableForResourceGroup ResourceGroup/rg-dev-app -n rg-dev-app: would not become ready: LocationNotAvailableForResourceGroup: The provided location 'mars' is not available for resource group. List of available regions is 'australiacentral,australiaeast,australiasoutheast,austriaeast,belgiumcentral,brazilsouth,canadacentral,canadaeast,centralindia,centralus,chilecentral,eastasia,eastus,eastus2,francecentral,germanywestcentral,indonesiacentral,israelcentral,italynorth,japaneast,japanwest,koreacentral,koreasouth,malaysiawest,mexicocentral,newzealandnorth,northcentralus,northeurope,norwayeast,polandcentral,qatarcentral,southafricanorth,southcentralus,southeastasia,southindia,spaincentral,swedencentral,switzerlandnorth,uaenorth,uksouth,ukwest,westcentralus,westeurope,westindia,westus,westus2,westus3'. (correlation id <id>)
          fix: correct spec.location: `az account list-locations` lists the names
    "#]],
    );
}

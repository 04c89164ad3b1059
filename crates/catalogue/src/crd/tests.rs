//! The definitions of the workshop's kinds, and that every kind of the catalogue has a sound one.

#![expect(clippy::too_many_lines, reason = "goldens are long")]

use expect_test::{Expect, expect};
use serde_json::Value;

use super::{definition, matching, pattern::Pattern};
use crate::builtin;

/// The schema of one version as an outline: `name*: type rules`, `*` for required.
fn outline(group: &str, kind: &str, version: &str, expected: Expect) {
    let crd = definition(builtin(), group, kind).expect("a kind of the catalogue");
    let versions = crd["spec"]["versions"].as_array().expect("versions");
    let version = versions.iter().find(|each| each["name"] == version).expect("served");
    let mut text = String::new();
    for part in ["spec", "status"] {
        text += &format!("{part}:\n");
        write(&version["schema"]["openAPIV3Schema"]["properties"][part], 1, &mut text);
    }
    expected.assert_eq(&text);
}

fn write(schema: &Value, depth: usize, text: &mut String) {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let star = if required.contains(&name.as_str()) { "*" } else { "" };
        let mut inner = member;
        let mut kind = String::new();
        while inner["type"] == "array" {
            kind += "[]";
            inner = &inner["items"];
        }
        kind += inner["type"].as_str().unwrap_or("any");
        if let Some(values) = inner["enum"].as_array() {
            kind += &format!(" of {} values", values.len());
        }
        for rule in ["pattern", "minLength", "maxLength"] {
            if name != "armId" && inner.get(rule).is_some() {
                kind += &format!(" {rule}");
            }
        }
        if inner["additionalProperties"].is_object() {
            kind = format!("map of {}", inner["additionalProperties"]["type"].as_str().unwrap_or("any"));
        }
        let names: Vec<&String> = inner["properties"].as_object().map(|map| map.keys().collect()).unwrap_or_default();
        let known = [
            "[\"armId\", \"group\", \"kind\", \"name\"]",
            "[\"armId\", \"group\", \"kind\", \"name\", \"wellKnownName\"]",
            "[\"key\", \"name\"]",
            "[\"key\", \"name\", \"value\"]",
            "[\"lastTransitionTime\", \"message\", \"observedGeneration\", \"reason\", \"severity\", \"status\", \"type\"]",
        ];
        if known.contains(&format!("{names:?}").as_str()) {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            kind = kind.replace("object", &format!("{{{}}}", names.join(", ")));
            *text += &format!("{}{name}{star}: {kind}\n", "  ".repeat(depth));
            continue;
        }
        *text += &format!("{}{name}{star}: {kind}\n", "  ".repeat(depth));
        write(inner, depth + 1, text);
    }
}

#[test]
fn resource_group() {
    outline(
        "resources.azure.com",
        "ResourceGroup",
        "v1api20200601",
        expect![[r#"
        spec:
          azureName: string minLength maxLength
          location*: string
          managedBy: string
          operatorSpec: object
            configMapExpressions: []{key, name, value}
            secretExpressions: []{key, name, value}
          tags: map of string
        status:
          conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
          id: string
          location: string
          managedBy: string
          name: string
          properties: object
            provisioningState: string
          tags: map of string
          type: string
    "#]],
    );
}

#[test]
fn vault() {
    outline(
        "keyvault.azure.com",
        "Vault",
        "v1api20210401preview",
        expect![[r#"
            spec:
              azureName: string pattern
              location*: string
              operatorSpec: object
                configMapExpressions: []{key, name, value}
                secretExpressions: []{key, name, value}
              owner*: object
                armId: string
                name: string
              properties*: object
                accessPolicies: []object
                  applicationId: string pattern minLength maxLength
                  applicationIdFromConfig: {key, name}
                  objectId: string
                  objectIdFromConfig: {key, name}
                  permissions*: object
                    certificates: []string of 16 values
                    keys: []string of 17 values
                    secrets: []string of 8 values
                    storage: []string of 14 values
                  tenantId: string pattern minLength maxLength
                  tenantIdFromConfig: {key, name}
                createMode: string of 4 values
                enablePurgeProtection: boolean
                enableRbacAuthorization: boolean
                enableSoftDelete: boolean
                enabledForDeployment: boolean
                enabledForDiskEncryption: boolean
                enabledForTemplateDeployment: boolean
                networkAcls: object
                  bypass: string of 2 values
                  defaultAction: string of 2 values
                  ipRules: []object
                    value*: string
                  virtualNetworkRules: []object
                    ignoreMissingVnetServiceEndpoint: boolean
                    reference*: {armId, group, kind, name}
                provisioningState: string of 2 values
                sku*: object
                  family*: string of 1 values
                  name*: string of 2 values
                softDeleteRetentionInDays: integer
                tenantId: string pattern minLength maxLength
                tenantIdFromConfig: {key, name}
                vaultUri: string
              tags: map of string
            status:
              conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
              id: string
              location: string
              name: string
              properties: object
                accessPolicies: []object
                  applicationId: string
                  objectId: string
                  permissions: object
                    certificates: []string
                    keys: []string
                    secrets: []string
                    storage: []string
                  tenantId: string
                enablePurgeProtection: boolean
                enableRbacAuthorization: boolean
                enableSoftDelete: boolean
                enabledForDeployment: boolean
                enabledForDiskEncryption: boolean
                enabledForTemplateDeployment: boolean
                hsmPoolResourceId: string
                networkAcls: object
                  bypass: string
                  defaultAction: string
                  ipRules: []object
                    value: string
                  virtualNetworkRules: []object
                    id: string
                    ignoreMissingVnetServiceEndpoint: boolean
                privateEndpointConnections: []object
                  etag: string
                  id: string
                  privateEndpoint: object
                    id: string
                  privateLinkServiceConnectionState: object
                    actionsRequired: string
                    description: string
                    status: string
                  provisioningState: string
                provisioningState: string
                sku: object
                  family: string
                  name: string
                softDeleteRetentionInDays: integer
                tenantId: string
                vaultUri: string
              systemData: object
                createdAt: string
                createdBy: string
                createdByType: string
                lastModifiedAt: string
                lastModifiedBy: string
                lastModifiedByType: string
              tags: map of string
              type: string
        "#]],
    );
}

#[test]
fn vault_secret_is_ours() {
    outline(
        "keyvault.azure.com",
        "Secret",
        "v1api20210401preview",
        expect![[r#"
        spec:
          azureName: string pattern
          operatorSpec: object
            configMapExpressions: []{key, name, value}
            secretExpressions: []{key, name, value}
          owner*: object
            armId: string
            name: string
          properties*: object
            attributes: object
              enabled: boolean
              exp: integer
              nbf: integer
            contentType: string
            value: any
          tags: map of string
        status:
          conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
          id: string
          location: string
          name: string
          properties: object
            attributes: object
              created: integer
              enabled: boolean
              exp: integer
              nbf: integer
              updated: integer
            contentType: string
            secretUri: string
            secretUriWithVersion: string
          tags: map of string
          type: string
    "#]],
    );
    let crd = definition(builtin(), "keyvault.azure.com", "Secret").expect("declared");
    assert!(crd["metadata"]["annotations"][super::EXTENSION].is_string());
}

#[test]
fn federated_identity_credential() {
    outline(
        "managedidentity.azure.com",
        "FederatedIdentityCredential",
        "v1api20230131",
        expect![[r#"
        spec:
          audiences: []string
          azureName: string pattern
          issuer: string
          issuerFromConfig: {key, name}
          operatorSpec: object
            configMapExpressions: []{key, name, value}
            secretExpressions: []{key, name, value}
          owner*: object
            armId: string
            name: string
          subject: string
          subjectFromConfig: {key, name}
        status:
          audiences: []string
          conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
          id: string
          issuer: string
          name: string
          subject: string
          systemData: object
            createdAt: string
            createdBy: string
            createdByType: string
            lastModifiedAt: string
            lastModifiedBy: string
            lastModifiedByType: string
          type: string
    "#]],
    );
}

#[test]
fn role_assignment() {
    outline(
        "authorization.azure.com",
        "RoleAssignment",
        "v1api20220401",
        expect![[r#"
            spec:
              azureName: string
              condition: string
              conditionVersion: string
              delegatedManagedIdentityResourceId: string
              description: string
              operatorSpec: object
                configMapExpressions: []{key, name, value}
                namingConvention: string of 2 values
                secretExpressions: []{key, name, value}
              owner*: {armId, group, kind, name}
              principalId: string
              principalIdFromConfig: {key, name}
              principalType: string of 7 values
              roleDefinitionReference*: {armId, group, kind, name, wellKnownName}
            status:
              condition: string
              conditionVersion: string
              conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
              createdBy: string
              createdOn: string
              delegatedManagedIdentityResourceId: string
              description: string
              id: string
              name: string
              principalId: string
              principalType: string
              roleDefinitionId: string
              scope: string
              systemData: object
                createdAt: string
                createdBy: string
                createdByType: string
                lastModifiedAt: string
                lastModifiedBy: string
                lastModifiedByType: string
              type: string
              updatedBy: string
              updatedOn: string
        "#]],
    );
}

#[test]
fn role_definition_renames_what_clashes() {
    outline(
        "authorization.azure.com",
        "RoleDefinition",
        "v20220401",
        expect![[r#"
            spec:
              assignableScopesReferences: []{armId, group, kind, name}
              azureName: string
              description: string
              operatorSpec: object
                configMapExpressions: []{key, name, value}
                namingConvention: string of 2 values
                secretExpressions: []{key, name, value}
              owner*: {armId, group, kind, name}
              permissions: []object
                actions: []string
                dataActions: []string
                notActions: []string
                notDataActions: []string
              roleName: string
              type: string
            status:
              assignableScopes: []string
              conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
              createdBy: string
              createdOn: string
              description: string
              id: string
              name: string
              permissions: []object
                actions: []string
                dataActions: []string
                notActions: []string
                notDataActions: []string
              propertiesType: string
              roleName: string
              type: string
              updatedBy: string
              updatedOn: string
        "#]],
    );
}

/// Added with data alone.
#[test]
fn event_hub() {
    outline(
        "eventhub.azure.com",
        "NamespacesEventhub",
        "v1api20240101",
        expect![[r#"
            spec:
              azureName: string minLength maxLength
              captureDescription: object
                destination: object
                  archiveNameFormat: string
                  blobContainer: string
                  dataLakeAccountName: string
                  dataLakeFolderPath: string
                  dataLakeSubscriptionId: string pattern minLength maxLength
                  identity: object
                    type: string of 2 values
                    userAssignedIdentityReference: {armId, group, kind, name}
                  name: string
                  storageAccountResourceReference: {armId, group, kind, name}
                enabled: boolean
                encoding: string of 2 values
                intervalInSeconds: integer
                sizeLimitInBytes: integer
                skipEmptyArchives: boolean
              messageRetentionInDays: integer
              operatorSpec: object
                configMapExpressions: []{key, name, value}
                secretExpressions: []{key, name, value}
              owner*: object
                armId: string
                name: string
              partitionCount: integer
              retentionDescription: object
                cleanupPolicy: string of 2 values
                retentionTimeInHours: integer
                tombstoneRetentionTimeInHours: integer
              status: string of 9 values
              userMetadata: string
            status:
              captureDescription: object
                destination: object
                  archiveNameFormat: string
                  blobContainer: string
                  dataLakeAccountName: string
                  dataLakeFolderPath: string
                  dataLakeSubscriptionId: string
                  identity: object
                    type: string
                    userAssignedIdentity: string
                  name: string
                  storageAccountResourceId: string
                enabled: boolean
                encoding: string
                intervalInSeconds: integer
                sizeLimitInBytes: integer
                skipEmptyArchives: boolean
              conditions: []{lastTransitionTime, message, observedGeneration, reason, severity, status, type}
              createdAt: string
              id: string
              location: string
              messageRetentionInDays: integer
              name: string
              partitionCount: integer
              partitionIds: []string
              retentionDescription: object
                cleanupPolicy: string
                retentionTimeInHours: integer
                tombstoneRetentionTimeInHours: integer
              status: string
              systemData: object
                createdAt: string
                createdBy: string
                createdByType: string
                lastModifiedAt: string
                lastModifiedBy: string
                lastModifiedByType: string
              type: string
              updatedAt: string
              userMetadata: string
        "#]],
    );
}

#[test]
fn names_and_versions() {
    let mut text = String::new();
    for crd in matching(builtin(), "*") {
        let spec = &crd["spec"];
        let storage = spec["versions"].as_array().expect("versions").iter().find(|each| each["storage"] == true);
        text += &format!(
            "{} {} {} bytes, stored as {}\n",
            crd["metadata"]["name"].as_str().expect("a name"),
            spec["names"]["categories"],
            crd.to_string().len() / 1000 * 1000,
            storage.expect("one storage version")["name"],
        );
    }
    expect![[r#"
        federatedidentitycredentials.managedidentity.azure.com ["azure","managedidentity"] 15000 bytes, stored as "v1api20230131storage"
        flexibleservers.dbforpostgresql.azure.com ["azure","dbforpostgresql"] 105000 bytes, stored as "v1api20240801storage"
        flexibleserversconfigurations.dbforpostgresql.azure.com ["azure","dbforpostgresql"] 32000 bytes, stored as "v1api20240801storage"
        flexibleserversdatabases.dbforpostgresql.azure.com ["azure","dbforpostgresql"] 29000 bytes, stored as "v1api20240801storage"
        flexibleserversfirewallrules.dbforpostgresql.azure.com ["azure","dbforpostgresql"] 32000 bytes, stored as "v1api20240801storage"
        maintenanceconfigurations.containerservice.azure.com ["azure","containerservice"] 38000 bytes, stored as "v1api20250801storage"
        managedclusters.containerservice.azure.com ["azure","containerservice"] 317000 bytes, stored as "v1api20250801storage"
        managedclustersagentpools.containerservice.azure.com ["azure","containerservice"] 107000 bytes, stored as "v1api20250801storage"
        namespaces.eventhub.azure.com ["azure","eventhub"] 42000 bytes, stored as "v1api20240101storage"
        namespacesauthorizationrules.eventhub.azure.com ["azure","eventhub"] 17000 bytes, stored as "v1api20240101storage"
        namespaceseventhubs.eventhub.azure.com ["azure","eventhub"] 26000 bytes, stored as "v1api20240101storage"
        namespaceseventhubsauthorizationrules.eventhub.azure.com ["azure","eventhub"] 17000 bytes, stored as "v1api20240101storage"
        namespaceseventhubsconsumergroups.eventhub.azure.com ["azure","eventhub"] 13000 bytes, stored as "v1api20240101storage"
        resourcegroups.resources.azure.com ["azure","resources"] 7000 bytes, stored as "v1api20200601storage"
        roleassignments.authorization.azure.com ["azure","authorization"] 12000 bytes, stored as "v1api20220401storage"
        roledefinitions.authorization.azure.com ["azure","authorization"] 11000 bytes, stored as "v1api20220401storage"
        secrets.keyvault.azure.com ["azure","keyvault"] 16000 bytes, stored as "v1api20230701storage"
        storageaccounts.storage.azure.com ["azure","storage"] 119000 bytes, stored as "v1api20230101storage"
        storageaccountsblobservices.storage.azure.com ["azure","storage"] 36000 bytes, stored as "v1api20230101storage"
        storageaccountsblobservicescontainers.storage.azure.com ["azure","storage"] 31000 bytes, stored as "v1api20230101storage"
        storageaccountsfileservices.storage.azure.com ["azure","storage"] 21000 bytes, stored as "v1api20230101storage"
        storageaccountsfileservicesshares.storage.azure.com ["azure","storage"] 19000 bytes, stored as "v1api20230101storage"
        storageaccountsmanagementpolicies.storage.azure.com ["azure","storage"] 66000 bytes, stored as "v1api20230101storage"
        storageaccountsqueueservices.storage.azure.com ["azure","storage"] 22000 bytes, stored as "v1api20230101storage"
        storageaccountsqueueservicesqueues.storage.azure.com ["azure","storage"] 17000 bytes, stored as "v1api20230101storage"
        storageaccountstableservices.storage.azure.com ["azure","storage"] 15000 bytes, stored as "v1api20230101storage"
        storageaccountstableservicestables.storage.azure.com ["azure","storage"] 14000 bytes, stored as "v1api20230101storage"
        userassignedidentities.managedidentity.azure.com ["azure","managedidentity"] 19000 bytes, stored as "v1api20230131storage"
        vaults.keyvault.azure.com ["azure","keyvault"] 41000 bytes, stored as "v1api20230701storage"
    "#]].assert_eq(&text);
}

#[test]
fn patterns_select_as_upstream() {
    let selects = |pattern: &str| Pattern::parse(pattern).selects("keyvault.azure.com", "Vault");
    assert!(selects("*"));
    assert!(selects("resources.azure.com/*; keyvault.azure.com/*"));
    assert!(selects("KeyVault.azure.com/vault"));
    assert!(selects("keyvault.azure.com/V?ult"));
    assert!(!selects(""));
    assert!(!selects("keyvault.azure.com"));
    assert!(!selects("keyvault.azure.com/Vaults"));
    assert!(!selects("storage.azure.com/*"));
}

/// What the API server checks before it serves a definition.
#[test]
fn every_definition_is_structural() {
    for crd in matching(builtin(), "*") {
        for version in crd["spec"]["versions"].as_array().expect("versions") {
            let schema = &version["schema"]["openAPIV3Schema"];
            if let Err(causes) = machinery::schema::Schema::compile(schema) {
                panic!("{} {}: {causes:#?}", crd["metadata"]["name"], version["name"]);
            }
        }
    }
}

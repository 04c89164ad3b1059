//! Managed clusters: what Azure fills in, what it refuses, versions by the day, credentials, start and stop.

#![expect(clippy::too_many_lines, reason = "goldens are long")]

use std::sync::Arc;

use expect_test::{Expect, expect};
use jiff::civil::{Date, date};
use serde_json::Value;
use store::{Memory, Store};
use testkit::FixedClock;

use super::Lab;

pub(super) const GROUP: &str = r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#;
pub(super) const DEV: &str = "{sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev";

/// As the workshop's chart asks for it.
pub(super) const BODY: &str = r#"{"name": "dev", "location": "westus3", "tags": {}, "identity": {"type": "SystemAssigned", "delegatedResources": null}, "sku": {"name": "Base", "tier": "Free"}, "properties": {"kubernetesVersion": "1.30.10", "dnsPrefix": "dev", "enableRBAC": true, "disableLocalAccounts": false, "servicePrincipalProfile": {"clientId": "msi"}, "oidcIssuerProfile": {"enabled": true}, "autoUpgradeProfile": {"upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage"}, "addonProfiles": null, "agentPoolProfiles": [{"name": "pool0", "count": 1, "enableAutoScaling": true, "minCount": 1, "maxCount": 3, "mode": "System", "osSKU": "AzureLinux", "vmSize": "Standard_DS2_v2", "type": "VirtualMachineScaleSets", "availabilityZones": null, "nodeLabels": {}, "nodeTaints": [], "tags": {}}]}}"#;

pub(super) fn put(body: &str) -> String {
    format!("PUT {DEV}?api-version=2023-10-01 {body}")
}

/// A laboratory on a day of AKS' table of versions, with a group.
pub(super) async fn lab_on(day: Date, quota: Option<u32>) -> Lab {
    let space = Memory::new().space("twin").expect("a space");
    let mut lab = Lab::configured(space, Arc::new(FixedClock::default()), 1, |config| {
        config.kubernetes_versions_of = Some(day);
        config.vcpu_quota = quota;
    })
    .await;
    lab.run(GROUP).await;
    lab.host.take();
    lab
}

pub(super) const WORKSHOP: Date = date(2025, 4, 15);

/// A laboratory with the cluster `dev`, through with being made.
pub(super) async fn lab() -> Lab {
    let mut lab = lab_on(WORKSHOP, None).await;
    let said = lab.run(&format!("{}\nwait 100", put(BODY))).await;
    assert!(said.contains("-> 201"), "{said}");
    lab
}

/// Runs lines; status and error, or what the pointer finds.
pub(super) async fn ask(lab: &mut Lab, script: &str) -> String {
    let said = lab.run(script).await;
    let short = |line: &str| {
        let Some((request, answer)) = line.split_once(" -> ") else { return line.to_string() };
        let request = request.replace(DEV, "dev").replace("{sub}/resourceGroups/", "");
        let body = answer.find('{').and_then(|at| serde_json::from_str::<Value>(&answer[at..]).ok());
        let Some(body) = body else { return format!("{request} -> {answer}") };
        let error = body.get("error").unwrap_or(&body);
        match error["code"].as_str() {
            Some(code) => {
                format!("{request} -> {} {code}: {}", &answer[..3], error["message"].as_str().unwrap_or_default())
            }
            None => format!("{request} -> {} {}", &answer[..3], body["properties"]["provisioningState"]),
        }
    };
    said.lines().map(short).collect::<Vec<_>>().join("\n")
}

/// The body of an answer.
fn body(answer: &str) -> Value {
    let from = answer.find(" {\"").expect("a body");
    serde_json::from_str(answer[from..].trim()).expect("JSON")
}

async fn get(lab: &mut Lab, path: &str) -> Value {
    let version = if path.contains("/providers/") { "2023-10-01" } else { "2020-06-01" };
    body(&lab.run(&format!("GET {path}?api-version={version}")).await)
}

#[tokio::test]
async fn what_azure_fills_in() {
    let mut lab = lab_on(WORKSHOP, None).await;
    let said = lab.run(&format!("{}\nGET {DEV}?api-version=2023-10-01", put(BODY))).await;
    let answers: Vec<&str> = said.lines().filter_map(|line| line.split(" -> ").nth(1)).collect();
    let head = |answer: &str| answer[..answer.find('{').unwrap_or(answer.len())].to_string();
    expect![[r#"
        201 [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21] 
        200 [retry-after-ms: 21] "#]]
    .assert_eq(&answers.iter().map(|answer| head(answer)).collect::<Vec<_>>().join("\n"));
    assert_eq!(body(answers[0]), body(answers[1]), "a PUT answers what a GET does");
    lab.run("wait 100").await;
    let said = lab.run(&format!("GET {DEV}?api-version=2023-10-01")).await;
    let shown = serde_json::to_string_pretty(&body(said.trim())).expect("JSON");
    let hash = |text: &str| {
        let at = text.find("dev-").map(|at| at + 4).unwrap_or_default();
        text.replace(&text[at..at + 8], "HASH")
    };
    let uid = shown.find("\"resourceUID\": \"").map(|at| shown[at + 16..at + 40].to_string()).unwrap_or_default();
    expect![[r#"
        {
          "id": "/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev",
          "identity": {
            "principalId": "GUID",
            "tenantId": "TENANT",
            "type": "SystemAssigned"
          },
          "location": "westus3",
          "name": "dev",
          "properties": {
            "agentPoolProfiles": [
              {
                "count": 1,
                "currentOrchestratorVersion": "1.30.10",
                "enableAutoScaling": true,
                "enableFIPS": false,
                "enableNodePublicIP": false,
                "kubeletDiskType": "OS",
                "maxCount": 3,
                "maxPods": 250,
                "minCount": 1,
                "mode": "System",
                "name": "pool0",
                "nodeImageVersion": "AKSAzureLinux-V2gen2-202504.01.0",
                "orchestratorVersion": "1.30.10",
                "osDiskSizeGB": 128,
                "osDiskType": "Managed",
                "osSKU": "AzureLinux",
                "osType": "Linux",
                "powerState": {
                  "code": "Running"
                },
                "provisioningState": "Succeeded",
                "scaleDownMode": "Delete",
                "securityProfile": {
                  "enableSecureBoot": false,
                  "enableVTPM": false
                },
                "type": "VirtualMachineScaleSets",
                "upgradeSettings": {
                  "maxSurge": "10%"
                },
                "vmSize": "Standard_DS2_v2"
              }
            ],
            "autoUpgradeProfile": {
              "nodeOSUpgradeChannel": "NodeImage",
              "upgradeChannel": "stable"
            },
            "azurePortalFQDN": "dev-HASH.portal.hcp.westus3.azmk8s.io",
            "currentKubernetesVersion": "1.30.10",
            "disableLocalAccounts": false,
            "dnsPrefix": "dev",
            "enableRBAC": true,
            "fqdn": "dev-HASH.hcp.westus3.azmk8s.io",
            "identityProfile": {
              "kubeletidentity": {
                "clientId": "GUID",
                "objectId": "GUID",
                "resourceId": "/subscriptions/SUB/resourcegroups/MC_rg1_dev_westus3/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-agentpool"
              }
            },
            "kubernetesVersion": "1.30.10",
            "maxAgentPools": 100,
            "metricsProfile": {
              "costAnalysis": {
                "enabled": false
              }
            },
            "networkProfile": {
              "dnsServiceIP": "10.0.0.10",
              "ipFamilies": [
                "IPv4"
              ],
              "loadBalancerProfile": {
                "backendPoolType": "nodeIPConfiguration",
                "effectiveOutboundIPs": [
                  {
                    "id": "/subscriptions/SUB/resourceGroups/MC_rg1_dev_westus3/providers/Microsoft.Network/publicIPAddresses/GUID"
                  }
                ],
                "managedOutboundIPs": {
                  "count": 1
                }
              },
              "loadBalancerSku": "standard",
              "networkDataplane": "azure",
              "networkPlugin": "azure",
              "networkPluginMode": "overlay",
              "networkPolicy": "none",
              "outboundType": "loadBalancer",
              "podCidr": "10.244.0.0/16",
              "podCidrs": [
                "10.244.0.0/16"
              ],
              "serviceCidr": "10.0.0.0/16",
              "serviceCidrs": [
                "10.0.0.0/16"
              ]
            },
            "nodeResourceGroup": "MC_rg1_dev_westus3",
            "oidcIssuerProfile": {
              "enabled": true,
              "issuerURL": "https://westus3.oic.prod-aks.azure.com/TENANT/GUID/"
            },
            "powerState": {
              "code": "Running"
            },
            "provisioningState": "Succeeded",
            "resourceUID": "UID",
            "securityProfile": {},
            "servicePrincipalProfile": {
              "clientId": "msi"
            },
            "storageProfile": {
              "diskCSIDriver": {
                "enabled": true
              },
              "fileCSIDriver": {
                "enabled": true
              },
              "snapshotController": {
                "enabled": true
              }
            },
            "supportPlan": "KubernetesOfficial",
            "workloadAutoScalerProfile": {}
          },
          "sku": {
            "name": "Base",
            "tier": "Free"
          },
          "type": "Microsoft.ContainerService/ManagedClusters"
        }"#]].assert_eq(&hash(&shown).replace(&uid, "UID"));
    let pool = get(&mut lab, &format!("{DEV}/agentPools/pool0")).await;
    expect![[r#""/subscriptions/SUB/resourcegroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool0""#]].assert_eq(&pool["id"].to_string());
    let group = get(&mut lab, "{sub}/resourceGroups/MC_rg1_dev_westus3").await;
    expect![[r#"{"id":"/subscriptions/SUB/resourceGroups/MC_rg1_dev_westus3","location":"westus3","managedBy":"/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev","name":"MC_rg1_dev_westus3","properties":{"provisioningState":"Succeeded"},"tags":{"aks-managed-cluster-name":"dev","aks-managed-cluster-rg":"rg1"},"type":"Microsoft.Resources/resourceGroups"}"#]].assert_eq(&group.to_string());
}

async fn check_refused(day: Date, changes: &[(&str, &str)], expected: Expect) {
    let mut lab = lab_on(day, None).await;
    let mut said = Vec::new();
    for (from, to) in changes {
        assert!(BODY.contains(from), "{from}");
        said.push(ask(&mut lab, &put(&BODY.replacen(from, to, 1))).await);
    }
    let said: Vec<&str> = said.iter().filter_map(|line| line.split(" -> ").nth(1)).collect();
    expected.assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn bodies_are_checked() {
    check_refused(
        WORKSHOP,
        &[
            (r#""name": "pool0""#, r#""name": "Pool0""#),
            (r#""name": "pool0""#, r#""name": "pool0pool0pool0""#),
            (r#""mode": "System""#, r#""mode": "User""#),
            (r#""vmSize": "Standard_DS2_v2""#, r#""vmSize": "Huge""#),
            (r#""vmSize": "Standard_DS2_v2", "#, ""),
            (r#""vmSize": "Standard_DS2_v2""#, r#""vmSize": "Standard_B1s""#),
            (r#""minCount": 1, "#, ""),
            (r#""minCount": 1"#, r#""minCount": 0"#),
            (r#""maxCount": 3"#, r#""maxCount": 0"#),
            (r#""count": 1"#, r#""count": 7"#),
            (r#""enableAutoScaling": true"#, r#""enableAutoScaling": false"#),
            (r#""nodeTaints": []"#, r#""nodeTaints": ["dedicated"]"#),
            (r#""dnsPrefix": "dev""#, r#""dnsPrefix": "-dev""#),
            (r#""kubernetesVersion": "1.30.10""#, r#""kubernetesVersion": "v1.30.10""#),
            (r#""kubernetesVersion": "1.30.10""#, r#""kubernetesVersion": "1.30.99""#),
            (r#""enableRBAC""#, r#""networkProfile": {"serviceCidr": "10.0.0.0/16", "dnsServiceIP": "10.1.0.10"}, "enableRBAC""#),
            (r#""enableRBAC""#, r#""networkProfile": {"podCidr": "10.0.0.0/8"}, "enableRBAC""#),
            (r#""enableRBAC""#, r#""colour": "blue", "enableRBAC""#),
            (r#""type": "SystemAssigned""#, r#""type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none": {}}"#),
        ],
        expect![[r#"
            400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Error details: agent pool name Pool0 must begin with a lowercase letter, contain only characters of [a-z0-9], and have at most 12 characters. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Error details: agent pool name pool0pool0pool0 must begin with a lowercase letter, contain only characters of [a-z0-9], and have at most 12 characters. Please see https://aka.ms/aks-naming-rules for more details.
            400 BadRequest: Must define at least one system pool.
            400 BadRequest: The VM size of Huge is not allowed in your subscription in location 'westus3'. For more details, please visit https://aka.ms/cpu-quota
            400 InvalidParameter: Required parameter agentPoolProfile.vmSize is missing (null).
            400 BadRequest: System node pools must use VM sku with more than or equal to 2 cores and 4GB memory. Selected VM sku is 'Standard_B1s'.
            400 InvalidParameter: Required parameter agentPoolProfile.minCount is missing (null).
            400 InvalidParameter: The value of parameter agentPoolProfile.minCount is invalid. Error details: minCount must be between 1 and 1000. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter agentPoolProfile.maxCount is invalid. Error details: maxCount must be between 1 and 1000, and not below minCount. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter agentPoolProfile.count is invalid. Error details: count 7 is not between minCount 1 and maxCount 3. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter agentPoolProfile.minCount is invalid. Error details: minCount cannot be set when enableAutoScaling is false. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter agentPoolProfile.nodeTaints is invalid. Error details: taint dedicated is not of the form key=value:effect. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter dnsPrefix is invalid. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter orchestratorProfile.OrchestratorVersion is invalid. Please see https://aka.ms/aks-naming-rules for more details.
            400 K8sVersionNotSupported: Managed cluster dev is on version 1.30.99 which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list
            400 InvalidParameter: The value of parameter networkProfile.dnsServiceIP is invalid. Error details: dnsServiceIP must be within the service CIDR 10.0.0.0/16 and not its first. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidParameter: The value of parameter networkProfile.podCidr is invalid. Error details: podCidr 10.0.0.0/8 overlaps with serviceCidr 10.0.0.0/16. Please see https://aka.ms/aks-naming-rules for more details.
            400 InvalidRequestContent: The request content was invalid and could not be deserialized: 'Could not find member 'colour' on object of type 'managedClusters'. Path 'properties.colour', line 1, position 1.'.
            400 FailedIdentityOperation: Identity operation for resource '/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: 'Resource '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none' was not found.'."#]],
    )
    .await;
}

/// az of today: an api-version that the catalogue does not hold yet, an empty size for AKS to choose, no Kubernetes version.
#[tokio::test]
async fn what_az_sends_is_newer_than_the_catalogue() {
    let mut lab = lab_on(WORKSHOP, None).await;
    let pools = r#"[{"name": "nodepool1", "count": 3, "mode": "System", "vmSize": "", "osType": "Linux"}]"#;
    let body = format!(
        r#"{{"location": "westus3", "identity": {{"type": "SystemAssigned"}}, "properties": {{"kubernetesVersion": "", "ofTheFuture": {{}}, "agentPoolProfiles": {pools}}}}}"#
    );
    let az = DEV.replace("/dev", "/az");
    let made = lab.run(&format!("PUT {az}?api-version=2099-01-01 {body}")).await;
    assert!(made.contains("-> 201"), "{made}");
    let read = lab.run(&format!("GET {az}?api-version=2024-09-01")).await;
    assert!(read.contains("-> 200") && read.contains(r#""vmSize":"Standard_DS2_v2""#), "{read}");
    let again = lab.run(&format!("wait 100\nPUT {az}?api-version=2099-01-01 {body}")).await;
    assert!(again.contains("-> 200"), "an empty size keeps the one that it has: {again}");
    let never = lab.run(&format!("PUT {az}?api-version=2024-09-17 {body}")).await;
    assert!(never.contains("NoRegisteredProviderFound"), "{never}");
}

#[tokio::test]
async fn versions_are_offered_by_the_day() {
    let changes = [(r#""kubernetesVersion": "1.30.10""#, r#""kubernetesVersion": "1.30.10""#)];
    check_refused(WORKSHOP, &changes, expect![[r#"201 "Creating""#]]).await;
    check_refused(date(2025, 12, 1), &changes, expect!["400 K8sVersionNotSupported: Managed cluster dev is on version 1.30.10, which is only available for Long-Term Support (LTS). If you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan (see https://aka.ms/aks/enable-lts). Otherwise, use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"]).await;
    check_refused(date(2026, 9, 1), &changes, expect!["400 K8sVersionNotSupported: Managed cluster dev is on version 1.30.10 which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"]).await;
    let long_term = (r#""enableRBAC""#, r#""supportPlan": "AKSLongTermSupport", "enableRBAC""#);
    check_refused(date(2025, 12, 1), &[long_term], expect![[r#"201 "Creating""#]]).await;
    let default = (r#""kubernetesVersion": "1.30.10", "#, "");
    for (day, expected) in [
        (
            date(2025, 11, 19),
            expect![[r#"
        dev@1.32.9 [pool0:1xStandard_DS2_v2@1.32.9]
    "#]],
        ),
        (
            date(2026, 9, 15),
            expect![[r#"
        dev@1.35.7 [pool0:1xStandard_DS2_v2@1.35.7]
    "#]],
        ),
    ] {
        let mut lab = lab_on(day, None).await;
        lab.run(&put(&BODY.replacen(default.0, default.1, 1))).await;
        expected.assert_eq(&lab.host.take());
    }
    let mut lab = lab_on(WORKSHOP, None).await;
    let path = "{sub}/providers/Microsoft.ContainerService/locations/westus3/kubernetesVersions";
    let said = lab.run(&format!("GET {path}?api-version=2023-10-01")).await;
    let body = body(&said);
    let shown: Vec<String> = body["values"]
        .as_array()
        .expect("values")
        .iter()
        .map(|value| {
            let patches: Vec<&String> = value["patchVersions"].as_object().expect("patches").keys().collect();
            format!(
                "{} {} default {} preview {}: {} patches, {}",
                value["version"],
                value["capabilities"]["supportPlan"],
                value["isDefault"],
                value["isPreview"],
                patches.len(),
                patches.last().expect("one")
            )
        })
        .collect();
    expect![[r#"
        "1.28" ["AKSLongTermSupport"] default null preview null: 10 patches, 1.28.9
        "1.29" ["AKSLongTermSupport"] default null preview null: 14 patches, 1.29.9
        "1.30" ["KubernetesOfficial","AKSLongTermSupport"] default null preview null: 12 patches, 1.30.9
        "1.31" ["KubernetesOfficial","AKSLongTermSupport"] default true preview null: 7 patches, 1.31.7
        "1.32" ["KubernetesOfficial","AKSLongTermSupport"] default null preview null: 4 patches, 1.32.3"#]]
    .assert_eq(&shown.join("\n"));
    assert!(crate::kubernetes_versions(WORKSHOP).contains(&"1.30.10".to_string()));
    let note =
        |version: &str, day| crate::kubernetes_version_note(version, "KubernetesOfficial", day).unwrap_or_default();
    let notes = [
        note("1.30.10", WORKSHOP),
        note("1.30.10", date(2025, 12, 1)),
        note("1.30.10", date(2026, 9, 1)),
        note("v1.30.10", WORKSHOP),
    ];
    expect![[r#"

        on 2025-12-01 AKS offers 1.30.10 for long-term support only (tier Premium, supportPlan AKSLongTermSupport)
        on 2026-09-01 AKS does not offer 1.30.10
        "v1.30.10" is no Kubernetes version"#]]
    .assert_eq(&notes.join("\n"));
}

#[tokio::test]
async fn what_cannot_change_and_what_a_put_leaves_out() {
    let mut lab = lab().await;
    let mut said = Vec::new();
    for (from, to) in [
        (r#""dnsPrefix": "dev""#, r#""dnsPrefix": "other""#),
        (
            r#""enableRBAC""#,
            r#""networkProfile": {"serviceCidr": "10.9.0.0/16", "dnsServiceIP": "10.9.0.10"}, "enableRBAC""#,
        ),
        (r#""vmSize": "Standard_DS2_v2""#, r#""vmSize": "Standard_DS3_v2""#),
        (r#""oidcIssuerProfile": {"enabled": true}"#, r#""oidcIssuerProfile": {"enabled": false}"#),
        (r#""mode": "System""#, r#""mode": "User""#),
        (r#""location": "westus3""#, r#""location": "eastus""#),
        (r#""kubernetesVersion": "1.30.10""#, r#""kubernetesVersion": "1.32.3""#),
        (r#""kubernetesVersion": "1.30.10""#, r#""kubernetesVersion": "1.29.15""#),
    ] {
        said.push(ask(&mut lab, &put(&BODY.replacen(from, to, 1))).await);
    }
    lab.host.take();
    // An upgrade, without a word about the pools: they stay, with their versions.
    let upgrade =
        r#"{"location": "westus3", "properties": {"kubernetesVersion": "1.31.6", "agentPoolProfiles": null}}"#;
    said.push(ask(&mut lab, &format!("{}\nGET {DEV}?api-version=2023-10-01\nwait 200", put(upgrade))).await);
    expect![[r#"
        PUT dev -> 409 PropertyChangeNotAllowed: Changing property 'dnsPrefix' is not allowed.
        PUT dev -> 409 PropertyChangeNotAllowed: Changing property 'networkProfile.serviceCidr' is not allowed.
        PUT dev -> 409 PropertyChangeNotAllowed: Changing property 'agentPoolProfile.vmSize' is not allowed.
        PUT dev -> 400 BadRequest: OIDC issuer feature cannot be disabled.
        PUT dev -> 400 BadRequest: There has to be at least one system agent pool.
        PUT dev -> 409 InvalidResourceLocation: The resource 'dev' already exists in location 'westus3' in resource group 'rg1'. A resource with the same name cannot be created in location 'eastus'. Please select a new resource name.
        PUT dev -> 400 OperationNotAllowed: Upgrading Kubernetes version 1.30.10 to 1.32.3 is not allowed. Available upgrades: [1.31.7 1.31.6 1.31.5 1.31.4 1.31.3 1.31.2 1.31.1 1.30.11]. Please see https://aka.ms/aks-supported-k8s-ver for version details.
        PUT dev -> 400 OperationNotAllowed: Upgrading Kubernetes version 1.30.10 to 1.29.15 is not allowed. Available upgrades: [1.31.7 1.31.6 1.31.5 1.31.4 1.31.3 1.31.2 1.31.1 1.30.11]. Please see https://aka.ms/aks-supported-k8s-ver for version details.
        PUT dev -> 200 "Upgrading"
        GET dev -> 200 "Upgrading"
        wait 200"#]].assert_eq(&said.join("\n"));
    expect![[r#"
        dev@1.31.6 [pool0:1xStandard_DS2_v2@1.30.10]
    "#]]
    .assert_eq(&lab.host.take());
    let cluster = get(&mut lab, DEV).await;
    let kept = ["dnsPrefix", "kubernetesVersion", "currentKubernetesVersion", "autoUpgradeProfile"];
    let kept: Vec<String> = kept.iter().map(|name| format!("{name}: {}", cluster["properties"][name])).collect();
    expect![[r#"
        dnsPrefix: "dev"
        kubernetesVersion: "1.31.6"
        currentKubernetesVersion: "1.31.6"
        autoUpgradeProfile: {"nodeOSUpgradeChannel":"NodeImage","upgradeChannel":"stable"}
        identity: "SystemAssigned""#]]
    .assert_eq(&format!("{}\nidentity: {}", kept.join("\n"), cluster["identity"]["type"]));
    let profiles = get(&mut lab, &format!("{DEV}/upgradeProfiles/default")).await;
    expect![[r#"{"agentPoolProfiles":[{"kubernetesVersion":"1.30.10","name":"pool0","osType":"Linux","upgrades":[{"kubernetesVersion":"1.31.6"},{"kubernetesVersion":"1.31.5"},{"kubernetesVersion":"1.31.4"},{"kubernetesVersion":"1.31.3"},{"kubernetesVersion":"1.31.2"},{"kubernetesVersion":"1.31.1"},{"kubernetesVersion":"1.30.11"}]}],"controlPlaneProfile":{"kubernetesVersion":"1.31.6","osType":"Linux","upgrades":[{"kubernetesVersion":"1.32.3"},{"kubernetesVersion":"1.32.2"},{"kubernetesVersion":"1.32.1"},{"kubernetesVersion":"1.32.0"},{"kubernetesVersion":"1.31.7"}]}}"#]].assert_eq(&profiles["properties"].to_string());
}

#[tokio::test]
async fn credentials_are_the_hosts() {
    let mut lab = lab().await;
    let admin = format!("POST {DEV}/listClusterAdminCredential?api-version=2023-10-01");
    let user = format!("POST {DEV}/listClusterUserCredential?api-version=2023-10-01");
    let said = lab.run(&format!("{admin}\n{user}")).await;
    let decoded: Vec<String> = said
        .lines()
        .filter_map(|line| line.split("\"value\":\"").nth(1)?.split('"').next())
        .map(|value| {
            use base64::{Engine, prelude::BASE64_STANDARD};
            let text = String::from_utf8(BASE64_STANDARD.decode(value).expect("base64")).expect("text");
            text.split('-').next().unwrap_or_default().to_string()
        })
        .collect();
    assert_eq!(decoded, ["Admin of dev", "User of dev"]);
    let disable = r#"{"location": "westus3", "properties": {"disableLocalAccounts": true}}"#;
    let managed = r#"{"location": "westus3", "properties": {"aadProfile": {"managed": true}}}"#;
    let said = ask(&mut lab, &format!("{}\nwait 100\n{admin}\n{user}\n{}\nwait 100\n{admin}\n{user}\nPOST {DEV}/runCommand?api-version=2023-10-01 {{\"command\": \"ls\"}}", put(disable), put(managed))).await;
    expect![[r#"
        PUT dev -> 200 "Updating"
        wait 100
        POST dev/listClusterAdminCredential -> 400 BadRequest: Getting static credential is not allowed because this cluster is set to disable local accounts.
        POST dev/listClusterUserCredential -> 400 BadRequest: Getting static credential is not allowed because this cluster is set to disable local accounts.
        PUT dev -> 200 "Updating"
        wait 100
        POST dev/listClusterAdminCredential -> 400 BadRequest: Getting static credential is not allowed because this cluster is set to disable local accounts.
        POST dev/listClusterUserCredential -> 200 null
        POST dev/runCommand -> 501 NotImplemented: The twin of Azure does not simulate the action 'runCommand' of 'Microsoft.ContainerService/managedClusters'."#]].assert_eq(&said);
}

#[tokio::test]
async fn stop_and_start() {
    let mut lab = lab().await;
    lab.host.take();
    let script = format!(
        "POST {DEV}/start?api-version=2023-10-01\nPOST {DEV}/stop?api-version=2023-10-01\n{}\nwait 100\nGET {DEV}?api-version=2023-10-01\n{}\nPOST {DEV}/start?api-version=2023-10-01\nwait 100\nGET {DEV}?api-version=2023-10-01",
        put(BODY),
        put(BODY)
    );
    let said = ask(&mut lab, &script).await;
    expect![[r#"
        POST dev/start -> 204
        POST dev/stop -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2016-03-30] [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21]
        PUT dev -> 409 OperationNotAllowed: Operation is not allowed: Another operation (dev - Stopping) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details
        wait 100
        GET dev -> 200 "Succeeded"
        PUT dev -> 409 OperationNotAllowed: Operation is not allowed: managed cluster dev is in stopped state, no operations except for start and delete are allowed.
        POST dev/start -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2016-03-30] [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21]
        wait 100
        GET dev -> 200 "Succeeded""#]].assert_eq(&said);
    expect![[r#"
        dev@1.30.10 stopped [pool0:1xStandard_DS2_v2@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10]
    "#]]
    .assert_eq(&lab.host.take());
}

#[tokio::test]
async fn a_cluster_goes_with_its_pools_and_the_group_of_its_nodes() {
    let mut lab = lab().await;
    lab.host.take();
    let nodes = "{sub}/resourceGroups/MC_rg1_dev_westus3";
    let script = format!(
        "DELETE {DEV}?api-version=2023-10-01\nGET {DEV}?api-version=2023-10-01\nDELETE {DEV}?api-version=2023-10-01\nwait 100\nGET {DEV}?api-version=2023-10-01\nGET {DEV}/agentPools/pool0?api-version=2023-10-01\nGET {nodes}?api-version=2020-06-01\nDELETE {DEV}?api-version=2023-10-01"
    );
    let said = lab.run(&script).await;
    expect![[r#"
        DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2016-03-30] [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21]
        GET {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev -> 200 [retry-after-ms: 21]
        DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2016-03-30] [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21]
        wait 100
        GET {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev -> 404
        GET {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool0 -> 404
        GET {sub}/resourceGroups/MC_rg1_dev_westus3 -> 404
        DELETE {sub}/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/dev -> 204"#]]
        .assert_eq(&said.lines().map(|line| line.split(" {\"").next().unwrap_or(line)).collect::<Vec<_>>().join("\n"));
    expect![[r#"
        no clusters
    "#]]
    .assert_eq(&lab.host.take());
    // Made again it is another cluster; deleted with the group around it, the group of its nodes goes too.
    let fqdn =
        |lab: &Lab| lab.host.told.lock().last().and_then(|told| told.first().map(|cluster| cluster.fqdn.clone()));
    let said = ask(&mut lab, &put(BODY)).await;
    let second = fqdn(&lab).expect("hosted");
    assert!(said.contains("201"), "{said}");
    lab.run("wait 100\nDELETE {sub}/resourceGroups/rg1?api-version=2020-06-01\nwait 100").await;
    let said = ask(&mut lab, &format!("GET {nodes}?api-version=2020-06-01")).await;
    expect![
        "GET MC_rg1_dev_westus3 -> 404 ResourceGroupNotFound: Resource group 'MC_rg1_dev_westus3' could not be found."
    ]
    .assert_eq(&said);
    assert_eq!(lab.host.told.lock().last().map(Vec::len), Some(0));
    lab.run(&format!("{GROUP}\n{}", put(BODY))).await;
    assert_ne!(fqdn(&lab).expect("hosted"), second);
}

#[tokio::test]
async fn the_host_is_told_at_open_and_of_changes_only() {
    let mut lab = lab().await;
    lab.host.take();
    lab.run(&format!("GET {DEV}?api-version=2023-10-01\nPUT {{sub}}/resourceGroups/rg2?api-version=2020-06-01 {{\"location\": \"westus3\"}}\n{}", put(BODY))).await;
    assert_eq!(lab.host.take(), "");
    let again = Lab::over(lab.space.clone(), lab.clock.clone(), 2).await;
    expect![[r#"
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10]
    "#]]
    .assert_eq(&again.host.take());
    assert_eq!(lab.host.take(), "");
}

#[tokio::test]
async fn a_failed_creation_is_a_cluster_that_failed() {
    use crate::{Fault, FaultTime, Rule};
    let mut lab = lab_on(WORKSHOP, None).await;
    let rule =
        |fault| Rule { method: "PUT".into(), id_contains: "managedClusters".into(), when: FaultTime::Before, fault };
    lab.faults.push(rule(Fault::insufficient_vcpus(2, 0, "standardDSv2Family", "westus3")));
    lab.faults.push(rule(Fault::FailOperation {
        code: "OverconstrainedAllocationRequest".into(),
        message: "no room".into(),
    }));
    let said = ask(
        &mut lab,
        &format!("{}\n{}\nwait 100\nGET {DEV}?api-version=2023-10-01\n{}", put(BODY), put(BODY), put(BODY)),
    )
    .await;
    expect![[r#"
        PUT dev -> 400 ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 2, remaining 0 for family standardDSv2Family for region westus3.
        PUT dev -> 201 "Creating"
        wait 100
        GET dev -> 200 "Failed"
        PUT dev -> 200 "Updating""#]].assert_eq(&said);
}

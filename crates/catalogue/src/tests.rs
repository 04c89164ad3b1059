//! The committed catalogue, and what validation says about bodies.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::{builtin, validate_body, validate_name};

fn check(arm_type: &str, api_version: &str, body: &Value, expected: Expect) {
    let resource = builtin().resource_by_arm(arm_type, api_version).expect("in the catalogue");
    let lines = validate_body(builtin(), resource, body);
    let text: String =
        lines.iter().map(|error| format!("{}: {:?}: {}\n", error.path, error.kind, error.expected)).collect();
    expected.assert_eq(&text);
}

fn vault() -> Value {
    json!({
        "name": "v", "location": "westus3", "tags": {"env": "dev"},
        "properties": {
            "tenantId": "11111111-1111-1111-1111-111111111111",
            "sku": {"family": "A", "name": "Standard"},
            "accessPolicies": [],
        }
    })
}

#[test]
fn finds_types_by_either_name() {
    let catalogue = builtin();
    for version in ["v1api20210401preview", "v20210401preview", "v1api20210401previewstorage"] {
        let resource = catalogue.resource_by_kind("keyvault.azure.com", version, "Vault").expect(version);
        assert_eq!((&*resource.arm_type, &*resource.api_version), ("Microsoft.KeyVault/vaults", "2021-04-01-preview"));
    }
    let group = catalogue.resource_by_arm("microsoft.resources/RESOURCEGROUPS", "2024-11-01").expect("az's version");
    assert_eq!(group.kind(), Some("ResourceGroup"));
    assert!(catalogue.resource_by_kind("keyvault.azure.com", "v1api20990101", "Vault").is_none());
    assert!(catalogue.resource_by_kind("keyvault.azure.com", "v1", "Vault").is_none());
    expect![[r#"
        2018-11-30 2021-09-30-preview 2022-01-31-preview 2023-01-31 2023-07-31-preview 2024-11-30 2025-01-31-preview 2025-05-31-preview
    "#]]
    .assert_eq(&format!(
        "{}\n",
        catalogue.api_versions("Microsoft.ManagedIdentity/userAssignedIdentities")[1..].join(" ")
    ));
    expect![[r#"
        Microsoft.ManagedIdentity/identities
        Microsoft.ManagedIdentity/userAssignedIdentities
        Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials
    "#]]
    .assert_eq(&format!("{}\n", catalogue.resource_types("microsoft.managedidentity").join("\n")));
}

#[test]
fn accepts_what_azure_accepts() {
    check("Microsoft.KeyVault/vaults", "2021-04-01-preview", &vault(), expect![[""]]);
    let group = json!({"location": "westus3", "properties": {}, "tags": null});
    check("Microsoft.Resources/resourceGroups", "2020-06-01", &group, expect![[""]]);
}

#[test]
fn names_every_mistake_of_a_body() {
    let mut body = vault();
    body["location"] = Value::Null;
    body["colour"] = json!("red");
    body["systemData"] = json!({});
    body["properties"]["sku"]["name"] = json!("gold");
    body["properties"]["tenantId"] = json!("tenant");
    body["properties"]["enableSoftDelete"] = json!("yes");
    body["properties"]["accessPolicies"] = json!([{"tenantId": "11111111-1111-1111-1111-111111111111"}]);
    check(
        "Microsoft.KeyVault/vaults",
        "2021-04-01-preview",
        &body,
        expect![[r#"
        location: MissingRequired: a value
        colour: UnknownProperty: no such property
        properties.accessPolicies[0].objectId: MissingRequired: a value
        properties.accessPolicies[0].permissions: MissingRequired: a value
        properties.enableSoftDelete: WrongType: a boolean
        properties.sku.name: NotInEnum: one of standard, premium
        properties.tenantId: TooShort: at least 36 characters
        properties.tenantId: Pattern: a string that matches ^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$
        systemData: ReadOnlySet: no value: Azure sets it
    "#]],
    );
}

#[test]
fn checks_names() {
    let resource = builtin().resource_by_arm("Microsoft.KeyVault/vaults", "2023-07-01").expect("in the catalogue");
    assert!(validate_name(builtin(), resource, "app-keyvault").is_empty());
    let errors = validate_name(builtin(), resource, "app_keyvault");
    expect!["a string that matches ^[a-zA-Z0-9-]{3,24}$"].assert_eq(&errors[0].expected);
}

/// The file in the repository is what the code of the repository writes and reads.
#[test]
fn committed_file_reads_back_to_itself() {
    let committed = include_bytes!("../data/catalogue.bin");
    let decoded = crate::codec::decode(committed).expect("readable");
    assert!(crate::codec::encode(&decoded) == committed, "run `cargo xtask catalogue`");
    assert!(crate::codec::decode(b"WLAZ1garbage").is_err());
    assert!(crate::codec::decode(b"").is_err());
}

/// Two versions of a recursive type, one property renamed by nobody: stored once.
fn tiny(api_version: &str) -> Value {
    json!([
        {"$type": "StringType", "pattern": "^(?!x)a$"},
        {"$type": "StringLiteralType", "value": api_version},
        {"$type": "ObjectType", "name": "Tree", "properties": {
            "left": {"type": {"$ref": "#/2"}, "flags": 0, "description": "long words"},
            "name": {"type": {"$ref": "#/0"}, "flags": 9},
        }},
        {"$type": "ObjectType", "name": "Body", "properties": {
            "apiVersion": {"type": {"$ref": "#/1"}, "flags": 10},
            "name": {"type": {"$ref": "#/0"}, "flags": 9},
            "tree": {"type": {"$ref": "#/2"}, "flags": 1},
        }},
        {"$type": "ResourceType", "name": format!("X.Y/trees@{api_version}"), "body": {"$ref": "#/3"}, "readableScopes": 8, "writableScopes": 8},
        {"$type": "ResourceFunctionType", "name": "climb", "resourceType": "X.Y/trees", "apiVersion": api_version, "output": {"$ref": "#/2"}},
    ])
}

fn compiled() -> crate::Catalogue {
    let mut compiler = crate::compile::Compiler::default();
    for version in ["2021-01-01", "2022-01-01"] {
        compiler.add(&tiny(version), |_, _| true).expect("readable");
    }
    assert_eq!(compiler.dropped_patterns, 2, "look-around is beyond RE2");
    compiler.finish(Vec::new())
}

#[test]
fn equal_types_are_stored_once_also_when_recursive() {
    let catalogue = compiled();
    assert_eq!((catalogue.types().len(), catalogue.nodes().len()), (2, 3), "{:#?}", catalogue.nodes());
    let resource = catalogue.resource_by_arm("x.y/TREES", "2022-01-01").expect("added");
    assert_eq!(resource.functions[0].name.as_ref(), "climb");
    let deep = json!({"tree": {"name": "n", "left": {"left": {"name": 1}}}});
    let errors: Vec<String> = validate_body(&catalogue, resource, &deep)
        .into_iter()
        .map(|error| format!("{} {:?}", error.path, error.kind))
        .collect();
    assert_eq!(errors, ["tree.left.name MissingRequired", "tree.left.left.name WrongType"]);
}

/// A damaged file is an error, not a panic and not a flood of memory.
#[test]
fn damaged_files_are_refused() {
    let file = crate::codec::encode(&compiled());
    let plain = miniz_oxide::inflate::decompress_to_vec(&file[5..]).expect("deflated");
    for at in 0..plain.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = plain.clone();
            damaged[at] ^= flip;
            let mut file = b"WLAZ1".to_vec();
            file.extend(miniz_oxide::deflate::compress_to_vec(&damaged, 1));
            if let Ok(catalogue) = crate::codec::decode(&file) {
                for resource in catalogue.types() {
                    validate_body(&catalogue, resource, &json!({"tree": {"left": {}}}));
                }
            }
        }
        let mut cut = b"WLAZ1".to_vec();
        cut.extend(miniz_oxide::deflate::compress_to_vec(&plain[..at], 1));
        assert!(crate::codec::decode(&cut).is_err(), "{at}");
    }
}

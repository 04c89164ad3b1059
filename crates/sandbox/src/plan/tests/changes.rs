//! Twenty changes of Sample 2 as people make them.

use api::files::FileSet;

use crate::workshop::SAMPLE_2;

pub(super) struct Change {
    pub(super) name: &'static str,
    /// How many writes Azure receives, refused ones included.
    pub(super) writes: usize,
    pub(super) make: fn(&mut FileSet),
}

const ANNOTATION: &str = "  annotations:\n    serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials\n";
const OWNED_BY_GROUP: &str = "  owner:\n    name: rg-dev-app\n";

pub(super) fn all() -> Vec<Change> {
    let change = |name, writes, make| Change { name, writes, make };
    vec![
        change("nothing", 0, |_| {}),
        change("a comment", 0, |files| edit(files, |text| format!("# reviewed\n{text}"))),
        change("a tag on the group", 1, |files| edit_group(files, "  tags:\n    env: dev\n")),
        change("a tag on the vault", 1, |files| {
            replace(files, "    kind: ResourceGroup\n", "    kind: ResourceGroup\n  tags:\n    env: dev\n")
        }),
        change("two tags in two objects", 2, |files| {
            edit_group(files, "  tags:\n    env: dev\n");
            replace(files, "    kind: ResourceGroup\n", "    kind: ResourceGroup\n  tags:\n    env: dev\n");
        }),
        change("the vault's location: refused by Azure", 1, |files| {
            replace_last(files, "  location: eastus\n", "  location: westeurope\n")
        }),
        change("the group's location: refused by Azure", 1, |files| {
            replace(files, "  location: eastus\n", "  location: westeurope\n")
        }),
        change("one permission less", 1, |files| replace(files, "            - set\n", "")),
        change("the vault's tenant is another one: refused by Azure", 1, |files| {
            replace(
                files,
                &format!("    tenantId: {}\n    sku", super::TENANT),
                "    tenantId: 00000000-1111-4222-8333-444444444444\n    sku",
            );
        }),
        change("soft delete switched off: refused by Azure", 1, |files| {
            replace(files, "enableSoftDelete: true", "enableSoftDelete: false")
        }),
        change("another group", 1, |files| add(files, "group.yaml", &group("rg-second"))),
        change("the secret's value", 1, |files| replace(files, "c2VjcmV0LXZhbHVlLWJhc2U2NA==", "b3RoZXI=")),
        change("the secret is removed: it stays in its vault", 0, |files| edit(files, |text| documents(text, 2))),
        change("the vault and its secret are removed", 1, |files| edit(files, |text| documents(text, 1))),
        change("everything is removed: Argo CD refuses", 0, |files| {
            edit(files, |_| "# empty\n".into());
        }),
        change("an unknown kind beside the rest: Argo CD's sync fails", 0, |files| {
            add(
                files,
                "other.yaml",
                "apiVersion: example.com/v1\nkind: Unknown\nmetadata:\n  name: x\n  namespace: rg-dev-app\n",
            );
        }),
        change("bad YAML", 0, |files| add(files, "bad.yaml", "kind: [\n")),
        change("a storage account", 1, |files| add(files, "storage.yaml", &storage())),
        change("an identity", 1, |files| add(files, "identity.yaml", &identity())),
        change("another vault with too long a name: refused by Azure", 1, |files| {
            add(files, "vault.yaml", &vault("a-name-that-is-much-too-long-for-a-vault"));
        }),
        change("a second vault and a secret in it", 2, |files| {
            add(files, "vault.yaml", &format!("{}---\n{}", vault("second-keyvault"), secret("second-keyvault")));
        }),
    ]
}

fn edit(files: &mut FileSet, change: impl FnOnce(&str) -> String) {
    let text = files.0.get(SAMPLE_2).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).expect("Sample 2");
    files.insert(SAMPLE_2, change(&text).into_bytes());
}

fn replace(files: &mut FileSet, from: &str, to: &str) {
    edit(files, |text| {
        assert!(text.contains(from), "{from:?} is in Sample 2");
        text.replacen(from, to, 1)
    });
}

fn replace_last(files: &mut FileSet, from: &str, to: &str) {
    edit(files, |text| {
        let (before, after) = text.rsplit_once(from).expect("it is in Sample 2");
        format!("{before}{to}{after}")
    });
}

fn edit_group(files: &mut FileSet, more: &str) {
    replace(files, "  location: eastus\n", &format!("  location: eastus\n{more}"));
}

/// The first documents of the file.
fn documents(text: &str, count: usize) -> String {
    text.split("---\n").take(count).collect::<Vec<_>>().join("---\n")
}

fn add(files: &mut FileSet, name: &str, text: &str) {
    files.insert(format!("samples/{name}"), text.as_bytes().to_vec());
}

fn object(api_version: &str, kind: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: rg-dev-app\n{ANNOTATION}spec:\n{spec}"
    )
}

fn group(name: &str) -> String {
    object("resources.azure.com/v1api20200601", "ResourceGroup", name, "  location: eastus\n")
}

fn storage() -> String {
    let spec = format!("  location: eastus\n{OWNED_BY_GROUP}  kind: StorageV2\n  sku:\n    name: Standard_LRS\n");
    object("storage.azure.com/v1api20230101", "StorageAccount", "sampletwostorage", &spec)
}

fn identity() -> String {
    let spec = format!("  location: eastus\n{OWNED_BY_GROUP}");
    object("managedidentity.azure.com/v1api20230131", "UserAssignedIdentity", "app-identity", &spec)
}

fn vault(name: &str) -> String {
    let tenant = super::TENANT;
    let spec = format!(
        "  location: eastus\n{OWNED_BY_GROUP}  properties:\n    tenantId: {tenant}\n    sku:\n      family: A\n      name: standard\n    enableRbacAuthorization: true\n"
    );
    object("keyvault.azure.com/v1api20210401preview", "Vault", name, &spec)
}

fn secret(vault: &str) -> String {
    let spec = format!("  owner:\n    name: {vault}\n  properties:\n    value: \"second\"\n");
    object("keyvault.azure.com/v1api20210401preview", "Secret", "second-secret", &spec)
}

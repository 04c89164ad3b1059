//! What Azure fills into a storage account, as the recording Test_Storage_StorageAccount_CRUD of Azure Service Operator has it.

use serde_json::{Value, json};

use crate::{core::Core, state::Resource};

pub(crate) const ACCOUNT: &str = "Microsoft.Storage/storageAccounts";

/// The zone in the host names of static websites. Azure has another one in each region; this is westus2's.
const WEB_ZONE: &str = "z5";

/// Completes the body of an account that is being made or changed.
pub(super) fn complete(core: &Core<'_>, existing: Option<&Resource>, account: &mut Resource) {
    if !account.is(ACCOUNT) {
        return;
    }
    let created = api::env::rfc3339(existing.map_or(core.now, |existing| existing.created_at));
    let kind = account.body.get("kind").and_then(Value::as_str).unwrap_or_default().to_string();
    let location = account.location().to_string();
    let keys = existing.and_then(|existing| existing.property("keyCreationTime").cloned());
    let name = account.name.to_lowercase();
    if let Some(sku) = account.body.get_mut("sku").and_then(Value::as_object_mut) {
        let premium = sku.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with("Premium"));
        sku.insert("tier".into(), json!(if premium { "Premium" } else { "Standard" }));
    }
    let Some(properties) = account.body.get_mut("properties").and_then(Value::as_object_mut) else { return };
    properties.insert("creationTime".into(), json!(created));
    properties.insert("keyCreationTime".into(), keys.unwrap_or_else(|| json!({"key1": created, "key2": created})));
    properties.insert("primaryEndpoints".into(), endpoints(&kind, &name));
    properties.insert("primaryLocation".into(), json!(location));
    properties.insert("statusOfPrimary".into(), json!("available"));
    properties.insert("privateEndpointConnections".into(), json!([]));
    let service = json!({"enabled": true, "keyType": "Account", "lastEnabledTime": created});
    let mut defaults = vec![
        ("encryption", json!({"keySource": "Microsoft.Storage", "services": {"blob": service, "file": service}})),
        (
            "networkAcls",
            json!({"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [], "virtualNetworkRules": []}),
        ),
        ("supportsHttpsTrafficOnly", json!(true)),
    ];
    if kind == "StorageV2" {
        defaults.push(("accessTier", json!("Hot")));
    }
    for (name, value) in defaults {
        properties.entry(name).or_insert(value);
    }
}

/// A kind of account has some of the services.
fn endpoints(kind: &str, name: &str) -> Value {
    let services: &[&str] = match kind {
        "BlobStorage" => &["blob", "dfs", "table"],
        "BlockBlobStorage" => &["blob", "dfs", "web"],
        "FileStorage" => &["file"],
        "Storage" => &["blob", "file", "queue", "table"],
        _ => &["blob", "dfs", "file", "queue", "table", "web"],
    };
    services
        .iter()
        .map(|service| {
            let zone = if *service == "web" { format!("{WEB_ZONE}.") } else { String::new() };
            (service.to_string(), json!(format!("https://{name}.{zone}{service}.core.windows.net/")))
        })
        .collect()
}

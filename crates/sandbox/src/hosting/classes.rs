//! The StorageClasses that every AKS cluster has.

use api::status::Status;
use apiserver::ApiServer;
use serde_json::{Value, json};

/// Name, provisioner, kind of disk or share, and whether a volume waits for its first pod.
const CLASSES: [(&str, &str, &str, bool); 9] = [
    ("azurefile", "file.csi.azure.com", "Standard_LRS", false),
    ("azurefile-csi", "file.csi.azure.com", "Standard_LRS", false),
    ("azurefile-csi-premium", "file.csi.azure.com", "Premium_LRS", false),
    ("azurefile-premium", "file.csi.azure.com", "Premium_LRS", false),
    ("default", "disk.csi.azure.com", "StandardSSD_LRS", true),
    ("managed", "disk.csi.azure.com", "StandardSSD_LRS", true),
    ("managed-csi", "disk.csi.azure.com", "StandardSSD_LRS", true),
    ("managed-csi-premium", "disk.csi.azure.com", "Premium_LRS", true),
    ("managed-premium", "disk.csi.azure.com", "Premium_LRS", true),
];

/// Makes those that are missing.
pub(super) async fn keep(api: &ApiServer) -> Result<(), Status> {
    let objects = api.objects();
    let Some(resource) = objects.resource("storage.k8s.io", "v1", "storageclasses") else {
        return Err(Status::internal("storageclasses are not among the built-in kinds"));
    };
    objects.seed(&resource, CLASSES.map(|(name, provisioner, sku, waits)| class(name, provisioner, sku, waits))).await
}

fn class(name: &str, provisioner: &str, sku: &str, waits: bool) -> Value {
    let mut class = json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": name,
            "labels": {"addonmanager.kubernetes.io/mode": "EnsureExists", "kubernetes.io/cluster-service": "true"},
        },
        "provisioner": provisioner,
        "parameters": {"skuname": sku},
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": true,
        "volumeBindingMode": if waits { "WaitForFirstConsumer" } else { "Immediate" },
    });
    if name == "default" {
        class["metadata"]["annotations"] = json!({"storageclass.kubernetes.io/is-default-class": "true"});
    }
    class
}

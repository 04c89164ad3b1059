//! Networks, storage, scheduling and webhooks.

use super::{Kind, PART, part, stored, unnamespaced, with_status};

macro_rules! of {
    ($package:literal, $kind:literal) => {
        concat!("io.k8s.api.", $package, ".v1.", $kind)
    };
}

const WEBHOOKS: &str = "admissionregistration.k8s.io";
const CSR: &str = of!("certificates", "CertificateSigningRequest");
const STORAGE: &str = "storage.k8s.io";

pub(super) const KINDS: &[Kind] = &[
    unnamespaced(stored(
        WEBHOOKS,
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        of!("admissionregistration", "MutatingWebhookConfiguration"),
    )),
    unnamespaced(stored(
        WEBHOOKS,
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        "validatingwebhookconfiguration",
        of!("admissionregistration", "ValidatingWebhookConfiguration"),
    )),
    Kind {
        short_names: &["csr"],
        subresources: &[
            part("approval", "certificates.k8s.io", "CertificateSigningRequest", CSR, PART),
            part("status", "certificates.k8s.io", "CertificateSigningRequest", CSR, PART),
        ],
        ..unnamespaced(stored(
            "certificates.k8s.io",
            "CertificateSigningRequest",
            "certificatesigningrequests",
            "certificatesigningrequest",
            CSR,
        ))
    },
    unnamespaced(with_status!(
        "flowcontrol.apiserver.k8s.io",
        "FlowSchema",
        "flowschemas",
        "flowschema",
        of!("flowcontrol", "FlowSchema")
    )),
    unnamespaced(with_status!(
        "flowcontrol.apiserver.k8s.io",
        "PriorityLevelConfiguration",
        "prioritylevelconfigurations",
        "prioritylevelconfiguration",
        of!("flowcontrol", "PriorityLevelConfiguration")
    )),
    stored("discovery.k8s.io", "EndpointSlice", "endpointslices", "endpointslice", of!("discovery", "EndpointSlice")),
    Kind {
        short_names: &["ing"],
        ..with_status!("networking.k8s.io", "Ingress", "ingresses", "ingress", of!("networking", "Ingress"))
    },
    unnamespaced(stored(
        "networking.k8s.io",
        "IngressClass",
        "ingressclasses",
        "ingressclass",
        of!("networking", "IngressClass"),
    )),
    Kind {
        short_names: &["netpol"],
        ..stored(
            "networking.k8s.io",
            "NetworkPolicy",
            "networkpolicies",
            "networkpolicy",
            of!("networking", "NetworkPolicy"),
        )
    },
    unnamespaced(stored("node.k8s.io", "RuntimeClass", "runtimeclasses", "runtimeclass", of!("node", "RuntimeClass"))),
    Kind {
        short_names: &["pc"],
        ..unnamespaced(stored(
            "scheduling.k8s.io",
            "PriorityClass",
            "priorityclasses",
            "priorityclass",
            of!("scheduling", "PriorityClass"),
        ))
    },
    unnamespaced(stored(STORAGE, "CSIDriver", "csidrivers", "csidriver", of!("storage", "CSIDriver"))),
    unnamespaced(stored(STORAGE, "CSINode", "csinodes", "csinode", of!("storage", "CSINode"))),
    stored(
        STORAGE,
        "CSIStorageCapacity",
        "csistoragecapacities",
        "csistoragecapacity",
        of!("storage", "CSIStorageCapacity"),
    ),
    Kind {
        short_names: &["sc"],
        ..unnamespaced(stored(
            STORAGE,
            "StorageClass",
            "storageclasses",
            "storageclass",
            of!("storage", "StorageClass"),
        ))
    },
    unnamespaced(with_status!(
        "storage.k8s.io",
        "VolumeAttachment",
        "volumeattachments",
        "volumeattachment",
        of!("storage", "VolumeAttachment")
    )),
];

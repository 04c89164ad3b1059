//! The built-in kinds that are served. A kind that is not here is answered as any unknown one, whatever the facts know of
//! its type.

/// A served built-in kind, with what discovery says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// The OpenAPI name of the type, `io.k8s.api.core.v1.Pod`.
    pub type_name: &'static str,
    pub subresources: &'static [Subresource],
    /// As discovery lists them. Reviews have `create` only.
    pub verbs: &'static [&'static str],
}

/// A part of an object with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subresource {
    pub name: &'static str,
    /// What is exchanged there; the kind itself for `status` and `finalize`.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    /// The OpenAPI name of what is exchanged.
    pub type_name: &'static str,
    pub verbs: &'static [&'static str],
}

impl Kind {
    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    pub fn list_kind(&self) -> String {
        format!("{}List", self.kind)
    }

    /// Whether objects of this kind are stored; reviews are answered and forgotten.
    pub fn is_stored(&self) -> bool {
        self.verbs.contains(&"get")
    }

    pub fn subresource(&self, name: &str) -> Option<&'static Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

/// Every served built-in kind, by group (core first), then name.
pub fn kinds() -> &'static [Kind] {
    KINDS
}

pub fn kind(group: &str, version: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|known| known.kind == kind && known.group == group && known.version == version)
}

/// By the plural name of addresses.
pub fn by_resource(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|known| known.plural == plural && known.group == group && known.version == version)
}

const STORED: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// Namespaces cannot be deleted by the collection.
const NO_COLLECTION: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
const REVIEW: &[&str] = &["create"];
const PART: &[&str] = &["get", "patch", "update"];

macro_rules! core {
    ($kind:literal) => {
        concat!("io.k8s.api.core.v1.", $kind)
    };
}

const fn part(
    name: &'static str,
    group: &'static str,
    kind: &'static str,
    type_name: &'static str,
    verbs: &'static [&'static str],
) -> Subresource {
    Subresource { name, group, version: "v1", kind, type_name, verbs }
}

const fn stored(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    type_name: &'static str,
) -> Kind {
    Kind {
        group,
        version: "v1",
        kind,
        plural,
        singular,
        short_names: &[],
        categories: &[],
        namespaced: true,
        type_name,
        subresources: &[],
        verbs: STORED,
    }
}

const fn cluster(kind: Kind) -> Kind {
    Kind { namespaced: false, ..kind }
}

const fn review(kind: Kind) -> Kind {
    Kind { verbs: REVIEW, ..kind }
}

const KINDS: &[Kind] = &[
    Kind { short_names: &["cm"], ..stored("", "ConfigMap", "configmaps", "configmap", core!("ConfigMap")) },
    Kind { short_names: &["ep"], ..stored("", "Endpoints", "endpoints", "endpoints", core!("Endpoints")) },
    Kind { short_names: &["ev"], ..stored("", "Event", "events", "event", core!("Event")) },
    Kind {
        short_names: &["ns"],
        verbs: NO_COLLECTION,
        subresources: &[
            part("finalize", "", "Namespace", core!("Namespace"), &["update"]),
            part("status", "", "Namespace", core!("Namespace"), PART),
        ],
        ..cluster(stored("", "Namespace", "namespaces", "namespace", core!("Namespace")))
    },
    Kind {
        short_names: &["no"],
        subresources: &[part("status", "", "Node", core!("Node"), PART)],
        ..cluster(stored("", "Node", "nodes", "node", core!("Node")))
    },
    Kind {
        short_names: &["po"],
        categories: &["all"],
        subresources: &[part("status", "", "Pod", core!("Pod"), PART)],
        ..stored("", "Pod", "pods", "pod", core!("Pod"))
    },
    stored("", "Secret", "secrets", "secret", core!("Secret")),
    Kind {
        short_names: &["sa"],
        subresources: &[part(
            "token",
            "authentication.k8s.io",
            "TokenRequest",
            "io.k8s.api.authentication.v1.TokenRequest",
            &["create"],
        )],
        ..stored("", "ServiceAccount", "serviceaccounts", "serviceaccount", core!("ServiceAccount"))
    },
    Kind {
        short_names: &["svc"],
        categories: &["all"],
        subresources: &[part("status", "", "Service", core!("Service"), PART)],
        ..stored("", "Service", "services", "service", core!("Service"))
    },
    Kind {
        short_names: &["crd", "crds"],
        categories: &["api-extensions"],
        subresources: &[part("status", "apiextensions.k8s.io", "CustomResourceDefinition", CRD, PART)],
        ..cluster(stored(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            "customresourcedefinition",
            CRD,
        ))
    },
    review(cluster(stored(
        "authentication.k8s.io",
        "SelfSubjectReview",
        "selfsubjectreviews",
        "selfsubjectreview",
        "io.k8s.api.authentication.v1.SelfSubjectReview",
    ))),
    review(cluster(stored(
        "authentication.k8s.io",
        "TokenReview",
        "tokenreviews",
        "tokenreview",
        "io.k8s.api.authentication.v1.TokenReview",
    ))),
    review(stored(
        "authorization.k8s.io",
        "LocalSubjectAccessReview",
        "localsubjectaccessreviews",
        "localsubjectaccessreview",
        "io.k8s.api.authorization.v1.LocalSubjectAccessReview",
    )),
    review(cluster(stored(
        "authorization.k8s.io",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
        "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    ))),
    review(cluster(stored(
        "authorization.k8s.io",
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
        "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    ))),
    review(cluster(stored(
        "authorization.k8s.io",
        "SubjectAccessReview",
        "subjectaccessreviews",
        "subjectaccessreview",
        "io.k8s.api.authorization.v1.SubjectAccessReview",
    ))),
    stored("coordination.k8s.io", "Lease", "leases", "lease", "io.k8s.api.coordination.v1.Lease"),
    Kind { short_names: &["ev"], ..stored("events.k8s.io", "Event", "events", "event", "io.k8s.api.events.v1.Event") },
    cluster(stored(RBAC, "ClusterRole", "clusterroles", "clusterrole", "io.k8s.api.rbac.v1.ClusterRole")),
    cluster(stored(
        RBAC,
        "ClusterRoleBinding",
        "clusterrolebindings",
        "clusterrolebinding",
        "io.k8s.api.rbac.v1.ClusterRoleBinding",
    )),
    stored(RBAC, "Role", "roles", "role", "io.k8s.api.rbac.v1.Role"),
    stored(RBAC, "RoleBinding", "rolebindings", "rolebinding", "io.k8s.api.rbac.v1.RoleBinding"),
];

const CRD: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition";
const RBAC: &str = "rbac.authorization.k8s.io";

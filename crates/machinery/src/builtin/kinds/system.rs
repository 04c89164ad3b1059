//! What the API itself is made of: definitions, access, leases, events.

use super::{Kind, PART, part, review, stored, unnamespaced};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        short_names: &["crd", "crds"],
        categories: &["api-extensions"],
        subresources: &[part("status", "apiextensions.k8s.io", "CustomResourceDefinition", CRD, PART)],
        ..unnamespaced(stored(
            "apiextensions.k8s.io",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            "customresourcedefinition",
            CRD,
        ))
    },
    review(unnamespaced(stored(
        "authentication.k8s.io",
        "SelfSubjectReview",
        "selfsubjectreviews",
        "selfsubjectreview",
        "io.k8s.api.authentication.v1.SelfSubjectReview",
    ))),
    review(unnamespaced(stored(
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
    review(unnamespaced(stored(
        "authorization.k8s.io",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
        "io.k8s.api.authorization.v1.SelfSubjectAccessReview",
    ))),
    review(unnamespaced(stored(
        "authorization.k8s.io",
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
        "io.k8s.api.authorization.v1.SelfSubjectRulesReview",
    ))),
    review(unnamespaced(stored(
        "authorization.k8s.io",
        "SubjectAccessReview",
        "subjectaccessreviews",
        "subjectaccessreview",
        "io.k8s.api.authorization.v1.SubjectAccessReview",
    ))),
    stored("coordination.k8s.io", "Lease", "leases", "lease", "io.k8s.api.coordination.v1.Lease"),
    Kind { short_names: &["ev"], ..stored("events.k8s.io", "Event", "events", "event", "io.k8s.api.events.v1.Event") },
    unnamespaced(stored(RBAC, "ClusterRole", "clusterroles", "clusterrole", "io.k8s.api.rbac.v1.ClusterRole")),
    unnamespaced(stored(
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

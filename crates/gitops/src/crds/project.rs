//! AppProject's definition.

use serde_json::{Value, json};

use super::shape::{boolean, integer, list, map, object, requiring, root, string, strings};
use super::{Names, crd};

const NAMES: Names =
    Names { kind: "AppProject", plural: "appprojects", singular: "appproject", short: &["appproj", "appprojs"] };

fn schema() -> Value {
    root(spec(), vec![("status", object([("jwtTokensByRole", map(object([("items", list(token()))])))]))])
}

pub(super) fn definition() -> Value {
    crd(&NAMES, json!({}), schema())
}

fn token() -> Value {
    requiring(&["iat"], [("exp", integer()), ("iat", integer()), ("id", string())])
}

fn cluster_kinds() -> Value {
    list(requiring(&["group", "kind"], [("group", string()), ("kind", string()), ("name", string())]))
}

fn namespaced_kinds() -> Value {
    list(requiring(&["group", "kind"], [("group", string()), ("kind", string())]))
}

fn integrity() -> Value {
    let gpg = requiring(&["keys", "mode"], [("keys", strings()), ("mode", string())]);
    let repos = list(requiring(&["url"], [("url", string())]));
    let policy = requiring(&["gpg", "repos"], [("gpg", gpg), ("repos", repos)]);
    requiring(&["git"], [("git", requiring(&["policies"], [("policies", list(policy))]))])
}

fn windows() -> Value {
    list(object([
        ("andOperator", boolean()),
        ("applications", strings()),
        ("clusters", strings()),
        ("description", string()),
        ("duration", string()),
        ("kind", string()),
        ("manualSync", boolean()),
        ("namespaces", strings()),
        ("schedule", string()),
        ("syncOverrun", boolean()),
        ("timeZone", string()),
    ]))
}

fn roles() -> Value {
    list(requiring(
        &["name"],
        [
            ("description", string()),
            ("groups", strings()),
            ("jwtTokens", list(token())),
            ("name", string()),
            ("policies", strings()),
        ],
    ))
}

fn spec() -> Value {
    let account = requiring(
        &["defaultServiceAccount", "server"],
        [("defaultServiceAccount", string()), ("namespace", string()), ("server", string())],
    );
    let orphan = object([("group", string()), ("kind", string()), ("name", string())]);
    object([
        ("clusterResourceBlacklist", cluster_kinds()),
        ("clusterResourceWhitelist", cluster_kinds()),
        ("description", json!({ "type": "string", "maxLength": 255 })),
        ("destinationServiceAccounts", list(account)),
        ("destinations", list(object([("name", string()), ("namespace", string()), ("server", string())]))),
        ("namespaceResourceBlacklist", namespaced_kinds()),
        ("namespaceResourceWhitelist", namespaced_kinds()),
        ("orphanedResources", object([("ignore", list(orphan)), ("warn", boolean())])),
        ("permitOnlyProjectScopedClusters", boolean()),
        ("roles", roles()),
        ("signatureKeys", list(requiring(&["keyID"], [("keyID", string())]))),
        ("sourceIntegrity", integrity()),
        ("sourceNamespaces", strings()),
        ("sourceRepos", strings()),
        ("syncWindows", windows()),
    ])
}

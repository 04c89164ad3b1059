//! The paths of a document. kubectl finds a kind by `x-kubernetes-group-version-kind` of an operation, decides by the
//! parameters of PATCH whether the server checks fields, and by its media types whether strategic merge is possible.

use serde_json::{Map, Value, json};

use super::{
    CustomEntry,
    components::{Components, META, custom_name},
    group_version_kind,
};
use crate::builtin::Kind;

/// (name, type) of query parameters.
type Parameters = &'static [(&'static str, &'static str)];

const WRITE: Parameters = &[("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")];
const PATCH: Parameters =
    &[("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string"), ("force", "boolean")];
const DELETE: Parameters = &[
    ("dryRun", "string"),
    ("gracePeriodSeconds", "integer"),
    ("orphanDependents", "boolean"),
    ("propagationPolicy", "string"),
];
const LIST: Parameters = &[
    ("allowWatchBookmarks", "boolean"),
    ("continue", "string"),
    ("fieldSelector", "string"),
    ("labelSelector", "string"),
    ("limit", "integer"),
    ("resourceVersion", "string"),
    ("resourceVersionMatch", "string"),
    ("sendInitialEvents", "boolean"),
    ("timeoutSeconds", "integer"),
    ("watch", "boolean"),
];

/// A kind or a part of one, seen as addresses.
#[derive(Debug)]
pub(super) struct Resource {
    /// `/apis/apps/v1`
    base: String,
    plural: String,
    namespaced: bool,
    builtin: bool,
    group: String,
    version: String,
    kind: String,
    type_name: String,
    list_type_name: String,
    verbs: Vec<&'static str>,
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: &'static str,
    gvk: Value,
    type_name: String,
    verbs: Vec<&'static str>,
}

pub(super) fn builtin(kind: &Kind) -> Resource {
    let parts = kind.subresources.iter().map(|part| Part {
        name: part.name,
        gvk: group_version_kind(part.group, part.version, part.kind),
        type_name: part.type_name.into(),
        verbs: part.verbs.to_vec(),
    });
    Resource {
        base: base(kind.group, kind.version),
        plural: kind.plural.into(),
        namespaced: kind.namespaced,
        builtin: true,
        group: kind.group.into(),
        version: kind.version.into(),
        kind: kind.kind.into(),
        type_name: kind.type_name.into(),
        list_type_name: format!("{}List", kind.type_name),
        verbs: kind.verbs.to_vec(),
        parts: parts.collect(),
    }
}

pub(super) fn custom(custom: &CustomEntry<'_>) -> Resource {
    let type_name = custom_name(custom, custom.kind);
    let part = |name, gvk, type_name: &str| Part {
        name,
        gvk,
        type_name: type_name.into(),
        verbs: vec!["get", "patch", "update"],
    };
    let mut parts = Vec::new();
    if custom.status {
        let gvk = group_version_kind(custom.group, custom.version, custom.kind);
        parts.push(part("status", gvk, &type_name));
    }
    if custom.scale {
        let gvk = group_version_kind("autoscaling", "v1", "Scale");
        parts.push(part("scale", gvk, "io.k8s.api.autoscaling.v1.Scale"));
    }
    Resource {
        base: base(custom.group, custom.version),
        plural: custom.plural.into(),
        namespaced: custom.namespaced,
        builtin: false,
        group: custom.group.into(),
        version: custom.version.into(),
        kind: custom.kind.into(),
        list_type_name: custom_name(custom, custom.list_kind),
        type_name,
        verbs: vec!["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        parts,
    }
}

fn base(group: &str, version: &str) -> String {
    if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") }
}

impl Resource {
    pub(super) fn write(&self, paths: &mut Map<String, Value>, components: &mut Components<'_>) {
        let scope = if self.namespaced { "/namespaces/{namespace}" } else { "" };
        let collection = format!("{}{scope}/{}", self.base, self.plural);
        let gvk = group_version_kind(&self.group, &self.version, &self.kind);
        let name = format!("{}{}", if self.namespaced { "Namespaced" } else { "" }, self.kind);
        let whole = Target { of: self, gvk: &gvk, name: &name, type_name: &self.type_name };
        let verbs = [("list", "get"), ("create", "post"), ("deletecollection", "delete")];
        self.path(paths, collection.clone(), &whole, &self.verbs, &verbs, components);
        if self.namespaced && self.verbs.contains(&"list") {
            let everywhere = format!("{}/{}", self.base, self.plural);
            let name = format!("{}ForAllNamespaces", self.kind);
            self.path(paths, everywhere, &Target { name: &name, ..whole }, &self.verbs, &[("list", "get")], components);
        }
        let one = [("get", "get"), ("update", "put"), ("patch", "patch"), ("delete", "delete"), ("create", "post")];
        // `create` is of the collection, except for parts like `token`.
        self.path(paths, format!("{collection}/{{name}}"), &whole, &self.verbs, &one[..4], components);
        for part in &self.parts {
            let suffix: String = part.name[..1].to_uppercase() + &part.name[1..];
            let name = format!("{name}{suffix}");
            let target = Target { of: self, gvk: &part.gvk, name: &name, type_name: &part.type_name };
            self.path(paths, format!("{collection}/{{name}}/{}", part.name), &target, &part.verbs, &one, components);
        }
    }

    fn path(
        &self,
        paths: &mut Map<String, Value>,
        path: String,
        target: &Target<'_>,
        served: &[&str],
        verbs: &[(&'static str, &'static str)],
        components: &mut Components<'_>,
    ) {
        let mut item = Map::new();
        for (verb, method) in verbs.iter().filter(|(verb, _)| served.contains(verb)) {
            item.insert((*method).into(), target.operation(verb, components));
        }
        if item.is_empty() {
            return;
        }
        let in_path = ["name", "namespace"].into_iter().filter(|name| path.contains(&format!("{{{name}}}")));
        let parameters: Vec<Value> = in_path
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
            .collect();
        if !parameters.is_empty() {
            item.insert("parameters".into(), parameters.into());
        }
        paths.insert(path, item.into());
    }

    /// `core_v1`, `rbacAuthorization_v1`, `stableExampleCom_v1`
    fn tag(&self) -> String {
        let group = if self.group.is_empty() { "core" } else { self.group.as_str() };
        let group = if self.builtin { group.trim_end_matches(".k8s.io") } else { group };
        let mut words = group.split(['.', '-']);
        let first = words.next().unwrap_or_default().to_string();
        let rest = words.map(capitalized).collect::<String>();
        format!("{first}{rest}_{}", self.version)
    }
}

#[derive(Clone, Copy)]
struct Target<'a> {
    of: &'a Resource,
    gvk: &'a Value,
    /// What operation ids call it: `NamespacedPodStatus`.
    name: &'a str,
    type_name: &'a str,
}

impl Target<'_> {
    fn operation(&self, verb: &str, components: &mut Components<'_>) -> Value {
        let (id, action, parameters) = match verb {
            "list" => ("list", "list", LIST),
            "create" => ("create", "post", WRITE),
            "get" => ("read", "get", &[][..]),
            "update" => ("replace", "put", WRITE),
            "patch" => ("patch", "patch", PATCH),
            "delete" => ("delete", "delete", DELETE),
            _ => ("deleteCollection", "deletecollection", DELETE),
        };
        let tag = self.of.tag();
        let answer = match verb {
            "list" => self.of.list_type_name.as_str(),
            "delete" | "deletecollection" => &format!("{META}Status"),
            _ => self.type_name,
        };
        let answer = json!({ "content": { "application/json": { "schema": components.refer(answer) } } });
        let mut operation = json!({
            "tags": [tag],
            "operationId": format!("{id}{}{}", capitalized(&tag.replace("_v", "V")), self.name),
            "responses": { "200": with_description(answer, "OK"), "401": { "description": "Unauthorized" } },
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": self.gvk,
        });
        if !parameters.is_empty() {
            let query = |(name, of): &(&str, &str)| json!({ "name": name, "in": "query", "schema": { "type": of } });
            operation["parameters"] = parameters.iter().map(query).collect();
        }
        if let Some(body) = self.body(verb, components) {
            operation["requestBody"] = json!({ "content": body });
        }
        operation
    }

    fn body(&self, verb: &str, components: &mut Components<'_>) -> Option<Value> {
        Some(match verb {
            "create" | "update" => json!({ "*/*": { "schema": components.refer(self.type_name) } }),
            "delete" | "deletecollection" => {
                json!({ "*/*": { "schema": components.refer(&format!("{META}DeleteOptions")) } })
            }
            "patch" => {
                let mut content = Map::new();
                let strategic = self.of.builtin.then_some("application/strategic-merge-patch+json");
                let others =
                    ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
                for media_type in others.into_iter().chain(strategic) {
                    let schema = components.refer(&format!("{META}Patch"));
                    content.insert(media_type.into(), json!({ "schema": schema }));
                }
                content.into()
            }
            _ => return None,
        })
    }
}

fn with_description(mut response: Value, text: &str) -> Value {
    response["description"] = text.into();
    response
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

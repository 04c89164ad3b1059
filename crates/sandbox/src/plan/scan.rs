//! Reading a whole tree leniently: every object that stands in a manifest file, with its file. What a file's own error
//! would do to its Application is the Application's business; here it only means that there is nothing to list.

use std::collections::BTreeSet;

use api::{
    ObjectExt,
    argoproj::{self, Source},
    files::FileSet,
    names::GroupVersionKind,
};
use gitops::manifests::{self, Manifest};
use serde_json::Value;

/// All objects of all manifest files.
pub(super) fn objects(files: &FileSet) -> Vec<Manifest> {
    files.iter().flat_map(|(path, contents)| file(path, contents)).collect()
}

/// The objects of one file; none when it is no manifest file or cannot be read.
pub(super) fn file(path: &str, contents: &[u8]) -> Vec<Manifest> {
    let mut one = FileSet::default();
    let name = path.rsplit('/').next().unwrap_or(path);
    one.insert(name, contents);
    let found = manifests::read(&one, &Source::default()).unwrap_or_default();
    found.into_iter().map(|manifest| Manifest { file: path.to_string(), ..manifest }).collect()
}

pub(super) fn is_application(object: &Value) -> bool {
    GroupVersionKind::of(object).is_some_and(|gvk| gvk.group == argoproj::GROUP && gvk.kind == "Application")
}

/// The repository that an Application follows; empty when it names none.
pub(super) fn repo_url(application: &Value) -> &str {
    application.pointer("/spec/source/repoURL").and_then(Value::as_str).unwrap_or_default()
}

/// Applications that nobody in this tree deploys: those a person applies. One that stands in the path of another
/// Application is that one's to create.
pub(super) fn roots<'a>(found: &'a [Manifest], ours: &dyn Fn(&str) -> bool) -> Vec<&'a Manifest> {
    let applications: Vec<&Manifest> = found.iter().filter(|manifest| is_application(&manifest.object)).collect();
    let deploys = |parent: &Manifest, child: &Manifest| {
        let path = parent.object.pointer("/spec/source/path").and_then(Value::as_str).unwrap_or_default();
        let path = path.trim_matches('/').trim_start_matches("./");
        let directory = child.file.rsplit_once('/').map_or("", |(directory, _)| directory);
        let recurse = parent.object.pointer("/spec/source/directory/recurse").and_then(Value::as_bool).unwrap_or(false);
        let below =
            path.is_empty() || path == "." || directory.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        ours(repo_url(&parent.object)) && (directory == path || (recurse && below))
    };
    let is_root =
        |child: &&&Manifest| !applications.iter().any(|parent| parent.object != child.object && deploys(parent, child));
    applications.iter().filter(is_root).copied().collect()
}

/// Namespaces that objects live in, and those that the tree defines.
pub(super) struct Namespaces {
    pub used: BTreeSet<String>,
    pub defined: BTreeSet<String>,
}

pub(super) fn namespaces(found: &[Manifest]) -> Namespaces {
    let used = found.iter().filter_map(|manifest| manifest.object.namespace()).map(str::to_string).collect();
    let defined = found
        .iter()
        .filter(|manifest| manifest.object.kind() == Some("Namespace") && manifest.object.api_version() == Some("v1"))
        .filter_map(|manifest| manifest.object.name().map(str::to_string));
    // An Application with CreateNamespace makes its destination's namespace.
    let created = found.iter().filter(|manifest| is_application(&manifest.object)).filter_map(|manifest| {
        let options = manifest.object.pointer("/spec/syncPolicy/syncOptions")?.as_array()?;
        let creates = options.iter().any(|option| option == "CreateNamespace=true");
        let namespace = manifest.object.pointer("/spec/destination/namespace")?.as_str()?;
        creates.then(|| namespace.to_string())
    });
    Namespaces { used, defined: defined.chain(created).collect() }
}

/// Secrets with credentials that objects name in their annotation, as (namespace, name).
pub(super) fn credentials(found: &[Manifest]) -> BTreeSet<(String, String)> {
    let named = found.iter().filter_map(|manifest| {
        let name = manifest.object.annotation("serviceoperator.azure.com/credential-from")?;
        // A Secret of another namespace is never read: the object's condition says so.
        (!name.contains('/')).then(|| Some((manifest.object.namespace()?.to_string(), name.to_string())))?
    });
    named.collect()
}

/// Whether the tree itself defines the Secret.
pub(super) fn defines_secret(found: &[Manifest], namespace: &str, name: &str) -> bool {
    found.iter().any(|manifest| {
        let object = &manifest.object;
        let secret = object.kind() == Some("Secret") && object.api_version() == Some("v1");
        secret && object.namespace() == Some(namespace) && object.name() == Some(name)
    })
}

/// The first tenant that a manifest names, so that the stand-in Azure is that tenant.
pub(super) fn tenant(found: &[Manifest]) -> Option<String> {
    fn search(value: &Value) -> Option<&str> {
        match value {
            Value::Object(map) => match map.get("tenantId").and_then(Value::as_str) {
                Some(tenant) if is_guid(tenant) => Some(tenant),
                _ => map.values().find_map(search),
            },
            Value::Array(items) => items.iter().find_map(search),
            _ => None,
        }
    }
    found.iter().find_map(|manifest| search(&manifest.object)).map(str::to_string)
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

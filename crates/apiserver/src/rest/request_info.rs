//! What a request asks for, read from method, path and query alone: verb, group, version, resource, subresource, namespace
//! and name, as upstream's `RequestInfoFactory` reads them. Authorization and dispatch both start from this. Pure.

use http::Method;

use super::query::Query;

/// The attributes of a request that authorization and dispatch look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestInfo {
    /// Whether the path is below `/api/VERSION` or `/apis/GROUP/VERSION` and names a resource.
    pub is_resource: bool,
    /// The whole path, for non-resource rules.
    pub path: String,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for other paths the method in
    /// lower case.
    pub verb: String,
    pub group: String,
    pub version: String,
    pub namespace: String,
    /// The plural, `namespaces` for a namespace itself.
    pub resource: String,
    pub subresource: String,
    pub name: String,
    /// What follows the subresource: nothing that is served here has any.
    pub rest: Vec<String>,
}

/// Subresources of a namespace; anything else below `namespaces/NAME` is a namespaced resource.
const NAMESPACE_SUBRESOURCES: [&str; 2] = ["status", "finalize"];

impl RequestInfo {
    pub fn new(method: &Method, path: &str, query: &str) -> Self {
        let mut info = Self { path: path.to_string(), verb: method.as_str().to_ascii_lowercase(), ..Self::default() };
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let Some(parts) = info.take_group_version(&parts) else { return info };
        info.is_resource = true;
        info.verb = match *method {
            Method::POST => "create",
            Method::GET | Method::HEAD => "get",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE => "delete",
            _ => "",
        }
        .to_string();
        let parts = info.take_namespace(parts);
        info.resource = parts.first().cloned().unwrap_or_default();
        info.name = parts.get(1).cloned().unwrap_or_default();
        info.subresource = parts.get(2).cloned().unwrap_or_default();
        info.rest = parts.get(3..).map(<[String]>::to_vec).unwrap_or_default();
        info.widen_verb(&Query::parse(query));
        info
    }

    /// Sets group and version; returns the parts behind them when the path names a resource.
    fn take_group_version<'a>(&mut self, parts: &'a [String]) -> Option<&'a [String]> {
        let skip = match parts.first().map(String::as_str) {
            Some("api") if parts.len() >= 3 => {
                self.version.clone_from(&parts[1]);
                2
            }
            Some("apis") if parts.len() >= 4 => {
                self.group.clone_from(&parts[1]);
                self.version.clone_from(&parts[2]);
                3
            }
            _ => return None,
        };
        Some(&parts[skip..])
    }

    /// `namespaces/NS/...` sets the namespace and is dropped, unless what follows is a subresource of the namespace.
    fn take_namespace<'a>(&mut self, parts: &'a [String]) -> &'a [String] {
        if parts[0] != "namespaces" || parts.len() < 2 {
            return parts;
        }
        self.namespace.clone_from(&parts[1]);
        match parts.get(2) {
            Some(third) if !NAMESPACE_SUBRESOURCES.contains(&third.as_str()) => &parts[2..],
            _ => parts,
        }
    }

    /// `get` without a name is a list or a watch, `delete` without a name takes the collection.
    fn widen_verb(&mut self, query: &Query) {
        match self.verb.as_str() {
            "get" if self.name.is_empty() => {
                self.verb = if query.flag("watch") { "watch" } else { "list" }.into();
                // Upstream authorizes a single-name field selector as a request for that name.
                if let Some(name) = query.get("fieldSelector").and_then(single_name) {
                    self.name = name;
                }
            }
            "delete" if self.name.is_empty() => self.verb = "deletecollection".into(),
            _ => {}
        }
    }

    /// `v1` or `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// `metadata.name=x` alone names one object.
fn single_name(selector: &str) -> Option<String> {
    let (field, value) = selector.split_once('=')?;
    let value = value.strip_prefix('=').unwrap_or(value);
    let plain = field == "metadata.name" && !value.is_empty() && !value.contains([',', '=', '\\']);
    plain.then(|| value.to_string())
}

fn decode(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;

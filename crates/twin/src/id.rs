//! ARM ids: case-insensitive to compare, kept in the casing that they were first written in. Provider namespaces and types
//! take the catalogue's casing.

use percent_encoding::percent_decode_str;

use crate::{reply::Reply, schema};

/// Azure's own limit of a URL is far above this.
const PATH_BYTES_MAX: usize = 4096;

/// What a path names: a scope (tenant, subscription, resource group or resource) and at most one segment behind it: the
/// type of a collection, or an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// The scope as text, `""` for the tenant.
    pub(crate) text: String,
    pub(crate) subscription: Option<String>,
    pub(crate) group: Option<String>,
    /// `Microsoft.KeyVault/vaults/secrets`; of a subscription or group too. Empty for the tenant.
    pub(crate) kind: String,
    /// The last name.
    pub(crate) name: String,
    /// The id around it: the parent resource, the group, the subscription, or the extended resource.
    pub(crate) parent: String,
    /// A provider namespace that ends the path, or precedes the tail.
    pub(crate) namespace: Option<String>,
    pub(crate) tail: Option<String>,
}

impl Path {
    pub(crate) fn parse(path: &str) -> Result<Self, Reply> {
        let segments = segments(path)?;
        let mut parsed = Self::default();
        let mut rest = segments.as_slice();
        if let [keyword, id, more @ ..] = rest
            && keyword.eq_ignore_ascii_case("subscriptions")
        {
            parsed.text = format!("/subscriptions/{id}");
            parsed.enter("Microsoft.Resources/subscriptions", id, String::new());
            parsed.subscription = Some(id.clone());
            rest = more;
            if let [keyword, group, more @ ..] = rest
                && keyword.eq_ignore_ascii_case("resourcegroups")
            {
                let parent = parsed.text.clone();
                parsed.text.push_str(&format!("/resourceGroups/{group}"));
                parsed.enter("Microsoft.Resources/resourceGroups", group, parent);
                parsed.group = Some(group.clone());
                rest = more;
            }
        }
        while let [keyword, namespace, more @ ..] = rest
            && keyword.eq_ignore_ascii_case("providers")
        {
            rest = parsed.provider(namespace, more);
            if parsed.namespace.is_some() {
                break;
            }
        }
        match rest {
            [] => Ok(parsed),
            [tail] => Ok(Self { tail: Some(tail.clone()), ..parsed }),
            _ => Err(Reply::error(404, "InvalidResourceId", "The request path is not a valid resource identifier.")),
        }
    }

    /// Types and names behind one `providers/NAMESPACE`; what is left.
    fn provider<'a>(&mut self, namespace: &str, mut rest: &'a [String]) -> &'a [String] {
        let base = self.text.clone();
        let mut kind = namespace.to_string();
        let mut names = Vec::new();
        while let [of, name, more @ ..] = rest {
            if of.eq_ignore_ascii_case("providers") {
                break;
            }
            kind.push_str(&format!("/{of}"));
            names.push(name.clone());
            rest = more;
        }
        if names.is_empty() {
            self.namespace = Some(schema::canonical_namespace(namespace));
            return rest;
        }
        let kind = schema::canonical(&kind).unwrap_or(kind);
        let mut types = kind.split('/');
        let mut text = format!("{base}/providers/{}", types.next().unwrap_or_default());
        let mut parent = base;
        for (index, (of, name)) in types.zip(&names).enumerate() {
            if index > 0 {
                parent = text.clone();
            }
            text.push_str(&format!("/{of}/{name}"));
        }
        let name = names.pop().unwrap_or_default();
        self.text = text;
        self.enter(&kind, &name, parent);
        rest
    }

    fn enter(&mut self, kind: &str, name: &str, parent: String) {
        self.kind = kind.to_string();
        self.name = name.to_string();
        self.parent = parent;
    }

    /// The key to compare with.
    pub(crate) fn key(&self) -> String {
        self.text.to_lowercase()
    }

    /// The type of the collection that the tail names, in the catalogue's casing where it knows it.
    pub(crate) fn collection(&self) -> Option<String> {
        let tail = self.tail.as_ref()?;
        let kind = match &self.namespace {
            Some(namespace) => format!("{namespace}/{tail}"),
            None => format!("{}/{tail}", self.kind),
        };
        Some(schema::canonical(&kind).unwrap_or(kind))
    }

    /// Whether the path is that of one resource below a provider.
    pub(crate) fn is_resource(&self) -> bool {
        self.tail.is_none() && self.namespace.is_none() && self.text.contains("/providers/")
    }

    /// A resource below a provider, and a word behind it.
    pub(crate) fn is_resource_with_tail(&self) -> bool {
        self.tail.is_some() && self.namespace.is_none() && self.text.contains("/providers/")
    }

    /// The last segment of the type: `vaults`.
    pub(crate) fn segment(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }

    /// The type without its namespace: `vaults/secrets`.
    pub(crate) fn type_name(&self) -> &str {
        self.kind.split_once('/').map_or("", |(_, name)| name)
    }
}

fn segments(path: &str) -> Result<Vec<String>, Reply> {
    let invalid = || Reply::error(400, "InvalidRequestUri", "The request URI is invalid.");
    if path.len() > PATH_BYTES_MAX {
        return Err(invalid());
    }
    let mut segments = Vec::new();
    for segment in path.trim_matches('/').split('/').filter(|_| path.len() > 1) {
        let segment = percent_decode_str(segment).decode_utf8().map_err(|_| invalid())?;
        if segment.is_empty() || segment == "." || segment == ".." || segment.contains(['/', '\\', '\0']) {
            return Err(invalid());
        }
        segments.push(segment.into_owned());
    }
    Ok(segments)
}

/// Whether `id` is `scope` or below it. Both lower case.
pub(crate) fn within(scope: &str, id: &str) -> bool {
    id.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

//! Refusals that more than one type gives, as ARM words them.

use crate::{core::Method, id::Path, reply::Reply, schema, types::locations};

pub(crate) fn missing_api_version() -> Reply {
    let message = "The api-version query parameter (?api-version=) is required for all requests.";
    Reply::error(400, "MissingApiVersionParameter", message)
}

pub(crate) fn method_not_allowed(method: Method) -> Reply {
    let message = format!("The requested resource does not support http method '{}'.", method.as_str());
    Reply::error(405, "MethodNotAllowed", message)
}

pub(crate) fn group_not_found(name: &str) -> Reply {
    let message = format!("Resource group '{name}' could not be found.");
    Reply::error(404, "ResourceGroupNotFound", message).with("x-ms-failure-cause", "gateway")
}

pub(crate) fn resource_not_found(path: &Path) -> Reply {
    let group = match &path.group {
        Some(group) => format!(" under resource group '{group}'"),
        None => String::new(),
    };
    let message = format!(
        "The Resource '{}/{}'{group} was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix",
        path.kind, path.name
    );
    Reply::error(404, "ResourceNotFound", message).with("x-ms-failure-cause", "gateway")
}

pub(crate) fn parent_not_found(path: &Path) -> Reply {
    let message = format!(
        "Failed to perform 'write' on resource(s) of type '{}', because the parent resource '{}' could not be found.",
        path.type_name(),
        path.parent
    );
    Reply::error(404, "ParentResourceNotFound", message)
}

/// An unknown provider or type. The twin knows the types of its catalogue and no others.
pub(crate) fn unknown_type(kind: &str, api_version: &str) -> Reply {
    let (namespace, name) = kind.split_once('/').unwrap_or((kind, ""));
    if schema::types_of(namespace).is_empty() {
        let message = format!("The resource namespace '{namespace}' is invalid.");
        return Reply::error(404, "InvalidResourceNamespace", message);
    }
    let message = format!(
        "The resource type '{name}' could not be found in the namespace '{namespace}' for api version '{api_version}'."
    );
    Reply::error(404, "InvalidResourceType", message)
}

/// An api-version that the type does not have: the text depends on whether a location is known.
pub(crate) fn unsupported_version(kind: &str, api_version: &str, location: Option<&str>) -> Reply {
    let (namespace, name) = kind.split_once('/').unwrap_or((kind, ""));
    let supported = schema::api_versions(kind).join(", ");
    if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") || namespace.is_empty() {
        let supported = supported.replace(", ", ",");
        let message = format!("The api-version '{api_version}' is invalid. The supported versions are '{supported}'.");
        return Reply::error(400, "InvalidApiVersionParameter", message);
    }
    match location {
        Some(location) => {
            let message = format!(
                "No registered resource provider found for location '{location}' and API version '{api_version}' for \
                 type '{name}'. The supported api-versions are '{supported}'. The supported locations are '{}'.",
                locations::names().join(", ")
            );
            Reply::error(400, "NoRegisteredProviderFound", message)
        }
        None => {
            let message = format!(
                "The resource type '{name}' could not be found in the namespace '{namespace}' for api version \
                 '{api_version}'. The supported api-versions are '{supported}'."
            );
            Reply::error(400, "InvalidResourceType", message)
        }
    }
}

pub(crate) fn not_simulated(what: &str) -> Reply {
    Reply::error(501, "NotImplemented", format!("The twin of Azure does not simulate {what}."))
}

/// The body has to be a JSON object.
pub(crate) fn body_required() -> Reply {
    let message = "The request content was invalid and could not be deserialized: 'The request body is missing or not a \
                   JSON object.'.";
    Reply::error(400, "InvalidRequestContent", message)
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

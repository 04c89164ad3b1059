//! ARM ids: building them from an owner, and the few questions that are asked of them.

use catalogue::ResourceType;

/// The value behind `/subscriptions/`, in its own casing.
pub fn subscription(id: &str) -> Option<&str> {
    segment_after(id, "subscriptions")
}

/// The value behind `/resourceGroups/`, in its own casing.
pub fn resource_group(id: &str) -> Option<&str> {
    segment_after(id, "resourceGroups")
}

fn segment_after<'a>(id: &'a str, keyword: &str) -> Option<&'a str> {
    let mut segments = id.split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case(keyword))?;
    segments.next().filter(|value| !value.is_empty())
}

/// The id of a resource below its owner: a child of its parent's type, or `{owner}/providers/{type}/{name}`.
pub fn below(owner: &str, resource: &ResourceType, owner_is_parent: bool, name: &str) -> String {
    let owner = owner.trim_end_matches('/');
    if owner_is_parent {
        format!("{owner}/{}/{name}", resource.segment())
    } else {
        format!("{owner}/providers/{}/{name}", resource.arm_type)
    }
}

/// A resource group's id.
pub fn of_resource_group(subscription: &str, name: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/{name}")
}

/// Whether the text is an ARM id rather than any other string.
pub fn is_arm_id(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.starts_with("/subscriptions/") || lower.starts_with("/providers/")
}

/// The resource type that an id is of, and the last provider's path: `Microsoft.KeyVault/vaults/secrets`. The POST
/// action at the end of an id, if any, is not told apart.
pub fn type_of(id: &str) -> Option<String> {
    let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
    let provider = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    match provider {
        Some(at) => {
            let (name, rest) = segments[at + 1..].split_first()?;
            let types: Vec<&str> = rest.iter().step_by(2).copied().collect();
            Some(format!("{name}/{}", types.join("/")))
        }
        None if segments.len() == 4 && segments[2].eq_ignore_ascii_case("resourceGroups") => {
            Some("Microsoft.Resources/resourceGroups".to_string())
        }
        None => None,
    }
}

//! Pods and templates of pods: containers, their ports, variables, resources and mounts, and volumes.

use std::collections::BTreeSet;

use api::status::Cause;
use serde_json::Value;

use super::{dns_label, entries, int, is_empty, list, one_of, required_text, text};
use crate::{builtin::quantity, field};

/// Fields of a pod's spec that an update may change; of containers, the image.
const MUTABLE: [&str; 3] = ["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"];

pub(super) fn pod(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    spec(new, "spec", found);
    if let Some(old) = old
        && found.is_empty()
        && frozen(new) != frozen(old)
    {
        let detail = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
                      `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
                      `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        found.push(field::forbidden("spec", detail));
    }
}

/// What an update must leave as it is.
fn frozen(pod: &Value) -> Value {
    let mut spec = pod.get("spec").cloned().unwrap_or(Value::Null);
    if let Some(fields) = spec.as_object_mut() {
        fields.retain(|name, _| !MUTABLE.contains(&name.as_str()));
        for containers in ["containers", "initContainers"] {
            for container in fields.get_mut(containers).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(container) = container.as_object_mut() {
                    container.remove("image");
                }
            }
        }
    }
    spec
}

/// The spec at a path such as `spec.template.spec`; a restart policy that the owner does not allow is the owner's to refuse.
pub(super) fn spec(object: &Value, path: &str, found: &mut Vec<Cause>) {
    let empty = Value::Object(serde_json::Map::new());
    let spec = object.pointer(&format!("/{}", path.replace('.', "/"))).unwrap_or(&empty);
    let volumes = volumes(spec, path, found);
    if list(spec, "/containers").is_empty() {
        found.push(field::required(&format!("{path}.containers"), ""));
    }
    let mut names = BTreeSet::new();
    for kind in ["containers", "initContainers"] {
        for (at, container) in list(spec, &format!("/{kind}")).iter().enumerate() {
            let path = format!("{path}.{kind}[{at}]");
            self::container(container, &path, &volumes, found);
            let name = text(container, "/name");
            if !name.is_empty() && !names.insert(name) {
                found.push(field::duplicate(&format!("{path}.name"), &name.into()));
            }
        }
    }
    one_of(spec, "/restartPolicy", &format!("{path}.restartPolicy"), &["Always", "OnFailure", "Never"], found);
    one_of(
        spec,
        "/dnsPolicy",
        &format!("{path}.dnsPolicy"),
        &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
        found,
    );
}

/// The names of the volumes. Of those with a complaint no other is a duplicate.
fn volumes<'a>(spec: &'a Value, path: &str, found: &mut Vec<Cause>) -> BTreeSet<&'a str> {
    let mut sound = BTreeSet::new();
    for (at, volume) in list(spec, "/volumes").iter().enumerate() {
        let path = format!("{path}.volumes[{at}]");
        let before = found.len();
        // The first source in upstream's order stays; every other one is refused.
        let mut sources: Vec<&String> =
            entries(volume, "").map(|(name, _)| name).filter(|name| *name != "name").collect();
        sources.sort_by_key(|name| (name.as_str() != "emptyDir", name.as_str()));
        for source in sources.iter().skip(1) {
            found.push(field::forbidden(&format!("{path}.{source}"), "may not specify more than 1 volume type"));
        }
        let name = text(volume, "/name");
        if name.is_empty() {
            found.push(field::required(&format!("{path}.name"), ""));
        } else {
            dns_label(name, &format!("{path}.name"), found);
        }
        if sound.contains(name) {
            found.push(field::duplicate(&format!("{path}.name"), &name.into()));
        } else if found.len() == before {
            sound.insert(name);
        }
    }
    list(spec, "/volumes").iter().map(|volume| text(volume, "/name")).collect()
}

fn container(container: &Value, path: &str, volumes: &BTreeSet<&str>, found: &mut Vec<Cause>) {
    let name = text(container, "/name");
    if name.is_empty() {
        found.push(field::required(&format!("{path}.name"), ""));
    } else {
        dns_label(name, &format!("{path}.name"), found);
    }
    let image = text(container, "/image");
    if image.is_empty() {
        found.push(field::required(&format!("{path}.image"), ""));
    } else if image.trim() != image {
        let detail = "must not have leading or trailing whitespace";
        found.push(field::invalid(&format!("{path}.image"), &image.into(), detail));
    }
    ports(container, path, found);
    environment(container, path, found);
    mounts(container, path, volumes, found);
    let policies = ["Always", "IfNotPresent", "Never"];
    one_of(container, "/imagePullPolicy", &format!("{path}.imagePullPolicy"), &policies, found);
    resources(container, path, found);
}

fn ports(container: &Value, path: &str, found: &mut Vec<Cause>) {
    let mut names = BTreeSet::new();
    for (at, port) in list(container, "/ports").iter().enumerate() {
        let path = format!("{path}.ports[{at}]");
        let name = text(port, "/name");
        if name.len() > 15 {
            let detail = "must be no more than 15 characters";
            found.push(field::invalid(&format!("{path}.name"), &name.into(), detail));
        } else if !name.is_empty() && !names.insert(name) {
            found.push(field::duplicate(&format!("{path}.name"), &name.into()));
        }
        match int(port, "/containerPort").unwrap_or(0) {
            0 => found.push(field::required(&format!("{path}.containerPort"), "")),
            number => port_number(number, &format!("{path}.containerPort"), found),
        }
        if let Some(number) = int(port, "/hostPort").filter(|number| *number != 0) {
            port_number(number, &format!("{path}.hostPort"), found);
        }
        one_of(port, "/protocol", &format!("{path}.protocol"), &["SCTP", "TCP", "UDP"], found);
    }
}

pub(super) fn port_number(number: i64, path: &str, found: &mut Vec<Cause>) {
    if !(1..=65535).contains(&number) {
        found.push(field::invalid(path, &number.into(), "must be between 1 and 65535, inclusive"));
    }
}

fn environment(container: &Value, path: &str, found: &mut Vec<Cause>) {
    for (at, variable) in list(container, "/env").iter().enumerate() {
        let path = format!("{path}.env[{at}]");
        let name = text(variable, "/name");
        if name.is_empty() {
            found.push(field::required(&format!("{path}.name"), ""));
        } else if !name.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'=') {
            let detail =
                "a valid environment variable name must consist only of printable ASCII characters other than '='";
            found.push(field::invalid(&format!("{path}.name"), &name.into(), detail));
        }
        let source = variable.get("valueFrom");
        if !text(variable, "/value").is_empty() && !is_empty(source) {
            let detail = "may not be specified when `value` is not empty";
            found.push(super::invalid_shown(&format!("{path}.valueFrom"), "\"\"", detail));
        }
    }
}

fn mounts(container: &Value, path: &str, volumes: &BTreeSet<&str>, found: &mut Vec<Cause>) {
    let mut paths = BTreeSet::new();
    for (at, mount) in list(container, "/volumeMounts").iter().enumerate() {
        let path = format!("{path}.volumeMounts[{at}]");
        let name = text(mount, "/name");
        if name.is_empty() {
            found.push(field::required(&format!("{path}.name"), ""));
        } else if !volumes.contains(name) {
            found.push(Cause {
                reason: "FieldValueNotFound".into(),
                message: format!("Not found: {name:?}"),
                field: format!("{path}.name"),
            });
        }
        required_text(mount, "/mountPath", &format!("{path}.mountPath"), found);
        let place = text(mount, "/mountPath");
        if !place.is_empty() && !paths.insert(place) {
            found.push(super::invalid_shown(&format!("{path}.mountPath"), &format!("{place:?}"), "must be unique"));
        }
    }
}

/// A request is at most its limit. Amounts that are none were found when the object was read.
fn resources(container: &Value, path: &str, found: &mut Vec<Cause>) {
    for (name, request) in entries(container, "/resources/requests") {
        let limit = container.pointer("/resources/limits").and_then(|limits| limits.get(name)).and_then(Value::as_str);
        let (Some(request), Some(limit)) = (request.as_str(), limit) else { continue };
        if quantity::compare(request, limit) == Some(std::cmp::Ordering::Greater) {
            let detail = format!("must be less than or equal to {name} limit of {limit}");
            found.push(field::invalid(&format!("{path}.resources.requests"), &request.into(), &detail));
        }
    }
}

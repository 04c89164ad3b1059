//! Services and ingresses.

use api::status::Cause;
use serde_json::Value;

use super::{int, list, one_of, pod::port_number, text};
use crate::field;

pub(super) fn service(new: &Value, found: &mut Vec<Cause>) {
    let kind = text(new, "/spec/type");
    let ports = list(new, "/spec/ports");
    let headless = text(new, "/spec/clusterIP") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        found.push(field::required("spec.ports", ""));
    }
    if kind == "ExternalName" && text(new, "/spec/externalName").is_empty() {
        found.push(field::required("spec.externalName", ""));
    }
    for (at, port) in ports.iter().enumerate() {
        let path = format!("spec.ports[{at}]");
        if ports.len() > 1 && text(port, "/name").is_empty() {
            found.push(field::required(&format!("{path}.name"), ""));
        }
        port_number(int(port, "/port").unwrap_or(0), &format!("{path}.port"), found);
        one_of(port, "/protocol", &format!("{path}.protocol"), &["SCTP", "TCP", "UDP"], found);
        if let Some(target) = int(port, "/targetPort") {
            port_number(target, &format!("{path}.targetPort"), found);
        }
    }
    one_of(new, "/spec/sessionAffinity", "spec.sessionAffinity", &["ClientIP", "None"], found);
    one_of(new, "/spec/type", "spec.type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], found);
}

pub(super) fn ingress(new: &Value, found: &mut Vec<Cause>) {
    if list(new, "/spec/rules").is_empty() && new.pointer("/spec/defaultBackend").is_none() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        found.push(field::invalid("spec", &Value::Array(Vec::new()), detail));
    }
    for (at, rule) in list(new, "/spec/rules").iter().enumerate() {
        for (index, path) in list(rule, "/http/paths").iter().enumerate() {
            http_path(path, &format!("spec.rules[{at}].http.paths[{index}]"), found);
        }
    }
}

fn http_path(path: &Value, at: &str, found: &mut Vec<Cause>) {
    let kind = text(path, "/pathType");
    if kind.is_empty() {
        found.push(field::required(&format!("{at}.pathType"), "pathType must be specified"));
        return;
    }
    one_of(path, "/pathType", &format!("{at}.pathType"), &["Exact", "ImplementationSpecific", "Prefix"], found);
    let place = text(path, "/path");
    if kind != "ImplementationSpecific" && !place.starts_with('/') {
        found.push(field::invalid(&format!("{at}.path"), &place.into(), "must be an absolute path"));
    }
    let (service, resource) = (path.pointer("/backend/service"), path.pointer("/backend/resource"));
    if let Some(service) = service {
        super::required_text(service, "/name", &format!("{at}.backend.service.name"), found);
    } else if resource.is_none() {
        found.push(field::required(&format!("{at}.backend"), "port name or number is required"));
    }
}

//! Services and Endpoints: addresses and ports.

use jiff::Timestamp;
use serde_json::Value;

use super::{created, first_of, int, labels, list, or, text};

pub(super) const NAMES: &[&str] = &["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "+Selector"];

pub(super) fn row(service: &Value, now: Timestamp) -> Vec<Value> {
    let cluster_ip = list(service, "/spec/clusterIPs").first().and_then(Value::as_str);
    let cluster_ip = cluster_ip.unwrap_or_else(|| text(service, "/spec/clusterIP"));
    vec![
        text(service, "/metadata/name").into(),
        text(service, "/spec/type").into(),
        or(cluster_ip, "<none>").into(),
        external_ip(service).into(),
        or(&ports(service), "<none>").into(),
        created(service, now),
        labels(service, "/spec/selector").into(),
    ]
}

fn external_ip(service: &Value) -> String {
    let external = joined(list(service, "/spec/externalIPs").iter().filter_map(Value::as_str));
    match text(service, "/spec/type") {
        "ClusterIP" | "NodePort" => or(&external, "<none>").to_string(),
        "LoadBalancer" => {
            let ingress = list(service, "/status/loadBalancer/ingress").iter();
            let balanced = ingress.map(|ingress| or(text(ingress, "/ip"), text(ingress, "/hostname")));
            let all = joined(balanced.chain([external.as_str()]).filter(|address| !address.is_empty()));
            or(&all, "<pending>").to_string()
        }
        "ExternalName" => text(service, "/spec/externalName").to_string(),
        _ => "<unknown>".to_string(),
    }
}

fn ports(service: &Value) -> String {
    let port = |of: &Value| {
        let (port, node_port, protocol) = (int(of, "/port"), int(of, "/nodePort"), text(of, "/protocol"));
        if node_port > 0 { format!("{port}:{node_port}/{protocol}") } else { format!("{port}/{protocol}") }
    };
    list(service, "/spec/ports").iter().map(port).collect::<Vec<_>>().join(",")
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

pub(super) fn endpoints(endpoints: &Value, now: Timestamp) -> Vec<Value> {
    let subsets = list(endpoints, "/subsets");
    let found: Vec<String> = subsets.iter().flat_map(subset).collect();
    // Subsets without an address print nothing.
    let shown = first_of(&found, if subsets.is_empty() { "<none>" } else { "" });
    vec![text(endpoints, "/metadata/name").into(), shown.into(), created(endpoints, now)]
}

/// Each port with each address, or the addresses alone.
fn subset(subset: &Value) -> Vec<String> {
    let addresses: Vec<&str> = list(subset, "/addresses").iter().map(|address| text(address, "/ip")).collect();
    let ports = list(subset, "/ports");
    if ports.is_empty() {
        return addresses.into_iter().map(str::to_string).collect();
    }
    let with_port = |port: &Value, address: &str| match address.contains(':') {
        true => format!("[{address}]:{}", int(port, "/port")),
        false => format!("{address}:{}", int(port, "/port")),
    };
    ports.iter().flat_map(|port| addresses.iter().map(move |address| with_port(port, address))).collect()
}

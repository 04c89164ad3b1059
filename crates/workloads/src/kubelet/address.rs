//! Addresses of pods: every node has 254 of AKS's overlay network, and a pod gets the first that is free.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    read,
    world::{Pod, World},
};

pub(super) fn of_node(node: &Value) -> &str {
    let addresses = read::list(node, "/status/addresses").iter();
    let internal =
        addresses.filter(|address| address["type"] == "InternalIP").map(|address| read::text(address, "/address"));
    internal.into_iter().next().unwrap_or("127.0.0.1")
}

pub(super) fn of(world: &World, pod: &Pod, (object, node): (&Value, &Value)) -> String {
    let host = of_node(node);
    if read::flag(object, "/spec/hostNetwork") {
        return host.into();
    }
    let network = network(host);
    let taken: BTreeSet<&str> = world
        .on_node(&pod.node)
        .filter_map(|at| world.pod(at))
        .filter(|pod| !pod.is_over())
        .map(|pod| pod.ip.as_str())
        .collect();
    let mut free = (1..255).map(|last| format!("{network}.{last}")).filter(|ip| !taken.contains(ip.as_str()));
    // A node takes fewer pods than that.
    free.next().unwrap_or_else(|| format!("{network}.255"))
}

/// `10.244.N`, N the node's place: nodes' own addresses count from 10.224.0.4 on, 250 to a network.
fn network(host: &str) -> String {
    let mut parts = host.split('.').skip(2).map(|part| part.parse::<u32>().unwrap_or_default());
    let (high, low) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let place = high * 250 + low.saturating_sub(4);
    format!("10.{}.{}", 244 + place / 256 % 12, place % 256)
}

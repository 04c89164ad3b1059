//! Which pods go first: those that serve least, then those whose node has most of their kind, then the youngest.

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use crate::world::Pod;

/// All of them, in the order in which they would be removed.
pub(super) fn first_to_go(pods: &[Arc<Pod>]) -> Vec<&Pod> {
    let mut per_node: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in pods {
        *per_node.entry(&pod.node).or_default() += 1;
    }
    let mut ranked: Vec<&Pod> = pods.iter().map(|pod| &**pod).collect();
    ranked.sort_by_key(|pod| {
        (
            (!pod.node.is_empty(), pod.phase, pod.ready.is_some()),
            pod.deletion_cost,
            Reverse(per_node.get(pod.node.as_str()).copied().unwrap_or_default()),
            Reverse(pod.ready),
            Reverse(pod.restarts),
            Reverse(pod.created),
            &pod.at,
        )
    });
    ranked
}

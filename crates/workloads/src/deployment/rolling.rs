//! A rolling update: the old ReplicaSets give up what the new one has made up for.

use super::{
    Spec,
    sets::{Sets, of_status, scale},
};
use crate::{pass::Pass, read};
use serde_json::Value;

pub(super) fn old_sets(spec: &Spec<'_>, sets: &Sets, new: &Value, pass: &mut Pass) {
    let old: i64 = sets.old.iter().map(|set| read::replicas(set)).sum();
    let unavailable_new = read::replicas(new) - of_status(new, "availableReplicas");
    let most = sets.total() - spec.least_available() - unavailable_new;
    if old == 0 || most <= 0 {
        return;
    }
    let mut sizes: Vec<i64> = sets.old.iter().map(|set| read::replicas(set)).collect();
    // Those that do not serve go first.
    let mut left = most;
    for (set, size) in sets.old.iter().zip(&mut sizes) {
        let unhealthy = (*size - of_status(set, "availableReplicas")).clamp(0, left);
        *size -= unhealthy;
        left -= unhealthy;
    }
    let mut spare = sets.sum("availableReplicas") - spec.least_available();
    for size in &mut sizes {
        let gone = (*size).min(spare.max(0));
        *size -= gone;
        spare -= gone;
    }
    for (set, size) in sets.old.iter().zip(sizes) {
        if size != read::replicas(set) {
            scale(set, size, spec, pass);
        }
    }
}

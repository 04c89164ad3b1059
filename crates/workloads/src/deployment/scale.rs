//! How many pods each ReplicaSet is asked for: the new one as far as the surge allows, and all in proportion when the
//! Deployment itself is scaled.

use serde_json::Value;

use super::{
    Set, Spec,
    sets::{Sets, annotated, of_status, revision, scale},
};
use crate::{At, names, pass::Pass, read};

/// Whether the new ReplicaSet was scaled.
pub(super) fn new_set(spec: &Spec<'_>, sets: &Sets, new: &Value, pass: &mut Pass) -> bool {
    let current = read::replicas(new);
    let wanted = match spec.recreates || current > spec.replicas {
        true => spec.replicas,
        false => current + (spec.most() - sets.total()).clamp(0, spec.replicas - current),
    };
    if wanted != current {
        scale(new, wanted, spec, pass);
    }
    wanted != current
}

/// The Deployment was scaled (or is paused, and only its size follows).
pub(super) fn to_size(spec: &Spec<'_>, sets: &Sets, pass: &mut Pass) {
    let active: Vec<&Set> = sets.all().filter(|set| read::replicas(set) > 0).collect();
    let only = match active.as_slice() {
        [] => sets.new.as_ref().or_else(|| sets.old.iter().max_by_key(|set| revision(set))),
        [one] => Some(*one),
        _ => None,
    };
    if let Some(one) = only {
        if read::replicas(one) != spec.replicas {
            scale(one, spec.replicas, spec, pass);
        } else if is_out_of_date(one, spec) {
            annotate(one, spec, pass);
        }
        return;
    }
    if let Some(new) = sets.new.as_ref().filter(|new| is_saturated(new, spec)) {
        for set in sets.old.iter().filter(|set| read::replicas(set) > 0) {
            scale(set, 0, spec, pass);
        }
        if is_out_of_date(new, spec) {
            annotate(new, spec, pass);
        }
        return;
    }
    if !spec.recreates {
        in_proportion(spec, active, pass);
    }
}

fn is_out_of_date(set: &Value, spec: &Spec<'_>) -> bool {
    annotated(set, names::DESIRED_REPLICAS) != Some(spec.replicas)
        || annotated(set, names::MAX_REPLICAS) != Some(spec.most())
}

fn annotate(set: &Value, spec: &Spec<'_>, pass: &mut Pass) {
    scale(set, read::replicas(set), spec, pass);
}

fn is_saturated(set: &Value, spec: &Spec<'_>) -> bool {
    let all = |number: i64| number == spec.replicas;
    all(read::replicas(set))
        && annotated(set, names::DESIRED_REPLICAS).is_some_and(all)
        && all(of_status(set, "availableReplicas"))
}

fn in_proportion(spec: &Spec<'_>, mut active: Vec<&Set>, pass: &mut Pass) {
    let total: i64 = active.iter().map(|set| read::replicas(set)).sum();
    let allowed = if spec.replicas > 0 { spec.most() } else { 0 };
    let change = allowed - total;
    // The larger one first; of two, the younger one grows and the older one shrinks.
    let age = |set: &Value| (read::text(set, "/metadata/creationTimestamp").to_owned(), At::of(set));
    active.sort_by_key(|set| age(set));
    if change > 0 {
        active.reverse();
    }
    active.sort_by_key(|set| std::cmp::Reverse(read::replicas(set)));
    let mut done = 0;
    let mut sizes: Vec<i64> = Vec::new();
    for set in &active {
        let share = share(set, spec, change - done);
        done += share;
        sizes.push(read::replicas(set) + share);
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + change - done).max(0);
    }
    for (set, size) in active.into_iter().zip(sizes) {
        if size != read::replicas(set) || is_out_of_date(set, spec) {
            scale(set, size, spec, pass);
        }
    }
}

/// A ReplicaSet's part of the change, of which so much is left.
fn share(set: &Value, spec: &Spec<'_>, left: i64) -> i64 {
    let current = read::replicas(set);
    if current == 0 || left == 0 {
        return 0;
    }
    if spec.replicas == 0 {
        return (-current).max(left);
    }
    let before = annotated(set, names::MAX_REPLICAS).filter(|most| *most > 0);
    let before = before.unwrap_or_else(|| of_status(set, "replicas")).max(1);
    // Rounded half away from zero, as upstream rounds.
    let scaled = (2 * current * spec.most() + before).div_euclid(2 * before);
    let wanted = scaled - current;
    if left > 0 { wanted.min(left) } else { wanted.max(left) }
}

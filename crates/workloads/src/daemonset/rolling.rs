//! A rolling update of a DaemonSet: within `maxUnavailable` old pods go and new ones follow; with `maxSurge`, new ones come first.

use std::sync::Arc;

use super::{Place, Set, hash_of, pod_for};
use crate::{Kind, pass::Pass, read, revisions::Revisions, world::Pod};

/// A node's pods: of the new template, and of an older one.
type Pair<'a> = (Option<&'a Arc<Pod>>, Option<&'a Arc<Pod>>);

pub(super) fn update(set: &Set<'_>, revisions: &Revisions, pass: &mut Pass) {
    let wanted: Vec<&String> =
        set.places.iter().filter(|(_, place)| **place == Place::Wanted).map(|(node, _)| node).collect();
    let all = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
    let limit = |field: &str| {
        let value = set.object.pointer(&format!("/spec/updateStrategy/rollingUpdate/{field}"));
        read::int_or_percent(value, all, true).unwrap_or_default()
    };
    let (surge, unavailable) = match (limit("maxSurge"), limit("maxUnavailable")) {
        // Otherwise nothing could move.
        (0, 0) => (0, 1),
        limits => limits,
    };
    let pairs: Vec<(&String, Pair<'_>)> = wanted.into_iter().map(|node| (node, pair(set, node, revisions))).collect();
    if surge == 0 {
        replace(set, &pairs, unavailable, pass);
    } else {
        replace_after(set, &pairs, surge, pass);
    }
}

fn pair<'a>(set: &'a Set<'_>, node: &str, revisions: &Revisions) -> Pair<'a> {
    let pods = || set.pods.get(node).into_iter().flatten().filter(|pod| !pod.is_deleting);
    let is_new = |pod: &&Arc<Pod>| hash_of(pod) == Some(&revisions.hash);
    (pods().find(is_new), pods().find(|pod| !is_new(pod)))
}

fn is_available(set: &Set<'_>, pod: &Pod, pass: &Pass) -> bool {
    pod.is_available(set.min_ready, pass.now)
}

fn replace(set: &Set<'_>, pairs: &[(&String, Pair<'_>)], most: i64, pass: &mut Pass) {
    let mut unavailable = 0;
    let (mut at_once, mut candidates) = (Vec::new(), Vec::new());
    for (_, pair) in pairs {
        match pair {
            (None, None) | (Some(_), Some(_)) => unavailable += 1,
            (Some(new), None) => unavailable += i64::from(!is_available(set, new, pass)),
            (None, Some(old)) if is_available(set, old, pass) => candidates.push(*old),
            (None, Some(old)) => {
                unavailable += 1;
                at_once.push(*old);
            }
        }
    }
    let room = usize::try_from(most - unavailable).unwrap_or_default();
    for pod in at_once.into_iter().chain(candidates.into_iter().take(room)) {
        pass.delete(Kind::Pod, (&pod.at, &pod.uid), "it is of an older template");
    }
}

fn replace_after(set: &Set<'_>, pairs: &[(&String, Pair<'_>)], most: i64, pass: &mut Pass) {
    let mut surging = 0;
    let mut candidates = Vec::new();
    for (node, pair) in pairs {
        match pair {
            (Some(new), Some(old)) if is_available(set, new, pass) => {
                pass.delete(Kind::Pod, (&old.at, &old.uid), "its successor is available");
            }
            (Some(_), Some(_)) => surging += 1,
            (None, Some(old)) if is_available(set, old, pass) => candidates.push(*node),
            (None, Some(_)) => pass.create(Kind::Pod, pod_for(set, node), "what is there is of an older template"),
            (_, None) => {}
        }
    }
    let room = usize::try_from(most - surging).unwrap_or_default();
    for node in candidates.into_iter().take(room) {
        pass.create(Kind::Pod, pod_for(set, node), "what is there is of an older template");
    }
}

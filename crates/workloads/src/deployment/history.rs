//! Old ReplicaSets are kept for undoing, as many as `revisionHistoryLimit` says.

use api::ObjectExt;

use super::{
    Set, Spec,
    sets::{Sets, of_status, revision},
};
use crate::{At, Kind, pass::Pass, read};

pub(super) fn clean(spec: &Spec<'_>, sets: &Sets, pass: &mut Pass) {
    let Some(limit) = read::number(spec.object, "/spec/revisionHistoryLimit") else { return };
    let mut kept: Vec<&Set> = sets.old.iter().filter(|set| set.deletion_timestamp().is_none()).collect();
    let over = kept.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
    kept.sort_by_key(|set| revision(set));
    for set in kept.into_iter().take(over) {
        let idle = of_status(set, "replicas") == 0 && read::replicas(set) == 0;
        if idle && set.generation() <= of_status(set, "observedGeneration") {
            let this = (&At::of(set), set.uid().unwrap_or_default());
            pass.delete(Kind::ReplicaSet, this, format!("revisionHistoryLimit is {limit}"));
        }
    }
}

//! `why`: from an object that is not ready down to the lowest cause. [`explain`](explain::step) is pure: it reads one object and
//! says what to look at next; this file only fetches.

mod advice;
mod cluster_api;
mod explain;

use actions::{Cause, Chain};
use api::names::{GroupVersionKind, ObjectRef};
use serde_json::Value;

use crate::cluster::{Cluster, Error};
use explain::Step;

/// Owners, Applications of Applications: no real chain is this long.
const LINKS_MAX: usize = 32;

/// Walks the chain. The first link is the object that was asked about.
pub async fn why(cluster: &Cluster, start: &ObjectRef) -> Result<Chain, Error> {
    let mut chain = Chain::default();
    let mut seen = Vec::new();
    let mut next = Some(start.clone());
    while let Some(target) = next.take() {
        if seen.contains(&target) || seen.len() == LINKS_MAX {
            break;
        }
        seen.push(target.clone());
        let Some(object) = cluster.get(&target).await? else {
            chain.causes.push(missing(&target));
            chain.next_step = advice::missing(&target);
            return Ok(chain);
        };
        match explain::step(&target, &object) {
            Step::Ready => {
                chain.healthy = chain.causes.is_empty();
                if !chain.healthy {
                    chain.causes.push(turned_ready(&target));
                    chain.next_step = "wait: the cause is gone, its dependants will follow".into();
                }
                return Ok(chain);
            }
            Step::Lowest { causes, advice } => {
                chain.causes.extend(causes);
                chain.next_step = advice;
            }
            Step::Deeper { cause, target } => {
                chain.causes.push(cause);
                next = Some(target);
            }
        }
    }
    Ok(chain)
}

/// The next step for an object that is itself the lowest cause; `None` when it is ready, or blames another one.
pub fn next_step(target: &ObjectRef, object: &Value) -> Option<String> {
    match explain::step(target, object) {
        Step::Lowest { advice, .. } => Some(advice),
        Step::Ready | Step::Deeper { .. } => None,
    }
}

/// The kind that a person means by `vault`, `vaults`, `rg` or `vaults.keyvault.azure.com`, with its scope.
pub async fn find_kind(cluster: &Cluster, word: &str) -> Result<Option<(GroupVersionKind, bool)>, Error> {
    let word = word.to_ascii_lowercase();
    let (name, group) = word.split_once('.').map_or((word.as_str(), None), |(name, group)| (name, Some(group)));
    let kinds = cluster.kinds().await?;
    let found = kinds.into_iter().find(|(gvk, served)| {
        let named = served.plural == name
            || gvk.kind.eq_ignore_ascii_case(name)
            || served.short_names.iter().any(|short| short == name);
        named && group.is_none_or(|group| gvk.group.starts_with(group))
    });
    Ok(found.map(|(gvk, served)| (gvk, served.namespaced)))
}

fn missing(target: &ObjectRef) -> Cause {
    Cause { subject: target.to_string(), says: "NotFound".into(), message: "the object does not exist".into() }
}

fn turned_ready(target: &ObjectRef) -> Cause {
    Cause { subject: target.to_string(), says: "Ready".into(), message: "this object is ready now".into() }
}

#[cfg(test)]
mod tests;

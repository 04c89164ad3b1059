//! Who owns what after a write: the core of server-side apply over typed values, in the steps of structured-merge-diff.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;

use super::{
    Context,
    conflict::Conflict,
    managed::{Identity, Managers, Owned, ownable},
    merge::{Comparison, field_set, merge, remaining_set, remove},
    path::{Element, equal},
    set::Set,
    typed::{Atom, ListKeys, atom},
};
use crate::schema::Schema;

/// An object in one version, with the schema of that version.
struct Versioned<'a> {
    schema: Cow<'a, Schema>,
    object: Cow<'a, Value>,
}

/// `None` when the manager's version is no longer served.
fn convert<'a>(object: &'a Value, version: &str, context: &Context<'a>) -> Option<Versioned<'a>> {
    let current = object.get("apiVersion").and_then(Value::as_str).unwrap_or(context.api_version);
    match context.versions {
        Some(versions) if version != context.api_version || current != version => {
            let (schema, object) = versions.convert(object, version)?;
            Some(Versioned { schema: Cow::Owned(schema), object: Cow::Owned(object) })
        }
        _ => Some(Versioned { schema: Cow::Borrowed(context.schema), object: Cow::Borrowed(object) }),
    }
}

fn reset_set(context: &Context<'_>) -> Set {
    Set::of(context.reset.iter().map(|path| path.iter().map(|name| Element::field(name)).collect()))
}

/// Takes changed fields from the other managers; without `force` these are conflicts. Answers the comparison in the
/// version of the request.
fn take_over(
    live: &Value,
    new: &Value,
    managers: &mut Managers,
    writer: &Identity,
    force: bool,
    context: &Context<'_>,
) -> Result<Comparison, Vec<Conflict>> {
    let reset = reset_set(context);
    let own = Comparison::new(context.schema, live, new).without(&reset);
    let mut comparisons = BTreeMap::from([(context.api_version.to_string(), Some(own.clone()))]);
    let mut taken: Vec<(Identity, Set)> = Vec::new();
    for (identity, owned) in managers.iter().filter(|(identity, _)| *identity != writer) {
        let comparison = comparisons.entry(owned.api_version.clone()).or_insert_with(|| {
            if context.versions.is_none() {
                return Some(own.clone());
            }
            let before = convert(live, &owned.api_version, context)?;
            let after = convert(new, &owned.api_version, context)?;
            Some(Comparison::new(&before.schema, &before.object, &after.object).without(&reset))
        });
        let Some(comparison) = comparison else { continue };
        taken.push((identity.clone(), owned.set.intersection(&comparison.modified.union(&comparison.added))));
    }
    taken.retain(|(_, set)| !set.is_empty());
    if !force && !taken.is_empty() {
        let conflicts = taken
            .iter()
            .flat_map(|(manager, set)| set.paths().into_iter().map(|path| Conflict { manager: manager.clone(), path }));
        return Err(conflicts.collect());
    }
    for (identity, set) in taken {
        if let Some(owned) = managers.get_mut(&identity) {
            owned.set = owned.set.difference(&set);
        }
    }
    managers.retain(|identity, owned| {
        if identity != writer {
            match comparisons.get(&owned.api_version) {
                Some(Some(comparison)) => owned.set = owned.set.difference(&comparison.removed),
                _ => return false,
            }
        }
        !owned.set.is_empty()
    });
    Ok(own)
}

/// After an update by `writer`: it owns what it changed, nobody owns what is gone.
pub(super) fn update(live: &Value, new: &Value, managers: &mut Managers, writer: &Identity, context: &Context<'_>) {
    reconcile(live, managers, context);
    let Ok(comparison) = take_over(live, new, managers, writer, true, context) else { return };
    let before = managers.remove(writer);
    let time = before.as_ref().and_then(|owned| owned.time.clone());
    let set = before.map(|owned| owned.set).unwrap_or_default().difference(&comparison.removed);
    let set = set.union(&comparison.modified).union(&comparison.added);
    let set = set.recursive_difference(&reset_set(context));
    if !set.is_empty() {
        managers.insert(writer.clone(), Owned { set, api_version: context.api_version.to_string(), time });
    }
}

/// The merged object, or `None` when it equals the live one.
pub(super) fn apply(
    live: &Value,
    applied: &Value,
    managers: &mut Managers,
    writer: &Identity,
    force: bool,
    context: &Context<'_>,
) -> Result<Option<Value>, Vec<Conflict>> {
    reconcile(live, managers, context);
    let merged = merge(context.schema, Some(live), Some(applied)).unwrap_or(Value::Null);
    let last = managers.get(writer).cloned();
    let set = field_set(context.schema, applied).recursive_difference(&reset_set(context));
    let time = last.as_ref().and_then(|owned| owned.time.clone());
    // The same configuration once more, of which nothing was changed meanwhile: nobody gains or loses a field.
    let is_repeated =
        last.as_ref().is_some_and(|last| last.set == ownable(&set) && last.api_version == context.api_version);
    managers.insert(writer.clone(), Owned { set, api_version: context.api_version.to_string(), time });
    if is_repeated && equal(live, &merged) {
        return Ok(None);
    }
    let merged = match last {
        // Once more over what is left: a list that is applied empty owns nothing. Upstream drops it here, and the next apply
        // of the same configuration brings it back.
        Some(last) if !last.set.is_empty() => {
            let pruned = prune(merged, managers, &last, context);
            merge(context.schema, Some(&pruned), Some(applied)).unwrap_or(pruned)
        }
        _ => merged,
    };
    take_over(live, &merged, managers, writer, force, context)?;
    Ok((!equal(live, &merged)).then_some(merged))
}

/// Removes what the writer applied last time, does not apply now, and nobody else owns.
fn prune(merged: Value, managers: &Managers, last: &Owned, context: &Context<'_>) -> Value {
    let Some(at_last) = convert(&merged, &last.api_version, context) else { return merged };
    let schema = &at_last.schema;
    let unwanted = last.set.with_named_parents(Some(schema));
    let mut pruned = remove(schema, &at_last.object, &unwanted);
    pruned = add_back_owned(&at_last, pruned, &last.api_version, managers, context);
    // What was removed only because its parent was: keep it unless it was applied last time.
    let kept = remaining_set(schema, &pruned).with_named_parents(Some(schema));
    let had = field_set(schema, &at_last.object).with_named_parents(Some(schema));
    let pruned = remove(schema, &at_last.object, &had.difference(&kept).intersection(&unwanted));
    convert(&pruned, context.api_version, context).map_or_else(|| merged.clone(), |back| back.object.into_owned())
}

fn add_back_owned(
    merged: &Versioned<'_>,
    pruned: Value,
    version: &str,
    managers: &Managers,
    context: &Context<'_>,
) -> Value {
    let mut owned_at: BTreeMap<&str, Set> = BTreeMap::new();
    for owned in managers.values() {
        let set = owned_at.entry(&owned.api_version).or_default();
        *set = set.union(&owned.set);
    }
    let mut pruned = pruned;
    if let Some(owned) = owned_at.remove(version) {
        pruned = add_back(&merged.schema, &merged.object, &pruned, &owned);
    }
    for (other, owned) in owned_at {
        let (Some(all), Some(left)) = (convert(&merged.object, other, context), convert(&pruned, other, context))
        else {
            continue;
        };
        let kept = add_back(&all.schema, &all.object, &left.object, &owned);
        let kept = convert(&kept, version, context).map(|back| back.object.into_owned());
        pruned = kept.unwrap_or(pruned);
    }
    pruned
}

fn add_back(schema: &Schema, merged: &Value, pruned: &Value, owned: &Set) -> Value {
    let named = |set: Set| set.with_named_parents(Some(schema));
    let keep = named(remaining_set(schema, pruned)).union(&owned.with_named_parents(Some(schema)));
    remove(schema, merged, &named(field_set(schema, merged)).difference(&keep))
}

/// Field sets written before the schema made a list or map atomic: the owner of parts becomes the owner of the whole.
fn reconcile(live: &Value, managers: &mut Managers, context: &Context<'_>) {
    for owned in managers.values_mut() {
        let Some(at) = convert(live, &owned.api_version, context) else { continue };
        let mut whole = Vec::new();
        find_atomic(&at.schema, &owned.set, &mut Vec::new(), &mut whole);
        if whole.is_empty() {
            continue;
        }
        let whole = Set::of(whole);
        owned.set = owned.set.recursive_difference(&whole).union(&whole);
    }
}

fn find_atomic(schema: &Schema, set: &Set, path: &mut Vec<Element>, whole: &mut Vec<Vec<Element>>) {
    let form = atom(schema, None);
    for (element, below) in &set.children {
        let schema = match (&form, element) {
            (Atom::Map(fields), Element::Field(name)) => fields.below(name),
            (Atom::List(list), _) => Some(list.items),
            _ => None,
        };
        let Some(schema) = schema else { continue };
        path.push(element.clone());
        let atomic = match atom(schema, None) {
            Atom::Map(fields) => fields.atomic,
            Atom::List(list) => matches!(list.keys, ListKeys::Atomic),
            Atom::Scalar(_) => false,
        };
        if atomic {
            whole.push(path.clone());
        } else {
            find_atomic(schema, below, path, whole);
        }
        path.pop();
    }
}

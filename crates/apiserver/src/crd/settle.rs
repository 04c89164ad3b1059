//! From a stored definition to served resources: names are accepted, the resources appear, and only then does the definition
//! say `Established`. Runs after every write of a definition, before its writer is answered, and once at start.

use std::sync::Arc;

use api::{ObjectExt, status::Status};
use serde_json::Value;
use store::{Change, Error, Expect, Revision, Stored, Write};

use super::{GROUP, PLURAL, names, text};
use crate::{
    Objects, Resource,
    objects::{Encoded, failed},
    registry::resources_of,
};

/// Others may write the definition meanwhile, but not for ever.
const ATTEMPTS: usize = 16;

fn prefix() -> String {
    Resource::prefix_of(GROUP, PLURAL)
}

fn parse(stored: &Stored) -> Option<Value> {
    serde_json::from_slice(&stored.value).ok()
}

/// Serves what is stored, and settles what was not before the last stop.
pub(crate) async fn load(objects: &Objects) -> Result<(), Status> {
    let page = objects.space().list(&prefix(), None, None, 0).map_err(failed)?;
    let mut waiting = Vec::new();
    for stored in &page.items {
        let Some(definition) = parse(stored) else { continue };
        let name = definition.name().unwrap_or_default().to_string();
        if is_established(&definition) {
            objects.registry().install(&name, resources_of(&definition, stored.revision));
        } else {
            waiting.push(name);
        }
    }
    for name in waiting {
        settle(objects, &name).await?;
    }
    Ok(())
}

fn is_established(definition: &Value) -> bool {
    let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
    conditions.is_some_and(|conditions| names::is_true(conditions, "Established"))
}

/// Brings the served set and the definition's status in line; answers the definition as it is then, `None` when it is gone.
pub(crate) async fn settle(objects: &Objects, name: &str) -> Result<Option<Value>, Status> {
    let _one_at_a_time = objects.settling().lock().await;
    let settled = settle_one(objects, name).await?;
    if settled.is_none() {
        // Its names are free now: the first that waited for them gets them.
        let group = name.split_once('.').map(|(_, group)| group).unwrap_or_default();
        for other in definitions_of(objects, group, name)? {
            if !is_established(&other) || !names::is_true(conditions(&other), "NamesAccepted") {
                settle_one(objects, other.name().unwrap_or_default()).await?;
            }
        }
    }
    Ok(settled)
}

fn conditions(definition: &Value) -> &[Value] {
    let conditions = definition.pointer("/status/conditions").and_then(Value::as_array);
    conditions.map(Vec::as_slice).unwrap_or_default()
}

/// The other definitions of a group.
fn definitions_of(objects: &Objects, group: &str, except: &str) -> Result<Vec<Value>, Status> {
    let page = objects.space().list(&prefix(), None, None, 0).map_err(failed)?;
    // A definition is named PLURAL.GROUP: those of other groups need not be parsed, and there are megabytes of them.
    let suffix = format!(".{group}");
    let others = page.items.iter().filter(|stored| stored.key.ends_with(&suffix)).filter_map(parse);
    Ok(others.filter(|other| text(other, "/spec/group") == group && other.name() != Some(except)).collect())
}

async fn settle_one(objects: &Objects, name: &str) -> Result<Option<Value>, Status> {
    let key = format!("{}{name}", prefix());
    for _ in 0..ATTEMPTS {
        let Some(stored) = objects.space().get(&key) else {
            objects.registry().install(name, Vec::new());
            return Ok(None);
        };
        let Some(mut definition) = parse(&stored) else { return Ok(None) };
        let others = definitions_of(objects, text(&definition, "/spec/group"), name)?;
        let status = names::desired_status(&definition, &others, &objects.now());
        let same = definition.get("status") == Some(&status);
        definition["status"] = status;
        if is_established(&definition) {
            install(objects, name, &definition);
        }
        if same {
            return Ok(Some(definition));
        }
        let encode = Encoded::new(&definition).into_encode();
        let write = Write { key: key.clone(), expect: Expect::At(stored.revision), change: Change::Put(encode) };
        match objects.space().commit(vec![write]).await {
            Ok(written) => return Ok(written.first().and_then(parse)),
            Err(Error::Precondition { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(Status::internal(format!("customresourcedefinition {name} changes too fast to be settled")))
}

/// Swaps the served resources. Instances need another look only where the schema changed.
fn install(objects: &Objects, name: &str, definition: &Value) {
    let before = objects.registry().definition(name);
    let now: Revision = objects.space().revision();
    let fresh = resources_of(definition, now).into_iter().map(|resource| match same_schema(&before, &resource) {
        Some(since) if since != now => keep_since(resource, since),
        _ => resource,
    });
    objects.registry().install(name, fresh.collect());
}

fn same_schema(before: &[Arc<Resource>], resource: &Resource) -> Option<Revision> {
    let old = before.iter().find(|old| old.version == resource.version)?.custom()?;
    let new = resource.custom()?;
    (old.openapi_bytes() == new.openapi_bytes() && old.storage_version == new.storage_version).then_some(old.since)
}

fn keep_since(resource: Arc<Resource>, since: Revision) -> Arc<Resource> {
    match Arc::try_unwrap(resource) {
        Ok(mut owned) => {
            if let crate::registry::Origin::Custom(custom) = &mut owned.origin {
                custom.since = since;
            }
            Arc::new(owned)
        }
        Err(shared) => shared,
    }
}

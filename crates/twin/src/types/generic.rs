//! Every other type of the catalogue: its schema is checked, it is stored, and it goes through its provisioning states in the
//! style that Azure's clients expect of it. Nothing else happens: no defaults beyond the schema, no data plane.

use serde_json::{Value, json};

use super::{keys, lifecycle, storage};
use crate::{
    arm::{
        errors,
        operations::{self, Style, Subject},
    },
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    schema,
    state::{Change, Record, Resource},
};

/// Types whose PUT is followed by reading the resource, as recorded from Azure. All others with a long-running PUT announce
/// it by headers.
const BODY_POLLED: [&str; 1] = [super::EVENT_HUB_NAMESPACE];

const POSTGRES_SERVER: &str = "Microsoft.DBforPostgreSQL/flexibleServers";

const PUT_SECS: i64 = 60;
const DELETE_SECS: i64 = 30;

/// What the twin knows about a type's verbs.
#[derive(Clone, Debug)]
struct Verbs {
    put: Vec<u16>,
    put_long_running: bool,
    delete: Vec<u16>,
    delete_long_running: bool,
    no_delete: bool,
    has_state: bool,
    tracked: bool,
}

impl Verbs {
    /// Facts where there are some; else ARM's common contract.
    fn of(kind: &str, api_version: &str) -> Self {
        let resource = schema::at(kind, api_version);
        let has_state = resource.is_some_and(schema::has_provisioning_state);
        let tracked = resource.is_some_and(schema::has_location);
        let facts =
            resource.and_then(|resource| resource.facts.clone()).filter(|facts| !facts.operations.put.is_empty());
        match facts {
            Some(facts) => Self {
                put: facts.operations.put.clone(),
                put_long_running: facts.operations.put_long_running,
                delete: facts.operations.delete.clone(),
                delete_long_running: facts.operations.delete_long_running,
                no_delete: facts.operations.no_delete,
                has_state,
                tracked,
            },
            None => Self {
                put: vec![200, 201],
                put_long_running: has_state && tracked,
                delete: vec![200, 202, 204],
                delete_long_running: tracked,
                no_delete: false,
                has_state,
                tracked,
            },
        }
    }

    fn put_status(&self, is_new: bool) -> u16 {
        let order: &[u16] = if is_new { &[201, 202, 200] } else { &[200, 202, 201] };
        order.iter().copied().find(|status| self.put.contains(status)).unwrap_or(200)
    }
}

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    let verbs = Verbs::of(&call.path.kind, &call.api_version);
    match call.method {
        Method::Put => {
            let body = lifecycle::body(call, existing)?;
            // An update that is answered by 200 where a creation is by 202 is through with the answer.
            let at_once = existing.is_some() && verbs.put == [200, 202];
            put(
                core,
                call,
                existing,
                Value::Object(body),
                &Verbs { put_long_running: verbs.put_long_running && !at_once, ..verbs },
            )
        }
        Method::Patch => {
            let existing = existing.ok_or_else(|| errors::resource_not_found(&call.path))?;
            let sent = call.body.as_ref().filter(|body| body.is_object()).ok_or_else(errors::body_required)?;
            let mut body = Value::Object(existing.body.clone());
            lifecycle::merge(&mut body, sent);
            let merged = Call { body: Some(body), ..call.clone() };
            let body = lifecycle::body(&merged, Some(existing))?;
            put(core, &merged, Some(existing), Value::Object(body), &Verbs { put_long_running: false, ..verbs })
        }
        Method::Delete if verbs.no_delete => Err(errors::method_not_allowed(call.method)),
        Method::Delete if verbs.delete_long_running && verbs.delete.contains(&202) => {
            lifecycle::delete_later(core, call, DELETE_SECS)
        }
        Method::Delete => {
            let effects = lifecycle::delete_now(core, call)?;
            let status = if verbs.delete.contains(&effects.reply.status) { effects.reply.status } else { 204 };
            Ok(Effects { reply: Reply::status(status), ..effects })
        }
        Method::Get if existing.is_none() && is_implicit(core, &call.path) => {
            let body = json!({
                "id": call.path.text, "name": call.path.name, "type": call.path.kind, "properties": {},
            });
            Ok(Reply::json(200, body).into())
        }
        _ => super::read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>, mut body: Value, verbs: &Verbs) -> Outcome {
    lifecycle::preconditions(call, existing)?;
    if let Some(busy) = existing.filter(|resource| resource.is_busy(core.now)) {
        let message = format!(
            "Another operation is in progress on the resource '{}'. Please wait for it to complete before retrying.",
            busy.id
        );
        return Err(Reply::error(409, "AnotherOperationInProgress", message));
    }
    if verbs.tracked && body.get("location").is_none() {
        return Err(Reply::error(400, "LocationRequired", "The location property is required for this definition."));
    }
    if let Some(resource) = schema::at(&call.path.kind, &call.api_version) {
        schema::strip_hidden(resource, &mut body);
    }
    complete_identity(core, call, &mut body);
    let Value::Object(mut body) = body else { return Err(errors::body_required()) };
    body.entry("properties").or_insert_with(|| json!({}));
    let state = verbs.has_state.then_some("Succeeded");
    let mut resource = lifecycle::record(core, call, existing, body, state);
    storage::complete(core, existing, &mut resource);
    name_server(&mut resource);
    let companions = if existing.is_none() { keys::companions(core, call, &resource) } else { Vec::new() };
    let status = verbs.put_status(existing.is_none());
    if !verbs.put_long_running {
        return Ok(lifecycle::stored(core, status, resource));
    }
    let doing = if existing.is_some() { "Updating" } else { "Creating" };
    resource.pending = lifecycle::pending(core, doing, PUT_SECS);
    if BODY_POLLED.iter().any(|kind| kind.eq_ignore_ascii_case(&call.path.kind)) {
        let mut effects = lifecycle::stored(core, status, resource);
        effects.reply.headers.extend(core.settings.pace.retry_after(10));
        effects.changes.extend(companions);
        return Ok(effects);
    }
    let effects = lifecycle::stored(core, status, resource.clone());
    let subject =
        Subject { resource: &resource, yields_resource: true, api_version: &call.api_version, seconds: PUT_SECS };
    // A 202 has no body of the resource yet: the result is behind `Location`.
    let styles: &[Style] =
        if status == 202 { &[Style::Location, Style::AsyncOperation] } else { &[Style::AsyncOperation] };
    let reply = if status == 202 { Reply::status(202) } else { effects.reply };
    let styles = if status == 202 && verbs.put == [200, 202] { &styles[..1] } else { styles };
    let (reply, operation) = operations::start(core, reply, styles, subject);
    let mut changes = effects.changes;
    changes.extend(companions);
    changes.push(Change::Put(Record::Operation(operation)));
    Ok(Effects { reply, changes })
}

/// A database server gets its host name.
fn name_server(server: &mut Resource) {
    let name = format!("{}.postgres.database.azure.com", server.name.to_lowercase());
    let properties = server.body.get_mut("properties").and_then(Value::as_object_mut);
    if let Some(properties) = properties.filter(|_| server.kind.eq_ignore_ascii_case(POSTGRES_SERVER)) {
        properties.insert("fullyQualifiedDomainName".into(), json!(name));
    }
}

/// A system-assigned identity gets its principal.
fn complete_identity(core: &Core<'_>, call: &Call, body: &mut Value) {
    let Some(identity) = body.get_mut("identity").filter(|identity| identity.is_object()) else { return };
    let assigned = identity["type"].as_str().is_some_and(|kind| kind.to_lowercase().contains("systemassigned"));
    if assigned {
        identity["principalId"] = json!(core.state.derived_uuid("principal", &call.path.key()));
        identity["tenantId"] = json!(core.settings.tenant_id);
    }
}

/// Services inside a storage account exist with it, under the one name `default`.
pub(crate) fn is_implicit(core: &Core<'_>, path: &Path) -> bool {
    path.name.eq_ignore_ascii_case("default")
        && path.kind.starts_with("Microsoft.Storage/storageAccounts/")
        && path.segment().ends_with("Services")
        && core.state.resource(&path.parent.to_lowercase()).is_some()
}

//! Following a reference to a provider's object: contract version, look-up, adoption.

use actions::Action;
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Map, Value, json};

use crate::{
    conditions::NotReady,
    contract,
    names::CORE_API_VERSION,
    observed::Outcome,
    pass::{self, Pass, Stop, text},
};

/// Where a reference led.
#[derive(Debug)]
pub(crate) enum Followed<'a> {
    Unset,
    Missing,
    Refused(NotReady),
    Found(&'a Value, ObjectRef),
}

impl<'a> Followed<'a> {
    pub(crate) fn object(&self) -> Option<&'a Value> {
        match self {
            Self::Found(object, _) => Some(object),
            _ => None,
        }
    }
}

/// How the object that a reference names is made one's own.
pub(crate) struct Follow<'a> {
    /// `/spec/infrastructureRef`
    pub(crate) at: &'a str,
    pub(crate) cluster: &'a str,
}

/// Reads what the reference names. Writes come first, each ending the round: the reference's version and namespace, then the
/// object's owner and label.
pub(crate) fn follow<'a>(pass: &Pass<'a>, how: &Follow<'_>) -> Result<Followed<'a>, Stop> {
    let Some(reference) = pass.object.pointer(how.at).filter(|it| it.is_object()) else { return Ok(Followed::Unset) };
    let field = how.at.trim_start_matches('/').replace('/', ".");
    let namespace = text(reference, "/namespace");
    if !namespace.is_empty() && namespace != pass.namespace() {
        let message = format!("{field}.namespace: Invalid value: \"{namespace}\": must match metadata.namespace");
        return Ok(Followed::Refused(NotReady::error("InvalidReference", message)));
    }
    let (api_version, kind, name) =
        (text(reference, "/apiVersion"), text(reference, "/kind"), text(reference, "/name"));
    let (group, version) = api::names::split_api_version(api_version);
    let definition = contract::definition_name(group, kind);
    let Some(labels) = pass.definition(&definition)? else {
        if pass.deleting() {
            return Ok(Followed::Missing);
        }
        let message = format!("customresourcedefinitions.apiextensions.k8s.io \"{definition}\" not found");
        return Ok(Followed::Refused(NotReady::error("InvalidReference", message)));
    };
    let wanted = match contract::choose(&definition, labels, version) {
        Ok(wanted) => wanted,
        Err(message) => return Ok(Followed::Refused(NotReady::error("InvalidReference", message))),
    };
    let wanted = format!("{group}/{wanted}");
    if !pass.deleting()
        && let Some(action) = settle(pass, how, reference, &wanted)
    {
        return Err(Stop::Done(Outcome::again(vec![action])));
    }
    let target = pass.beside(&wanted, kind, name);
    let Some(object) = pass.get(&target)? else { return Ok(Followed::Missing) };
    match pass::adoption(object, pass.object, CORE_API_VERSION, true, how.cluster) {
        Ok(metadata) if metadata.is_empty() => Ok(Followed::Found(object, target)),
        // What is going is not adopted any more.
        Ok(_) if object.deletion_timestamp().is_some() => Ok(Followed::Found(object, target)),
        Ok(metadata) => {
            let why = format!("{} refers to it", pass.target);
            Err(Stop::Done(Outcome::again(vec![pass.merge_metadata(object, &target, metadata, why)])))
        }
        Err(message) => Ok(Followed::Refused(NotReady::error("OwnedByAnother", message))),
    }
}

/// The reference as it has to be, when it is not: with the namespace, and with a version of the contract.
fn settle(pass: &Pass<'_>, how: &Follow<'_>, reference: &Value, api_version: &str) -> Option<Action> {
    let mut wanted = reference.as_object().cloned().unwrap_or_default();
    wanted.insert("namespace".into(), json!(pass.namespace()));
    wanted.insert("apiVersion".into(), json!(api_version));
    if Some(&wanted) == reference.as_object() {
        return None;
    }
    let mut patch = Value::Object(wanted);
    for part in how.at.rsplit('/').filter(|part| !part.is_empty()) {
        patch = Value::Object(Map::from_iter([(part.to_string(), patch)]));
    }
    Some(pass.merge(&pass.target, patch, "the reference names the namespace and a version of the contract"))
}

/// `status.failureReason` and `status.failureMessage` of a provider's object, as its owner shows them.
pub(crate) fn failure(object: &Value) -> (Option<String>, Option<String>) {
    let reason = Some(text(object, "/status/failureReason")).filter(|reason| !reason.is_empty());
    let message = Some(text(object, "/status/failureMessage")).filter(|message| !message.is_empty()).map(|message| {
        let gvk = api::names::GroupVersionKind::of(object).unwrap_or_default();
        let name = object.name().unwrap_or_default();
        format!("Failure detected from referenced resource {gvk} with name \"{name}\": {message}")
    });
    (reason.map(str::to_string), message)
}

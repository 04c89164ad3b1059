//! Key Vaults are soft-deleted: `createMode` says what to do with a vault of the same name that was deleted before.
//! `createOrRecover` and `purgeThenCreate` are the operator's own; Azure knows `default` and `recover`.

use actions::{Action, ArmMethod, ArmResponse, Outcome};
use serde_json::{Value, json};

use super::Pass;
use crate::{
    arm_id,
    convert::compare::location,
    credential::Credential,
    names::{POLLER_PURGE, reason},
    problem::{Problem, Stop},
    ready::Ready,
};

const VAULTS: &str = "Microsoft.KeyVault/vaults";

impl Pass<'_> {
    fn create_mode(&self) -> Option<&str> {
        if !self.resource.arm_type.eq_ignore_ascii_case(VAULTS) {
            return None;
        }
        self.object.pointer("/spec/properties/createMode").and_then(Value::as_str)
    }

    /// What must happen before a vault is made: with `purgeThenCreate`, its predecessor is purged.
    pub(super) fn before_create(&self, desired: &Value, credential: &Credential) -> Result<Option<Outcome>, Stop> {
        if self.create_mode() != Some("purgeThenCreate") {
            return Ok(None);
        }
        let purge = format!("{}/purge", self.deleted_vault_id(desired, credential)?);
        match self.observed.written(ArmMethod::Post, &purge) {
            None => {
                if self.deleted_vault(desired, credential)?.is_none() {
                    return Ok(None);
                }
                let request = self.request(ArmMethod::Post, &purge, None);
                let reason = "spec.properties.createMode: purgeThenCreate".into();
                Ok(Some(Outcome::again(vec![Action::Arm { request, reason }])))
            }
            Some((_, Ok(response))) => {
                let operation = response.operation.as_ref().filter(|operation| !operation.url.is_empty());
                let record = operation.and_then(|operation| {
                    self.record(POLLER_PURGE, operation, None, "the purge is recorded before it is awaited")
                });
                let purging = self.ready(None, &Ready::Reconciling, "the deleted vault of that name is being purged");
                let actions = record.into_iter().chain(purging).collect();
                Ok(Some(Outcome::done(actions, self.poll_again(response.retry_after_secs))))
            }
            Some((_, Err(error))) => Err(Problem::from_arm(error).into()),
        }
    }

    /// Replaces the operator's own modes by what Azure knows. A vault that exists is only updated.
    pub(super) fn choose_create_mode(
        &self,
        body: &mut Value,
        live: Option<&ArmResponse>,
        credential: &Credential,
    ) -> Result<(), Stop> {
        let chosen = match self.create_mode() {
            None => return Ok(()),
            Some(_) if live.is_some() => "default",
            Some("createOrRecover") => match self.deleted_vault(body, credential)? {
                Some(deleted) => {
                    self.check_same_group(&deleted)?;
                    "recover"
                }
                None => "default",
            },
            Some("purgeThenCreate") => "default",
            Some(_) => return Ok(()),
        };
        body["properties"]["createMode"] = json!(chosen);
        Ok(())
    }

    fn deleted_vault_id(&self, body: &Value, credential: &Credential) -> Result<String, Problem> {
        let place = body["location"].as_str().map(location).filter(|place| !place.is_empty());
        let place = place.ok_or_else(|| {
            Problem::fatal(reason::FAILED, format!("unable to determine location of KeyVault {}", self.target.name))
        })?;
        let name = body["name"].as_str().unwrap_or_default();
        let subscription = &credential.subscription;
        Ok(format!("/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{place}/deletedVaults/{name}"))
    }

    /// The soft-deleted vault of that name, when there is one.
    fn deleted_vault(&self, body: &Value, credential: &Credential) -> Result<Option<Value>, Stop> {
        match self.get(&self.deleted_vault_id(body, credential)?)? {
            Ok(found) => Ok(Some(found.body.clone())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(Problem::from_arm(error).into()),
        }
    }

    /// Azure recovers a vault only into the group that it was in.
    fn check_same_group(&self, deleted: &Value) -> Result<(), Problem> {
        let id = self.object["metadata"]["annotations"][crate::names::RESOURCE_ID].as_str().unwrap_or_default();
        let new = arm_id::resource_group(id).unwrap_or_default();
        let old = deleted.pointer("/properties/vaultId").and_then(Value::as_str).and_then(arm_id::resource_group);
        match old {
            Some(old) if !old.eq_ignore_ascii_case(new) => Err(Problem::fatal(
                reason::FAILED,
                format!("cannot recover KeyVault: new resourceGroup {new} does not match old resource group {old}"),
            )),
            _ => Ok(()),
        }
    }
}

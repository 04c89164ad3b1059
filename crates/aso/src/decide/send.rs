//! The PUT: whether, with what, and why, in words that name the fields of the spec.

use actions::{Action, ArmMethod, ArmResponse, Outcome};
use api::{ObjectExt, condition};
use catalogue::{
    Node,
    project::{Field, Projection, Side},
};
use serde_json::Value;

use super::Pass;
use crate::{
    convert::{
        Difference, Settled,
        compare::{differences, without_left},
        settled::keyed_hash,
    },
    credential::Credential,
    names::{LATEST_RECONCILED_GENERATION, POLLER_RESUME_ID, READY, SENT, SETTLED, reason},
    owner,
    problem::{Problem, Stop},
};

/// How many differing fields a reason names.
const NAMED_MAX: usize = 3;

impl Pass<'_> {
    /// Azure has the resource: done when nothing differs, a PUT otherwise.
    pub(super) fn settle_or_put(
        &self,
        id: &str,
        desired: &Value,
        live: &ArmResponse,
        credential: &Credential,
    ) -> Result<Outcome, Stop> {
        let found = differences(self.catalogue, self.resource, desired, &live.body);
        let key = &self.env.hash_key;
        // Right after our own PUT of this very body, what still differs is how Azure answers it.
        if self.just_sent(id, desired) {
            if let Some(problem) = failed(&live.body) {
                return Ok(self.operation_failed(problem));
            }
            return self.settle(live, &Settled::of(desired, &found, key), "Azure has what was sent");
        }
        let settled = Settled::parse(self.object.annotation(SETTLED));
        let removed = settled.removed(self.catalogue, self.resource, desired, &live.body);
        let mut new = settled.new_among(found.clone(), key);
        let covered = |path: &str| new.iter().any(|difference| path.starts_with(&difference.path));
        let removed: Vec<Difference> = removed
            .into_iter()
            .filter(|difference| !covered(&difference.path) && !self.is_instruction(difference))
            .collect();
        new.extend(removed);
        if new.is_empty() && failed(&live.body).is_none() {
            return self.settle(live, &Settled::of(desired, &found, key), "Azure has what the spec says");
        }
        if let Some(outcome) = self.refused_just_now() {
            return Ok(outcome);
        }
        let why = self.why(&new);
        self.check_owner_is_idle()?;
        let mut body = without_left(self.resource, desired, Some(&live.body));
        self.choose_create_mode(&mut body, Some(live), credential)?;
        Ok(self.put(id, body, why))
    }

    pub(super) fn create(&self, id: &str, mut desired: Value, credential: &Credential) -> Result<Outcome, Stop> {
        if let Some(outcome) = self.refused_just_now() {
            return Ok(outcome);
        }
        if let Some(outcome) = self.before_create(&desired, credential)? {
            return Ok(outcome);
        }
        self.check_owner_is_idle()?;
        let location = desired["location"].as_str().map(|location| format!(", spec.location: {location}"));
        let why = if self.object.annotation(LATEST_RECONCILED_GENERATION).is_some() {
            format!("create again: it is gone from Azure{}", location.unwrap_or_default())
        } else {
            format!("create{}", location.unwrap_or_default())
        };
        self.choose_create_mode(&mut desired, None, credential)?;
        Ok(self.put(id, desired, why))
    }

    fn put(&self, id: &str, body: Value, why: String) -> Outcome {
        let request = self.request(ArmMethod::Put, id, Some(body));
        Outcome::again(vec![Action::Arm { request, reason: why.into() }])
    }

    fn is_instruction(&self, difference: &Difference) -> bool {
        self.resource.facts.as_ref().is_some_and(|facts| facts.operator_values.contains_key(&difference.pattern))
    }

    /// Whether the last PUT, of this pass or of the one that recorded it, sent this very body.
    fn just_sent(&self, id: &str, desired: &Value) -> bool {
        let hash = self.sent_hash(desired);
        match self.observed.written(ArmMethod::Put, id) {
            Some((sent, Ok(_))) => sent.body.as_ref().is_some_and(|body| self.sent_hash(body) == hash),
            _ => self.object.annotation(SENT) == Some(&hash),
        }
    }

    /// Azure refuses every PUT below some resources while those are being worked on: there is no point in trying.
    fn check_owner_is_idle(&self) -> Result<(), Stop> {
        if !self.resource.facts.as_ref().is_some_and(|facts| facts.part_of_owner) {
            return Ok(());
        }
        let owner::Resolved::Object { object, .. } = owner::resolve(self.catalogue, self.resource, self.observed)?
        else {
            return Ok(());
        };
        let state = object.pointer("/status/provisioningState").and_then(Value::as_str).unwrap_or_default();
        let idle = ["", "Succeeded", "Failed", "Canceled"].iter().any(|idle| state.eq_ignore_ascii_case(idle));
        let seen = condition::find(&object, READY).and_then(|ready| ready["observedGeneration"].as_i64()).unwrap_or(0);
        let why = if !idle {
            format!("is in provisioning state {state:?}")
        } else if object.annotation(POLLER_RESUME_ID).is_some() {
            "has an operation in progress".to_string()
        } else if seen < object.generation() {
            // Both are often changed at once; a pool's version may need the cluster's.
            "has a change of its own to make first".to_string()
        } else {
            return Ok(());
        };
        let message = format!("Managed cluster {:?} {why}", object.name().unwrap_or_default());
        Err(Problem::warning(reason::RECONCILIATION_BLOCKED, message).into())
    }

    /// The hash of a body without what only instructs the operator, and what is Azure's own business.
    pub(super) fn sent_hash(&self, body: &Value) -> String {
        let mut body = without_left(self.resource, body, None);
        let instructions = self.resource.facts.iter().flat_map(|facts| facts.operator_values.keys());
        for path in instructions {
            let (parent, last) = path.rsplit_once('.').map_or(("", path.as_str()), |(parent, last)| (parent, last));
            let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
            if let Some(map) = body.pointer_mut(&pointer).and_then(Value::as_object_mut) {
                map.remove(last);
            }
        }
        keyed_hash(&self.env.hash_key, &[&body.to_string()])
    }

    /// `spec.tags.env: a -> b`; "drift" when this generation had been reconciled before.
    fn why(&self, found: &[Difference]) -> String {
        let generation = self.object.generation().to_string();
        let drift = self.object.annotation(LATEST_RECONCILED_GENERATION) == Some(&generation);
        let mut parts: Vec<String> = found.iter().take(NAMED_MAX).map(|difference| self.describe(difference)).collect();
        if found.len() > NAMED_MAX {
            parts.push(format!("and {} more", found.len() - NAMED_MAX));
        }
        if parts.is_empty() {
            parts.push("the last attempt failed in Azure".into());
        }
        format!("{}{}", if drift { "drift: " } else { "" }, parts.join(", "))
    }

    fn describe(&self, difference: &Difference) -> String {
        let field = self.spec_path(&difference.path);
        if difference.secret {
            return format!("{field}: changed (secret)");
        }
        let show = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => format!("{} items", list.len()),
            other => other.to_string(),
        };
        match &difference.live {
            Some(live) if difference.desired.is_null() => format!("{field}: {} -> (removed)", show(live)),
            Some(live) => {
                let fixed =
                    self.resource.facts.as_ref().is_some_and(|facts| facts.create_only.contains(&difference.pattern));
                let note = if fixed { " (Azure cannot change it in place)" } else { "" };
                format!("{field}: {} -> {}{note}", show(live), show(&difference.desired))
            }
            None => format!("{field}: (none) -> {}", show(&difference.desired)),
        }
    }

    /// Where a property of the body is in the spec: `properties.issuer` is `spec.issuer` where it is flattened.
    fn spec_path(&self, path: &str) -> String {
        let unknown = format!("spec.{path}");
        let Some(projection) = Projection::new(self.catalogue, self.resource, Side::Spec) else { return unknown };
        let mut fields = projection.root();
        let mut rest: Vec<&str> = path.split('.').collect();
        let mut spec = String::from("spec");
        while !rest.is_empty() {
            let Some(field) = fields.iter().find(|field| starts_with(field, &rest)) else {
                return format!("{spec}.{}", rest.join("."));
            };
            let taken = field.segments.len();
            let index = rest[taken - 1].find('[').map_or("", |at| &rest[taken - 1][at..]);
            spec += &format!(".{}{index}", field.name);
            rest.drain(..taken);
            let mut of = field.of;
            let mut below = field.path.clone();
            while let Node::Array { item, .. } = self.catalogue.node(of) {
                of = *item;
                below += "[]";
            }
            fields = match self.catalogue.node(of) {
                Node::Object(object) => projection.fields(object, &below),
                _ => Vec::new(),
            };
        }
        spec
    }
}

fn starts_with(field: &Field, path: &[&str]) -> bool {
    let plain = |segment: &str| segment.split('[').next().unwrap_or_default().to_string();
    path.len() >= field.segments.len()
        && field.segments.iter().zip(path).all(|(segment, found)| segment.as_ref() == plain(found))
}

/// The last operation ended badly, as the resource itself says.
fn failed(body: &Value) -> Option<Problem> {
    let state = body.pointer("/properties/provisioningState").and_then(Value::as_str)?;
    let bad = ["Failed", "Canceled", "Cancelled"].iter().any(|end| state.eq_ignore_ascii_case(end));
    bad.then(|| Problem::warning(reason::FAILED, format!("the resource's provisioning state is {state}")))
}

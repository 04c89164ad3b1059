//! Admission webhooks around a write: which there are, calling them, and putting together what they say.
//! What they see and what an answer does is decided in [`crate::admit::webhook`].

use std::sync::Arc;

use api::{ObjectExt, env, status::Status};
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Map, Value};

use super::{Objects, decode};
use crate::{
    Resource,
    admit::{
        Operation, Request, scale,
        webhook::{self, Answer, Attributes, Hook, Rounds},
    },
    webhook::{Target, Unreachable, target},
};

const GROUP: &str = "admissionregistration.k8s.io";
/// Those that may change objects, and those that may not.
const CONFIGURATIONS: [&str; 2] = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];

/// (key, revision) of each configuration that webhooks were read from.
type Seen = Vec<(String, u64)>;

/// Webhooks as last read, and from what.
#[derive(Debug, Default)]
pub(crate) struct Cache([Mutex<(Seen, Arc<Vec<Hook>>)>; 2]);

/// A write as it is shown to webhooks.
pub(super) struct Shown<'a> {
    request: &'a Request<'a>,
    operation: &'static str,
    name: String,
    namespace: String,
    other_versions: Vec<String>,
    namespace_labels: Option<Map<String, Value>>,
    dry_run: bool,
}

impl<'a> Shown<'a> {
    fn attributes<'s>(&'s self, user: &'s crate::Identity) -> Attributes<'s> {
        let (resource, part) = (self.request.resource, self.request.subresource);
        let is_scale = part == "scale";
        Attributes {
            group: if is_scale { "autoscaling" } else { &resource.group },
            version: if is_scale { "v1" } else { &resource.version },
            kind: if is_scale { "Scale" } else { &resource.kind },
            rules_group: &resource.group,
            rules_version: &resource.version,
            resource: &resource.plural,
            subresource: part,
            namespace: &self.namespace,
            name: &self.name,
            operation: self.operation,
            user,
            dry_run: self.dry_run,
            other_versions: &self.other_versions,
            namespace_labels: self.namespace_labels.as_ref(),
        }
    }

    /// What webhooks see of an object.
    fn view(&self, object: Option<&Value>) -> Value {
        match object {
            None => Value::Null,
            Some(object) if self.request.subresource == "scale" => {
                scale::show(self.request.resource, object).unwrap_or(Value::Null)
            }
            Some(object) => object.clone(),
        }
    }
}

impl Objects {
    /// The webhooks of one kind of configuration, read again when a configuration changed.
    pub(super) fn hooks(&self, mutating: bool, request: &Request<'_>) -> Arc<Vec<Hook>> {
        if request.caller.is_none() || request.resource.group == GROUP {
            return Arc::default();
        }
        let place = usize::from(!mutating);
        let plural = CONFIGURATIONS[place];
        let prefix = Resource::prefix_of(GROUP, plural);
        let Ok(page) = self.space().list(&prefix, None, None, 0) else { return Arc::default() };
        if page.items.is_empty() {
            return Arc::default();
        }
        let seen: Seen = page.items.iter().map(|stored| (stored.key.to_string(), stored.revision.0)).collect();
        let mut cache = self.webhook_cache().0[place].lock();
        if cache.0 != seen {
            let Some(resource) = self.resource(GROUP, "v1", plural) else { return Arc::default() };
            let configurations: Vec<Value> = page.items.iter().filter_map(|stored| decode(&resource, stored)).collect();
            *cache = (seen, Arc::new(webhook::hooks(&configurations, mutating)));
        }
        cache.1.clone()
    }

    pub(super) fn shown<'a>(
        &self,
        request: &'a Request<'a>,
        current: Option<&Value>,
        object: Option<&Value>,
        dry_run: bool,
    ) -> Shown<'a> {
        let resource = request.resource;
        let name = object.or(current).and_then(|object| object.name()).unwrap_or(request.name).to_string();
        let namespace = if resource.is("", "namespaces") { &name } else { request.namespace };
        let stored = self.space().get(&format!("{}{namespace}", Resource::prefix_of("", "namespaces")));
        let namespace_labels = stored.and_then(|stored| serde_json::from_slice::<Value>(&stored.value).ok());
        let namespace_labels = namespace_labels.map(|namespace| namespace.labels().cloned().unwrap_or_default());
        let other = |served: &Arc<Resource>| {
            served.group == resource.group && served.plural == resource.plural && served.version != resource.version
        };
        let other_versions = match resource.custom() {
            Some(custom) => self.registry().definition(&custom.definition),
            None => Vec::new(),
        };
        Shown {
            request,
            operation: match (&request.operation, current) {
                (Operation::Delete(_), _) => "DELETE",
                (_, None) => "CREATE",
                _ => "UPDATE",
            },
            namespace: namespace.to_string(),
            name,
            other_versions: other_versions.iter().filter(|served| other(served)).map(|of| of.version.clone()).collect(),
            namespace_labels,
            dry_run,
        }
    }

    /// Asks the mutating webhooks, those that ask for it twice. The object as they leave it, or `None` when it is as it was.
    pub(super) async fn mutate(
        &self,
        hooks: &[Hook],
        shown: &Shown<'_>,
        current: Option<&Value>,
        object: Option<&Value>,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Value>, Status> {
        let mut object = shown.view(object);
        let (mut rounds, mut changed) = (Rounds::default(), false);
        let old = shown.view(current);
        for (place, hook) in hooks.iter().enumerate() {
            if let Some(answer) = self.ask(hook, shown, &object, &old, warnings).await? {
                rounds.answered(place, hook, answer.changed.is_some());
                if let Some(after) = answer.changed {
                    (object, changed) = (after, true);
                }
            }
        }
        for place in rounds.again() {
            let answer = match hooks.get(place) {
                Some(hook) => self.ask(hook, shown, &object, &old, warnings).await?,
                None => None,
            };
            if let Some(after) = answer.and_then(|answer| answer.changed) {
                object = after;
            }
        }
        Ok(changed.then_some(object))
    }

    /// Asks the validating webhooks: the first that refuses decides.
    pub(super) async fn validate(
        &self,
        hooks: &[Hook],
        shown: &Shown<'_>,
        current: Option<&Value>,
        object: Option<&Value>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Status> {
        let (object, old) = (shown.view(object), shown.view(current));
        for hook in hooks {
            self.ask(hook, shown, &object, &old, warnings).await?;
        }
        Ok(())
    }

    /// Asks one webhook, when it wants to be asked.
    async fn ask(
        &self,
        hook: &Hook,
        shown: &Shown<'_>,
        object: &Value,
        old: &Value,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Answer>, Status> {
        let Some(user) = shown.request.caller else { return Ok(None) };
        let about = shown.attributes(user);
        let Some(invocation) = hook.matches(&about, object, old)? else { return Ok(None) };
        let uid = env::uuid(&*self.config().entropy);
        let review = hook.review(&uid, &about, &invocation, object, old)?;
        let reached = target(hook.client(), hook.timeout_secs(), |namespace, name| {
            let services = self.resource("", "v1", "services")?;
            self.get(&services, namespace, name)
        });
        let answered = match (reached, &self.config().webhooks) {
            (Ok(target), Some(caller)) => call(caller, target, &review).await,
            (Ok(_), None) => {
                warnings.push(not_called(hook, "this server calls no webhooks"));
                return Ok(None);
            }
            (Err(Unreachable::Simulated(why)), _) => {
                warnings.push(not_called(hook, &why));
                return Ok(None);
            }
            (Err(Unreachable::Failed(why)), _) => Err(why),
        };
        let answer = match answered {
            Ok(answer) => hook.answer(&uid, &answer, &about, &invocation, object)?,
            Err(why) => {
                tracing::warn!(webhook = %hook.name, configuration = %hook.configuration, %why, "webhook failed");
                hook.failed(&format!("failed to call webhook: {why}")).map(|()| Answer::default())?
            }
        };
        warnings.extend(answer.warnings.iter().cloned());
        Ok(Some(answer))
    }
}

fn not_called(hook: &Hook, why: &str) -> String {
    format!("admission webhook \"{}\" of {} was not called: {why}", hook.name, hook.configuration)
}

async fn call(caller: &crate::webhook::SharedCaller, target: Target, review: &Value) -> Result<Value, String> {
    let body = Bytes::from(serde_json::to_vec(review).unwrap_or_default());
    let shown = format!("Post \"https://{}:{}{}\"", target.name, target.port, target.path);
    let answer = caller.call(target, body).await.map_err(|why| format!("{shown}: {why}"))?;
    serde_json::from_slice(&answer).map_err(|error| format!("{shown}: {error}"))
}

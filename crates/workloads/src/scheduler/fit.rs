//! Whether a node takes a pod: the filters of upstream's scheduler that look at a pod and a node alone, in their order. Resources
//! are not counted, but for the number of pods: nothing runs.

use std::collections::BTreeMap;

use api::ObjectExt;
use serde_json::{Map, Value};

use crate::read;

/// What a pod asks of its node.
pub(crate) struct Wants<'a> {
    tolerations: &'a [Value],
    labels: Option<&'a Map<String, Value>>,
    /// Terms of required node affinity, of which one must hold; `None` where none is required.
    terms: Option<&'a [Value]>,
}

impl<'a> Wants<'a> {
    pub(crate) fn of(pod: &'a Value) -> Self {
        const REQUIRED: &str = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
        Self {
            tolerations: read::list(pod, "/spec/tolerations"),
            labels: read::map(pod, "/spec/nodeSelector"),
            terms: pod.pointer(REQUIRED).map(|required| read::list(required, "/nodeSelectorTerms")),
        }
    }

    /// Why the node does not take it, as upstream words it.
    pub(crate) fn refusal(&self, node: &Value, pods: usize) -> Option<String> {
        if read::flag(node, "/spec/unschedulable") && !self.tolerates_cordon() {
            return Some("node(s) were unschedulable".into());
        }
        if let Some(taint) = self.untolerated(node, &["NoSchedule", "NoExecute"]) {
            let (key, value) = (read::text(taint, "/key"), read::text(taint, "/value"));
            return Some(format!("node(s) had untolerated taint {{{key}: {value}}}"));
        }
        if !self.is_selected(node) {
            return Some("node(s) didn't match Pod's node affinity/selector".into());
        }
        let most = node.pointer("/status/allocatable/pods").and_then(|most| match most {
            Value::String(text) => text.parse::<usize>().ok(),
            other => other.as_u64().and_then(|most| usize::try_from(most).ok()),
        });
        (pods >= most.unwrap_or(usize::MAX)).then(|| "Too many pods".into())
    }

    /// Whether selector and required affinity find the node, whatever its taints.
    pub(crate) fn is_selected(&self, node: &Value) -> bool {
        let labels = node.labels();
        let selected = self
            .labels
            .into_iter()
            .flatten()
            .all(|(key, value)| labels.and_then(|labels| labels.get(key)).is_some_and(|label| label == value));
        selected && self.terms.is_none_or(|terms| terms.iter().any(|term| term_holds(term, node)))
    }

    /// The first taint of one of those effects that the pod does not tolerate.
    pub(crate) fn untolerated<'n>(&self, node: &'n Value, effects: &[&str]) -> Option<&'n Value> {
        let harmful = |taint: &&Value| effects.contains(&read::text(taint, "/effect"));
        read::list(node, "/spec/taints").iter().filter(harmful).find(|taint| !tolerated(self.tolerations, taint))
    }

    fn tolerates_cordon(&self) -> bool {
        let cordon = serde_json::json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
        tolerated(self.tolerations, &cordon)
    }
}

fn tolerated(tolerations: &[Value], taint: &Value) -> bool {
    tolerations.iter().any(|toleration| {
        let text = |field: &str| toleration.get(field).and_then(Value::as_str).unwrap_or_default();
        let (key, effect) = (text("key"), text("effect"));
        (effect.is_empty() || effect == read::text(taint, "/effect"))
            && (key.is_empty() || key == read::text(taint, "/key"))
            && match text("operator") {
                "Exists" => true,
                _ => !key.is_empty() && text("value") == read::text(taint, "/value"),
            }
    })
}

/// An empty term finds nothing.
fn term_holds(term: &Value, node: &Value) -> bool {
    let (labels, fields) = (read::list(term, "/matchExpressions"), read::list(term, "/matchFields"));
    let none = Map::new();
    let of = node.labels().unwrap_or(&none);
    let name: BTreeMap<&str, &str> = BTreeMap::from([("metadata.name", node.name().unwrap_or_default())]);
    (!labels.is_empty() || !fields.is_empty())
        && labels
            .iter()
            .all(|wanted| requirement_holds(wanted, of.get(read::text(wanted, "/key")).and_then(Value::as_str)))
        && fields.iter().all(|wanted| requirement_holds(wanted, name.get(read::text(wanted, "/key")).copied()))
}

fn requirement_holds(wanted: &Value, value: Option<&str>) -> bool {
    let values = read::list(wanted, "/values");
    let listed = |value: &str| values.iter().any(|wanted| wanted == value);
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = values.first().and_then(Value::as_str).and_then(number);
    let compared = value.and_then(number).zip(bound);
    match read::text(wanted, "/operator") {
        "In" => value.is_some_and(listed),
        "NotIn" => !value.is_some_and(listed),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => compared.is_some_and(|(value, bound)| value > bound),
        "Lt" => compared.is_some_and(|(value, bound)| value < bound),
        _ => false,
    }
}

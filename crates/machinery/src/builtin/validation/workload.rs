//! What makes pods: the selector must find the template's pods, and stays as it is.

use api::status::Cause;
use serde_json::Value;

use super::{go_labels, int, invalid_shown, is_empty, list, not_negative, one_of, pod, required_text, text};
use crate::{field, selector::Labels};

/// Selector, then labels of the template, as upstream orders them for the kind.
fn selected(object: &Value, found: &mut Vec<Cause>) {
    let selector = object.pointer("/spec/selector");
    let labels = object.pointer("/spec/template/metadata/labels").and_then(Value::as_object);
    let matches = match selector {
        Some(selector) if !is_empty(Some(selector)) => Labels::from_object(selector)
            .is_ok_and(|selector| selector.matches_labels(&labels.cloned().unwrap_or_default())),
        _ => false,
    };
    if !matches {
        let detail = "`selector` does not match template `labels`";
        found.push(invalid_shown("spec.template.metadata.labels", &go_labels(labels), detail));
    }
}

fn selector_is_there(object: &Value, found: &mut Vec<Cause>) {
    match object.pointer("/spec/selector") {
        None | Some(Value::Null) => found.push(field::required("spec.selector", "")),
        selector if is_empty(selector) => {
            let shown = "v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}";
            found.push(invalid_shown("spec.selector", shown, "empty selector is invalid for deployment"));
        }
        _ => {}
    }
}

fn template(object: &Value, found: &mut Vec<Cause>) {
    pod::spec(object, "spec.template.spec", found);
}

fn always_restarts(object: &Value, found: &mut Vec<Cause>) {
    let policy = text(object, "/spec/template/spec/restartPolicy");
    if ["OnFailure", "Never"].contains(&policy) {
        found.push(field::not_supported("spec.template.spec.restartPolicy", &policy.into(), &["Always".into()]));
    }
}

/// A selector as Go prints it.
fn shown_selector(object: &Value) -> String {
    let labels = go_labels(object.pointer("/spec/selector/matchLabels").and_then(Value::as_object));
    let expressions: Vec<String> = list(object, "/spec/selector/matchExpressions")
        .iter()
        .map(|of| {
            let values: Vec<String> = list(of, "/values").iter().map(Value::to_string).collect();
            let (key, operator) = (text(of, "/key"), text(of, "/operator"));
            format!(
                "v1.LabelSelectorRequirement{{Key:{key:?}, Operator:{operator:?}, Values:[]string{{{}}}}}",
                values.join(", ")
            )
        })
        .collect();
    let expressions = match expressions.is_empty() {
        true => "[]v1.LabelSelectorRequirement(nil)".to_string(),
        false => format!("[]v1.LabelSelectorRequirement{{{}}}", expressions.join(", ")),
    };
    format!("v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:{expressions}}}")
}

fn selector_stays(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    if old.is_some_and(|old| old.pointer("/spec/selector") != new.pointer("/spec/selector")) {
        found.push(invalid_shown("spec.selector", &shown_selector(new), "field is immutable"));
    }
}

pub(super) fn deployment(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    not_negative(new, "spec", &["replicas"], found);
    selector_is_there(new, found);
    selected(new, found);
    template(new, found);
    always_restarts(new, found);
    let kind = text(new, "/spec/strategy/type");
    one_of(new, "/spec/strategy/type", "spec.strategy", &["Recreate", "RollingUpdate"], found);
    if kind == "Recreate" && new.pointer("/spec/strategy/rollingUpdate").is_some() {
        let detail = "may not be specified when strategy `type` is 'Recreate'";
        found.push(field::forbidden("spec.strategy.rollingUpdate", detail));
    }
    not_negative(new, "spec", &["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"], found);
    if let (Some(deadline), ready) = (int(new, "/spec/progressDeadlineSeconds"), int(new, "/spec/minReadySeconds"))
        && deadline <= ready.unwrap_or(0)
    {
        let detail = "must be greater than minReadySeconds";
        found.push(field::invalid("spec.progressDeadlineSeconds", &deadline.into(), detail));
    }
    selector_stays(new, old, found);
}

pub(super) fn replica_set(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    not_negative(new, "spec", &["replicas", "minReadySeconds"], found);
    selector_is_there(new, found);
    selected(new, found);
    template(new, found);
    always_restarts(new, found);
    selector_stays(new, old, found);
}

pub(super) fn replication_controller(new: &Value, found: &mut Vec<Cause>) {
    not_negative(new, "spec", &["minReadySeconds"], found);
    if is_empty(new.pointer("/spec/selector")) {
        found.push(field::required("spec.selector", ""));
    }
    not_negative(new, "spec", &["replicas"], found);
    if new.pointer("/spec/template").is_none() {
        found.push(field::required("spec.template", ""));
        return;
    }
    template(new, found);
    always_restarts(new, found);
}

pub(super) fn daemon_set(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    selected(new, found);
    template(new, found);
    always_restarts(new, found);
    not_negative(new, "spec", &["minReadySeconds"], found);
    let kinds = ["OnDelete", "RollingUpdate"];
    one_of(new, "/spec/updateStrategy/type", "spec.updateStrategy", &kinds, found);
    not_negative(new, "spec", &["revisionHistoryLimit"], found);
    selector_stays(new, old, found);
}

pub(super) fn stateful_set(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    one_of(new, "/spec/podManagementPolicy", "spec.podManagementPolicy", &["OrderedReady", "Parallel"], found);
    let kinds = ["RollingUpdate", "OnDelete"];
    one_of(new, "/spec/updateStrategy/type", "spec.updateStrategy", &kinds, found);
    not_negative(new, "spec", &["replicas", "minReadySeconds"], found);
    if new.pointer("/spec/selector").is_none_or(Value::is_null) {
        found.push(field::required("spec.selector", ""));
    }
    selected(new, found);
    // Upstream does not look into the template's containers here.
    always_restarts(new, found);
    let Some(old) = old else { return };
    if rest_of_stateful_set(new) != rest_of_stateful_set(old) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', \
                      'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
        found.push(field::forbidden("spec", detail));
    }
}

/// What an update must leave as it is.
fn rest_of_stateful_set(object: &Value) -> Value {
    const MUTABLE: [&str; 7] = [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];
    let mut spec = object.get("spec").cloned().unwrap_or(Value::Null);
    if let Some(fields) = spec.as_object_mut() {
        fields.retain(|name, _| !MUTABLE.contains(&name.as_str()));
    }
    spec
}

fn finishes(object: &Value, path: &str, found: &mut Vec<Cause>) {
    let policy = text(object, &format!("/{}/restartPolicy", path.replace('.', "/")));
    if policy == "Always" {
        let detail = "valid values: \"OnFailure\", \"Never\"";
        found.push(field::required(&format!("{path}.restartPolicy"), detail));
    }
}

pub(super) fn job(new: &Value, found: &mut Vec<Cause>) {
    let numbers = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"];
    not_negative(new, "spec", &numbers, found);
    template(new, found);
    finishes(new, "spec.template.spec", found);
}

pub(super) fn cron_job(new: &Value, found: &mut Vec<Cause>) {
    let schedule = text(new, "/spec/schedule");
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if schedule.is_empty() {
        found.push(field::required("spec.schedule", ""));
    } else if !schedule.starts_with('@') && fields.len() != 5 {
        let detail = format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" "));
        found.push(field::invalid("spec.schedule", &schedule.into(), &detail));
    }
    not_negative(new, "spec", &["startingDeadlineSeconds"], found);
    one_of(new, "/spec/concurrencyPolicy", "spec.concurrencyPolicy", &["Allow", "Forbid", "Replace"], found);
    pod::spec(new, "spec.jobTemplate.spec.template.spec", found);
    finishes(new, "spec.jobTemplate.spec.template.spec", found);
    not_negative(new, "spec", &["successfulJobsHistoryLimit", "failedJobsHistoryLimit"], found);
}

/// Upstream prints addresses of its memory where the value is shown; here it is the spec as JSON.
pub(super) fn disruption_budget(new: &Value, found: &mut Vec<Cause>) {
    let both = ["minAvailable", "maxUnavailable"].iter().all(|field| new.pointer(&format!("/spec/{field}")).is_some());
    if both {
        let spec = new.get("spec").cloned().unwrap_or(Value::Null).to_string();
        found.push(invalid_shown("spec", &spec, "minAvailable and maxUnavailable cannot be both set"));
    }
    not_negative(new, "spec", &["minAvailable", "maxUnavailable"], found);
}

pub(super) fn autoscaler(new: &Value, found: &mut Vec<Cause>) {
    let (minimum, maximum) = (int(new, "/spec/minReplicas"), int(new, "/spec/maxReplicas").unwrap_or(0));
    if let Some(minimum) = minimum.filter(|minimum| *minimum < 1) {
        found.push(field::invalid("spec.minReplicas", &minimum.into(), "must be greater than or equal to 1"));
    }
    if maximum < 1 {
        found.push(field::invalid("spec.maxReplicas", &maximum.into(), "must be greater than 0"));
    }
    if minimum.is_some_and(|minimum| maximum < minimum) {
        let detail = "must be greater than or equal to `minReplicas`";
        found.push(field::invalid("spec.maxReplicas", &maximum.into(), detail));
    }
    required_text(new, "/spec/scaleTargetRef/kind", "spec.scaleTargetRef.kind", found);
    required_text(new, "/spec/scaleTargetRef/name", "spec.scaleTargetRef.name", found);
}

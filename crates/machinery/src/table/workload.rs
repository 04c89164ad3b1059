//! What makes pods: how many there are of how many, and of what.

use jiff::Timestamp;
use serde_json::Value;

use super::{created, int, labels, list, name, or, since, text};

const POD_TEMPLATE: &str = "/spec/template";

/// Names and images of a template's containers, then the selector.
fn of_what(object: &Value, template: &str, selector: &str) -> Vec<Value> {
    let containers = list(object, &format!("{template}/spec/containers"));
    let all = |field: &str| containers.iter().map(|of| text(of, field)).collect::<Vec<_>>().join(",");
    let selector = object.pointer(selector).map(label_selector).unwrap_or_else(|| "<none>".into());
    vec![all("/name").into(), all("/image").into(), selector.into()]
}

fn with_what(cells: Vec<Value>, object: &Value) -> Vec<Value> {
    [cells, of_what(object, POD_TEMPLATE, "/spec/selector")].concat()
}

/// `a=b,c in (d,e)`; everything, or nothing, is `<none>`.
pub(super) fn label_selector(selector: &Value) -> String {
    let equal = selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
    let mut terms: Vec<(String, String)> =
        equal.map(|(key, value)| (key.clone(), format!("{key}={}", value.as_str().unwrap_or_default()))).collect();
    for expression in list(selector, "/matchExpressions") {
        let key = text(expression, "/key");
        let mut values: Vec<&str> = list(expression, "/values").iter().filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        let term = match text(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_string(),
            "DoesNotExist" => format!("!{key}"),
            _ => return "<error>".into(),
        };
        terms.push((key.to_string(), term));
    }
    terms.sort();
    let terms: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
    or(&terms.join(","), "<none>").to_string()
}

pub(super) const DEPLOYMENT: &[&str] =
    &["Name", "Ready", "Up-to-date", "Available", "Age", "+Containers", "+Images", "+Selector"];

pub(super) fn deployment(object: &Value, now: Timestamp) -> Vec<Value> {
    let cells = vec![
        name(object),
        format!("{}/{}", int(object, "/status/readyReplicas"), int(object, "/spec/replicas")).into(),
        int(object, "/status/updatedReplicas").into(),
        int(object, "/status/availableReplicas").into(),
        created(object, now),
    ];
    with_what(cells, object)
}

pub(super) const REPLICA_SET: &[&str] =
    &["Name", "Desired:integer", "Current:integer", "Ready:integer", "Age", "+Containers", "+Images", "+Selector"];

pub(super) fn replica_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let cells = vec![
        name(object),
        int(object, "/spec/replicas").into(),
        int(object, "/status/replicas").into(),
        int(object, "/status/readyReplicas").into(),
        created(object, now),
    ];
    with_what(cells, object)
}

/// Its selector is a plain map of labels.
pub(super) fn replication_controller(object: &Value, now: Timestamp) -> Vec<Value> {
    let mut cells = replica_set(object, now);
    cells.pop();
    cells.push(labels(object, "/spec/selector").into());
    cells
}

pub(super) const STATEFUL_SET: &[&str] = &["Name", "Ready", "Age", "+Containers", "+Images"];

pub(super) fn stateful_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let ready = format!("{}/{}", int(object, "/status/readyReplicas"), int(object, "/spec/replicas"));
    let mut cells = with_what(vec![name(object), ready.into(), created(object, now)], object);
    cells.pop();
    cells
}

pub(super) const DAEMON_SET: &[&str] = &[
    "Name",
    "Desired:integer",
    "Current:integer",
    "Ready:integer",
    "Up-to-date:integer",
    "Available:integer",
    "Node Selector",
    "Age",
    "+Containers",
    "+Images",
    "+Selector",
];

pub(super) fn daemon_set(object: &Value, now: Timestamp) -> Vec<Value> {
    let counts = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let mut cells = vec![name(object)];
    cells.extend(counts.map(|count| Value::from(int(object, &format!("/status/{count}")))));
    cells.push(labels(object, "/spec/template/spec/nodeSelector").into());
    cells.push(created(object, now));
    with_what(cells, object)
}

pub(super) const JOB: &[&str] =
    &["Name", "Status", "Completions", "Duration", "Age", "+Containers", "+Images", "+Selector"];

pub(super) fn job(object: &Value, now: Timestamp) -> Vec<Value> {
    let succeeded = int(object, "/status/succeeded");
    let parallelism = int(object, "/spec/parallelism");
    let completions = match object.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        None => format!("{succeeded}/1"),
    };
    let cells = vec![
        name(object),
        job_status(object).into(),
        completions.into(),
        job_duration(object, now).into(),
        created(object, now),
    ];
    with_what(cells, object)
}

fn job_status(object: &Value) -> &'static str {
    let is = |of: &str| {
        let mut conditions = list(object, "/status/conditions").iter();
        conditions.any(|condition| text(condition, "/type") == of && text(condition, "/status") == "True")
    };
    let going = object.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string);
    match () {
        () if is("Complete") => "Complete",
        () if is("Failed") => "Failed",
        () if going => "Terminating",
        () if is("Suspended") => "Suspended",
        () if is("FailureTarget") => "FailureTarget",
        () => "Running",
    }
}

fn job_duration(object: &Value, now: Timestamp) -> String {
    let (start, end) = (text(object, "/status/startTime"), text(object, "/status/completionTime"));
    match end.parse::<Timestamp>() {
        _ if start.is_empty() => String::new(),
        Ok(end) => since(start, end),
        Err(_) => since(start, now),
    }
}

pub(super) const CRON_JOB: &[&str] = &[
    "Name",
    "Schedule",
    "Timezone",
    "Suspend:boolean",
    "Active:integer",
    "Last Schedule",
    "Age",
    "+Containers",
    "+Images",
    "+Selector",
];

pub(super) fn cron_job(object: &Value, now: Timestamp) -> Vec<Value> {
    let suspend = match object.pointer("/spec/suspend") {
        Some(Value::Bool(true)) => "True",
        Some(Value::Bool(false)) => "False",
        _ => "<unset>",
    };
    let last = Some(text(object, "/status/lastScheduleTime")).filter(|at| !at.is_empty());
    let cells = vec![
        name(object),
        text(object, "/spec/schedule").into(),
        or(text(object, "/spec/timeZone"), "<none>").into(),
        suspend.into(),
        list(object, "/status/active").len().into(),
        last.map_or_else(|| "<none>".into(), |at| since(at, now)).into(),
        created(object, now),
    ];
    [cells, of_what(object, "/spec/jobTemplate/spec/template", "/spec/jobTemplate/spec/selector")].concat()
}

pub(super) const DISRUPTION_BUDGET: &[&str] =
    &["Name", "Min Available", "Max Unavailable", "Allowed Disruptions:integer", "Age"];

pub(super) fn disruption_budget(object: &Value, now: Timestamp) -> Vec<Value> {
    let limit = |field: &str| match object.pointer(&format!("/spec/{field}")) {
        Some(Value::String(percent)) => percent.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => "N/A".into(),
    };
    vec![
        name(object),
        limit("minAvailable").into(),
        limit("maxUnavailable").into(),
        int(object, "/status/disruptionsAllowed").into(),
        created(object, now),
    ]
}

pub(super) const POD_TEMPLATES: &[&str] = &["Name", "Containers", "Images", "Pod Labels"];

pub(super) fn pod_template(object: &Value, _now: Timestamp) -> Vec<Value> {
    let mut cells = vec![name(object)];
    cells.extend(of_what(object, "/template", "").into_iter().take(2));
    cells.push(labels(object, "/template/metadata/labels").into());
    cells
}

pub(super) const CONTROLLER_REVISION: &[&str] = &["Name", "Controller", "Revision", "Age"];

pub(super) fn controller_revision(object: &Value, now: Timestamp) -> Vec<Value> {
    let owners = list(object, "/metadata/ownerReferences");
    let controller = owners.iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)));
    let controller = controller.map_or_else(
        || "<none>".to_string(),
        |owner| {
            let group = text(owner, "/apiVersion").split_once('/').map_or("", |(group, _)| group);
            let dot = if group.is_empty() { "" } else { "." };
            format!("{}{dot}{group}/{}", text(owner, "/kind").to_lowercase(), text(owner, "/name"))
        },
    );
    vec![name(object), controller.into(), int(object, "/revision").into(), created(object, now)]
}

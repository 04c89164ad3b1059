//! Pods: the one status that sums up phase, conditions, init containers and containers, in upstream's order of precedence.

use jiff::Timestamp;
use serde_json::Value;

use super::{created, int, list, or, since, text};

pub(super) const NAMES: &[&str] =
    &["Name", "Ready", "Status", "Restarts", "Age", "+IP", "+Node", "+Nominated Node", "+Readiness Gates"];

pub(super) fn row(pod: &Value, now: Timestamp) -> Vec<Value> {
    let summary = Summary::of(pod);
    let restarts = match summary.last_restart {
        Some(at) if summary.restarts != 0 => format!("{} ({} ago)", summary.restarts, since(at, now)),
        _ => summary.restarts.to_string(),
    };
    let ip = list(pod, "/status/podIPs").first().map_or(text(pod, "/status/podIP"), |ip| text(ip, "/ip"));
    vec![
        text(pod, "/metadata/name").into(),
        format!("{}/{}", summary.ready, summary.total).into(),
        summary.reason.into(),
        restarts.into(),
        created(pod, now),
        or(ip, "<none>").into(),
        or(text(pod, "/spec/nodeName"), "<none>").into(),
        or(text(pod, "/status/nominatedNodeName"), "<none>").into(),
        readiness_gates(pod).into(),
    ]
}

fn readiness_gates(pod: &Value) -> String {
    let gates = list(pod, "/spec/readinessGates");
    let open = gates.iter().filter(|gate| condition(pod, text(gate, "/conditionType")) == "True").count();
    if gates.is_empty() { "<none>".to_string() } else { format!("{open}/{}", gates.len()) }
}

/// The status of a condition; empty when there is none.
fn condition<'a>(pod: &'a Value, of: &str) -> &'a str {
    let found = list(pod, "/status/conditions").iter().find(|condition| text(condition, "/type") == of);
    found.map_or("", |condition| text(condition, "/status"))
}

#[derive(Debug, Default)]
struct Summary<'a> {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
    last_restart: Option<&'a str>,
}

impl<'a> Summary<'a> {
    fn of(pod: &'a Value) -> Self {
        let phase = text(pod, "/status/phase");
        let gated = |condition: &&Value| {
            text(condition, "/type") == "PodScheduled" && text(condition, "/reason") == "SchedulingGated"
        };
        let reason = match list(pod, "/status/conditions").iter().find(gated) {
            Some(_) => "SchedulingGated",
            None => or(text(pod, "/status/reason"), phase),
        };
        let sidecars = list(pod, "/spec/initContainers").iter().filter(|container| restarts_always(container)).count();
        let mut summary = Summary {
            reason: reason.to_string(),
            total: list(pod, "/spec/containers").len() + sidecars,
            ..Summary::default()
        };
        let (initializing, of_sidecars) = summary.init_containers(pod);
        if !initializing || condition(pod, "Initialized") == "True" {
            // Finished init containers do not count any more; sidecars run on.
            (summary.restarts, summary.last_restart) = of_sidecars;
            summary.containers(pod);
        }
        if pod.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string) {
            if text(pod, "/status/reason") == "NodeLost" {
                summary.reason = "Unknown".to_string();
            } else if !["Succeeded", "Failed"].contains(&phase) {
                summary.reason = "Terminating".to_string();
            }
        }
        summary
    }

    fn restarted(&mut self, status: &'a Value) {
        self.restarts += int(status, "/restartCount");
        self.last_restart = later(self.last_restart, status);
    }

    /// Whether init containers still decide the status, and the restarts of those that run on beside the others.
    fn init_containers(&mut self, pod: &'a Value) -> (bool, (i64, Option<&'a str>)) {
        let specs = list(pod, "/spec/initContainers");
        let mut of_sidecars = (0, None);
        for (at, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
            self.restarted(status);
            let spec = specs.iter().find(|spec| text(spec, "/name") == text(status, "/name"));
            let sidecar = spec.is_some_and(restarts_always);
            if sidecar {
                of_sidecars = (of_sidecars.0 + int(status, "/restartCount"), later(of_sidecars.1, status));
            }
            let terminated = status.pointer("/state/terminated").filter(|state| state.is_object());
            let waiting = text(status, "/state/waiting/reason");
            let reason = match terminated {
                Some(terminated) if int(terminated, "/exitCode") == 0 => continue,
                _ if sidecar && is_true(status, "/started") => {
                    self.ready += usize::from(is_true(status, "/ready"));
                    continue;
                }
                Some(terminated) => ended(terminated),
                None if !["", "PodInitializing"].contains(&waiting) => waiting.to_string(),
                None => format!("{at}/{}", specs.len()),
            };
            self.reason = format!("Init:{reason}");
            return (true, of_sidecars);
        }
        (false, of_sidecars)
    }

    fn containers(&mut self, pod: &'a Value) {
        let mut running = false;
        // From the last to the first: the first container's word counts.
        for status in list(pod, "/status/containerStatuses").iter().rev() {
            self.restarted(status);
            let waiting = text(status, "/state/waiting/reason");
            if !waiting.is_empty() {
                self.reason = waiting.to_string();
            } else if let Some(terminated) = status.pointer("/state/terminated").filter(|state| state.is_object()) {
                self.reason = ended(terminated);
            } else if is_true(status, "/ready") && status.pointer("/state/running").is_some_and(Value::is_object) {
                running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" && running {
            self.reason = if condition(pod, "Ready") == "True" { "Running" } else { "NotReady" }.to_string();
        }
    }
}

fn ended(terminated: &Value) -> String {
    match (text(terminated, "/reason"), int(terminated, "/signal")) {
        ("", 0) => format!("ExitCode:{}", int(terminated, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_string(),
    }
}

/// RFC 3339 in UTC sorts as text.
fn later<'a>(known: Option<&'a str>, status: &'a Value) -> Option<&'a str> {
    let finished = Some(text(status, "/lastState/terminated/finishedAt")).filter(|at| !at.is_empty());
    known.max(finished)
}

fn restarts_always(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn is_true(object: &Value, pointer: &str) -> bool {
    object.pointer(pointer) == Some(&Value::Bool(true))
}

//! Which pods of a Job are made and removed.

use std::collections::BTreeSet;

use api::ObjectExt;
use serde_json::{Value, json};

use super::{Work, not_before};
use crate::{Kind, names, pass::Pass, pass::pod_of};

/// Pods that one pass makes at most.
const BURST: usize = 500;

pub(super) fn keep(work: &Work<'_>, pass: &mut Pass) {
    let wanted = match work.completions {
        Some(completions) => work.parallelism.min(completions - work.succeeded()),
        // One success is enough: nobody starts after it.
        None if work.succeeded() > 0 => i64::try_from(work.active.len()).unwrap_or(i64::MAX).min(work.parallelism),
        None => work.parallelism,
    };
    let wanted = usize::try_from(wanted).unwrap_or_default();
    if work.active.len() > wanted {
        let mut active: Vec<_> = work.active.iter().collect();
        active.sort_by_key(|pod| (pod.ready.is_some(), std::cmp::Reverse(pod.created)));
        for pod in active.into_iter().take(work.active.len() - wanted) {
            pass.delete(Kind::Pod, (&pod.at, &pod.uid), format!("{wanted} pods may run at once"));
        }
        return;
    }
    let occupied = work.active.len() + work.terminating;
    if occupied >= wanted {
        return;
    }
    if let Some(due) = not_before(work).filter(|due| *due > pass.now) {
        return pass.wake_at(due);
    }
    let missing = (wanted - occupied).min(BURST);
    if work.indexed {
        let done = work.succeeded.iter().chain(&work.active).filter_map(|pod| pod.index);
        let done: BTreeSet<i64> = done.collect();
        let free = (0..work.completions.unwrap_or_default()).filter(|index| !done.contains(index));
        for index in free.take(missing) {
            pass.create(Kind::Pod, indexed(work.object, index), format!("index {index} is not complete"));
        }
    } else {
        for _ in 0..missing {
            let pod = pod_of(&work.object["spec"]["template"], Kind::Job, work.object);
            pass.create(Kind::Pod, pod, format!("{wanted} pods are to run"));
        }
    }
}

fn indexed(job: &Value, index: i64) -> Value {
    let mut pod = pod_of(&job["spec"]["template"], Kind::Job, job);
    let name = job.name().unwrap_or_default();
    pod["metadata"]["generateName"] = format!("{name}-{index}-").into();
    pod.set_annotation(names::COMPLETION_INDEX, &index.to_string());
    pod.set_label(names::COMPLETION_INDEX, &index.to_string());
    pod["spec"]["hostname"] = format!("{name}-{index}").into();
    for at in ["containers", "initContainers"] {
        for container in pod["spec"].get_mut(at).and_then(Value::as_array_mut).into_iter().flatten() {
            let field = format!("metadata.labels['{}']", names::COMPLETION_INDEX);
            let variable = json!({"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": field}}});
            match container.get_mut("env").and_then(Value::as_array_mut) {
                Some(env) => env.push(variable),
                None => container["env"] = json!([variable]),
            }
        }
    }
    pod
}

//! Replicas that something else decides. An autoscaler says so by an annotation of Cluster API on the live object; from then on
//! Git's number is not compared and not applied, as if `ignoreDifferences` with `RespectIgnoreDifferences=true` named it.
//! Argo CD has no such rule: there, self-healing and the autoscaler undo each other for ever.

use api::ObjectExt;
use serde_json::Value;

/// Where the number of Git is another one.
pub(crate) const WARNING: &str = "ManagedReplicasWarning";
const ANNOTATION: &str = "cluster.x-k8s.io/replicas-managed-by";

/// Puts the live number into the target where another writer has it, and says so when Git wants another.
pub(super) fn hand_over(target: &mut Value, live: &Value) -> Option<String> {
    // Cluster API reads "false" as nobody.
    let writer = live.annotation(ANNOTATION).filter(|writer| *writer != "false")?;
    let decided = live.pointer("/spec/replicas")?;
    let wanted = target.pointer_mut("/spec/replicas")?;
    if wanted == decided {
        return None;
    }
    let message = format!(
        "{}/{}: spec.replicas is {wanted} in Git and stays {decided}: its writer is \"{writer}\" (annotation {ANNOTATION})",
        live.kind().unwrap_or_default(),
        live.name().unwrap_or_default(),
    );
    *wanted = decided.clone();
    Some(message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pool(writer: Option<&str>, replicas: u64) -> Value {
        let mut pool = json!({"kind": "MachinePool", "metadata": {"name": "pool0"}, "spec": {"replicas": replicas}});
        if let Some(writer) = writer {
            pool["metadata"]["annotations"] = json!({ANNOTATION: writer});
        }
        pool
    }

    #[test]
    fn the_autoscalers_number_stays_and_its_name_is_told() {
        let mut target = pool(None, 1);
        let message = hand_over(&mut target, &pool(Some("aks"), 3));
        assert_eq!(target["spec"]["replicas"], 3);
        assert_eq!(
            message.as_deref(),
            Some(
                "MachinePool/pool0: spec.replicas is 1 in Git and stays 3: its writer is \"aks\" (annotation \
                 cluster.x-k8s.io/replicas-managed-by)"
            )
        );
    }

    #[test]
    fn nothing_is_said_where_git_decides_or_agrees() {
        for (live, after) in [(pool(None, 3), 1), (pool(Some("false"), 3), 1), (pool(Some("aks"), 1), 1)] {
            let mut target = pool(None, 1);
            assert_eq!(hand_over(&mut target, &live), None);
            assert_eq!(target["spec"]["replicas"], after);
        }
        // Git says nothing: nothing is added.
        let mut silent = json!({"kind": "MachinePool", "metadata": {"name": "pool0"}, "spec": {}});
        assert_eq!(hand_over(&mut silent, &pool(Some("aks"), 3)), None);
        assert_eq!(silent["spec"], json!({}));
    }
}

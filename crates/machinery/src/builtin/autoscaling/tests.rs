use api::ObjectExt;
use serde_json::{Value, json};

use super::{autoscaler_to_v1, autoscaler_to_v2};

fn v2() -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "a" },
        "spec": {
            "maxReplicas": 3,
            "metrics": [
                { "type": "Resource", "resource": { "name": "memory", "target": { "type": "AverageValue", "averageValue": "1Gi" } } },
                { "type": "Pods", "pods": { "metric": { "name": "rps", "selector": { "matchLabels": { "a": "b" } } },
                                             "target": { "type": "AverageValue", "averageValue": "5" } } },
                { "type": "Object", "object": { "describedObject": { "kind": "Service", "name": "s", "apiVersion": "v1" },
                                                 "metric": { "name": "hits" }, "target": { "type": "Value", "value": "10" } } },
                { "type": "External", "external": { "metric": { "name": "queue" }, "target": { "type": "AverageValue", "averageValue": "7" } } },
                { "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 70 } } },
            ],
            "behavior": { "scaleUp": { "selectPolicy": "Max", "policies": [{ "type": "Pods", "value": 4, "periodSeconds": 15 }] } },
        },
        "status": { "conditions": [{ "type": "AbleToScale", "status": "True" }] },
    })
}

#[test]
fn the_older_view_loses_nothing() {
    let older = autoscaler_to_v1(v2());
    assert_eq!(older["spec"]["targetCPUUtilizationPercentage"], 70);
    assert_eq!(older["spec"].get("metrics").or(older["spec"].get("behavior")), None);
    let behavior = older.annotation("autoscaling.alpha.kubernetes.io/behavior").expect("an annotation");
    assert!(behavior.contains(r#""SelectPolicy":"Max""#), "{behavior}");
    assert_eq!(autoscaler_to_v2(older), v2());
}

#[test]
fn what_is_not_there_is_not_made_up() {
    let plain = json!({ "apiVersion": "autoscaling/v1", "metadata": { "name": "a" }, "spec": { "maxReplicas": 3 } });
    let mut newer = plain.clone();
    newer["apiVersion"] = "autoscaling/v2".into();
    assert_eq!(autoscaler_to_v2(plain.clone()), newer);
    assert_eq!(autoscaler_to_v1(newer), plain);
}

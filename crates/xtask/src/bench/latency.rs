//! How soon a Cluster's condition says what Azure Service Operator said of its ManagedCluster, both as a client's watch tells it.

use std::thread;

use anyhow::{Result, anyhow};
use serde_json::json;

use super::process::{Running, Stopwatch, Watch};

const CLUSTER: &str = "bench-0";
const ROUNDS: usize = 20;

pub(super) fn run(server: &Running<'_>) -> Result<()> {
    let mut told = server.watch("default", &["managedcluster", CLUSTER], "{.status.conditions[0].reason}")?;
    let condition = "{.status.conditions[?(@.type==\"ControlPlaneReady\")].message}";
    let mut shown = server.watch("default", &["cluster", CLUSTER], condition)?;
    let mut milliseconds = Vec::new();
    for round in 0..ROUNDS {
        let reason = format!("Bench{round}");
        let ready = json!({
            "type": "Ready", "status": "False", "severity": "Error", "reason": reason, "message": reason,
            "lastTransitionTime": "2025-01-01T00:00:00Z",
        });
        let patch = json!({"status": {"conditions": [ready]}}).to_string();
        let watch = Stopwatch::start();
        let (told, shown) = thread::scope(|scope| {
            let told = scope.spawn(|| at(&watch, &mut told, |line| line == reason));
            let shown = scope.spawn(|| at(&watch, &mut shown, |line| line.ends_with(&reason)));
            let patched = ["patch", "managedcluster", CLUSTER, "--subresource=status", "--type=merge", "-p", &patch];
            server.kubectl(&patched)?;
            let ended = |_| anyhow!("a reader of a watch panicked");
            Ok::<_, anyhow::Error>((told.join().map_err(ended)??, shown.join().map_err(ended)??))
        })?;
        milliseconds.push((shown - told) * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    let (least, median, most) = (milliseconds[0], milliseconds[ROUNDS / 2], milliseconds[ROUNDS - 1]);
    println!(
        "  a status of ManagedCluster in its Cluster's condition: {least:.1} ms min, {median:.1} median, {most:.1} max"
    );
    Ok(())
}

/// When a line of the watch is such a one.
fn at(since: &Stopwatch, watch: &mut Watch, wanted: impl Fn(&str) -> bool) -> Result<f64> {
    watch.wait_until(wanted)?;
    Ok(since.seconds())
}

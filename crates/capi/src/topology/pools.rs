//! Whether the pools of a topology fit its class, with the words of upstream's webhook, which can look the class up.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Halt, pools_of, variables::invalid};
use crate::pass::{Pass, text};

pub(super) fn check(pass: &Pass<'_>, topology: &Value, class: &Value) -> Result<(), Halt> {
    let classes: BTreeSet<&str> =
        pools_of(class, "/spec/workers/machinePools").map(|pool| text(pool, "/class")).collect();
    let mut errors = Vec::new();
    for (index, pool) in pools_of(topology, "/workers/machinePools").enumerate() {
        let at = format!("spec.topology.workers.machinePools[{index}]");
        let (name, its_class) = (text(pool, "/name"), text(pool, "/class"));
        for error in machinery::names::label_value(name) {
            errors.push(format!("{at}.name: Invalid value: \"{name}\": must be a valid label value {error}"));
        }
        if !classes.contains(its_class) {
            errors.push(format!(
                "{at}.class: Invalid value: \"{its_class}\": MachinePoolClass with name \"{its_class}\" does not exist in ClusterClass \"{}\"",
                text(class, "/metadata/name")
            ));
        }
    }
    invalid(pass, errors)
}

//! Faults that only Azure itself can have: refusals for a while with 409, and operations that were accepted and fail.

use twin::{Fault, FaultPoint, FaultTime, Faults};

use super::Weather;

/// Where operations are long, and may fail.
const LONG: &str = "/providers/microsoft.containerservice/";

impl Faults for Weather {
    fn fault(&self, point: &FaultPoint) -> Option<Fault> {
        let id = point.id.to_lowercase();
        let writes = matches!(point.method.as_str(), "PUT" | "DELETE");
        if point.when != FaultTime::Before || !writes || !id.contains(LONG) {
            return None;
        }
        let chance = self.climate().failing;
        if chance == 0 || !self.dice.permille(chance) {
            return None;
        }
        let fault = match self.dice.below(5) {
            0 => conflict("AnotherOperationInProgress", "Another operation on this resource is in progress."),
            1 => conflict("OperationNotAllowed", "Operation is not allowed: an operation is in progress."),
            2 => Fault::quota("The subscription's quota is used up for now."),
            3 => failed("AllocationFailed", "Not enough capacity in this region right now."),
            _ => failed("InternalOperationError", "Internal server error while the operation ran."),
        };
        if matches!(fault, Fault::FailOperation { .. }) {
            self.watchman.will_fail(&id);
        }
        self.trace.line(&format!("azure itself: {} {} -> {fault:?}", point.method, point.id));
        Some(fault)
    }
}

fn conflict(code: &str, message: &str) -> Fault {
    Fault::Answer { status: 409, code: code.into(), message: message.into(), retry_after_secs: None }
}

fn failed(code: &str, message: &str) -> Fault {
    Fault::FailOperation { code: code.into(), message: message.into() }
}

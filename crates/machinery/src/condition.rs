//! Conditions of admission webhooks: CEL over the request and its objects, whose types are not declared.

use serde_json::Value;

use crate::cel::{self, Answer, Program};

/// What one webhook's conditions may cost together.
pub const COST_MAX: u64 = 2_500_000;

/// A compiled `matchConditions[].expression`.
#[derive(Debug)]
pub struct Condition(Program);

/// What a condition sees. Absent objects are null.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub object: &'a Value,
    pub old_object: &'a Value,
    /// An AdmissionRequest.
    pub request: &'a Value,
}

impl Condition {
    /// The complaint is upstream's: `compilation failed: ...`.
    pub fn compile(expression: &str) -> Result<Self, String> {
        cel::compile_named(expression, &["object", "oldObject", "request"]).map(Self)
    }

    /// Whether it holds, and what that cost.
    pub fn holds(&self, input: &Input<'_>, limit: u64) -> (Result<bool, String>, u64) {
        let named = [("object", input.object), ("oldObject", input.old_object), ("request", input.request)];
        let (answer, cost) = self.0.answer_named(&named, limit);
        let holds = match answer {
            Ok(Answer::Bool(holds)) => Ok(holds),
            Ok(_) => Err("cel expression must evaluate to a bool".into()),
            Err(fault) => Err(fault.message),
        };
        (holds, cost)
    }
}

#[cfg(test)]
mod tests;

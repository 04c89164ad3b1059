//! Short histories of one object as text: `apply`, `force` and `update` by named managers.

use serde_json::{Value, json};

use super::{context, managers, schema, thing};
use crate::apply::{Context, apply, track_update};

/// What a manager does.
pub(super) enum Step<'a> {
    Apply(&'a str, Value),
    Force(&'a str, Value),
    Update(&'a str, Value),
}

/// The specs and owners after each step; a refused step leaves the object as it was.
pub(super) fn play(steps: Vec<Step<'_>>) -> String {
    let schema = schema();
    let mut object: Option<Value> = None;
    let mut text = String::new();
    for step in steps {
        let (manager, result) = match step {
            Step::Apply(manager, spec) => (manager, apply(object.as_ref(), &thing(&spec), &context(manager, &schema))),
            Step::Force(manager, spec) => {
                let context = Context { force: true, ..context(manager, &schema) };
                (manager, apply(object.as_ref(), &thing(&spec), &context))
            }
            Step::Update(manager, spec) => {
                let mut new = object.clone().unwrap_or_else(|| thing(&json!({})));
                new["spec"] = spec;
                (manager, Ok(track_update(object.as_ref(), new, &context(manager, &schema))))
            }
        };
        match result {
            Ok(mut new) => {
                // What the server sets on create: without it an object would count as not created yet.
                new["metadata"]["uid"] = json!("1");
                text.push_str(&format!("{manager}: {}\n{}", new["spec"], managers(&new)));
                object = Some(new);
            }
            Err(status) => {
                text.push_str(&format!("{manager}: {} {}: {}\n", status.code, status.reason, status.message));
                let causes = status.details.unwrap_or_default().causes;
                for cause in causes {
                    text.push_str(&format!("  {} {} {}\n", cause.reason, cause.message, cause.field));
                }
            }
        }
    }
    text
}

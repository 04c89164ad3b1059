//! What the user asked for and does not get: one `UnsupportedOptionWarning` each, with the name of the option or field.
//! What is refused instead stands in `validate`; the published list of both is [`crate::compatibility`].

use api::argoproj::Application;
use serde_json::Value;

use crate::{
    compare::Comparison,
    sync::options::{self, Options},
    validate::{Finding, Validated},
};

pub(crate) const WARNING: &str = "UnsupportedOptionWarning";

/// Annotations of an Application that address programs which do not exist here.
const ADDRESSED_ELSEWHERE: [(&str, &str); 2] = [
    ("notifications.argoproj.io/", "notifications are not sent"),
    ("argocd-image-updater.argoproj.io/", "images are not updated"),
];

pub(crate) fn warnings(app: &Application, spec: &Validated, comparison: &Comparison) -> Vec<Finding> {
    let mut messages = of_application(app);
    messages.extend(spec.project_warnings.iter().cloned());
    for item in &comparison.items {
        let Some(target) = &item.target else { continue };
        for option in Options(&options::of_object(target)).unsupported() {
            messages.push(format!("sync option {option} of {} {}", item.reference, consequence(option)));
        }
        for option in options::unsupported_compare_options(target) {
            messages.push(format!("compare option {option} of {} is not supported and has no effect", item.reference));
        }
    }
    messages.into_iter().map(|message| (WARNING, message)).collect()
}

fn of_application(app: &Application) -> Vec<String> {
    let mut messages = Vec::new();
    if let Some(policy) = &app.spec.sync_policy {
        for option in Options(&policy.sync_options).unsupported() {
            messages.push(format!("sync option {option} in spec.syncPolicy.syncOptions {}", consequence(option)));
        }
    }
    for (index, rule) in app.spec.ignore_differences.iter().enumerate() {
        for (field, list) in
            [("jqPathExpressions", &rule.jq_path_expressions), ("managedFieldsManagers", &rule.managed_fields_managers)]
        {
            if !list.is_empty() {
                messages.push(format!(
                    "spec.ignoreDifferences[{index}].{field} is not supported and has no effect; use jsonPointers"
                ));
            }
        }
    }
    let annotations = app.metadata.get("annotations").and_then(Value::as_object);
    for key in annotations.into_iter().flat_map(serde_json::Map::keys) {
        if let Some((_, why)) = ADDRESSED_ELSEWHERE.iter().find(|(prefix, _)| key.starts_with(prefix)) {
            messages.push(format!("annotation {key} has no effect: {why}"));
        }
    }
    messages
}

fn consequence(option: &str) -> &'static str {
    match option {
        "Prune=confirm" | "Delete=confirm" => "is not supported: nobody can confirm, so the object is kept",
        _ => "is not supported and has no effect",
    }
}

//! Resource hooks are recognised and refused: running a sync without its PreSync job would be worse than not syncing.
//! `Skip` is honoured: such an object takes no part at all.

use api::ObjectExt;
use serde_json::Value;

/// Argo CD's annotation wins over Helm's.
const ANNOTATIONS: [&str; 2] = ["argocd.argoproj.io/hook", "helm.sh/hook"];

/// The hook types an object names; `None` when it is no hook.
pub(crate) fn of(object: &Value) -> Option<Vec<String>> {
    let text = object.annotation(annotation(object)?)?;
    let kinds: Vec<String> =
        text.split(',').map(|kind| kind.trim().to_string()).filter(|kind| !kind.is_empty()).collect();
    (!kinds.is_empty()).then_some(kinds)
}

fn annotation(object: &Value) -> Option<&'static str> {
    ANNOTATIONS.into_iter().find(|annotation| object.annotation(annotation).is_some())
}

/// Why a sync with this hook fails.
pub(crate) fn refusal(object: &Value) -> String {
    let name = object.name().or_else(|| object.pointer("/metadata/generateName")?.as_str()).unwrap_or_default();
    format!(
        "{}/{name}: resource hooks are not supported yet (annotation {}: {}); remove the annotation or set it to Skip",
        object.kind().unwrap_or_default(),
        annotation(object).unwrap_or_default(),
        of(object).unwrap_or_default().join(","),
    )
}

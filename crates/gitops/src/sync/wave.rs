//! `argocd.argoproj.io/sync-wave`: in which step of a sync an object takes part.

use api::ObjectExt;
use serde_json::Value;

/// 0 without the annotation or with one that is no number; Helm's hook weight stands in, as upstream.
pub(crate) fn of(object: &Value) -> i64 {
    let read = |key: &str| object.annotation(key).and_then(|text| text.trim().parse::<i32>().ok());
    read("argocd.argoproj.io/sync-wave").or_else(|| read("helm.sh/hook-weight")).map_or(0, i64::from)
}

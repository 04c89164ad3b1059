//! Sources as they come back out of statuses and operations. Those are written by merge patches, in which a null deletes: a
//! `valuesObject` that takes a chart's default away (`pool1: null`) comes back without its nulls, and is the same source.

use api::argoproj::Source;
use serde_json::{Value, to_value};

/// Whether what was recorded is that source. Nulls say nothing.
pub(crate) fn is(recorded: Option<&Source>, source: &Source) -> bool {
    let Some(recorded) = recorded else { return false };
    recorded == source || matches!((to_value(recorded), to_value(source)), (Ok(one), Ok(other)) if equal(&one, &other))
}

/// The source of an operation: the Application's own, with its nulls, where it means that one.
pub(crate) fn meant(recorded: Option<&Source>, own: &Source) -> Source {
    match recorded {
        Some(other) if !is(Some(other), own) => other.clone(),
        _ => own.clone(),
    }
}

/// What a merge patch leaves of a document. Lists go as they are.
pub(crate) fn form(document: Value) -> Value {
    match document {
        Value::Object(members) => {
            let said = members.into_iter().filter(|(_, member)| !member.is_null());
            said.map(|(key, member)| (key, form(member))).collect()
        }
        other => other,
    }
}

fn equal(one: &Value, other: &Value) -> bool {
    let (Value::Object(one), Value::Object(other)) = (one, other) else { return one == other };
    let null = Value::Null;
    one.keys().chain(other.keys()).all(|key| equal(one.get(key).unwrap_or(&null), other.get(key).unwrap_or(&null)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(values: &Value) -> Source {
        Source { chart: "aks".into(), helm: Some(json!({"valuesObject": values})), ..Source::default() }
    }

    #[test]
    fn a_null_that_a_merge_patch_dropped_is_no_difference() {
        let own = source(&json!({"pools": {"pool0": {"count": 1}, "pool1": null}}));
        let recorded = source(&json!({"pools": {"pool0": {"count": 1}}}));
        assert!(is(Some(&recorded), &own));
        assert_eq!(meant(Some(&recorded), &own), own);
        assert_eq!(meant(None, &own), own);
    }

    #[test]
    fn another_value_is_another_source() {
        let own = source(&json!({"pools": {"pool1": null}}));
        for other in [json!({"pools": {"pool1": {}}}), json!({"pools": {"pool2": 1}}), json!({})] {
            let other = source(&other);
            assert!(!is(Some(&other), &own));
            assert_eq!(meant(Some(&other), &own), other);
        }
        assert!(!is(None, &own));
    }
}

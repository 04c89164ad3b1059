//! Laws of server-side apply over random specs and managers.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{LATER, context, schema, thing};
use crate::apply::{Context, apply, fields, managed, track_update, unchanged};

fn optional(
    key: &'static str,
    values: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Option<(String, Value)>> {
    prop::option::of(values.prop_map(move |value| (key.to_string(), value))).boxed()
}

fn text() -> impl Strategy<Value = Value> {
    "[ab]".prop_map(Value::from)
}

pub(super) fn any_spec() -> impl Strategy<Value = Value> {
    let map = || prop::collection::btree_map("[ab]", text(), 0..3).prop_map(|map| json!(map));
    let item = (0..3_i64, prop::option::of(text())).prop_map(|(name, value)| match value {
        Some(value) => json!({"name": name.to_string(), "value": value}),
        None => json!({"name": name.to_string()}),
    });
    let items = prop::collection::vec(item, 0..3).prop_map(|mut items| {
        items.dedup_by_key(|item| item["name"].clone());
        let mut seen = Vec::new();
        items.retain(|item| {
            !seen.contains(&item["name"]) && {
                seen.push(item["name"].clone());
                true
            }
        });
        Value::from(items)
    });
    let fields = vec![
        optional("replicas", (0..3_i64).prop_map(Value::from)),
        optional("map", map()),
        optional("atomicMap", map()),
        optional("list", prop::collection::vec(text(), 0..3).prop_map(Value::from)),
        optional("set", prop::collection::btree_set("[a-c]", 0..3).prop_map(|set| json!(set))),
        optional("items", items),
        optional("any", prop_oneof![map(), text(), prop::collection::vec(text(), 0..3).prop_map(Value::from)]),
    ];
    fields.prop_map(|fields| {
        let mut spec: Map<String, Value> = fields.into_iter().flatten().collect();
        // Who owns nothing has no entry, and an object without entries is untracked: upstream too.
        spec.insert("flag".into(), json!(true));
        Value::Object(spec)
    })
}

proptest! {
    #[test]
    fn applying_is_idempotent(specs in prop::collection::vec((0..3_usize, any::<bool>(), any_spec()), 1..6)) {
        let schema = schema();
        let mut object: Option<Value> = None;
        for (manager, update, spec) in specs {
            let manager = ["one", "two", "three"][manager];
            if update {
                let new = thing(&spec);
                object = Some(track_update(object.as_ref(), new, &context(manager, &schema)));
            } else {
                let forced = Context { force: true, ..context(manager, &schema) };
                let applied = thing(&spec);
                let mut once = apply(object.as_ref(), &applied, &forced).unwrap();
                once["metadata"]["uid"] = json!("1");
                let twice = apply(Some(&once), &applied, &Context { now: LATER, force: false, ..forced }).unwrap();
                prop_assert_eq!(&twice, &once, "a second apply changes nothing, not even times");
                prop_assert!(unchanged(&once, &twice));
                object = Some(once);
            }
            let object = object.as_mut().unwrap();
            object["metadata"]["uid"] = json!("1");
            // What was written is what is read.
            let managers = managed::decode(object).unwrap();
            for owned in managers.values() {
                prop_assert_eq!(&fields::decode(&fields::encode(&owned.set)).unwrap(), &owned.set);
            }
            let again = track_update(Some(object), object.clone(), &Context { now: LATER, ..context("idle", &schema) });
            prop_assert_eq!(&again, &*object, "an update without a change leaves no trace");
        }
    }

    #[test]
    fn an_applied_field_is_there_and_owned(first in any_spec(), second in any_spec()) {
        let schema = schema();
        let live = apply(None, &thing(&first), &context("one", &schema)).unwrap();
        let forced = Context { force: true, ..context("two", &schema) };
        let object = apply(Some(&live), &thing(&second), &forced).unwrap();
        for key in ["replicas", "atomicMap", "list"] {
            if let Some(value) = second.get(key) {
                prop_assert_eq!(&object["spec"][key], value);
            }
        }
        // The first manager gives up everything: what the second applied stays.
        let released = apply(Some(&object), &thing(&json!({})), &context("one", &schema)).unwrap();
        for key in ["replicas", "atomicMap", "list"] {
            prop_assert_eq!(released["spec"].get(key), second.get(key));
        }
    }

    #[test]
    fn any_managed_fields_are_read_without_panic(object in crate::schema::any_json(), entries in crate::schema::any_json()) {
        let schema = schema();
        let mut new = thing(&object);
        new["metadata"]["managedFields"] = entries;
        let tracked = track_update(None, new.clone(), &context("a", &schema));
        let _ = apply(Some(&tracked), &thing(&object), &context("b", &schema));
        let _ = apply(Some(&new), &thing(&object), &context("b", &schema));
    }
}

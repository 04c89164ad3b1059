use serde_json::{Value, json};

use super::{Taken, assign, prepare};

fn service(spec: Value) -> Value {
    let mut service = json!({ "spec": { "type": "ClusterIP", "selector": { "a": "b" }, "ports": [{ "port": 80, "protocol": "TCP" }] } });
    for (name, value) in spec.as_object().cloned().unwrap_or_default() {
        service["spec"][name] = value;
    }
    service
}

#[test]
fn an_address_is_given_once() {
    let mut taken = Taken::default();
    for seed in 0..2000 {
        // Every seed twice: the second finds another.
        let mut one = service(json!({}));
        assert_eq!(assign(&mut one, None, &taken, &(seed / 2).to_string()), []);
        let address = one["spec"]["clusterIP"].as_str().expect("an address").to_string();
        assert!(address.starts_with("10.0.") && !taken.addresses.contains(&address), "{address}");
        taken.add(&one);
    }
    assert_eq!(taken.addresses.len(), 2000);
}

#[test]
fn a_full_range_is_said() {
    let mut taken = Taken::default();
    for place in 0..1u32 << 16 {
        taken.addresses.insert(std::net::Ipv4Addr::from(0x0a00_0000 + place).to_string());
    }
    let refused = assign(&mut service(json!({})), None, &taken, "a");
    assert!(refused[0].message.ends_with("range is full"), "{refused:?}");
    taken.ports = (30_000..=32_767).collect();
    let mut full = service(json!({ "type": "NodePort", "clusterIP": "None" }));
    assert_eq!(assign(&mut full, None, &taken, "a"), [], "no port is left, none is made up");
    assert_eq!(full["spec"]["ports"][0].get("nodePort"), None);
}

#[test]
fn what_was_given_stays_and_is_no_conflict() {
    let mut taken = Taken::default();
    let mut old = service(json!({ "type": "LoadBalancer", "externalTrafficPolicy": "Local" }));
    assert_eq!(assign(&mut old, None, &taken, "a"), []);
    assert!(old["spec"]["healthCheckNodePort"].is_i64() && old["spec"]["ports"][0]["nodePort"].is_i64(), "{old:#}");
    taken.ports.insert(31_000);
    let mut new = service(json!({ "type": "LoadBalancer", "externalTrafficPolicy": "Local" }));
    prepare(&mut new, &old);
    assert_eq!(assign(&mut new, Some(&old), &taken, "b"), []);
    assert_eq!(new, old);
    let mut plain = service(json!({ "type": "ClusterIP" }));
    plain["spec"]["clusterIP"] = old["spec"]["clusterIP"].clone();
    plain["spec"]["ports"] = old["spec"]["ports"].clone();
    prepare(&mut plain, &old);
    assert_eq!(plain["spec"]["ports"][0].get("nodePort"), None, "taken back");
}

//! Addresses and node ports of Services: what upstream fills in, keeps, takes back and refuses. Pure: which are taken is an
//! input, and the shell sees to it that no two writes choose at the same time.
//!
//! There is one IPv4 range. Nothing is routed: an address is a name that others can rely on.

use std::{collections::BTreeSet, net::Ipv4Addr};

use api::{status::Cause, text};
use machinery::field;
use serde_json::{Value, json};

/// The cluster's Services: 10.0.0.0/16, as AKS has it unless it is told otherwise.
const NETWORK: u32 = 0x0a00_0000;
const ADDRESSES: u32 = 1 << 16;
/// The low addresses are left to those who ask for one (DNS has the tenth); the first is the API's.
const STATIC: u32 = 256;
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;

/// What other Services hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) addresses: BTreeSet<String>,
    pub(crate) ports: BTreeSet<i64>,
}

impl Taken {
    pub(crate) fn add(&mut self, service: &Value) {
        let addresses = list(service, "/spec/clusterIPs").iter().filter_map(Value::as_str);
        self.addresses.extend(addresses.filter(|address| *address != "None").map(Into::into));
        let ports = list(service, "/spec/ports").iter().filter_map(|port| port["nodePort"].as_i64());
        self.ports.extend(ports.chain(int(service, "/spec/healthCheckNodePort")));
    }
}

fn list<'a>(service: &'a Value, pointer: &str) -> &'a [Value] {
    service.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn int(service: &Value, pointer: &str) -> Option<i64> {
    service.pointer(pointer).and_then(Value::as_i64).filter(|number| *number != 0)
}

fn set(service: &mut Value, field: &str, value: Option<Value>) {
    let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) else { return };
    match value {
        Some(value) => spec.insert(field.into(), value),
        None => spec.remove(field),
    };
}

fn spec<'a>(service: &'a Value, field: &str) -> Option<&'a Value> {
    service.get("spec").and_then(|spec| spec.get(field)).filter(|value| !value.is_null())
}

fn has_address(service: &Value) -> bool {
    text(service, "/spec/type") != "ExternalName"
}

fn has_node_ports(service: &Value) -> bool {
    matches!(text(service, "/spec/type"), "NodePort" | "LoadBalancer")
}

/// A port that tells a load balancer whether a node has endpoints.
fn has_health_port(service: &Value) -> bool {
    text(service, "/spec/type") == "LoadBalancer" && text(service, "/spec/externalTrafficPolicy") == "Local"
}

/// Who writes the one address only means both fields. After tracking: the author owns what was sent.
pub(super) fn complete(new: &mut Value) {
    let one = text(new, "/spec/clusterIP").to_string();
    if !one.is_empty() && list(new, "/spec/clusterIPs").is_empty() {
        set(new, "clusterIPs", Some(json!([one])));
    }
}

/// Keeps what was given out, and takes back what the type no longer has, unless the author changed it.
pub(super) fn prepare(new: &mut Value, old: &Value) {
    let same = |new: &Value, field: &str| spec(new, field) == spec(old, field);
    let (before, after) = (text(old, "/spec/clusterIP"), text(new, "/spec/clusterIP").to_string());
    if same(new, "clusterIPs") && after != before {
        // Who writes the one address only means both fields.
        set(new, "clusterIPs", (!after.is_empty()).then(|| json!([after])));
    }
    if has_address(old) && has_address(new) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if spec(new, field).is_none() {
                set(new, field, spec(old, field).cloned());
            }
        }
    } else if has_address(old) {
        if same(new, "clusterIP") && same(new, "clusterIPs") {
            set(new, "clusterIP", None);
            set(new, "clusterIPs", None);
        }
        for field in ["ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            if same(new, field) {
                set(new, field, None);
            }
        }
    }
    ports(new, old);
    if text(old, "/spec/type") == "LoadBalancer" && text(new, "/spec/type") != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if same(new, field) {
                set(new, field, None);
            }
        }
    }
    if has_node_ports(old) && !has_node_ports(new) && same(new, "externalTrafficPolicy") {
        set(new, "externalTrafficPolicy", None);
    }
}

fn ports(new: &mut Value, old: &Value) {
    let given = |service: &Value| -> BTreeSet<i64> {
        list(service, "/spec/ports").iter().filter_map(|port| int(port, "/nodePort")).collect()
    };
    let (keeps, drops) = (has_node_ports(new), has_node_ports(old) && given(new).is_subset(&given(old)));
    let known = list(old, "/spec/ports");
    for port in new.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let alike = |other: &&Value| other["port"] == port["port"] && other["protocol"] == port["protocol"];
        let before = known.iter().find(alike).and_then(|other| other.get("nodePort")).cloned();
        let Some(fields) = port.as_object_mut() else { continue };
        if !keeps && drops {
            fields.remove("nodePort");
        } else if let (true, Some(before)) = (keeps, before) {
            fields.entry("nodePort").or_insert(before);
        }
    }
    match (has_health_port(old), has_health_port(new)) {
        (true, true) if int(new, "/spec/healthCheckNodePort").is_none() => {
            set(new, "healthCheckNodePort", spec(old, "healthCheckNodePort").cloned());
        }
        (true, false) if spec(new, "healthCheckNodePort") == spec(old, "healthCheckNodePort") => {
            set(new, "healthCheckNodePort", None);
        }
        _ => {}
    }
}

/// A list of texts as Go prints it.
fn shown(addresses: &[Value]) -> String {
    let texts: Vec<String> = addresses.iter().map(Value::to_string).collect();
    format!("[]string{{{}}}", texts.join(", "))
}

fn invalid(path: &str, shown: &str, why: &str) -> Cause {
    let message = format!("Invalid value: {shown}: {why}");
    Cause { reason: "FieldValueInvalid".into(), field: path.into(), message }
}

/// What the author asks for that cannot be.
pub(super) fn validate(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut found = Vec::new();
    let addresses = list(new, "/spec/clusterIPs");
    let first = addresses.first().and_then(Value::as_str).unwrap_or_default();
    let one = text(new, "/spec/clusterIP");
    if has_address(new) && !one.is_empty() && !addresses.is_empty() && one != first {
        found.push(invalid("spec.clusterIPs", &shown(addresses), "first value must match `clusterIP`"));
    }
    for (at, address) in addresses.iter().enumerate().filter(|(_, address)| *address != "None") {
        if address.as_str().is_none_or(|text| text.parse::<std::net::IpAddr>().is_err()) {
            let why = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            found.push(field::invalid(&format!("spec.clusterIPs[{at}]"), address, why));
        }
    }
    if let Some(old) = old.filter(|old| has_address(old) && has_address(new)) {
        let before = list(old, "/spec/clusterIPs");
        if !before.is_empty() && before.first() != addresses.first() {
            found.push(invalid("spec.clusterIPs[0]", &shown(addresses), "may not change once set"));
        }
    }
    if !has_node_ports(new) {
        let kind = text(new, "/spec/type");
        for (at, _) in list(new, "/spec/ports").iter().enumerate().filter(|(_, port)| int(port, "/nodePort").is_some())
        {
            let why = format!("may not be used when `type` is '{kind}'");
            found.push(field::forbidden(&format!("spec.ports[{at}].nodePort"), &why));
        }
    }
    found
}

/// Gives out what is missing; `seed` decides where the search begins. Answers what cannot be given.
pub(super) fn assign(new: &mut Value, old: Option<&Value>, taken: &Taken, seed: &str) -> Vec<Cause> {
    if let Some(cause) = families(new) {
        return vec![cause];
    }
    if let Some(cause) = address(new, old, taken, seed) {
        return vec![cause];
    }
    node_ports(new, old, taken, seed).into_iter().collect()
}

/// One family: IPv4. Who asks for two may prefer them, but not insist.
fn families(new: &mut Value) -> Option<Cause> {
    if !has_address(new) {
        return None;
    }
    let policy = text(new, "/spec/ipFamilyPolicy").to_string();
    let bare = spec(new, "selector").is_none_or(|selector| selector.as_object().is_none_or(serde_json::Map::is_empty));
    let headless_bare = text(new, "/spec/clusterIP") == "None" && bare;
    if let Some(at) =
        list(new, "/spec/ipFamilies").iter().position(|family| family == "IPv6").filter(|_| !headless_bare)
    {
        return Some(invalid(&format!("spec.ipFamilies[{at}]"), "\"IPv6\"", "not configured on this cluster"));
    }
    if list(new, "/spec/clusterIPs").iter().any(|address| address.as_str().is_some_and(|text| text.contains(':'))) {
        let shown = shown(list(new, "/spec/clusterIPs"));
        return Some(invalid("spec.clusterIPs[0]", &shown, "IPv6 is not configured on this cluster"));
    }
    if policy == "RequireDualStack" && !headless_bare {
        let why = "this cluster is not configured for dual-stack services";
        return Some(invalid("spec.ipFamilyPolicy", "\"RequireDualStack\"", why));
    }
    let (default, both) = if headless_bare { ("RequireDualStack", true) } else { ("SingleStack", false) };
    if policy.is_empty() {
        set(new, "ipFamilyPolicy", Some(default.into()));
    }
    if spec(new, "ipFamilies").is_none() {
        let both = both && (policy.is_empty() || policy.ends_with("DualStack"));
        set(new, "ipFamilies", Some(if both { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) }));
    }
    None
}

fn address(new: &mut Value, old: Option<&Value>, taken: &Taken, seed: &str) -> Option<Cause> {
    let asked = text(new, "/spec/clusterIP").to_string();
    let held = old.is_some_and(|old| !asked.is_empty() && text(old, "/spec/clusterIP") == asked);
    if !has_address(new) || held {
        return None;
    }
    let address = match asked.as_str() {
        "" => match free_address(taken, seed) {
            Some(address) => address,
            None => {
                return Some(invalid(
                    "spec.clusterIPs",
                    "[]string(nil)",
                    "failed to allocate a serviceIP: range is full",
                ));
            }
        },
        "None" => asked,
        _ => {
            let refused = |why: String| {
                let why = format!("failed to allocate IP {asked}: {why}");
                Some(invalid("spec.clusterIPs", &shown(&[asked.clone().into()]), &why))
            };
            let number = asked.parse::<Ipv4Addr>().map(u32::from).unwrap_or_default();
            let place = number.wrapping_sub(NETWORK);
            if place == 0 || place >= ADDRESSES - 1 {
                return refused("the provided network does not match the current range".into());
            }
            if taken.addresses.contains(&asked) {
                return refused("provided IP is already allocated".into());
            }
            asked
        }
    };
    set(new, "clusterIPs", Some(json!([address])));
    set(new, "clusterIP", Some(address.into()));
    None
}

/// The same for the same seed.
fn number(seed: &str) -> u32 {
    seed.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn free_address(taken: &Taken, seed: &str) -> Option<String> {
    // The last one is the broadcast's.
    let dynamic = ADDRESSES - 1 - STATIC;
    let start = number(seed) % dynamic;
    let high = (0..dynamic).map(|step| STATIC + (start + step) % dynamic);
    let mut places = high.chain((2..STATIC).filter(|place| *place != 10));
    let show = |place: u32| Ipv4Addr::from(NETWORK + place).to_string();
    places.find(|place| !taken.addresses.contains(&show(*place))).map(show)
}

fn node_ports(new: &mut Value, old: Option<&Value>, taken: &Taken, seed: &str) -> Option<Cause> {
    if !has_node_ports(new) {
        return None;
    }
    let mut held = Taken::default();
    old.iter().for_each(|old| held.add(old));
    let health = has_health_port(new);
    let wanted = spec(new, "allocateLoadBalancerNodePorts") != Some(&Value::Bool(false))
        || text(new, "/spec/type") == "NodePort";
    let mut own: BTreeSet<(i64, String)> = BTreeSet::new();
    for (at, port) in new.pointer_mut("/spec/ports").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let protocol = text(port, "/protocol").to_string();
        let Some(asked) = int(port, "/nodePort") else {
            if wanted && let Some(free) = free_port(taken, &own, &format!("{seed}{at}")) {
                port["nodePort"] = free.into();
                own.insert((free, protocol));
            }
            continue;
        };
        let path = format!("spec.ports[{at}].nodePort");
        if !NODE_PORTS.contains(&asked) {
            let why = "provided port is not in the valid range. The range of valid ports is 30000-32767";
            return Some(field::invalid(&path, &asked.into(), why));
        }
        let by_others = taken.ports.contains(&asked) && !held.ports.contains(&asked);
        // One number may serve two protocols of one Service.
        if by_others || !own.insert((asked, protocol)) {
            return Some(field::invalid(&path, &asked.into(), "provided port is already allocated"));
        }
    }
    if health
        && int(new, "/spec/healthCheckNodePort").is_none()
        && let Some(free) = free_port(taken, &own, seed)
    {
        set(new, "healthCheckNodePort", Some(free.into()));
    }
    None
}

fn free_port(taken: &Taken, own: &BTreeSet<(i64, String)>, seed: &str) -> Option<i64> {
    let size = NODE_PORTS.end() - NODE_PORTS.start() + 1;
    let start = i64::from(number(seed)) % size;
    let mut ports = (0..size).map(|step| NODE_PORTS.start() + (start + step) % size);
    ports.find(|port| !taken.ports.contains(port) && !own.iter().any(|(own, _)| own == port))
}

#[cfg(test)]
mod tests;

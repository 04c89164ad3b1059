//! What an agent pool is: defaults, what stays as it was made, bounds, versions, quota. The same for a pool of its own and
//! for one in its cluster's `agentPoolProfiles`. As recorded from Azure: a PUT that leaves something out leaves it as it was.

use serde_json::{Map, Value, json};

use super::{
    POOL,
    refusal::{bad, change_not_allowed, invalid, missing, pool_ahead, pool_behind, quota, upgrade, version},
    sizes::Size,
    versions::{Asked, Offer, Version},
};
use crate::{core::Core, reply::Reply, state::Resource};

/// The cluster around a pool, as it is or will be.
#[derive(Clone, Debug)]
pub(crate) struct Around<'a> {
    pub(crate) cluster: &'a str,
    /// The cluster's id in lower case.
    pub(crate) key: &'a str,
    pub(crate) location: &'a str,
    pub(crate) version: Version,
    pub(crate) max_pods: u32,
    pub(crate) offer: Offer,
    /// Pools that the same request has been planned for already.
    pub(crate) planned: Vec<Named>,
}

/// A pool's name and properties.
pub(crate) type Named = (String, Map<String, Value>);

const COUNT_MAX: i64 = 1000;

/// Properties that Azure cannot change in a pool that exists.
const FIXED: [&str; 21] = [
    "vmSize",
    "osDiskSizeGB",
    "osDiskType",
    "osType",
    "type",
    "maxPods",
    "vnetSubnetID",
    "podSubnetID",
    "availabilityZones",
    "enableEncryptionAtHost",
    "enableUltraSSD",
    "enableNodePublicIP",
    "nodePublicIPPrefixID",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "kubeletDiskType",
    "gpuInstanceProfile",
    "proximityPlacementGroupID",
    "hostGroupID",
    "capacityReservationGroupID",
    "workloadRuntime",
];

/// Dictionaries and lists that a request replaces as a whole; empty ones are as good as none.
const REPLACED: [&str; 3] = ["tags", "nodeLabels", "nodeTaints"];

/// The properties of the pool after a request, or why there is no such pool. `prefix` stands before the names of its
/// properties in refusals.
pub(crate) fn plan(
    core: &Core<'_>,
    around: &Around<'_>,
    name: &str,
    sent: &Map<String, Value>,
    existing: Option<&Resource>,
    prefix: &str,
) -> Result<Map<String, Value>, Reply> {
    let none = Map::new();
    let before = existing.and_then(|pool| pool.body.get("properties")).and_then(Value::as_object).unwrap_or(&none);
    let mut pool = before.clone();
    overlay(&mut pool, sent);
    for replaced in REPLACED {
        if sent.get(replaced).is_some_and(is_empty) {
            pool.remove(replaced);
        }
    }
    // az sends an empty size where the service is to choose.
    if pool.get("vmSize") == Some(&json!("")) {
        let kept = before.get("vmSize").cloned();
        pool.insert("vmSize".into(), kept.unwrap_or_else(|| json!(chosen_size(&pool))));
    }
    if existing.is_some() {
        check_fixed(before, &pool, prefix)?;
    }
    scaling(&mut pool, sent)?;
    defaults(&mut pool, around);
    check(name, &pool)?;
    let (wanted, text) = wanted_version(around, sent, before)?;
    let upgraded = text_of(&pool, "currentOrchestratorVersion") != wanted.to_string();
    pool.insert("orchestratorVersion".into(), json!(text));
    pool.insert("currentOrchestratorVersion".into(), json!(wanted.to_string()));
    if upgraded {
        pool.insert("nodeImageVersion".into(), json!(node_image(&pool, around.offer)));
    }
    check_quota(core, around, name, &pool)?;
    Ok(pool)
}

/// What is done to a pool when it goes from one to the other, as its provisioning state says.
pub(crate) fn doing(before: Option<&Resource>, after: &Map<String, Value>) -> &'static str {
    let Some(before) = before else { return "Creating" };
    let same = |name: &str| before.property(name) == after.get(name);
    if !same("currentOrchestratorVersion") {
        "Upgrading"
    } else if !same("count") {
        "Scaling"
    } else {
        "Updating"
    }
}

/// A request over what there was: absent and null leave things as they were.
pub(crate) fn overlay(target: &mut Map<String, Value>, sent: &Map<String, Value>) {
    for (name, value) in sent.iter().filter(|(_, value)| !value.is_null()) {
        match (target.get_mut(name), value) {
            (Some(Value::Object(into)), Value::Object(from)) if !REPLACED.contains(&name.as_str()) => {
                overlay(into, from);
            }
            (_, Value::Object(from)) if !REPLACED.contains(&name.as_str()) => {
                let mut fresh = Map::new();
                overlay(&mut fresh, from);
                target.insert(name.clone(), Value::Object(fresh));
            }
            _ => {
                target.insert(name.clone(), value.clone());
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

pub(crate) fn text_of<'a>(pool: &'a Map<String, Value>, name: &str) -> &'a str {
    pool.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn is_system(pool: &Map<String, Value>) -> bool {
    text_of(pool, "mode").eq_ignore_ascii_case("System")
}

fn is_true(pool: &Map<String, Value>, name: &str) -> bool {
    pool.get(name).and_then(Value::as_bool) == Some(true)
}

fn number(pool: &Map<String, Value>, name: &str) -> Option<i64> {
    pool.get(name).and_then(Value::as_i64)
}

fn check_fixed(before: &Map<String, Value>, after: &Map<String, Value>, prefix: &str) -> Result<(), Reply> {
    let same = |one: &Value, other: &Value| match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    };
    let changed = FIXED.iter().find(|name| match (before.get(**name), after.get(**name)) {
        (Some(before), Some(after)) => !same(before, after),
        // An explicit "no" is what there was.
        (None, Some(after)) => *after != json!(false) && !is_empty(after),
        _ => false,
    });
    match changed {
        Some(name) => Err(change_not_allowed(&format!("{prefix}.{name}"))),
        None => Ok(()),
    }
}

/// Count and bounds. With the autoscaler on, the count is kept within the bounds; they say nothing when it is off.
fn scaling(pool: &mut Map<String, Value>, sent: &Map<String, Value>) -> Result<(), Reply> {
    let given = |name: &str| sent.get(name).is_some_and(|value| !value.is_null());
    if !is_true(pool, "enableAutoScaling") {
        if let Some(name) = ["minCount", "maxCount"].into_iter().find(|name| given(name)) {
            let details = format!("{name} cannot be set when enableAutoScaling is false");
            return Err(invalid(&format!("agentPoolProfile.{name}"), &details));
        }
        pool.remove("minCount");
        pool.remove("maxCount");
        pool.entry("count").or_insert(json!(1));
        pool.insert("enableAutoScaling".into(), json!(false));
        return Ok(());
    }
    let bound = |name: &str| number(pool, name).ok_or_else(|| missing(&format!("agentPoolProfile.{name}")));
    let (min, max) = (bound("minCount")?, bound("maxCount")?);
    if !(0..=COUNT_MAX).contains(&min) || (min == 0 && is_system(pool)) {
        let lowest = i64::from(is_system(pool));
        let details = format!("minCount must be between {lowest} and {COUNT_MAX}");
        return Err(invalid("agentPoolProfile.minCount", &details));
    }
    if max < min.max(1) || max > COUNT_MAX {
        let details = format!("maxCount must be between {} and {COUNT_MAX}, and not below minCount", min.max(1));
        return Err(invalid("agentPoolProfile.maxCount", &details));
    }
    if let Some(count) = sent.get("count").and_then(Value::as_i64).filter(|count| !(min..=max).contains(count)) {
        let details = format!("count {count} is not between minCount {min} and maxCount {max}");
        return Err(invalid("agentPoolProfile.count", &details));
    }
    let count = number(pool, "count").unwrap_or(min).clamp(min, max);
    pool.insert("count".into(), json!(count));
    Ok(())
}

/// What Azure fills in, as recorded.
fn defaults(pool: &mut Map<String, Value>, around: &Around<'_>) {
    let os_type = if text_of(pool, "osType").is_empty() { "Linux".into() } else { text_of(pool, "osType").to_string() };
    let os_sku = if os_type.eq_ignore_ascii_case("Windows") { "Windows2022" } else { "Ubuntu" };
    if number(pool, "osDiskSizeGB").is_none_or(|size| size == 0) {
        pool.insert("osDiskSizeGB".into(), json!(128));
    }
    let plain = [
        ("osDiskType", json!("Managed")),
        ("kubeletDiskType", json!("OS")),
        ("maxPods", json!(around.max_pods)),
        ("type", json!("VirtualMachineScaleSets")),
        ("scaleDownMode", json!("Delete")),
        ("powerState", json!({"code": "Running"})),
        ("enableNodePublicIP", json!(false)),
        ("mode", json!("User")),
        ("osType", json!(os_type)),
        ("osSKU", json!(os_sku)),
        ("upgradeSettings", json!({"maxSurge": "10%"})),
        ("enableFIPS", json!(false)),
        ("securityProfile", json!({"enableVTPM": false, "enableSecureBoot": false})),
    ];
    for (name, value) in plain {
        pool.entry(name).or_insert(value);
    }
}

/// `AKSUbuntu-2204gen2containerd-202511.01.0`: an image a month.
pub(crate) fn node_image(pool: &Map<String, Value>, offer: Offer) -> String {
    let day = offer.day;
    match text_of(pool, "osSKU").to_lowercase().as_str() {
        sku if sku.starts_with("windows") => {
            format!(
                "AKSWindows-{}-containerd-20348.{:02}{:02}01",
                &sku["windows".len()..],
                day.year() % 100,
                day.month()
            )
        }
        sku => {
            let image = if sku == "ubuntu" { "AKSUbuntu-2204gen2containerd" } else { "AKSAzureLinux-V2gen2" };
            format!("{image}-{}{:02}.01.0", day.year(), day.month())
        }
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), Reply> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let valid = plain && (1..=12).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_lowercase());
    if valid {
        return Ok(());
    }
    let details = format!(
        "agent pool name {name} must begin with a lowercase letter, contain only characters of [a-z0-9], and have at most \
         12 characters"
    );
    Err(invalid("agentPoolProfile.name", &details))
}

fn check(name: &str, pool: &Map<String, Value>) -> Result<(), Reply> {
    let windows = text_of(pool, "osType").eq_ignore_ascii_case("Windows");
    if windows && name.len() > 6 {
        let details = format!("Windows agent pool name {name} can not be longer than 6 characters");
        return Err(invalid("agentPoolProfile.name", &details));
    }
    if windows && is_system(pool) {
        return Err(invalid("agentPoolProfile.osType", "system pools must be Linux"));
    }
    let count = number(pool, "count").unwrap_or_default();
    let lowest = i64::from(is_system(pool));
    if !(lowest..=COUNT_MAX).contains(&count) {
        return Err(invalid("agentPoolProfile.count", &format!("count must be between {lowest} and {COUNT_MAX}")));
    }
    let max_pods = number(pool, "maxPods").unwrap_or_default();
    if !(10..=250).contains(&max_pods) {
        return Err(invalid("agentPoolProfile.maxPods", "maxPods must be between 10 and 250"));
    }
    let taints = pool.get("nodeTaints").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if let Some(taint) = taints.iter().filter_map(Value::as_str).find(|taint| !is_taint(taint)) {
        let details = format!("taint {taint} is not of the form key=value:effect");
        return Err(invalid("agentPoolProfile.nodeTaints", &details));
    }
    Ok(())
}

fn is_taint(text: &str) -> bool {
    let Some((key, effect)) = text.rsplit_once(':') else { return false };
    !key.is_empty() && !key.starts_with('=') && ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect)
}

/// The pool's version, and the text that it is shown with.
fn wanted_version(
    around: &Around<'_>,
    sent: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Result<(Version, String), Reply> {
    let current = Version::parse(text_of(before, "currentOrchestratorVersion"));
    let Some(text) = sent.get("orchestratorVersion").and_then(Value::as_str).filter(|text| !text.is_empty()) else {
        return Ok(match current {
            Some(current) => (current, text_of(before, "orchestratorVersion").to_string()),
            None => (around.version, around.version.to_string()),
        });
    };
    let malformed = || version(around.cluster, text, super::versions::Refusal::Malformed);
    let asked = Asked::parse(text).ok_or_else(malformed)?;
    let wanted = match current.into_iter().chain([around.version]).find(|known| asked.fits(*known)) {
        Some(known) => known,
        None => around.offer.resolve(text).map_err(|why| version(around.cluster, text, why))?,
    };
    if wanted.minor > around.version.minor {
        return Err(pool_ahead(wanted, around.version));
    }
    if wanted.minor + 3 < around.version.minor {
        return Err(pool_behind(wanted, around.version));
    }
    match current.filter(|current| wanted < *current) {
        Some(current) => {
            let fitting = around.offer.upgrades(current).into_iter().filter(|version| *version <= around.version);
            Err(upgrade(current, text, &fitting.collect::<Vec<_>>()))
        }
        None => Ok((wanted, text.to_string())),
    }
}

/// AKS chooses by what the region has and the subscription may use; here both have all, and it is what az names as defaults.
fn chosen_size(pool: &Map<String, Value>) -> &'static str {
    if text_of(pool, "osType").eq_ignore_ascii_case("Windows") { "Standard_D2s_v3" } else { "Standard_DS2_v2" }
}

/// The size is one, and big enough for what runs on every node.
fn size(around: &Around<'_>, pool: &Map<String, Value>) -> Result<Size, Reply> {
    let name = text_of(pool, "vmSize");
    if name.is_empty() {
        return Err(missing("agentPoolProfile.vmSize"));
    }
    let Some(size) = Size::parse(name) else {
        return Err(bad(format!(
            "The VM size of {name} is not allowed in your subscription in location '{}'. For more details, please visit \
             https://aka.ms/cpu-quota",
            around.location
        )));
    };
    if size.vcpus < 2 {
        return Err(bad(format!(
            "System node pools must use VM sku with more than or equal to 2 cores and 4GB memory. Selected VM sku is \
             '{name}'."
        )));
    }
    Ok(size)
}

/// The vCPUs of the pool's family that the region has left for it.
fn check_quota(core: &Core<'_>, around: &Around<'_>, name: &str, pool: &Map<String, Value>) -> Result<(), Reply> {
    let size = size(around, pool)?;
    let Some(limit) = core.settings.vcpu_quota else { return Ok(()) };
    let own = |name: &str| format!("{}/agentpools/{name}", around.key);
    let subscription = around.key.split('/').nth(2).unwrap_or_default();
    let here: Vec<String> = around.planned.iter().map(|(name, _)| own(name)).chain([own(name)]).collect();
    let others = core.state.resources(&format!("/subscriptions/{subscription}/")).filter(|other| {
        let key = other.id.to_lowercase();
        other.is(POOL) && !here.contains(&key) && location_of(core, &key) == around.location
    });
    let others = others.filter_map(|other| other.body.get("properties")?.as_object());
    let planned = around.planned.iter().map(|(_, pool)| pool);
    let used: u32 = others.chain(planned).filter_map(|other| taken(other, &size.family)).sum();
    let wanted = taken(pool, &size.family).unwrap_or_default();
    match used + wanted > limit {
        true => Err(quota(wanted, limit.saturating_sub(used), &size.family, around.location)),
        false => Ok(()),
    }
}

fn location_of<'a>(core: &Core<'a>, pool: &str) -> &'a str {
    let cluster = pool.rsplit_once("/agentpools/").map(|(cluster, _)| cluster).unwrap_or_default();
    core.state.resource(cluster).map(Resource::location).unwrap_or_default()
}

/// vCPUs that a pool takes of a family; spot nodes have a quota of their own.
fn taken(pool: &Map<String, Value>, family: &str) -> Option<u32> {
    let size = Size::parse(text_of(pool, "vmSize")).filter(|size| size.family == family)?;
    let count = u32::try_from(number(pool, "count")?).ok()?;
    (!text_of(pool, "scaleSetPriority").eq_ignore_ascii_case("Spot")).then(|| size.vcpus.saturating_mul(count))
}

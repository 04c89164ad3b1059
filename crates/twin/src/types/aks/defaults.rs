//! What Azure fills into a managed cluster, as recorded (api-versions 2023-10-01 and 2024-09-01): names, network, profiles.

use serde_json::{Map, Value, json};

use super::{
    pool::text_of,
    refusal::{bad, change_not_allowed, invalid},
};
use crate::{
    core::{Call, Core},
    reply::Reply,
    state::Resource,
};

/// Node resource groups have at most so many characters.
const GROUP_NAME_MAX: usize = 80;

/// Properties that Azure cannot change in a cluster that exists.
const FIXED: [&str; 8] = [
    "/dnsPrefix",
    "/fqdnSubdomain",
    "/nodeResourceGroup",
    "/enableRBAC",
    "/networkProfile/serviceCidr",
    "/networkProfile/dnsServiceIP",
    "/networkProfile/loadBalancerSku",
    "/apiServerAccessProfile/enablePrivateCluster",
];

pub(super) fn check_fixed(before: &Map<String, Value>, after: &Map<String, Value>) -> Result<(), Reply> {
    let (before, after) = (Value::Object(before.clone()), Value::Object(after.clone()));
    let folded = |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| json!(text.to_lowercase()));
    let changed = FIXED.iter().find(|path| match (before.pointer(path), after.pointer(path)) {
        (Some(before), Some(after)) => folded(before) != folded(after),
        (None, Some(after)) => *after != json!(false),
        _ => false,
    });
    if let Some(path) = changed {
        return Err(change_not_allowed(&path[1..].replace('/', ".")));
    }
    let issuer = |properties: &Value| properties.pointer("/oidcIssuerProfile/enabled") == Some(&json!(true));
    if issuer(&before) && !issuer(&after) {
        return Err(bad("OIDC issuer feature cannot be disabled."));
    }
    Ok(())
}

/// Completes the properties of a cluster. Versions and pools are not among them.
pub(super) fn complete(
    core: &Core<'_>,
    call: &Call,
    properties: &mut Map<String, Value>,
    location: &str,
    existing: Option<&Resource>,
) -> Result<(), Reply> {
    let key = call.path.key();
    if existing.is_none() {
        names(core, call, properties, location)?;
    }
    let plain = [
        ("powerState", json!({"code": "Running"})),
        ("servicePrincipalProfile", json!({"clientId": "msi"})),
        ("enableRBAC", json!(true)),
        ("supportPlan", json!("KubernetesOfficial")),
        ("securityProfile", json!({})),
        ("workloadAutoScalerProfile", json!({})),
        ("metricsProfile", json!({"costAnalysis": {"enabled": false}})),
        ("oidcIssuerProfile", json!({"enabled": false})),
    ];
    for (name, value) in plain {
        properties.entry(name).or_insert(value);
    }
    properties.insert("maxAgentPools".into(), json!(100));
    let uid: String = core.state.derived_uuid("resource uid", &key).replace('-', "").chars().take(24).collect();
    properties.insert("resourceUID".into(), json!(uid));
    inner(properties, "autoUpgradeProfile", "nodeOSUpgradeChannel", json!("NodeImage"));
    for driver in ["diskCSIDriver", "fileCSIDriver", "snapshotController"] {
        inner(properties, "storageProfile", driver, json!({"enabled": true}));
    }
    network(properties)?;
    issuer(core, properties, location, &key);
    kubelet_identity(core, call, properties);
    Ok(())
}

/// Sets a member of an object unless it is there.
fn inner(properties: &mut Map<String, Value>, object: &str, name: &str, value: Value) {
    let of = properties.entry(object).or_insert_with(|| json!({}));
    if let Some(of) = of.as_object_mut() {
        of.entry(name).or_insert(value);
    }
}

fn names(core: &Core<'_>, call: &Call, properties: &mut Map<String, Value>, location: &str) -> Result<(), Reply> {
    let path = &call.path;
    let group = path.group.as_deref().unwrap_or_default();
    let cut = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let subscription = path.subscription.as_deref().unwrap_or_default();
    let own = properties.contains_key("fqdnSubdomain");
    if !own {
        let derived = format!("{}-{}-{}", cut(&path.name, 10), cut(group, 16), cut(subscription, 6));
        properties.entry("dnsPrefix").or_insert_with(|| json!(derived));
    }
    let label = text_of(properties, if own { "fqdnSubdomain" } else { "dnsPrefix" }).to_string();
    if !is_dns_label(&label) {
        return Err(invalid(if own { "fqdnSubdomain" } else { "dnsPrefix" }, ""));
    }
    let hash = cut(&core.state.derived_uuid("fqdn", &path.key()), 8);
    let host = if own { label } else { format!("{label}-{hash}") };
    properties.insert("fqdn".into(), json!(format!("{host}.hcp.{location}.azmk8s.io")));
    properties.insert("azurePortalFQDN".into(), json!(format!("{host}.portal.hcp.{location}.azmk8s.io")));
    let private = properties.get("apiServerAccessProfile").is_some_and(|of| of["enablePrivateCluster"] == true);
    if private {
        let zone = core.state.derived_uuid("private zone", &path.key());
        properties.insert("privateFQDN".into(), json!(format!("{host}.{zone}.privatelink.{location}.azmk8s.io")));
        properties.insert("azurePortalFQDN".into(), json!(format!("{host}-priv.portal.hcp.{location}.azmk8s.io")));
    }
    let nodes = cut(&format!("MC_{group}_{}_{location}", path.name), GROUP_NAME_MAX);
    properties.entry("nodeResourceGroup").or_insert_with(|| json!(nodes));
    Ok(())
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=54).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// How many pods fit on a node unless it says otherwise.
pub(super) fn max_pods(network: &Value) -> u32 {
    let is = |name: &str, value: &str| network[name].as_str().is_some_and(|text| text.eq_ignore_ascii_case(value));
    if is("networkPlugin", "azure") && !is("networkPluginMode", "overlay") {
        30
    } else if is("networkPlugin", "kubenet") {
        110
    } else {
        250
    }
}

/// Azure CNI in overlay mode where nothing is said, as AKS has it by now.
fn network(properties: &mut Map<String, Value>) -> Result<(), Reply> {
    let network = properties.entry("networkProfile").or_insert_with(|| json!({}));
    let Some(network) = network.as_object_mut() else { return Ok(()) };
    if !network.contains_key("networkPlugin") {
        network.insert("networkPlugin".into(), json!("azure"));
        network.entry("networkPluginMode").or_insert(json!("overlay"));
    }
    let plugin = text_of(network, "networkPlugin").to_lowercase();
    let overlay = text_of(network, "networkPluginMode").eq_ignore_ascii_case("overlay");
    if plugin == "kubenet" || overlay {
        network.entry("podCidr").or_insert(json!("10.244.0.0/16"));
    }
    network.entry("networkDataplane").or_insert(json!("azure"));
    network.entry("networkPolicy").or_insert(json!("none"));
    network.entry("loadBalancerSku").or_insert(json!("standard"));
    network.entry("outboundType").or_insert(json!("loadBalancer"));
    network.entry("serviceCidr").or_insert(json!("10.0.0.0/16"));
    let service = Cidr::parse(text_of(network, "serviceCidr"));
    let service = service.ok_or_else(|| invalid("networkProfile.serviceCidr", ""))?;
    network.entry("dnsServiceIP").or_insert_with(|| json!(service.host(10)));
    let dns = address(text_of(network, "dnsServiceIP"));
    if !dns.is_some_and(|dns| service.contains(dns) && dns != service.base && dns != service.base + 1) {
        let details = format!("dnsServiceIP must be within the service CIDR {} and not its first", service.text());
        return Err(invalid("networkProfile.dnsServiceIP", &details));
    }
    if let Some(pods) = network.get("podCidr").and_then(Value::as_str) {
        let pods = Cidr::parse(pods).ok_or_else(|| invalid("networkProfile.podCidr", ""))?;
        if pods.overlaps(service) {
            let details = format!("podCidr {} overlaps with serviceCidr {}", pods.text(), service.text());
            return Err(invalid("networkProfile.podCidr", &details));
        }
    }
    if text_of(network, "outboundType").eq_ignore_ascii_case("loadBalancer") {
        let of = network.entry("loadBalancerProfile").or_insert_with(|| json!({}));
        if let Some(of) = of.as_object_mut() {
            if !["outboundIPs", "outboundIPPrefixes"].iter().any(|name| of.contains_key(*name)) {
                of.entry("managedOutboundIPs").or_insert_with(|| json!({"count": 1}));
            }
            of.entry("backendPoolType").or_insert(json!("nodeIPConfiguration"));
        }
    }
    for (one, all) in [("podCidr", "podCidrs"), ("serviceCidr", "serviceCidrs")] {
        if let Some(cidr) = network.get(one).cloned() {
            network.entry(all).or_insert_with(|| json!([cidr]));
        }
    }
    network.entry("ipFamilies").or_insert_with(|| json!(["IPv4"]));
    Ok(())
}

fn issuer(core: &Core<'_>, properties: &mut Map<String, Value>, location: &str, key: &str) {
    let tenant = &core.settings.tenant_id;
    let profile = properties.get_mut("oidcIssuerProfile").and_then(Value::as_object_mut);
    if let Some(profile) = profile.filter(|profile| profile.get("enabled") == Some(&json!(true))) {
        let id = core.state.derived_uuid("oidc issuer", key);
        let url = format!("https://{location}.oic.prod-aks.azure.com/{tenant}/{id}/");
        profile.insert("issuerURL".into(), json!(url));
    }
}

/// The identity that the nodes pull images with: one of its own in the node resource group, unless one is given.
fn kubelet_identity(core: &Core<'_>, call: &Call, properties: &mut Map<String, Value>) {
    let path = &call.path;
    let subscription = path.subscription.as_deref().unwrap_or_default();
    let group = text_of(properties, "nodeResourceGroup").to_string();
    let own = format!(
        "/subscriptions/{subscription}/resourcegroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/\
         {}-agentpool",
        path.name
    );
    inner(properties, "identityProfile", "kubeletidentity", json!({}));
    let Some(identity) = properties.get_mut("identityProfile").and_then(|of| of.get_mut("kubeletidentity")) else {
        return;
    };
    let id = identity["resourceId"].as_str().filter(|id| !id.is_empty()).unwrap_or(&own).to_string();
    let given = core.state.resource(&id.to_lowercase());
    let derived = |purpose: &str| core.state.derived_uuid(purpose, &id.to_lowercase());
    let ids = match given {
        Some(given) => [given.property_str("clientId"), given.property_str("principalId")].map(str::to_string),
        None => [derived("client"), derived("principal")],
    };
    *identity = json!({"resourceId": id, "clientId": ids[0], "objectId": ids[1]});
}

/// An IPv4 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cidr {
    base: u32,
    bits: u32,
}

impl Cidr {
    fn parse(text: &str) -> Option<Self> {
        let (base, bits) = text.split_once('/')?;
        let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
        let cidr = Self { base: address(base)?, bits };
        Some(Self { base: cidr.base & cidr.mask(), bits })
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - self.bits).unwrap_or(0)
    }

    fn contains(self, address: u32) -> bool {
        address & self.mask() == self.base
    }

    fn overlaps(self, other: Self) -> bool {
        self.contains(other.base) || other.contains(self.base)
    }

    fn host(self, number: u32) -> String {
        std::net::Ipv4Addr::from(self.base.saturating_add(number)).to_string()
    }

    fn text(self) -> String {
        format!("{}/{}", std::net::Ipv4Addr::from(self.base), self.bits)
    }
}

fn address(text: &str) -> Option<u32> {
    text.parse::<std::net::Ipv4Addr>().ok().map(u32::from)
}

//! A text-scripted harness: request lines in, answers as golden text out.
//!
//! ```text
//! PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}
//! as akspe            (a managed identity, by a federated token)
//! kv1: GET /secrets/s1?api-version=7.4
//! graph: GET /v1.0/servicePrincipals/...
//! wait 30             (milliseconds of the twin's clock)
//! ```

mod aks;
mod aks_pools;
mod durability;
mod entra;
mod faults;
mod generic;
mod graph;
mod groups;
mod identities;
mod keys;
mod pipeline;
mod properties;
mod rbac;
mod secrets;
mod strangers;
mod vaults;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use api::{Redacted, env::Clock};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jose::{Jwks, SigningKey};
use serde_json::{Value, json};
use store::{Memory, Space, Store};
use testkit::{FixedClock, SeededEntropy};

use crate::{ClusterHost, Config, CredentialRole, HostedCluster, IssuerKeys, OwnerPrincipal, Pace, Script, Twin};

pub(crate) const TENANT: &str = "11111111-1111-1111-1111-111111111111";
pub(crate) const SUB: &str = "22222222-2222-2222-2222-222222222222";
pub(crate) const OWNER: &str = "44444444-4444-4444-4444-444444444444";
pub(crate) const OWNER_SECRET: &str = "owner-s3cr3t";
pub(crate) const ISSUER: &str = "https://oidc.windlass.test/mgmt/";

fn key_of(cell: &'static OnceLock<Arc<SigningKey>>, seed: u64) -> Arc<SigningKey> {
    cell.get_or_init(|| Arc::new(SigningKey::generate(&SeededEntropy::new(seed)).expect("a key"))).clone()
}

/// Entra's key.
pub(crate) fn entra_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    key_of(&KEY, 11)
}

/// The key of the cluster whose service accounts are federated.
pub(crate) fn cluster_key() -> Arc<SigningKey> {
    static KEY: OnceLock<Arc<SigningKey>> = OnceLock::new();
    key_of(&KEY, 12)
}

#[derive(Debug)]
struct Issuers;

#[async_trait]
impl IssuerKeys for Issuers {
    async fn keys(&self, issuer: &str) -> Result<Jwks, String> {
        match issuer {
            ISSUER => Ok(Jwks { keys: vec![cluster_key().jwk().clone()] }),
            _ => Err("no such host".into()),
        }
    }
}

/// A host of clusters that writes down what it is told.
#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) told: parking_lot::Mutex<Vec<Vec<HostedCluster>>>,
}

#[async_trait]
impl ClusterHost for Host {
    fn desired(&self, clusters: Vec<HostedCluster>) {
        self.told.lock().push(clusters);
    }

    async fn kubeconfig(&self, cluster: &HostedCluster, role: CredentialRole) -> Result<Redacted<String>, String> {
        Ok(Redacted::new(format!("{role:?} of {}", cluster.fqdn)))
    }
}

impl Host {
    /// One line per time that it was told anything, since the last look.
    pub(crate) fn take(&self) -> String {
        let told = std::mem::take(&mut *self.told.lock());
        let cluster = |cluster: &HostedCluster| {
            let pools: Vec<String> = cluster
                .pools
                .iter()
                .map(|pool| format!("{}:{}x{}@{}", pool.name, pool.count, pool.vm_size, pool.kubernetes_version))
                .collect();
            let name = cluster.id.rsplit('/').next().unwrap_or_default();
            let stopped = if cluster.running { "" } else { " stopped" };
            format!("{name}@{}{stopped} [{}]", cluster.kubernetes_version, pools.join(" "))
        };
        let line = |told: &Vec<HostedCluster>| match told.is_empty() {
            true => "no clusters\n".to_string(),
            false => told.iter().map(cluster).collect::<Vec<_>>().join(", ") + "\n",
        };
        told.iter().map(line).collect()
    }
}

pub(crate) struct Lab {
    pub(crate) twin: Twin,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) space: Arc<dyn Space>,
    pub(crate) faults: Arc<Script>,
    pub(crate) host: Arc<Host>,
    tokens: BTreeMap<(String, &'static str), String>,
    current: String,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let space = Memory::new().space("twin").expect("a space");
        Self::over(space, Arc::new(FixedClock::default()), 1).await
    }

    pub(crate) async fn over(space: Arc<dyn Space>, clock: Arc<FixedClock>, seed: u64) -> Self {
        Self::configured(space, clock, seed, |_| {}).await
    }

    /// A laboratory whose twin is another one than the usual.
    pub(crate) async fn configured(
        space: Arc<dyn Space>,
        clock: Arc<FixedClock>,
        seed: u64,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let faults = Arc::new(Script::default());
        let host = Arc::new(Host::default());
        let mut config = Config {
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(seed)),
            tenant_id: TENANT.into(),
            subscriptions: vec![SUB.into()],
            owner: OwnerPrincipal { client_id: OWNER.into(), secret: Redacted::new(OWNER_SECRET.into()) },
            signing_key: entra_key().into(),
            issuers: Arc::new(Issuers),
            pace: Pace::Fast,
            taken_names: vec!["somebody-elses".into()],
            clusters: host.clone(),
            kubernetes_versions_of: None,
            strangers: crate::Strangers::Refused,
            vcpu_quota: None,
            faults: Some(faults.clone()),
        };
        change(&mut config);
        let twin = Twin::open(space.clone(), config).await.expect("opens");
        Self { twin, clock, space, faults, host, tokens: BTreeMap::new(), current: "owner".into() }
    }

    pub(crate) async fn send(
        &self,
        host: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("https://{host}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.twin.handle(request.body(Bytes::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn token_request(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let path = format!("/{TENANT}/oauth2/v2.0/token");
        let answer = self.send("login.microsoftonline.com", "POST", &path, &[], &body.join("&")).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    /// A service account token of the cluster, with changes.
    pub(crate) fn projected(&self, subject: &str, change: impl FnOnce(&mut Value)) -> String {
        let now = self.clock.now().as_second();
        let mut claims = json!({"iss": ISSUER, "sub": subject, "aud": ["api://AzureADTokenExchange"],
            "iat": now, "nbf": now, "exp": now + 3600});
        change(&mut claims);
        jose::sign(&cluster_key(), &claims).expect("signs")
    }

    async fn token(&mut self, audience: &'static str) -> String {
        let key = (self.current.clone(), audience);
        if let Some(token) = self.tokens.get(&key) {
            return token.clone();
        }
        let scope = format!("{audience}/.default");
        let form_of_owner = [
            ("grant_type", "client_credentials"),
            ("client_id", OWNER),
            ("client_secret", OWNER_SECRET),
            ("scope", &scope),
        ];
        let (status, body) = if self.current == "owner" {
            self.token_request(&form_of_owner).await
        } else {
            let client_id = self.property(&self.current, "clientId");
            let assertion = self.projected(&format!("system:serviceaccount:test:{}", self.current), |_| {});
            self.token_request(&[
                ("grant_type", "client_credentials"),
                ("client_id", &client_id),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", &assertion),
                ("scope", &scope),
            ])
            .await
        };
        assert_eq!(status, 200, "{body}");
        let token = body["access_token"].as_str().expect("a token").to_string();
        self.tokens.insert(key, token.clone());
        token
    }

    /// A property of the managed identity of that name.
    pub(crate) fn property(&self, identity: &str, name: &str) -> String {
        let state = self.twin.inner.state.read();
        let found =
            state.resources("").find(|resource| resource.is(crate::state::IDENTITY) && resource.name == identity);
        found.map(|resource| resource.property_str(name).to_string()).unwrap_or_default()
    }

    /// A managed identity `name` in `rg-ids`, with a federated credential for `as name`.
    pub(crate) async fn identity(&mut self, name: &str) {
        let current = std::mem::replace(&mut self.current, "owner".into());
        let id =
            format!("{{sub}}/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}");
        let script = format!(
            "PUT {{sub}}/resourceGroups/rg-ids?api-version=2020-06-01 {{\"location\": \"westus3\"}}\n\
             PUT {id}?api-version=2023-01-31 {{\"location\": \"westus3\"}}\n\
             PUT {id}/federatedIdentityCredentials/test?api-version=2023-01-31 {{\"properties\": {{\"issuer\": \"{ISSUER}\", \
             \"subject\": \"system:serviceaccount:test:{name}\", \"audiences\": [\"api://AzureADTokenExchange\"]}}}}"
        );
        let said = self.run(&script).await;
        assert!(!said.contains(" 4"), "{said}");
        self.current = current;
    }

    /// Gives the identity a role.
    pub(crate) async fn grant(&mut self, identity: &str, role: &str, scope: &str) {
        let current = std::mem::replace(&mut self.current, "owner".into());
        let role = crate::access::roles::ROLES.iter().find(|known| known.name == role).expect("a role").id;
        let principal = self.property(identity, "principalId");
        let name = api::env::uuid(self.twin.inner.config.entropy.as_ref());
        let body = json!({"properties": {"principalId": principal,
            "roleDefinitionId": format!("/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}")}});
        let script = format!(
            "PUT {scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version=2022-04-01 {body}"
        );
        let said = self.run(&script).await;
        assert!(said.contains("-> 201"), "{said}");
        self.current = current;
    }

    /// Runs a script; ids that Azure makes up are shortened.
    pub(crate) async fn run(&mut self, script: &str) -> String {
        let mut said = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some(who) = line.strip_prefix("as ") {
                self.current = who.to_string();
                said.push_str(&format!("as {who}\n"));
            } else if let Some(millis) = line.strip_prefix("wait ") {
                self.clock.advance(Duration::from_millis(millis.parse().expect("milliseconds")));
                said.push_str(&format!("wait {millis}\n"));
            } else {
                said.push_str(&self.exchange(line).await);
            }
        }
        said
    }

    async fn exchange(&mut self, line: &str) -> String {
        let (host, line) = match line.split_once(": ").filter(|(host, _)| !host.contains([' ', '/'])) {
            Some(("graph", rest)) => ("graph.microsoft.com".to_string(), rest),
            Some((vault, rest)) => (format!("{vault}.vault.azure.net"), rest),
            None => ("management.azure.com".to_string(), line),
        };
        let audience = match host.as_str() {
            "management.azure.com" => "https://management.azure.com/",
            "graph.microsoft.com" => "https://graph.microsoft.com/",
            _ => "https://vault.azure.net",
        };
        let (method, rest) = line.split_once(' ').expect("a method and a path");
        let (path, body) = match rest.find(" {") {
            Some(at) => (&rest[..at], rest[at..].trim()),
            None => (rest, ""),
        };
        let path = path.replace("{sub}", &format!("/subscriptions/{SUB}")).replace(' ', "%20");
        let token = format!("Bearer {}", self.token(audience).await);
        let answer = self.send(&host, method, &path, &[("authorization", &token)], body).await;
        let shown = rest.split('?').next().unwrap_or_default().to_string();
        format!("{method} {shown} -> {}", self.show(&answer))
    }

    /// Status, telling headers, body; with well-known ids by name.
    pub(crate) fn show(&self, answer: &Response<Bytes>) -> String {
        let mut text = answer.status().as_u16().to_string();
        for name in ["location", "azure-asyncoperation", "retry-after", "retry-after-ms", "www-authenticate"] {
            if let Some(value) = answer.headers().get(name) {
                text.push_str(&format!(" [{name}: {}]", value.to_str().unwrap_or_default()));
            }
        }
        if let Ok(mut body) = serde_json::from_slice::<Value>(answer.body()) {
            if let Some(map) = body.as_object_mut() {
                map.remove("systemData");
            }
            text.push_str(&format!(" {body}"));
        }
        text.push('\n');
        shorten(&text.replace(SUB, "SUB").replace(TENANT, "TENANT").replace(OWNER, "OWNER"))
    }
}

/// GUIDs and version ids that are left become `GUID` and `VERSION`.
fn shorten(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        out.push_str(match word {
            word if crate::arm::errors::is_guid(word) => "GUID",
            word if word.len() == 32 && hex(word) => "VERSION",
            word => word,
        });
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Runs a script in a fresh twin.
pub(crate) async fn check(script: &str, expected: expect_test::Expect) {
    let mut lab = Lab::new().await;
    expected.assert_eq(&lab.run(script).await);
}

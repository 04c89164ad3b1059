//! The projected service account token: what a pod would find in its token volume, asked for at the API.

use api::{Redacted, env::SharedClock};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Error};

const AUDIENCE: &str = "api://AzureADTokenExchange";
const LIFETIME_SECS: i64 = 3600;

#[derive(Debug)]
pub(super) struct Identity {
    cluster: Cluster,
    clock: SharedClock,
    namespace: String,
    name: String,
    /// The token and when to ask for the next one.
    current: Mutex<Option<(Redacted<String>, Timestamp)>>,
}

impl Identity {
    pub(super) fn new(cluster: Cluster, clock: SharedClock, (namespace, name): (String, String)) -> Self {
        Self { cluster, clock, namespace, name, current: Mutex::default() }
    }

    /// A token with at least a fifth of its life ahead.
    pub(super) async fn token(&self) -> Result<Redacted<String>, Error> {
        let now = self.clock.now();
        if let Some((token, renew)) = self.current.lock().as_ref()
            && now < *renew
        {
            return Ok(token.clone());
        }
        let path = format!("/api/v1/namespaces/{}/serviceaccounts/{}/token", self.namespace, self.name);
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"audiences": [AUDIENCE], "expirationSeconds": LIFETIME_SECS},
        });
        let answer = self.cluster.send("POST", &path, Some("application/json"), Some(&request)).await?;
        let token = answer.pointer("/status/token").and_then(Value::as_str);
        let token = token.ok_or_else(|| Error::Request("the API answered a TokenRequest without a token".into()))?;
        let token = Redacted::new(token.to_string());
        let renew = now.checked_add(SignedDuration::from_secs(LIFETIME_SECS * 4 / 5)).unwrap_or(Timestamp::MAX);
        *self.current.lock() = Some((token.clone(), renew));
        Ok(token)
    }
}

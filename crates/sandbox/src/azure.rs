//! The twin of Azure without a platform around it: ARM, sign-in, Graph, Key Vault, and the AKS clusters that it hosts. Over the
//! same spaces of a store as [`crate::Platform`], so one data directory serves both, one at a time.

use std::sync::Arc;

use api::{
    Redacted,
    env::{SharedClock, SharedEntropy},
};
use apiserver::Limits;
use store::Store;
use twin::Twin;

use crate::{
    AZURE_SPACE, Azure, Error,
    hosting::{self, Hosting},
    platform::azure_config,
};

#[derive(Clone, Debug)]
pub struct AzureOptions {
    pub store: Arc<dyn Store>,
    pub clock: SharedClock,
    pub entropy: SharedEntropy,
    /// Signs the tokens of Entra ID.
    pub key: Arc<jose::SigningKey>,
    pub azure: Azure,
    /// The tokens and keys of hosted clusters derive from it.
    pub hash_key: Redacted<[u8; 32]>,
    /// Where hosted clusters are reached.
    pub address: hosting::Address,
    pub pace: twin::Pace,
    /// How the clusters' admission webhooks are reached.
    pub webhooks: Option<apiserver::webhook::SharedCaller>,
}

/// A twin that runs alone; its clusters run while [`AzureAlone::run`] is polled.
#[derive(Debug)]
pub struct AzureAlone {
    twin: Twin,
    hosting: Hosting,
}

impl AzureAlone {
    pub async fn start(options: AzureOptions) -> Result<Self, Error> {
        let hosting = Hosting::new(hosting::Config {
            store: options.store.clone(),
            clock: options.clock.clone(),
            entropy: options.entropy.clone(),
            secret: options.hash_key.clone(),
            limits: Limits::default(),
            webhooks: options.webhooks,
            address: Some(options.address.clone()),
        });
        // Tokens of the hosted clusters are the only foreign ones here.
        let issuers = Arc::new(hosting.clone());
        let config = azure_config(&options.azure, (&options.clock, &options.entropy), &options.key, issuers);
        let config = twin::Config { clusters: Arc::new(hosting.clone()), pace: options.pace, ..config };
        let space = options.store.space(AZURE_SPACE)?;
        let twin = Twin::open(space, config).await.map_err(|error| Error::Twin(error.to_string()))?;
        Ok(Self { twin, hosting })
    }

    /// Keeps the hosted clusters. Runs until dropped.
    pub async fn run(&self) {
        self.hosting.run().await;
    }

    pub fn twin(&self) -> &Twin {
        &self.twin
    }

    pub fn hosting(&self) -> &Hosting {
        &self.hosting
    }
}

//! The chart of Sample 1 where its public repository cannot be reached: one of ours of the same name, version and values, which
//! makes the same objects for what the workshop sets. Only `--workshop` asks for it, and whoever gets it is told.

use std::sync::Arc;

use api::files::FileSet;
use async_trait::async_trait;
use source::chart::{Charts as Port, Error, Fetched, FixedCharts, Wanted};

/// The repository that the workshop's text names.
pub const REPOSITORY: &str = "https://mboersma.github.io/cluster-api-charts";
pub const CHART: &str = "azure-aks-aso";
pub const VERSION: &str = "0.4.2";

const FILES: [(&str, &str); 6] = [
    ("Chart.yaml", include_str!("chart/Chart.yaml")),
    ("values.yaml", include_str!("chart/values.yaml")),
    ("templates/_object.tpl", include_str!("chart/templates/_object.tpl")),
    ("templates/cluster.yaml", include_str!("chart/templates/cluster.yaml")),
    ("templates/pools.yaml", include_str!("chart/templates/pools.yaml")),
    ("templates/credentials.yaml", include_str!("chart/templates/credentials.yaml")),
];

/// Our chart's files.
pub fn built_in() -> FileSet {
    let mut files = FileSet::default();
    FILES.iter().for_each(|(name, text)| files.insert(*name, text.as_bytes()));
    files
}

/// Charts of the network, and the built-in one where the workshop's repository does not answer.
#[derive(Clone, Debug)]
pub struct Charts {
    network: Arc<dyn Port>,
    built_in: Arc<FixedCharts>,
}

impl Charts {
    pub fn new(network: Arc<dyn Port>) -> Self {
        let own = FixedCharts::new();
        own.add(REPOSITORY, CHART, VERSION, built_in());
        Self { network, built_in: own }
    }

    /// Whether the built-in chart may stand in: only for this one, and only when there is no answer at all. A repository that
    /// answers and has no such version is believed.
    fn stands_in(wanted: &Wanted, error: &Error) -> bool {
        let repository = wanted.repository.as_deref().unwrap_or_default().trim_end_matches('/');
        let silent = match error {
            Error::Unreachable { .. } | Error::TimedOut { .. } | Error::NoRepository { .. } | Error::Denied { .. } => {
                true
            }
            Error::Refused { code, .. } => *code >= 500,
            _ => false,
        };
        silent && repository == REPOSITORY && wanted.chart == CHART
    }
}

#[async_trait]
impl Port for Charts {
    async fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error> {
        let error = match self.network.fetch(wanted).await {
            Err(error) if Self::stands_in(wanted, &error) => error,
            answer => return answer,
        };
        let found = self.built_in.fetch(wanted).await?;
        let why = format!(
            "chart {CHART} of {REPOSITORY} is replaced by the built-in chart of the same name and version {VERSION}: {error}"
        );
        Ok(Fetched { substituted: Some(why), ..found })
    }

    async fn versions(&self, wanted: &Wanted) -> Result<Vec<String>, Error> {
        match self.network.versions(wanted).await {
            Err(error) if Self::stands_in(wanted, &error) => self.built_in.versions(wanted).await,
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests;

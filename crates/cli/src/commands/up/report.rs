//! What exists at the end: the table, or the documented JSON.

use sandbox::Platform;
use serde::Serialize;
use serde_json::Value;

use super::{
    super::cluster::{self, View},
    follow::Application,
};
use crate::{error::Error, output};

#[derive(Debug, Serialize)]
pub(super) struct Report {
    applications: Vec<Application>,
    azure: Vec<Resource>,
    clusters: Vec<View>,
    seconds: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    id: String,
    r#type: String,
    /// Null where the type has none.
    provisioning_state: Option<String>,
}

impl Report {
    pub(super) async fn of(
        platform: &Platform,
        applications: Vec<Application>,
        elapsed: std::time::Duration,
    ) -> Result<Self, Error> {
        let resources = platform.twin().resources().into_iter();
        let azure = resources.map(|resource| Resource {
            id: resource.id,
            r#type: resource.kind,
            provisioning_state: resource.provisioning_state,
        });
        // Two decimals are what a person compares.
        let seconds = (elapsed.as_secs_f64() * 100.0).round() / 100.0;
        let clusters = cluster::views(&platform.admin(), "").await?;
        Ok(Self { applications, azure: azure.collect(), clusters, seconds })
    }

    pub(super) fn table(&self) -> String {
        let cell = |text: &str| text.to_string();
        let applications: Vec<Vec<String>> =
            self.applications.iter().map(|app| vec![cell(&app.name), cell(&app.sync), cell(&app.health)]).collect();
        let azure: Vec<Vec<String>> = self
            .azure
            .iter()
            .map(|resource| {
                vec![
                    cell(&resource.r#type),
                    cell(resource.provisioning_state.as_deref().unwrap_or("-")),
                    cell(&resource.id),
                ]
            })
            .collect();
        let clusters = match self.clusters.as_slice() {
            [] => String::new(),
            clusters => format!("{}\n\n", cluster::table(clusters)),
        };
        format!(
            "{}\n\n{clusters}{}\n\n{} Application{} and {} Azure resources in {} s",
            output::table(&["APPLICATION", "SYNC STATUS", "HEALTH STATUS"], &applications),
            output::table(&["TYPE", "STATE", "ID"], &azure),
            self.applications.len(),
            if self.applications.len() == 1 { "" } else { "s" },
            self.azure.len(),
            self.seconds
        )
    }
}

/// The application's own words out of its status.
pub(super) fn application(object: &Value) -> Application {
    let text = |at: &str| {
        object.pointer(at).and_then(Value::as_str).filter(|text| !text.is_empty()).unwrap_or("Unknown").to_string()
    };
    Application {
        name: text("/metadata/name"),
        sync: text("/status/sync/status"),
        health: text("/status/health/status"),
    }
}

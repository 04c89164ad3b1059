//! `windlass version`: what this is and which upstream versions it follows.

use serde::Serialize;

use crate::{error::Error, exit::Exit, output};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    windlass: &'static str,
    /// The version that the embedded API follows.
    kubernetes: &'static str,
    argo_cd: &'static str,
    azure_service_operator: &'static str,
}

const VERSION: Version = Version {
    windlass: env!("CARGO_PKG_VERSION"),
    kubernetes: "v1.33",
    argo_cd: "v3.5",
    azure_service_operator: "v2.21",
};

pub(super) fn run(format: output::Format) -> Result<Exit, Error> {
    if !output::structured(format, &VERSION)? {
        output::data(&format!("windlass {}", VERSION.windlass));
        output::data(&format!(
            "follows Kubernetes {}, Argo CD {}, Azure Service Operator {}",
            VERSION.kubernetes, VERSION.argo_cd, VERSION.azure_service_operator
        ));
    }
    Ok(Exit::Ok)
}

//! Finding the programs.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A real client. Looked for in the directory that `WINDLASS_E2E_TOOLS` names (another version of it), in `.tools/bin` (where `.ci/tools`
/// puts it), then on PATH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Kubectl,
    Git,
    Helm,
    /// Helm 3.17, under a name of its own.
    Helm3,
    /// The Azure CLI.
    Az,
    /// The charts of the workshop: not ours, so not in this repository.
    WorkshopCharts,
    /// The templates of Cluster API's Azure provider: not ours either.
    CapzTemplates,
    /// Argo CD's manifests, as the workshop installs them.
    ArgoInstall,
    /// The workshop's text: not ours.
    WorkshopText,
}

impl Tool {
    pub fn name(self) -> &'static str {
        match self {
            Self::Kubectl => "kubectl",
            Self::Git => "git",
            Self::Helm => "helm",
            Self::Helm3 => "helm3",
            Self::Az => "az",
            Self::WorkshopCharts => "../shared/workshop/inputs/charts",
            Self::CapzTemplates => "../shared/workshop/inputs/capz-templates",
            Self::WorkshopText => "../shared/workshop/workshop.md",
            Self::ArgoInstall => "../shared/workshop/inputs/argo-cd-v3.5.1-install.yaml",
        }
    }

    /// Charts, manifests and texts that are not ours: they lie beside the checkout, or they do not.
    pub fn is_input(self) -> bool {
        matches!(self, Self::WorkshopCharts | Self::CapzTemplates | Self::ArgoInstall | Self::WorkshopText)
    }

    /// Where it is; of what is not a program, its place beside the checkout.
    pub fn find(self) -> Option<PathBuf> {
        if self.is_input() {
            return Some(root().join(self.name())).filter(|place| place.exists());
        }
        let chosen = std::env::var_os("WINDLASS_E2E_TOOLS").map(PathBuf::from);
        let places = chosen.into_iter().chain([root().join(".tools/bin")]);
        if let Some(installed) = places.map(|place| place.join(self.name())).find(|program| program.is_file()) {
            return Some(installed);
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|directory| directory.join(self.name())).find(|candidate| candidate.is_file())
    }
}

/// Continuous integration sets this: there a missing tool must not look like a pass.
pub fn missing_is_failure() -> bool {
    std::env::var_os("WINDLASS_E2E_REQUIRE_TOOLS").is_some()
}

/// A number that the environment sets for this run.
///
/// # Panics
/// When it is no number.
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// Says which binary is tested: cargo tells the test of the package that has it.
pub fn use_binary(path: &str) {
    let _ = BINARY.set(PathBuf::from(path));
}

/// The one that cargo built, or that the environment names in `WINDLASS_E2E_BINARY`.
///
/// # Panics
/// When nobody has said which.
pub fn binary() -> &'static Path {
    static CHOSEN: OnceLock<PathBuf> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let named = std::env::var_os("WINDLASS_E2E_BINARY").map(PathBuf::from);
        named.unwrap_or_else(|| BINARY.get().expect("use_binary is called first").clone())
    })
}

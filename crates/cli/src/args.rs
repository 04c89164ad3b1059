//! Arguments. Help texts start with what a person gets; examples come first in the long help.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::{exit::Exit, output::Format};

/// Git in; AKS clusters and Azure resources out. One binary, no cluster and no subscription needed to try it.
#[derive(Debug, Parser)]
#[command(name = "windlass", version, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = "Examples:
  windlass up --workshop --once     run the workshop end to end against the built-in twin of Azure
  windlass plan .                   what would the change in this repository do, down to each Azure request?
  windlass why vault/app-keyvault -n rg-dev-app
  windlass render ./chart -f values.yaml

Exit codes: 0 ok, 1 failure, 2 usage, 3 wait timed out, 4 authentication;
plan --detailed-exitcode: 0 no changes, 1 error, 2 changes.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log more, on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the platform: the Kubernetes API, the controllers and the twin of Azure in this process
    Up(Up),
    /// Show what a change in Git will do, down to every Azure request, before anything happens
    Plan(Plan),
    /// Find the lowest cause of anything that is not ready
    Why(Why),
    /// Run the twin of Azure alone, look into it, and at the resource types it knows
    #[command(subcommand)]
    Azure(Azure),
    /// Print a completion script for a shell
    Completion {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version {
        #[arg(short, long, value_enum, default_value = "table")]
        output: Format,
    },
    /// Check a repository, an identity or a cluster (not built yet)
    Doctor(NotBuilt),
    /// Render a Helm chart, byte for byte as `helm template` does
    Render(Box<Render>),
    /// Work with Applications (not built yet: use kubectl)
    App(NotBuilt),
    /// List clusters, look at one, and reach it
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Import existing Azure resources (not built yet)
    Import(NotBuilt),
    /// Run the controllers against a cluster of yours (not built yet)
    Controllers(NotBuilt),
}

#[derive(Debug, Args)]
pub(crate) struct NotBuilt {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  windlass up --workshop            prepare the workshop, follow it, keep running
  windlass up --workshop --once     the same, then exit 0 when everything is Synced and Healthy
  export KUBECONFIG=~/.local/state/windlass/kubeconfig; kubectl get applications -A")]
pub(crate) struct Up {
    /// Where everything is kept [default: $XDG_STATE_HOME/windlass]
    #[arg(long, env = "WINDLASS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address of the Kubernetes API and of the twin of Azure; port 0 takes any free one [default: 127.0.0.1:6440, or any free port with --once]
    #[arg(long)]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Prepare and follow the workshop "Platform Engineering on AKS": its identity, namespace, repository and Application
    #[arg(long)]
    pub(crate) workshop: bool,
    /// Exit when every Application is Synced and Healthy
    #[arg(long)]
    pub(crate) once: bool,
    /// DIR/HOST/PATH answers for https://HOST/PATH of chart repositories where DIR/HOST is there
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror: Option<PathBuf>,
    /// Bytes that all annotations of one object may have; more than Kubernetes' 262144 is taken with a warning
    #[arg(long, value_name = "BYTES", default_value = "1048576")]
    pub(crate) annotations_limit: usize,
    /// How long --once waits
    #[arg(long, default_value = "5m", value_parser = duration)]
    pub(crate) timeout: std::time::Duration,
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  windlass plan .                                  the uncommitted change against HEAD
  windlass plan . --base origin/main --head HEAD   what a pull request would do
  windlass plan . --against ~/.local/state/windlass --detailed-exitcode")]
pub(crate) struct Plan {
    /// A directory or the URL of a Git repository
    pub(crate) source: String,
    /// The state to start from: a revision [default: HEAD when the working tree differs from it, else nothing]
    #[arg(long)]
    pub(crate) base: Option<String>,
    /// The state to end at: a revision [default: the working tree, or HEAD of a URL]
    #[arg(long)]
    pub(crate) head: Option<String>,
    /// What the platform holds before: `empty`, or the data directory of a `windlass up`
    #[arg(long, default_value = "empty")]
    pub(crate) against: String,
    /// The built-in chart of Sample 1 stands in where its repository cannot be reached, as in `up --workshop`
    #[arg(long)]
    pub(crate) workshop: bool,
    /// DIR/HOST/PATH answers for https://HOST/PATH of chart repositories where DIR/HOST is there
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror: Option<PathBuf>,
    /// Exit 0 without changes, 1 on errors, 2 with changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) output: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  windlass why application/app-project-env-recursive -n argocd
  windlass why vault/app-keyvault -n rg-dev-app -o json")]
pub(crate) struct Why {
    /// KIND/NAME; the kind as kubectl takes it
    pub(crate) object: String,
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,
    #[command(flatten)]
    pub(crate) api: Api,
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) output: Format,
}

/// Which Kubernetes API is asked.
#[derive(Debug, Args)]
pub(crate) struct Api {
    /// [default: the kubeconfig of the data directory]
    #[arg(long)]
    pub(crate) kubeconfig: Option<PathBuf>,
    #[arg(long, env = "WINDLASS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClusterCommand {
    /// List the clusters, with what is ready of them
    List {
        /// [default: all namespaces]
        #[arg(short, long)]
        namespace: Option<String>,
        #[command(flatten)]
        api: Api,
        #[arg(short, long, value_enum, default_value = "table")]
        output: Format,
    },
    /// Show one cluster and its pools; exit code 1 while it is not ready
    Get {
        name: String,
        #[arg(short, long, default_value = "default")]
        namespace: String,
        #[command(flatten)]
        api: Api,
        #[arg(short, long, value_enum, default_value = "table")]
        output: Format,
    },
    /// Print the kubeconfig that reaches the cluster
    Kubeconfig {
        name: String,
        #[arg(short, long, default_value = "default")]
        namespace: String,
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Azure {
    /// Run the twin of Azure alone, for az, SDKs and tests: ARM, sign-in, Graph, Key Vault and its AKS clusters on one port
    Twin(Twin),
    /// List what exists in the twin of a data directory that nobody uses
    Resources {
        #[arg(long, env = "WINDLASS_DATA_DIR")]
        data_dir: Option<PathBuf>,
        #[arg(short, long, value_enum, default_value = "table")]
        output: Format,
    },
    /// List the Azure resource types that are known, and how faithful the twin is to each
    Types {
        #[arg(short, long, value_enum, default_value = "table")]
        output: Format,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  windlass azure twin &
  source ~/.local/state/windlass/azure.env
  az login --service-principal -u \"$TWIN_CLIENT_ID\" -p \"$TWIN_CLIENT_SECRET\" --tenant \"$TWIN_TENANT_ID\"
  az group create --name rg --location westeurope

The same port is the proxy that brings Azure's hosts here; azure.env says so to the shell.")]
pub(crate) struct Twin {
    /// Where everything is kept [default: $XDG_STATE_HOME/windlass]
    #[arg(long, env = "WINDLASS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address of the port; port 0 takes any free one [default: 127.0.0.1:6440]
    #[arg(long)]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// How long operations take: some milliseconds, or about as long as in Azure
    #[arg(long, value_enum, default_value = "fast")]
    pub(crate) clock: Pace,
    /// Failures on demand (not built yet)
    #[arg(long, value_name = "SPEC", hide = true)]
    pub(crate) faults: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Pace {
    Fast,
    Real,
}

/// The flags are those of `helm template`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  windlass render my-release ./chart -f values.yaml --set replicas=3
  windlass render cert-manager --repo https://charts.jetstack.io --version ^1.15 --include-crds
  windlass render oci://registry.example/charts/app --version 1.2.3 -o json
  windlass render ./chart -f values.yaml --unused     which values does no template read?")]
pub(crate) struct Render {
    /// [NAME] CHART: a directory, an archive, a URL of an archive, oci://HOST/PATH, or a chart's name with --repo
    #[arg(required = true, num_args = 1..=2, value_name = "NAME] [CHART")]
    pub(crate) chart: Vec<String>,
    /// The name of the release [default: release-name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A template that makes the name of the release
    #[arg(long)]
    pub(crate) name_template: Option<String>,
    /// Accepted as helm template accepts it: without NAME the release is called release-name
    #[arg(short, long)]
    pub(crate) generate_name: bool,
    /// The namespace of the release
    #[arg(short, long, default_value = "default", env = "HELM_NAMESPACE", hide_env = true)]
    pub(crate) namespace: String,
    #[command(flatten)]
    pub(crate) values: Values,
    #[command(flatten)]
    pub(crate) shown: Shown,
    #[command(flatten)]
    pub(crate) cluster: Cluster,
    #[command(flatten)]
    pub(crate) from: From,
    #[command(flatten)]
    pub(crate) of_helm: OfHelm,
    /// Render as this major version of helm
    #[arg(long, default_value = "4", value_parser = ["3", "4"])]
    pub(crate) helm_version: String,
    /// List values that no template reads, instead of the manifests
    #[arg(long)]
    pub(crate) unused: bool,
    /// yaml as helm prints it, or json with the objects in one List
    #[arg(short, long, value_enum, default_value = "yaml")]
    pub(crate) output: RenderFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RenderFormat {
    Yaml,
    Json,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Values")]
pub(crate) struct Values {
    /// A file of values, or `-` for stdin; of several, the last wins
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// key1=value1,key2=value2
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// As --set; every value is text
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set_string: Vec<String>,
    /// As --set; every value is the name of a file with the value
    #[arg(long, value_name = "KEY=FILE")]
    pub(crate) set_file: Vec<String>,
    /// As --set; every value is JSON. Or one object of all values
    #[arg(long, value_name = "KEY=JSON")]
    pub(crate) set_json: Vec<String>,
    /// One key and its text, in which nothing has a meaning
    #[arg(long, value_name = "KEY=TEXT")]
    pub(crate) set_literal: Vec<String>,
    /// Do not check the values with the chart's JSON schema
    #[arg(long)]
    pub(crate) skip_schema_validation: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is shown")]
pub(crate) struct Shown {
    /// The chart's custom resource definitions too
    #[arg(long)]
    pub(crate) include_crds: bool,
    /// Accepted, as `helm template` does; it is about installing, and shows what --include-crds says
    #[arg(long)]
    pub(crate) skip_crds: bool,
    /// No tests
    #[arg(long)]
    pub(crate) skip_tests: bool,
    /// No hooks
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Only what these templates make
    #[arg(short, long, value_name = "TEMPLATE")]
    pub(crate) show_only: Vec<String>,
    /// Write a file for each template below this directory, instead of stdout
    #[arg(long, value_name = "DIR")]
    pub(crate) output_dir: Option<PathBuf>,
    /// With --output-dir: into a directory of the release's name
    #[arg(long)]
    pub(crate) release_name: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Release and cluster")]
pub(crate) struct Cluster {
    /// .Release.IsUpgrade instead of .Release.IsInstall
    #[arg(long)]
    pub(crate) is_upgrade: bool,
    /// The version of Kubernetes that the chart sees [default: helm's own]
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// API versions that the chart sees beside Kubernetes' own
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',')]
    pub(crate) api_versions: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where the chart comes from")]
pub(crate) struct From {
    /// The URL of the chart's repository
    #[arg(long, value_name = "URL")]
    pub(crate) repo: Option<String>,
    /// A version or a range of versions [default: the newest]
    #[arg(long)]
    pub(crate) version: Option<String>,
    /// Pre-releases too: as --version '>0.0.0-0'
    #[arg(long)]
    pub(crate) devel: bool,
    /// For the repository or the registry
    #[arg(long, env = "WINDLASS_CHART_USERNAME")]
    pub(crate) username: Option<String>,
    #[arg(long, env = "WINDLASS_CHART_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    /// Credentials also go to other hosts that the repository names
    #[arg(long)]
    pub(crate) pass_credentials: bool,
    /// Trust these certificates (PEM) instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Show this certificate (PEM) to the repository or the registry
    #[arg(long, value_name = "FILE", requires = "key_file")]
    pub(crate) cert_file: Option<PathBuf>,
    /// The key (PEM) of --cert-file
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    pub(crate) key_file: Option<PathBuf>,
    /// Speak plain http to a registry
    #[arg(long)]
    pub(crate) plain_http: bool,
    /// DIR/HOST/PATH answers for https://HOST/PATH where DIR/HOST is there
    #[arg(long, value_name = "DIR")]
    pub(crate) mirror: Option<PathBuf>,
    /// Refused: dependencies are expected in charts/
    #[arg(long, hide = true)]
    pub(crate) dependency_update: bool,
    /// Refused: no program is run
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(crate) post_renderer: Option<String>,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    pub(crate) post_renderer_args: Vec<String>,
    /// Refused: provenance is not checked
    #[arg(long, hide = true)]
    pub(crate) verify: bool,
}

/// Flags of `helm template` that say nothing about what is printed, or that are refused by name.
#[derive(Debug, Args)]
pub(crate) struct OfHelm {
    /// `client` is what a render is; `server` is refused
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "client")]
    pub(crate) dry_run: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) validate: bool,
    #[arg(long, hide = true)]
    pub(crate) enable_dns: bool,
    #[arg(long, hide = true)]
    pub(crate) insecure_skip_tls_verify: bool,
    #[arg(long, hide = true)]
    pub(crate) registry_config: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) repository_config: Option<String>,
    #[arg(long, hide = true)]
    pub(crate) debug: bool,
    /// About installing: `helm template` takes them and does nothing with them
    #[arg(long = "create-namespace", aliases = ["atomic", "disable-openapi-validation", "force", "force-conflicts", "force-replace",
        "hide-notes", "render-subchart-notes", "replace", "rollback-on-failure", "take-ownership", "wait-for-jobs",
        "kube-insecure-skip-tls-verify"], hide = true, action = clap::ArgAction::Count)]
    _install: u8,
    #[arg(long = "description", aliases = ["labels", "timeout", "keyring", "burst-limit", "qps", "kube-apiserver", "kube-as-group",
        "kube-as-user", "kube-ca-file", "kube-context", "kube-tls-server-name", "kube-token", "kubeconfig", "repository-cache",
        "content-cache", "color", "colour"], hide = true, action = clap::ArgAction::Append)]
    _install_value: Vec<String>,
    #[arg(short = 'l', hide = true, action = clap::ArgAction::Append)]
    _labels: Vec<String>,
    #[arg(long = "wait", alias = "server-side", hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = clap::ArgAction::Append)]
    _wait: Vec<String>,
}

/// `90s`, `5m`, `1h`, or plain seconds.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no duration: 90s, 5m and 1h are"))?;
    let secs = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("`{unit}` is no unit of time: s, m and h are")),
    };
    Ok(std::time::Duration::from_secs(number.saturating_mul(secs)))
}

/// Help and version print themselves and are success; everything else that cannot be parsed is a usage error.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Arguments, Exit> {
    Arguments::try_parse_from(arguments).map_err(|error| {
        let _ = error.print();
        if error.use_stderr() { Exit::Usage } else { Exit::Ok }
    })
}

pub(crate) fn command() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn the_definition_is_sound() {
        super::command().debug_assert();
    }

    #[test]
    fn durations() {
        assert_eq!(super::duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(super::duration("90"), Ok(Duration::from_secs(90)));
        assert!(super::duration("5 fortnights").is_err());
    }
}

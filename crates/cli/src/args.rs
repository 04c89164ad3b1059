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
    /// Look into the twin of Azure and at the resource types it knows
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
    /// Render a Helm chart (not built yet)
    Render(NotBuilt),
    /// Work with Applications (not built yet: use kubectl)
    App(NotBuilt),
    /// Work with clusters (not built yet)
    Cluster(NotBuilt),
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
    /// Address of the Kubernetes API; port 0 takes any free one [default: 127.0.0.1:6440, or any free port with --once]
    #[arg(long)]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Prepare and follow the workshop "Platform Engineering on AKS": its identity, namespace, repository and Application
    #[arg(long)]
    pub(crate) workshop: bool,
    /// Exit when every Application is Synced and Healthy
    #[arg(long)]
    pub(crate) once: bool,
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
    /// [default: the kubeconfig of the data directory]
    #[arg(long)]
    pub(crate) kubeconfig: Option<PathBuf>,
    #[arg(long, env = "WINDLASS_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[arg(short, long, value_enum, default_value = "table")]
    pub(crate) output: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Azure {
    /// List what exists in the twin of a data directory
    Twin {
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

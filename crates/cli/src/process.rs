//! What only a process can do: the real clock, real randomness, logging, signals, well-known directories.

use std::path::{Path, PathBuf};

use api::env::{Clock, Entropy};
use jiff::Timestamp;
use tracing_subscriber::EnvFilter;

use crate::error::{Context, Error};

/// The system's clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the edge: this is the clock that everybody else is given")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The system's randomness.
#[derive(Debug)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system has no randomness: going on with predictable keys would be worse.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// Logging to stderr, and the one crypto provider, said explicitly so that a second one in the tree is an error.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        _ => "debug,hyper=info,h2=info,rustls=info,tower=info",
    };
    let filter = EnvFilter::try_from_env("WINDLASS_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // As everything else on stderr: colours only for a terminal, and not with NO_COLOR.
    let colours = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).try_init();
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The data directory: the argument, or `$XDG_STATE_HOME/windlass`, or `~/.local/state/windlass`.
pub(crate) fn data_dir(argument: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(path) = argument {
        // A local repository's address must be absolute, and the kubeconfig is used from other directories.
        return std::path::absolute(path).context(format!("{} is no path of a data directory", path.display()));
    }
    let state = variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")));
    let state = state.ok_or_else(|| {
        Error::usage("neither XDG_STATE_HOME nor HOME is set").hint("name the place with --data-dir DIR")
    })?;
    Ok(state.join("windlass"))
}

/// Where what can be fetched again is kept.
pub(crate) fn cache_dir() -> Option<PathBuf> {
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("windlass"))
}

/// The proxy of the environment, and what is reached without it.
pub(crate) fn proxy() -> (Option<String>, Vec<String>) {
    let text = |names: [&str; 2]| {
        let found = names.into_iter().find_map(variable)?;
        found.into_os_string().into_string().ok()
    };
    let proxy = text(["HTTPS_PROXY", "https_proxy"])
        .map(|proxy| if proxy.contains("://") { proxy } else { format!("http://{proxy}") });
    let no_proxy = text(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    (proxy, no_proxy.split(',').map(|entry| entry.trim().to_owned()).collect())
}

#[expect(clippy::disallowed_methods, reason = "the edge reads the environment so that nobody else has to")]
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Resolves when the process is asked to stop.
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        biased;
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

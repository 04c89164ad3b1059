//! What git's words mean: the one place that reads its stderr.

use crate::{Error, process::Failure};

const DENIED: &[&str] = &[
    "authentication failed",
    "could not read username",
    "could not read password",
    "terminal prompts disabled",
    "permission denied",
    "requested url returned error: 401",
    "requested url returned error: 403",
    "dubious ownership",
    "access denied",
];

const UNREACHABLE: &[&str] = &[
    "could not resolve host",
    "could not resolve proxy",
    "failed to connect",
    "couldn't connect",
    "could not connect",
    "connection refused",
    "connection reset",
    "connection timed out",
    "operation timed out",
    "operation too slow",
    "network is unreachable",
    "ssl",
    "certificate",
    "does not appear to be a git repository",
    "not found",
    "does not exist",
    "requested url returned error",
    "unable to access",
    "remote end hung up",
    "early eof",
    "could not read from remote repository",
];

const REVISION_MISSING: &[&str] = &[
    "couldn't find remote ref",
    "not our ref",
    "bad object",
    "unadvertised object",
    "unknown revision",
    "not a valid object name",
    "needed a single revision",
];

/// `url` as it may be shown; `revision` is what was asked for.
pub(crate) fn classify(url: &str, revision: &str, failure: Failure) -> Error {
    let url = url.to_owned();
    match failure {
        Failure::NotStarted(message) => Error::Git { url, message },
        Failure::TimedOut(wall) => {
            Error::Unreachable { url, message: format!("git took longer than {} s", wall.as_secs()) }
        }
        Failure::TooMuch(limit) => Error::TooLarge { url, what: "output of git".into(), limit },
        Failure::Refused(stderr) => {
            let words = stderr.to_lowercase();
            let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
            let message = summary(&stderr);
            if says(REVISION_MISSING) {
                Error::RevisionMissing { url, revision: revision.to_owned() }
            } else if says(DENIED) {
                Error::Denied { url, message }
            } else if says(UNREACHABLE) {
                Error::Unreachable { url, message }
            } else {
                Error::Git { url, message }
            }
        }
    }
}

pub(crate) fn is_unadvertised(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(stderr) if stderr.contains("unadvertised object"))
}

/// The line that says why, without git's prefixes. Git prints hints and advice around it.
fn summary(stderr: &str) -> String {
    let line = ["fatal: ", "ERROR: ", "error: ", "remote: "]
        .iter()
        .find_map(|prefix| stderr.lines().find_map(|line| line.trim().strip_prefix(prefix)))
        .or_else(|| stderr.lines().next())
        .unwrap_or("no reason given");
    line.trim().to_owned()
}

//! How the process ends. Scripts depend on these numbers: they are documented in docs/reference/cli.md and never change.

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Ok,
    /// The command failed; of a diff-like command: there are differences.
    Failure,
    /// The arguments are wrong; of `plan --detailed-exitcode`: there are changes.
    Usage,
    /// A wait ran out of time.
    TimedOut,
    /// Authentication failed.
    Authentication,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::TimedOut => 3,
            Self::Authentication => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

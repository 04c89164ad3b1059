//! End-to-end tests: the built binary, driven by real clients. A test whose client is missing is ignored by name; with
//! WINDLASS_E2E_REQUIRE_TOOLS set (in continuous integration) it fails instead.

mod argo;
mod az;
mod charts;
mod cli;
mod clusters;
mod helm;
mod kill;
mod kubectl;
mod render;
mod workloads;
mod workshop;

use std::process::ExitCode;

use e2e::{Tool, missing_is_failure, use_binary};
use libtest_mimic::{Arguments, Failed, Trial};

/// A test, and the clients it cannot do without.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) needs: &'static [Tool],
    pub(crate) run: fn(),
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    use_binary(env!("CARGO_BIN_EXE_windlass"));
    let cases = [
        argo::CASES,
        az::CASES,
        charts::CASES,
        cli::CASES,
        clusters::CASES,
        helm::CASES,
        kubectl::CASES,
        render::CASES,
        workloads::CASES,
        workshop::CASES,
        kill::CASES,
    ]
    .into_iter()
    .flatten();
    let conclusion = libtest_mimic::run(&arguments, cases.map(trial).collect());
    kubectl::stop();
    conclusion.exit_code()
}

fn trial(case: &'static Case) -> Trial {
    let missing: Vec<&str> = case.needs.iter().filter(|tool| tool.find().is_none()).map(|tool| tool.name()).collect();
    let fail = missing_is_failure();
    let absent = case.needs.iter().any(|tool| tool.is_input() && tool.find().is_none());
    let ignored = absent || (!missing.is_empty() && !fail);
    let run = move || {
        if missing.is_empty() {
            (case.run)();
            return Ok(());
        }
        Err(Failed::from(format!("missing: {}; run .ci/tools", missing.join(", "))))
    };
    Trial::test(case.name, run).with_ignored_flag(ignored)
}

//! `windlass completion SHELL`: the script that a shell loads.

use crate::{args, error::Error, exit::Exit, output};

pub(super) fn run(shell: clap_complete::Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "windlass", &mut script);
    output::data(String::from_utf8_lossy(&script).trim_end());
    Ok(Exit::Ok)
}

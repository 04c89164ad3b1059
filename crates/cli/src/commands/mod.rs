//! One file per command.

mod api;
mod azure;
mod charts;
mod cluster;
mod completion;
mod plan;
mod render;
mod up;
mod version;
mod why;

use crate::{
    args::{Arguments, Command},
    error::Error,
    exit::Exit,
};

pub(crate) fn run(arguments: Arguments) -> Result<Exit, Error> {
    match arguments.command {
        Command::Up(up) => up::run(&up),
        Command::Plan(plan) => plan::run(&plan),
        Command::Why(why) => why::run(&why),
        Command::Azure(azure) => azure::run(&azure),
        Command::Completion { shell } => completion::run(shell),
        Command::Version { output } => version::run(output),
        Command::Doctor(_) => Err(not_built("doctor")),
        Command::Render(render) => render::run(&render),
        Command::App(_) => Err(not_built("app")),
        Command::Cluster(command) => cluster::run(&command),
        Command::Import(_) => Err(not_built("import")),
        Command::Controllers(_) => Err(not_built("controllers")),
    }
}

/// A part of the published command line that is still to come: refused by name, never half done.
fn not_built(command: &str) -> Error {
    Error::usage(format!("`windlass {command}` is not built yet"))
        .hint("COMPATIBILITY.md says what works today; `windlass --help` lists the commands")
}

/// A runtime with real time for commands that serve or wait.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Error::new("no runtime").caused_by(error))
}

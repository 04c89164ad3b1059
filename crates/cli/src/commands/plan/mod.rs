//! `windlass plan`: reads the two states of the repository, runs the sandbox, prints the difference.

mod read;
mod render;

use std::sync::Arc;

use api::env::Clock;
use sandbox::plan::Inputs;

use crate::{args, error::Error, exit::Exit, output, process::SystemClock};

pub(super) fn run(arguments: &args::Plan) -> Result<Exit, Error> {
    let runtime = super::runtime()?;
    let states = runtime.block_on(read::states(arguments))?;
    let (against, keys) = read::against(&arguments.against)?;
    let inputs = Inputs {
        base: states.base,
        base_label: states.base_label,
        head: states.head,
        head_label: states.head_label,
        remotes: states.remotes,
        against,
        outside: Arc::new(read::outside()?),
        charts: super::charts::all(&read::cache()?, arguments.mirror.clone(), arguments.workshop),
        keys,
        now: SystemClock.now(),
        // As `up --workshop`: the text is of a day on which AKS offered its version.
        kubernetes_versions_of: arguments.workshop.then_some(sandbox::workshop::DATE),
    };
    let plan = sandbox::plan::run(inputs).map_err(|error| Error::new("the plan could not be made").caused_by(error))?;
    if !output::structured(arguments.output, &plan)? {
        output::data(render::table(&plan).trim_end());
    }
    Ok(match (arguments.detailed_exitcode, plan.has_errors(), plan.has_changes()) {
        (true, true, _) => Exit::Failure,
        // The published code of "there are changes" is 2.
        (true, false, true) => Exit::Usage,
        _ => Exit::Ok,
    })
}

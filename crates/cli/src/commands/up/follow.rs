//! Following Applications until all are Synced and Healthy: one line per change, on stderr, for a person.

use std::time::Duration;

use api::names::{GroupVersionKind, ObjectRef};
use controllers::cluster::Cluster;
use sandbox::Platform;
use serde::Serialize;
use tokio::time::Instant;

use super::report;
use crate::{
    error::{Context, Error},
    exit::Exit,
    output,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Application {
    pub(super) name: String,
    pub(super) sync: String,
    pub(super) health: String,
}

impl Application {
    fn is_done(&self) -> bool {
        self.sync == "Synced" && self.health == "Healthy"
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until every Application (at least one) is Synced and Healthy; `None` when the time is over.
pub(super) async fn until_healthy(platform: &Platform, limit: Duration) -> Result<Option<Vec<Application>>, Error> {
    let cluster = platform.admin();
    let deadline = Instant::now() + limit;
    let mut shown = Vec::new();
    loop {
        let applications = list(&cluster).await?;
        if applications != shown {
            if output::watched() {
                applications.iter().filter(|application| !shown.contains(application)).for_each(progress);
            }
            shown = applications;
        }
        if !shown.is_empty() && shown.iter().all(Application::is_done) {
            return Ok(Some(shown));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn progress(application: &Application) {
    output::note(&format!("application {}: {}, {}", application.name, application.sync, application.health));
}

pub(super) async fn list(cluster: &Cluster) -> Result<Vec<Application>, Error> {
    let list = cluster.list(&kind(), "").await.context("Applications cannot be listed")?;
    Ok(list.iter().map(report::application).collect())
}

fn kind() -> GroupVersionKind {
    GroupVersionKind::new(api::argoproj::GROUP, api::argoproj::VERSION, "Application")
}

/// The chain of every Application that is not done, as the error of `--once`.
pub(super) async fn explain(platform: &Platform, limit: Duration) -> Result<Error, Error> {
    let cluster = platform.admin();
    let mut error = Error::new(format!("not every Application is Synced and Healthy after {} s", limit.as_secs()));
    let applications = cluster.list(&kind(), "").await.context("Applications cannot be listed")?;
    if applications.is_empty() {
        return Ok(Error::new(format!("there is no Application after {} s", limit.as_secs()))
            .with_exit(Exit::TimedOut)
            .hint("--workshop prepares one; `kubectl apply` adds yours"));
    }
    // Work that only needs longer is a wait that timed out; everything else is a failure with a cause.
    if applications
        .iter()
        .all(|object| matches!(report::application(object).health.as_str(), "Healthy" | "Progressing"))
    {
        error = error.with_exit(Exit::TimedOut);
    }
    for object in applications {
        let Some(target) = ObjectRef::of(&object) else { continue };
        let chain = controllers::why::why(&cluster, &target).await.context("the cause cannot be found")?;
        if !chain.healthy {
            for cause in &chain.causes {
                error = error.because(format!("{}: {} {}", cause.subject, cause.says, cause.message));
            }
            error = error.hint(chain.next_step);
        }
    }
    Ok(error)
}

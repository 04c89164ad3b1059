//! Charts for decide: their versions, their files, what the destination serves, and what they make.
//!
//! A chart of one version is fetched once and then remembered, as upstream keeps it, until a hard refresh. One that stands in for
//! another is asked for again at every poll.

use std::sync::Arc;

use api::{ObjectExt, argoproj::REFRESH_ANNOTATION};
use chart::files::FileSet;
use gitops::{
    Capabilities, ChartFiles, ChartKey, Env, Observed, SourceFailure, SourceFailureKind,
    helm::{Rendered, Renderer, Request},
};
use source::chart::{Content, Error, Fetched, Wanted};

use super::Context;
use crate::cluster;

pub(super) fn is_hard(observed: &Observed) -> bool {
    observed.application.annotation(REFRESH_ANNOTATION) == Some("hard")
}

/// The chart in the words of helm's command line.
fn wanted(repository: &str, chart: &str) -> Wanted {
    let registry = repository.strip_prefix("oci://").or((!repository.contains("://")).then_some(repository));
    match registry {
        Some(registry) => {
            Wanted { chart: format!("oci://{}/{chart}", registry.trim_end_matches('/')), ..Wanted::default() }
        }
        None => Wanted { chart: chart.to_string(), repository: Some(repository.to_string()), ..Wanted::default() },
    }
}

pub(super) async fn versions(context: &Context, repository: &str, chart: &str) -> Result<Vec<String>, SourceFailure> {
    context.charts.versions(&wanted(repository, chart)).await.map_err(failure)
}

pub(super) async fn files(
    context: &Context,
    env: &Env,
    observed: &Observed,
    key: &ChartKey,
) -> Result<ChartFiles, SourceFailure> {
    let known = context.memory.chart(key).filter(|_| !is_hard(observed));
    if let Some(known) = known.filter(|known| known.substituted.is_none() || !env.polling.is_due(env.now)) {
        return Ok(known);
    }
    let wanted = Wanted {
        version: Some(key.version.clone()),
        pass_credentials: key.pass_credentials,
        ..wanted(&key.repository, &key.chart)
    };
    let fetched = context.charts.fetch(&wanted).await.map_err(failure)?;
    let unpacked = if is_large(&fetched) {
        let work = tokio::task::spawn_blocking(move || unpack(fetched));
        work.await.unwrap_or_else(|error| Err(format!("error untarring chart: {error}")))
    } else {
        unpack(fetched)
    };
    let found = unpacked.map_err(|message| SourceFailure { kind: SourceFailureKind::Other, message })?;
    context.memory.keep_chart(key, found.clone());
    Ok(found)
}

/// Unpacking is real work, and an archive may be of any size. What is small is done where it is asked for: another thread ends at
/// another moment in every run, and simulations are to be repeatable.
fn is_large(fetched: &Fetched) -> bool {
    const BYTES: usize = 64 * 1024;
    matches!(&fetched.content, Content::Archive(bytes) if bytes.len() > BYTES)
}

fn unpack(fetched: Fetched) -> Result<ChartFiles, String> {
    let files = match &fetched.content {
        Content::Archive(bytes) => FileSet::from_archive(bytes),
        Content::Directory(files) => FileSet::from_tree(files),
    };
    let files = files.map_err(|error| format!("error untarring chart: {error}"))?;
    let digest = fetched.digest.unwrap_or_else(|| files.digest());
    Ok(ChartFiles { digest, files: Arc::new(files), substituted: fetched.substituted })
}

fn failure(error: Error) -> SourceFailure {
    use SourceFailureKind as Kind;
    let kind = match &error {
        Error::NotFound { .. } | Error::NoDownload { .. } => Kind::RevisionMissing,
        Error::Unreachable { .. } | Error::TimedOut { .. } | Error::NoRepository { .. } => Kind::Unreachable,
        Error::Denied { .. } => Kind::Denied,
        Error::NotAllowed { .. } => Kind::NotAllowed,
        Error::TooLarge { .. } => Kind::TooLarge,
        _ => Kind::Other,
    };
    SourceFailure { kind, message: error.to_string() }
}

/// What the destination serves; asked anew when the source is, and when a definition was written.
pub(super) async fn capabilities(context: &Context, env: &Env) -> Result<Capabilities, cluster::Error> {
    if let Some(known) = context.memory.capabilities().filter(|_| !env.polling.is_due(env.now)) {
        return Ok(known);
    }
    let (kube_version, api_versions) = context.cluster.capabilities().await?;
    let found = Capabilities { kube_version, api_versions };
    context.memory.keep_capabilities(Some(found.clone()));
    Ok(found)
}

pub(super) async fn render(context: &Context, observed: &Observed, request: Request) -> Result<Arc<Rendered>, String> {
    if let Some(known) = context.renderer.known(&request).filter(|_| !is_hard(observed)) {
        return known;
    }
    let (renderer, clock, entropy) = (context.renderer.clone(), context.clock.clone(), context.entropy.clone());
    if !Renderer::is_large(&request) {
        return renderer.render(&request, clock.as_ref(), entropy.as_ref());
    }
    let work = tokio::task::spawn_blocking(move || renderer.render(&request, clock.as_ref(), entropy.as_ref()));
    work.await.unwrap_or_else(|error| Err(format!("failed to execute helm template command: {error}")))
}

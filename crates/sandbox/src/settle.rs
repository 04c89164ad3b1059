//! Waiting until a platform has come to rest.

use std::time::Duration;

use tokio::time::Instant;

use crate::Platform;

/// Longer than any backoff and any operation of a fast twin: who is silent this long has nothing left to do. The longest is a
/// failed sync's, which is tried again after at most three minutes.
const QUIET: Duration = Duration::from_secs(200);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Waits until nothing was written anywhere for a few virtual minutes. `false` when that did not happen within the limit.
/// Meant for virtual time: under a real clock it really waits them.
pub async fn settle(platform: &Platform, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    let mut seen = platform.revisions();
    let mut since = Instant::now();
    while Instant::now() < deadline {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = platform.revisions();
        if now != seen {
            (seen, since) = (now, Instant::now());
        } else if since.elapsed() >= QUIET {
            return true;
        }
    }
    false
}

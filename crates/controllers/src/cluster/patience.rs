//! Asking again: a pass makes many reads, and would start anew with each that the server cannot answer at the moment.

use std::time::Duration;

use super::Error;
use crate::runtime::Backoff;

/// How often one read is asked for, and how long it waits in between.
const READS_MAX: u32 = 5;
const PATIENCE: Backoff = Backoff { base: Duration::from_millis(100), max: Duration::from_secs(1) };

/// Reads a few times, as Argo CD's clients do. The last refusal is the answer.
pub(crate) async fn patiently<T, F>(read: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match read().await {
            Err(error) if error.is_momentary() && tries < READS_MAX => tokio::time::sleep(PATIENCE.delay(tries)).await,
            answer => return answer,
        }
    }
}

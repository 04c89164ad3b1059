//! Work on a task of its own: what runs side by side uses every core.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::FutureExt;
use tokio::task::JoinHandle;

/// A future on a task of its own. Polled to its end like any future, panics included; it ends with this handle, too.
#[derive(Debug)]
pub struct Apart(JoinHandle<()>);

/// Runs the future on a task of its own, until it ends or its handle is dropped.
pub fn apart(future: impl Future<Output = ()> + Send + 'static) -> Apart {
    Apart(tokio::spawn(future))
}

impl Future for Apart {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.poll_unpin(context).map(|ended| match ended.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(()) | Err(Err(_)) => {}
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
        })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

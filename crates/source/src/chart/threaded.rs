//! Fetching beside a runtime whose clock may be paused: such a clock runs ahead of the network, and every time limit is over at
//! once. A blocking thread holds it still, and a runtime of its own on that thread has the real time.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Charts, Error, Fetched, Wanted};

#[derive(Clone, Debug)]
pub struct Threaded(Arc<dyn Charts>);

impl Threaded {
    pub fn new(charts: Arc<dyn Charts>) -> Self {
        Self(charts)
    }

    async fn aside<T: Send + 'static>(
        &self,
        what: &str,
        ask: impl AsyncFnOnce(Arc<dyn Charts>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let charts = self.0.clone();
        let failed = |what: String, message: String| Error::Failed { what, message };
        let name = what.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| failed(name, error.to_string()))?.block_on(ask(charts))
        });
        asked.await.map_err(|error| failed(what.to_owned(), error.to_string()))?
    }
}

#[async_trait]
impl Charts for Threaded {
    async fn fetch(&self, wanted: &Wanted) -> Result<Fetched, Error> {
        let owned = wanted.clone();
        self.aside(&wanted.chart, async move |charts| charts.fetch(&owned).await).await
    }

    async fn versions(&self, wanted: &Wanted) -> Result<Vec<String>, Error> {
        let owned = wanted.clone();
        self.aside(&wanted.chart, async move |charts| charts.versions(&owned).await).await
    }
}

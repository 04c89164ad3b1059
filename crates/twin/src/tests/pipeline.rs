//! Nothing is answered before it is durable, and commits do not wait for each other.

use std::{collections::VecDeque, sync::Arc, task::Poll};

use futures::{FutureExt, channel::oneshot, future::BoxFuture};
use parking_lot::Mutex;
use store::{Error, Memory, Page, Revision, Space, Store, Stored, Watch, Write};
use testkit::FixedClock;

use super::Lab;

type Answer = Result<Vec<Stored>, Error>;

type Waiting = VecDeque<(Vec<Write>, oneshot::Sender<Answer>)>;

/// A space whose commits end when they are told to.
#[derive(Debug)]
struct Gate {
    inner: Arc<dyn Space>,
    waiting: Mutex<Option<Waiting>>,
}

impl Gate {
    fn close(&self) {
        *self.waiting.lock() = Some(VecDeque::new());
    }

    fn waiting(&self) -> usize {
        self.waiting.lock().as_ref().map_or(0, VecDeque::len)
    }

    /// Lets everything through, or fails it.
    fn open(&self, fail: bool) {
        for (writes, answer) in self.waiting.lock().take().unwrap_or_default() {
            let result = match fail {
                true => Err(Error::Failed("the disk is full".into())),
                false => self.inner.commit(writes).now_or_never().expect("memory is quick"),
            };
            let _gone = answer.send(result);
        }
    }
}

impl Space for Gate {
    fn revision(&self) -> Revision {
        self.inner.revision()
    }
    fn get(&self, key: &str) -> Option<Stored> {
        self.inner.get(key)
    }
    fn list(&self, prefix: &str, at: Option<Revision>, after: Option<&str>, limit: usize) -> Result<Page, Error> {
        self.inner.list(prefix, at, after, limit)
    }
    fn commit(&self, writes: Vec<Write>) -> BoxFuture<'static, Answer> {
        match self.waiting.lock().as_mut() {
            None => self.inner.commit(writes),
            Some(waiting) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push_back((writes, sender));
                receiver.map(|answer| answer.unwrap_or_else(|_| Err(Error::Failed("closed".into())))).boxed()
            }
        }
    }
    fn watch(&self, prefix: &str, from: Revision) -> Result<Box<dyn Watch>, Error> {
        self.inner.watch(prefix, from)
    }
    fn compact(&self, through: Revision) {
        self.inner.compact(through);
    }
}

async fn lab() -> (Lab, Arc<Gate>, String) {
    let inner = Memory::new().space("twin").expect("a space");
    let gate = Arc::new(Gate { inner, waiting: Mutex::new(None) });
    let mut lab = Lab::over(gate.clone(), Arc::new(FixedClock::default()), 1).await;
    let token = format!("Bearer {}", lab.token("https://management.azure.com/").await);
    (lab, gate, token)
}

fn group(name: &str) -> String {
    format!("/subscriptions/{}/resourceGroups/{name}?api-version=2020-06-01", super::SUB)
}

const BODY: &str = r#"{"location": "westus3"}"#;

#[tokio::test]
async fn commits_overlap_and_answers_wait_for_them() {
    let (lab, gate, token) = lab().await;
    let headers = [("authorization", token.as_str())];
    let ask = async |method: &str, name: &str, body: &str| {
        lab.send("management.azure.com", method, &group(name), &headers, body).await.status().as_u16()
    };
    gate.close();
    let mut one = Box::pin(ask("PUT", "rg1", BODY));
    let mut two = Box::pin(ask("PUT", "rg2", BODY));
    let mut read = Box::pin(ask("GET", "rg1", ""));
    let mut again = Box::pin(ask("PUT", "rg1", BODY));
    assert_eq!(futures::poll!(&mut one), Poll::Pending);
    assert_eq!(futures::poll!(&mut two), Poll::Pending);
    assert_eq!(gate.waiting(), 2, "the second commit did not wait for the first");
    assert_eq!(futures::poll!(&mut read), Poll::Pending, "a read waits for what it has seen");
    assert_eq!(futures::poll!(&mut again), Poll::Pending, "the same record is written in turn");
    assert_eq!(gate.waiting(), 2);
    gate.open(false);
    assert_eq!(futures::join!(one, two, read, again), (201, 201, 200, 200));
}

#[tokio::test]
async fn a_failed_commit_is_an_error_for_all_who_saw_it_and_leaves_nothing() {
    let (lab, gate, token) = lab().await;
    let headers = [("authorization", token.as_str())];
    let ask = async |method: &str, name: &str, body: &str| {
        lab.send("management.azure.com", method, &group(name), &headers, body).await.status().as_u16()
    };
    gate.close();
    let mut put = Box::pin(ask("PUT", "rg1", BODY));
    let mut read = Box::pin(ask("GET", "rg1", ""));
    assert_eq!(futures::poll!(&mut put), Poll::Pending);
    assert_eq!(futures::poll!(&mut read), Poll::Pending);
    gate.open(true);
    assert_eq!(futures::join!(put, read), (503, 503));
    assert_eq!(ask("GET", "rg1", "").await, 404);
    assert_eq!(ask("PUT", "rg1", BODY).await, 201);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_nothing_along() {
    let (lab, gate, token) = lab().await;
    let headers = [("authorization", token.as_str())];
    gate.close();
    let first = group("rg1");
    let mut put = Box::pin(lab.send("management.azure.com", "PUT", &first, &headers, BODY));
    assert!(futures::poll!(&mut put).is_pending());
    drop(put);
    gate.open(false);
    let answer = lab.send("management.azure.com", "PUT", &first, &headers, BODY).await;
    assert_eq!(answer.status(), 200, "the first one was made");
}

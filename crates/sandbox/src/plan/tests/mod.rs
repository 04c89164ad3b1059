//! Plan equals execution: what `plan` prints is what the twin of Azure then receives. And whole plans as golden text.

mod changes;
mod charts;
mod golden;
mod versions;

use std::{
    future::Future,
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::Duration,
};

use api::{Redacted, files::FileSet};
use serde_json::Value;
use source::Fixed;
use store::Memory;

use super::{Against, Inputs, Plan, compare, findings, run};
use crate::{Azure, Keys, Options, Platform, SeededEntropy, VirtualClock, install, settle::settle, workshop};

const URL: &str = "https://git.windlass.test/app-project-env.git";
const NOW: &str = "2025-06-01T12:00:00Z";
const TENANT: &str = "72f988bf-0000-4000-8000-2d7cd011db47";
const SUBSCRIPTION: &str = "11111111-2222-4333-8444-555555555555";
const LIMIT: Duration = Duration::from_secs(1800);

/// A live platform that has converged on Sample 2, put to sleep: tests go on from copies of it.
struct Live {
    store: Arc<Memory>,
    files: FileSet,
}

fn keys() -> Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    let make = || Arc::new(jose::SigningKey::generate(&SeededEntropy::new(0)).expect("a key"));
    KEYS.get_or_init(|| {
        let key = make();
        Keys { cluster: key.clone(), azure: key }
    })
    .clone()
}

fn azure() -> Azure {
    Azure {
        tenant_id: TENANT.into(),
        subscription_id: SUBSCRIPTION.into(),
        owner_client_id: "99999999-8888-4777-8666-555555555555".into(),
        owner_secret: Redacted::new("owner".into()),
    }
}

fn options(store: Arc<Memory>, repository: Arc<Fixed>, seed: u64) -> Options {
    let clock = Arc::new(VirtualClock::starting_at(NOW.parse().expect("a timestamp")));
    let entropy = Arc::new(SeededEntropy::new(seed));
    let crd_pattern = install::CRD_PATTERN.into();
    Options { repository, crd_pattern, ..Options::unreached(store, clock, entropy, keys(), azure()) }
}

/// Runs on a paused clock.
fn on_paused_clock<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}

/// Lets the platform's controllers work while `work` goes on.
async fn running<T>(platform: &Platform, work: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        () = platform.run() => unreachable!("controllers run until they are dropped"),
        done = work => done,
    }
}

fn live() -> &'static Live {
    static LIVE: OnceLock<Live> = OnceLock::new();
    LIVE.get_or_init(|| {
        on_paused_clock(async {
            let (store, repository) = (Memory::new(), Fixed::new());
            let platform = Platform::start(options(store.clone(), repository.clone(), 1)).await.expect("it starts");
            let identity = workshop::identity(&platform).await.expect("the identity");
            let files = workshop::files(TENANT, &identity.principal_id);
            repository.set_head(URL, workshop::BRANCH, &"1".repeat(40), files.clone());
            workshop::objects(&platform, &identity, URL).await.expect("the objects");
            assert!(running(&platform, settle(&platform, LIMIT)).await, "the base comes to rest");
            Live { store, files }
        })
    })
}

/// Method, id, api-version, body.
type Write = (String, String, String, Option<Value>);

/// Pushes the files to a copy of the live platform and returns what Azure was asked to write, a retry counting once.
fn executed(head: &FileSet) -> Vec<Write> {
    let store = live().store.fork().expect("memory can be copied");
    on_paused_clock(async {
        let repository = Fixed::new();
        repository.set_head(URL, workshop::BRANCH, &"1".repeat(40), live().files.clone());
        let platform = Platform::start(options(store, repository.clone(), 2)).await.expect("it starts");
        let existing = findings::ids(platform.twin());
        let work = async {
            assert!(settle(&platform, LIMIT).await, "it rests after a restart");
            assert_eq!(writes(&platform, &existing), [], "a restart writes nothing to Azure");
            repository.set_head(URL, workshop::BRANCH, &"2".repeat(40), head.clone());
            platform.applications().pushed(None);
            settle(&platform, LIMIT).await;
        };
        running(&platform, work).await;
        writes(&platform, &existing)
    })
}

fn writes(platform: &Platform, existing: &std::collections::BTreeSet<String>) -> Vec<Write> {
    let received = findings::received(platform.twin(), existing);
    let requests = compare::requests(&received).into_iter();
    requests.map(|request| (request.method.as_str().into(), request.id, request.api_version, request.body)).collect()
}

/// What `plan` says to the change, against a copy of the live platform.
fn planned(head: &FileSet) -> Plan {
    let store = live().store.fork().expect("memory can be copied");
    plan(Some(live().files.clone()), head.clone(), Against::State { store, azure: azure() })
}

fn plan(base: Option<FileSet>, head: FileSet, against: Against) -> Plan {
    let base_label = if base.is_some() { "main" } else { "nothing" };
    let inputs = Inputs {
        base,
        base_label: base_label.into(),
        head,
        head_label: "working tree".into(),
        remotes: vec![URL.into()],
        against,
        outside: Fixed::new(),
        charts: charts::repository(),
        keys: keys(),
        now: NOW.parse().expect("a timestamp"),
        kubernetes_versions_of: None,
    };
    run(inputs).expect("a plan")
}

#[test]
fn a_plan_is_what_azure_then_receives() {
    let changes = Mutex::new(changes::all().into_iter());
    let next = || changes.lock().expect("no panic holds it").next();
    let work = || std::iter::from_fn(next).flat_map(|change| differences(&change)).collect::<Vec<String>>();
    live();
    let wrong: Vec<String> = thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(change: &changes::Change) -> Vec<String> {
    let mut head = live().files.clone();
    (change.make)(&mut head);
    let requests = planned(&head).azure.into_iter();
    let promised: Vec<Write> = requests.map(|r| (r.method.as_str().into(), r.id, r.api_version, r.body)).collect();
    let received = executed(&head);
    let mut wrong = Vec::new();
    if !same(&promised, &received) {
        wrong.push(format!("{}:\n  planned  {promised:#?}\n  received {received:#?}", change.name));
    }
    if received.len() != change.writes {
        wrong.push(format!("{}: {} writes, not {}: {received:#?}", change.name, received.len(), change.writes));
    }
    println!("{}: {}", change.name, if wrong.is_empty() { "as planned".to_string() } else { wrong.join("\n") });
    wrong
}

fn same(promised: &[Write], received: &[Write]) -> bool {
    promised.len() == received.len()
        && promised.iter().zip(received).all(|(one, other)| {
            let bodies = match (&one.3, &other.3) {
                (Some(one), Some(other)) => as_promised(one, other),
                (one, other) => one.is_none() && other.is_none(),
            };
            (&one.0, &one.1, &one.2) == (&other.0, &other.1, &other.2) && bodies
        })
}

/// What only Azure can know is whatever it is then.
fn as_promised(promised: &Value, received: &Value) -> bool {
    match (promised, received) {
        (Value::String(text), _) if text == compare::UNKNOWN => true,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| as_promised(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| as_promised(value, other)))
        }
        (one, other) => one == other,
    }
}

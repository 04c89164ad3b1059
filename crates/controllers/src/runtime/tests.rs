use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use actions::Requeue;
use api::Class;
use tokio::time::Instant;

use super::{Backoff, Failure, Queue, run};

/// Runs the loop over a scripted reconcile for a while of virtual time and returns what ran when, in seconds.
fn trace(keys: &[&'static str], secs: u64, script: impl Fn(&str, usize) -> super::Pass) -> Vec<String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let queue = Arc::new(Queue::default());
        keys.iter().for_each(|key| queue.add(*key));
        let log = Rc::new(RefCell::new(Vec::new()));
        let start = Instant::now();
        let reconcile = |key: &'static str| {
            let runs = log.borrow().iter().filter(|line: &&String| line.ends_with(key)).count();
            log.borrow_mut().push(format!("{:>5.2} {key}", start.elapsed().as_secs_f32()));
            let pass = script(key, runs);
            async move { pass }
        };
        let _ =
            tokio::time::timeout(Duration::from_secs(secs), run(queue.clone(), 2, Backoff::default(), reconcile)).await;
        log.take()
    })
}

#[test]
fn a_failing_key_backs_off_and_others_go_on() {
    let log = trace(&["a", "b", "a"], 10, |key, _| match key {
        "a" => Err(Failure { class: Class::Transient, message: "no".into() }),
        _ => Ok(Requeue::OnChange),
    });
    expect_test::expect![[r#"
        [
            " 0.00 a",
            " 0.00 b",
            " 1.00 a",
            " 3.00 a",
            " 7.00 a",
        ]
    "#]]
    .assert_debug_eq(&log);
}

#[test]
fn a_panic_is_a_failure_of_its_key_only() {
    let log = trace(&["a", "b"], 2, |key, runs| match (key, runs) {
        ("a", 0) => panic!("scripted"),
        _ => Ok(Requeue::OnChange),
    });
    assert_eq!(log, [" 0.00 a", " 0.00 b", " 1.00 a"]);
}

#[test]
fn a_key_added_while_it_runs_runs_once_more() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    let runs = runtime.block_on(async {
        let queue = Arc::new(Queue::default());
        queue.add("a");
        let runs = Rc::new(RefCell::new(0));
        let reconcile = |key| {
            *runs.borrow_mut() += 1;
            let (queue, first) = (queue.clone(), *runs.borrow() == 1);
            async move {
                if first {
                    queue.add(key);
                    queue.add(key);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Ok(Requeue::OnChange)
            }
        };
        let _ =
            tokio::time::timeout(Duration::from_secs(10), run(queue.clone(), 4, Backoff::default(), reconcile)).await;
        runs.take()
    });
    assert_eq!(runs, 2);
}

#[test]
fn links_forget_what_a_key_does_not_depend_on_any_more() {
    use std::collections::BTreeSet;

    let key =
        |name: &str| api::names::ObjectRef::new(&api::names::GroupVersionKind::new("", "v1", "Secret"), "n", name);
    let (a, b) = (key("a"), key("b"));
    let mut links = super::Links::default();
    links.set(&a, BTreeSet::from([1, 2]));
    links.add(&b, 2);
    assert_eq!((links.of(&1), links.of(&2)), (vec![a.clone()], vec![a.clone(), b.clone()]));
    links.add(&a, 3);
    links.set(&a, BTreeSet::from([3]));
    assert_eq!((links.of(&1), links.of(&2), links.of(&3)), (vec![], vec![b.clone()], vec![a.clone()]));
    links.forget(&a);
    links.forget(&b);
    assert_eq!((links.of(&2), links.of(&3)), (vec![], vec![]));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_task_ends_with_its_handle_and_panics_where_it_is_awaited() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let task = super::apart(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = sender.send(());
        }
    });
    assert_eq!(receiver.recv().await, Some(()));
    drop(task);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(receiver.recv().await, None, "it was dropped with what it held");
    super::apart(async {}).await;
    let panics = super::apart(async { panic!("scripted") });
    let ended = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(panics)).await;
    assert_eq!(ended.unwrap_err().downcast_ref(), Some(&"scripted"));
}

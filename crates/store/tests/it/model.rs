//! Random histories against a model that keeps every state there ever was.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::Config};
use store::{Error, Expect, Limits, Revision, Space, Stored};

use crate::engine::{Engine, commit, delete, drain, event_line, lines, put};

const EVENTS_MAX: usize = 12;
const LIMITS: Limits = Limits { events: EVENTS_MAX, bytes: 1 << 20 };

#[derive(Clone, Debug)]
enum Step {
    Commit(Vec<(u8, Op)>),
    Compact(u64),
    Reopen,
}

#[derive(Clone, Debug)]
enum Op {
    Put,
    Create,
    /// Only when the key is as last seen; `stale` takes an older revision.
    Update {
        stale: bool,
    },
    Delete,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Put),
        2 => Just(Op::Create),
        3 => prop::bool::weighted(0.2).prop_map(|stale| Op::Update { stale }),
        2 => Just(Op::Delete),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec((0..5u8, op()), 1..4).prop_map(Step::Commit),
        1 => (0..6u64).prop_map(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

type State = BTreeMap<String, (u64, String)>;

struct Model {
    /// By revision.
    states: Vec<State>,
    events: Vec<String>,
    compacted: u64,
}

impl Model {
    fn revision(&self) -> u64 {
        self.states.len() as u64 - 1
    }

    fn now(&self) -> State {
        self.states.last().cloned().unwrap_or_default()
    }

    /// Nothing changes when one of the preconditions fails.
    fn commit(&mut self, batch: &[(u8, Op)]) -> bool {
        let start = self.now();
        let (mut states, mut events) = (Vec::new(), Vec::new());
        let mut state = start.clone();
        for (index, (key, op)) in batch.iter().enumerate() {
            let key = format!("k{key}");
            let revision = self.revision() + 1 + index as u64;
            let value = format!("v{revision}");
            let was = state.get(&key).map(|(_, value)| value.clone());
            let fresh = state.get(&key).map(|(at, _)| *at) == start.get(&key).map(|(at, _)| *at);
            let holds = match op {
                Op::Put => true,
                Op::Create => was.is_none(),
                Op::Update { stale } => !stale && was.is_some() && fresh,
                Op::Delete => was.is_some(),
            };
            if !holds {
                return false;
            }
            let (kind, _) = match op {
                Op::Delete => ("delete", state.remove(&key)),
                _ => ("put", state.insert(key.clone(), (revision, value.clone()))),
            };
            let was = was.map(|was| format!(" (was {was})")).unwrap_or_default();
            events.push(format!("{kind} {key}@{revision}={value}{was}"));
            states.push(state.clone());
        }
        self.states.extend(states);
        self.events.extend(events);
        self.compacted = self.compacted.max(self.revision().saturating_sub(EVENTS_MAX as u64));
        true
    }
}

fn apply(space: &dyn Space, model: &Model, batch: &[(u8, Op)]) -> Result<Vec<Stored>, Error> {
    let now = model.now();
    let writes = batch.iter().enumerate().map(|(index, (key, op))| {
        let key = format!("k{key}");
        let value = format!("v{}", model.revision() + 1 + index as u64);
        let at = now.get(&key).map_or(0, |(revision, _)| *revision);
        match op {
            Op::Put => put(&key, Expect::Anything, &value),
            Op::Create => put(&key, Expect::Absent, &value),
            Op::Update { stale } => put(&key, Expect::At(Revision(if *stale { at + 1_000 } else { at })), &value),
            Op::Delete => delete(&key, Expect::Anything, &value),
        }
    });
    commit(space, writes.collect())
}

fn check(space: &dyn Space, model: &Model) {
    assert_eq!(space.revision(), Revision(model.revision()));
    for revision in 0..=model.revision() {
        let page = space.list("", Some(Revision(revision)), None, 0);
        let watch = space.watch("", Revision(revision));
        if revision < model.compacted {
            let gone = Error::Compacted { requested: Revision(revision), oldest: Revision(model.compacted) };
            assert_eq!(page, Err(gone.clone()));
            assert_eq!(watch.err(), Some(gone));
            continue;
        }
        let state = &model.states[revision as usize];
        let expected: Vec<_> = state.iter().map(|(key, (at, value))| format!("{key}@{at}={value}")).collect();
        assert_eq!(lines(&page.expect("a page").items), expected, "at {revision}");
        let events: Vec<_> = drain(&mut *watch.expect("a cursor")).iter().map(event_line).collect();
        assert_eq!(events, model.events[revision as usize..], "from {revision}");
    }
}

fn run(mut engine: Engine, steps: &[Step]) {
    let mut model = Model { states: vec![State::new()], events: Vec::new(), compacted: 0 };
    for step in steps {
        let space = engine.space("s");
        match step {
            Step::Commit(batch) => {
                let outcome = apply(&*space, &model, batch);
                let expected = model.commit(batch);
                assert_eq!(outcome.is_ok(), expected, "{batch:?}: {outcome:?}");
            }
            Step::Compact(back) => {
                let through = model.revision().saturating_sub(*back);
                model.compacted = model.compacted.max(through);
                space.compact(Revision(through));
            }
            Step::Reopen => {
                drop(space);
                engine.reopen();
            }
        }
    }
    check(&*engine.space("s"), &model);
    engine.reopen();
    check(&*engine.space("s"), &model);
}

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]
    #[test]
    fn memory_does_what_the_model_does(steps in prop::collection::vec(step(), 0..40)) {
        run(Engine::memory(LIMITS), &steps);
    }
}

proptest! {
    #![proptest_config(Config { cases: 40, failure_persistence: None, ..Config::default() })]
    #[test]
    fn durable_does_what_the_model_does(steps in prop::collection::vec(step(), 0..40)) {
        run(Engine::durable(LIMITS), &steps);
    }
}

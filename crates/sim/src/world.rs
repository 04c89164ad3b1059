//! One run: incarnations of the platform live and die over one store, while the script plays.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use api::env::SharedEntropy;
use parking_lot::Mutex;
use sandbox::{Options, Platform, SeededEntropy, VirtualClock};
use source::Fixed;
use store::Memory;
use tokio::{sync::watch, time::sleep};
use twin::Pace;

use crate::{
    Trace,
    base::{self, Base, base},
    check::Watchman,
    dice::Dice,
    git::State,
    script,
    space::{Death, Ledger, Mortal, Side},
    weather::{Climate, Weather},
};

/// Deaths of one run, at most.
const DEATHS_MAX: u64 = 4;
/// Commits between a start and a drawn death, at most: where less happens, and where a cluster is made.
const LIFE_MAX: u64 = 90;
const LIFE_MAX_OF_CLUSTERS: u64 = 250;

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// Sample 2: a group, a vault, a secret.
    Vault,
    /// A cluster of Azure Service Operator's kinds instead of the vault.
    Aks,
    /// Sample 1: an Application of a chart, Cluster API's objects, a cluster with nodes.
    Sample1,
}

impl Story {
    pub const ALL: [Self; 3] = [Self::Vault, Self::Aks, Self::Sample1];

    /// What a seed tells where nobody says otherwise.
    fn of(seed: u64) -> Self {
        if seed % 5 == 4 { Self::Aks } else { Self::Vault }
    }

    /// As the command line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vault => "vault",
            Self::Aks => "aks",
            Self::Sample1 => "sample-1",
        }
    }
}

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub story: Story,
    /// Dies exactly once, there, and nothing else goes wrong and nothing is left to chance.
    pub death: Option<(u64, Side)>,
    /// Nothing is drawn: the fixed script without any fault.
    pub calm: bool,
    /// All lines of the trace instead of the last ones.
    pub keep_trace: bool,
    /// Told every line at once: what never ends can be looked at.
    pub tell: Option<fn(&str)>,
}

impl Plan {
    /// Everything that the seed says.
    pub fn seeded(seed: u64) -> Self {
        Self { seed, story: Story::of(seed), death: None, calm: false, keep_trace: false, tell: None }
    }

    /// The same of another story.
    pub fn telling(story: Story, seed: u64) -> Self {
        Self { story, ..Self::seeded(seed) }
    }

    /// The fixed script without any fault.
    pub fn fixed(story: Story) -> Self {
        Self { story, calm: true, ..Self::seeded(0) }
    }

    /// The fixed script with one death.
    pub fn dying(story: Story, at: u64, side: Side) -> Self {
        Self { story, death: Some((at, side)), ..Self::seeded(at) }
    }

    /// The command that runs exactly this.
    pub fn command(&self) -> String {
        let (story, trace) = (self.story.name(), "--trace");
        match self.death {
            Some((at, side)) => format!("cargo xtask sim --story {story} --death {}:{at} {trace}", side.name()),
            None if self.calm => format!("cargo xtask sim --story {story} --calm {trace}"),
            None => format!("cargo xtask sim --story {story} --seed {} {trace}", self.seed),
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub plan: Plan,
    /// Commits to the store, all spaces together.
    pub commits: u64,
    /// Requests, commits and events.
    pub events: u64,
    pub hash: u64,
    pub lines: Vec<String>,
    /// Empty when everything held.
    pub failures: Vec<String>,
}

/// Runs one plan on a thread of its own: nothing of one run is left for the next.
///
/// # Panics
/// When the run itself panics.
pub fn run(plan: Plan) -> Outcome {
    let base = base(plan.story);
    let thread = thread::Builder::new().name(format!("seed {}", plan.seed)).stack_size(8 << 20);
    let running = thread.spawn(move || {
        // The jitter of kube's watchers.
        fastrand::seed(plan.seed);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(simulate(plan, base))
    });
    running.expect("a thread").join().unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let failures = vec![format!("panicked: {}", text.unwrap_or("without a text"))];
        Outcome { plan, commits: 0, events: 0, hash: 0, lines: Vec::new(), failures }
    })
}

async fn simulate(plan: Plan, base: &'static Base) -> Outcome {
    let trace = Arc::new(Trace::new(plan.keep_trace, plan.tell));
    let dice = Arc::new(Dice::new(plan.seed));
    let calm = plan.calm || plan.death.is_some();
    let climate = if calm { Climate::CALM } else { Climate::drawn(&dice) };
    let watchman = Arc::new(Watchman::new(plan.calm));
    let world = World {
        plan,
        base,
        store: base.store.fork().expect("memory can be copied"),
        repository: Fixed::new(),
        clock: Arc::new(base::run_clock()),
        entropy: Arc::new(SeededEntropy::new(plan.seed)),
        ledger: Arc::new(Ledger { commits: 0.into(), mortal: true.into(), trace: trace.clone() }),
        weather: Weather::new(climate, dice.clone(), trace.clone(), watchman.clone()),
        platform: watch::Sender::new(None),
        git: Mutex::new(State::NOTHING),
        pace: if !calm && dice.permille(250) { Pace::Real } else { Pace::Fast },
        pledges: Mutex::default(),
        dice,
        trace,
        watchman,
    };
    world.trace.line(&format!("{:?} {climate:?} {:?}", plan.story, world.pace));
    tokio::select! {
        biased;
        () = world.live() => {}
        ended = script::play(&world) => {
            if let Err(failure) = ended {
                world.watchman.fails(failure);
            }
        }
    }
    Outcome {
        plan,
        commits: world.ledger.commits.load(Ordering::SeqCst),
        events: world.trace.count(),
        hash: world.trace.hash(),
        lines: world.trace.lines(),
        failures: world.watchman.failures(),
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) base: &'static Base,
    pub(crate) store: Arc<Memory>,
    pub(crate) repository: Arc<Fixed>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) entropy: SharedEntropy,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) weather: Weather,
    /// The platform that lives now, if one does.
    pub(crate) platform: watch::Sender<Option<Arc<Platform>>>,
    pub(crate) git: Mutex<State>,
    /// How long Azure's operations take.
    pub(crate) pace: Pace,
    /// What a person wrote and was told that it is written.
    pub(crate) pledges: Mutex<BTreeMap<String, String>>,
    pub(crate) dice: Arc<Dice>,
    pub(crate) trace: Arc<Trace>,
    pub(crate) watchman: Arc<Watchman>,
}

impl World {
    /// One incarnation after the other. Returns only when one could not start.
    async fn live(&self) {
        let calm = self.plan.calm || self.plan.death.is_some();
        let mut left = if calm { 0 } else { self.dice.below(DEATHS_MAX + 1) };
        loop {
            let death = Arc::new(Death::default());
            let store = Mortal {
                inner: self.store.clone(),
                ledger: self.ledger.clone(),
                death: death.clone(),
                at: self.plan.death.or_else(|| self.drawn_death(&mut left)),
            };
            let died = tokio::select! {
                biased;
                () = death.happens() => true,
                () = self.incarnation(store) => false,
            };
            self.platform.send_replace(None);
            if !died {
                return;
            }
            self.trace.line("died");
            sleep(Duration::from_millis(1 + self.dice.below(5_000))).await;
        }
    }

    async fn incarnation(&self, store: Mortal) {
        let clock = SharedVirtual(self.clock.clone());
        let (repository, entropy) = (self.repository.clone(), self.entropy.clone());
        let made = base::options(self.plan.story, Arc::new(store), &self.base.keys, repository, entropy, clock);
        let options = Options { pace: self.pace, faults: Some(Arc::new(self.weather.clone())), ..made };
        match Platform::start_over(options, Arc::new(self.weather.clone())).await {
            Ok(platform) => {
                let platform = Arc::new(platform);
                self.trace.line("started");
                self.platform.send_replace(Some(platform.clone()));
                platform.run().await;
                self.watchman.fails("the controllers ended".into());
            }
            Err(error) => self.watchman.fails(format!("the platform did not start: {error}")),
        }
    }

    fn drawn_death(&self, left: &mut u64) -> Option<(u64, Side)> {
        if *left == 0 || !self.ledger.mortal.load(Ordering::SeqCst) {
            return None;
        }
        *left -= 1;
        let side = if self.dice.permille(500) { Side::Before } else { Side::After };
        let longest = if self.plan.story == Story::Vault { LIFE_MAX } else { LIFE_MAX_OF_CLUSTERS };
        Some((self.ledger.commits.load(Ordering::SeqCst) + 1 + self.dice.below(longest), side))
    }
}

/// All incarnations go by one clock.
#[derive(Debug)]
struct SharedVirtual(Arc<VirtualClock>);

impl api::env::Clock for SharedVirtual {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
}

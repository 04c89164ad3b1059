//! Faults of requests, drawn from the run's dice: on the way of the controllers to the Kubernetes API, on the way to Azure,
//! and in Azure itself. What passes is recorded, also when its answer is lost.

mod azure;
mod kubernetes;
mod operations;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arm::Transport;
use sandbox::Wires;
use tower::{service_fn, util::BoxCloneSyncService};

use crate::{Trace, check::Watchman, dice::Dice};

/// How bad it gets. Chances are per thousand requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Climate {
    pub(crate) delayed: u64,
    pub(crate) refused: u64,
    /// The request is executed and its answer lost.
    pub(crate) lost: u64,
    pub(crate) cut: u64,
    /// Writes that Azure itself refuses for a while, or whose operation fails.
    pub(crate) failing: u64,
}

impl Climate {
    pub(crate) const CALM: Self = Self { delayed: 0, refused: 0, lost: 0, cut: 0, failing: 0 };
    const BREEZE: Self = Self { delayed: 200, refused: 20, lost: 10, cut: 200, failing: 50 };
    const STORM: Self = Self { delayed: 500, refused: 150, lost: 100, cut: 600, failing: 300 };

    pub(crate) fn drawn(dice: &Dice) -> Self {
        match dice.below(4) {
            0 => Self::CALM,
            1 => Self::STORM,
            _ => Self::BREEZE,
        }
    }
}

/// Cheap to clone; clones are the same weather.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    climate: Climate,
    healed: Arc<AtomicBool>,
    dice: Arc<Dice>,
    trace: Arc<Trace>,
    watchman: Arc<Watchman>,
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    delay: Duration,
    /// Which refusal; meaningful modulo the number of refusals there are.
    refused: Option<u64>,
    lost: bool,
}

impl Weather {
    pub(crate) fn new(climate: Climate, dice: Arc<Dice>, trace: Arc<Trace>, watchman: Arc<Watchman>) -> Self {
        Self { climate, healed: Arc::default(), dice, trace, watchman }
    }

    /// From now on nothing fails.
    pub(crate) fn heal(&self) {
        self.healed.store(true, Ordering::SeqCst);
        self.trace.line("healed");
    }

    fn climate(&self) -> Climate {
        if self.healed.load(Ordering::SeqCst) { Climate::CALM } else { self.climate }
    }

    fn fate(&self) -> Fate {
        let climate = self.climate();
        if climate == Climate::CALM {
            return Fate::default();
        }
        let dice = &self.dice;
        // Mostly short; sometimes longer than any client is patient.
        let longest = if dice.permille(20) { 20_000 } else { 800 };
        let delay = if dice.permille(climate.delayed) { dice.below(longest) } else { 0 };
        let refused = dice.permille(climate.refused).then(|| dice.below(1000));
        Fate { delay: Duration::from_millis(delay), refused, lost: dice.permille(climate.lost) }
    }
}

impl Wires for Weather {
    fn kubernetes(&self, controller: &'static str, client: kube::Client) -> kube::Client {
        let weather = self.clone();
        let service = service_fn(move |request| {
            let (weather, client) = (weather.clone(), client.clone());
            async move { weather.kubernetes_request(controller, client, request).await }
        });
        kube::Client::new(service, "default")
    }

    fn azure(&self, transport: Transport) -> Transport {
        let weather = self.clone();
        BoxCloneSyncService::new(service_fn(move |request| {
            let (weather, transport) = (weather.clone(), transport.clone());
            async move { weather.azure_request(transport, request).await }
        }))
    }
}

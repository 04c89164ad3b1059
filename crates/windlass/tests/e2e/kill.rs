//! kill -9 at seeded random points, of the first sync, of a restart, and while a push is made and synced: the next start always
//! converges, nothing is created twice, and then nothing is written.
//!
//! `WINDLASS_E2E_KILLS=200` is the full run; `WINDLASS_E2E_SEED` repeats another one.

use std::{path::Path, time::Duration};

use e2e::{Server, Tool, setting};

use crate::{
    Case,
    workshop::{APPLICATION, Clone, PATIENCE, url},
};

pub(crate) const CASES: &[Case] =
    &[Case { name: "kill::at_random_points", needs: &[Tool::Git, Tool::Kubectl], run: at_random_points }];

const KILLS: u64 = 12;
/// Of one data directory: two within its first sync, one with a push, one at rest.
const KILLS_EACH: u64 = 4;
/// From the start of the process; a start takes a part of it.
const START_MS: u64 = 1500;
/// From the start of the push.
const PUSH_MS: u64 = 800;
const SILENCE: Duration = Duration::from_secs(5);

/// splitmix64
struct Dice(u64);

impl Dice {
    fn below_ms(&mut self, limit: u64) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_millis((z ^ (z >> 31)) % limit)
    }
}

fn at_random_points() {
    let kills = setting("WINDLASS_E2E_KILLS").unwrap_or(KILLS);
    let seed = setting("WINDLASS_E2E_SEED").unwrap_or(20_261_122);
    for life in 0..kills.div_ceil(KILLS_EACH) {
        let mut dice = Dice(seed.wrapping_add(life));
        one_life(&mut dice);
    }
}

fn one_life(dice: &mut Dice) {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    for _ in 0..2 {
        killed_start(&data, dice.below_ms(START_MS));
    }
    let server = converged(&data);
    let made = identities(&server);

    let clone = Clone::of(&server);
    clone.edit("spec:\n  location: eastus\n", "spec:\n  location: eastus\n  tags:\n    team: blue\n");
    clone.commit("tag the group");
    let delay = dice.below_ms(PUSH_MS);
    let mut push = clone.start_push();
    server.kill_after(delay);
    let pushed = push.wait().expect("git ends").success();
    let server = converged(&data);
    if !pushed {
        clone.push_again();
    }
    let tag = "get resourcegroup rg-dev-app -n rg-dev-app -o jsonpath={.status.tags.team}";
    server.wait(&format!("the tag after a kill at {delay:?} of a push"), PATIENCE, || server.k(tag).stdout == "blue");
    assert_eq!(identities(&server), made, "killed at {delay:?} of a push");
    drop(server);

    let delay = dice.below_ms(START_MS);
    killed_start(&data, delay);
    let server = converged(&data);
    assert_eq!(identities(&server), made, "killed at {delay:?} of a start");
    let versions = versions(&server);
    server.holds("silence", SILENCE, || self::versions(&server) == versions);
}

fn killed_start(data: &Path, delay: Duration) {
    Server::spawn_in(data, &["--workshop"]).kill_after(delay);
}

/// Started again, and done with a comparison of what its Application says now.
fn converged(data: &Path) -> Server {
    let server = Server::start_in(data, &["--workshop"]);
    let done = || {
        let status = "{.status.sync.status}/{.status.health.status} {.spec.source.repoURL} {.status.sync.comparedTo.source.repoURL}";
        let output = server
            .k_with(&["get", "application", APPLICATION, "-n", "argocd", "-o", &format!("jsonpath={status}")])
            .stdout;
        let words: Vec<&str> = output.split(' ').collect();
        matches!(words[..], ["Synced/Healthy", wanted, compared] if wanted == compared)
    };
    let explain = || server.k_with(&["get", "application", APPLICATION, "-n", "argocd", "-o", "yaml"]).transcript();
    server.wait_or("Synced and Healthy after a kill", PATIENCE, done, explain);
    assert!(url(&server).starts_with("https://"));
    server
}

const OBJECTS: &str =
    "get namespaces,secrets,applications,resourcegroups,vaults,secrets.keyvault.azure.com -A --no-headers -o";

/// Who is who: uids in Kubernetes, what Azure made up, and when it made the vault.
fn identities(server: &Server) -> String {
    let uids = server.k(&format!("{OBJECTS} custom-columns=:.kind,:.metadata.name,:.metadata.uid"));
    let vault = server.k("get vault app-keyvault -n rg-dev-app -o jsonpath={.status.id}{.status.systemData}{.status.properties.accessPolicies}");
    let group = server.k("get resourcegroup rg-dev-app -n rg-dev-app -o jsonpath={.status.id}");
    let client = server.k("get secret rg-dev-app-aso-credentials -n rg-dev-app -o jsonpath={.data.AZURE_CLIENT_ID}");
    let all = [uids, vault, group, client];
    assert!(all.iter().all(|output| output.code == 0 && !output.stdout.is_empty()), "{all:#?}");
    all.map(|output| output.stdout).join("\n")
}

fn versions(server: &Server) -> String {
    let output = server.k(&format!("{OBJECTS} custom-columns=:.kind,:.metadata.name,:.metadata.resourceVersion"));
    assert_eq!(output.code, 0, "{}", output.transcript());
    output.stdout
}

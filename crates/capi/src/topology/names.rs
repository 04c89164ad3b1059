//! Names of what a topology makes: as upstream builds them, with five letters at the end. Upstream draws the letters; here they
//! follow from the Cluster's uid, which is random itself: a pass that ends halfway finds what it has made.

use super::{Halt, failed, template};
use serde_json::{Value, json};

/// Upstream's letters: no vowels, and nothing that looks like another.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
const RANDOM_LENGTH: usize = 5;
const NAME_MAX: usize = 63;

/// The letters of one name of a Cluster.
pub(super) fn suffix(uid: &str, role: &str) -> String {
    // FNV-1a, then the finish of SplitMix64: neighbouring roles share no letters.
    let bytes = uid.bytes().chain([b'/']).chain(role.bytes());
    let mut state =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^= state >> 31;
    let mut letters = String::new();
    for _ in 0..RANDOM_LENGTH {
        let index = usize::try_from(state % LETTERS.len() as u64).unwrap_or_default();
        letters.push(char::from(LETTERS[index]));
        state /= LETTERS.len() as u64;
    }
    letters
}

/// `BASE` and the letters, never longer than a name may be.
pub(super) fn simple(base: &str, letters: &str) -> String {
    // Names are ASCII; of others the server says what is wrong.
    let base = base.get(..NAME_MAX - RANDOM_LENGTH).unwrap_or(base);
    format!("{base}{letters}")
}

/// A class's `namingStrategy.template`, rendered.
pub(super) fn rendered(text: &str, cluster: &str, pool: Option<&str>, letters: &str) -> Result<String, Halt> {
    let mut data = json!({"cluster": {"name": cluster}, "random": letters});
    if let Some(pool) = pool {
        data["machinePool"] = json!({"topologyName": pool});
    }
    let name = template::text(text, &data).map_err(|error| Halt::Failed(format!("rendering template: {error}")))?;
    if name.contains("<no value>") {
        return failed(format!("rendering template: {text:?} names something that there is not"));
    }
    let name = if name.len() > NAME_MAX { simple(&name, letters) } else { name };
    match machinery::names::dns_subdomain(&name).first() {
        None => Ok(name),
        Some(error) => failed(format!("the name {name:?} of the template {text:?} is not valid: {error}")),
    }
}

/// The name by a strategy, or by upstream's default.
pub(super) fn by_strategy(
    class: Option<&Value>,
    cluster: &str,
    pool: Option<&str>,
    letters: &str,
) -> Result<String, Halt> {
    match class.and_then(|class| class.pointer("/namingStrategy/template")).and_then(Value::as_str) {
        Some(text) => rendered(text, cluster, pool, letters),
        None => {
            let base = pool.map_or_else(|| format!("{cluster}-"), |pool| format!("{cluster}-{pool}-"));
            Ok(simple(&base, letters))
        }
    }
}

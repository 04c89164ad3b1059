//! Whole plans as JSON. `UPDATE_EXPECT=1 cargo test -p sandbox` writes them anew.

use expect_test::{ExpectFile, expect_file};

use super::{Against, live, plan, planned};

/// The client id of the identity that the text has made by hand.
const CLIENT: &str = "6f0c9a52-0d0e-4c8e-9d0a-1f1f5d1b7a01";

fn check(plan: &super::Plan, expect: ExpectFile) {
    let text = serde_json::to_string_pretty(plan).expect("a plan is JSON");
    expect.assert_eq(&format!("{}\n", without_correlation(&text)));
}

/// A correlation id is a random number of the sandbox: which one it is depends on everything that was drawn before.
fn without_correlation(text: &str) -> String {
    const BEFORE: &str = "(correlation id ";
    let mut parts = text.split(BEFORE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + BEFORE + "..." + part.get(36..).expect("a UUID"))
}

/// The findings D4 (a Secret kind that upstream has not), D5 (owner.kind), D6 (a global name), D25 (namespace and
/// credential not in Git), D28 (a secret value in clear) of the workshop's text.
#[test]
fn sample_2_on_nothing() {
    let plan = plan(None, live().files.clone(), Against::Empty);
    check(&plan, expect_file!["golden/sample-2-on-nothing.json"]);
}

#[test]
fn the_vault_moves() {
    let mut head = live().files.clone();
    let text = String::from_utf8_lossy(&head.0[crate::workshop::SAMPLE_2]).into_owned();
    let (before, after) = text.rsplit_once("location: eastus").expect("the vault's location");
    head.insert(crate::workshop::SAMPLE_2, format!("{before}location: westeurope{after}").into_bytes());
    check(&planned(&head), expect_file!["golden/the-vault-moves.json"]);
}

#[test]
fn the_secret_goes_and_an_identity_comes() {
    let mut head = live().files.clone();
    for change in super::changes::all() {
        if change.name.starts_with("the secret is removed") || change.name == "an identity" {
            (change.make)(&mut head);
        }
    }
    check(&planned(&head), expect_file!["golden/the-secret-goes-and-an-identity-comes.json"]);
}

/// Sample 1 in a pull request's check: its identity is Git's word, and the plan goes down to the cluster and its pools.
#[test]
fn sample_1_on_nothing() {
    let mut head = api::files::FileSet::default();
    let text = crate::workshop::sample_1::text(super::SUBSCRIPTION, super::TENANT, CLIENT);
    head.insert(crate::workshop::sample_1::PATH, text.into_bytes());
    check(&plan(None, head, Against::Empty), expect_file!["golden/sample-1-on-nothing.json"]);
}

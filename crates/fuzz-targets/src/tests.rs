//! Every target over its corpus, and over changes of it: what keeps the targets alive between two runs of a fuzzer.

use std::{collections::BTreeSet, fs, path::Path};

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use crate::{TARGETS, Target, run};

/// The inputs of a target, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let paths: BTreeSet<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn every_target_takes_its_corpus() {
    for Target { name, .. } in TARGETS {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            run(name, &input);
            // Cut in the middle, and nothing at all.
            run(name, &input[..input.len() / 2]);
            run(name, b"");
        }
    }
}

/// A piece of one input in the place of a piece of another, and some bytes of it changed.
fn changed(inputs: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let byte = (any::<Index>(), any::<u8>());
    let cut = (any::<Index>(), any::<Index>(), any::<Index>(), any::<Index>());
    let two = (proptest::sample::select(inputs.clone()), proptest::sample::select(inputs));
    (two, cut, proptest::collection::vec(byte, 0..4)).prop_map(|((one, other), (a, b, c, d), bytes)| {
        let piece = |input: &[u8], from: &Index, to: &Index| {
            let (from, to) = (from.index(input.len()), to.index(input.len()));
            input[from.min(to)..from.max(to)].to_vec()
        };
        let (from, to) = (a.index(one.len()), b.index(one.len()));
        let mut text = [&one[..from.min(to)], &piece(&other, &c, &d), &one[from.max(to)..]].concat();
        for (at, byte) in bytes {
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = byte;
            }
        }
        text
    })
}

#[test]
fn every_target_takes_changes_of_its_corpus() {
    for target in TARGETS {
        // 64, or what PROPTEST_CASES asks for: a fuzzer for machines that have none.
        let cases = ProptestConfig::default().cases / 4;
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let outcome = runner.run(&changed(corpus(target.name)), |input| {
            (target.run)(&input);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", target.name));
    }
}

/// The programs of `fuzz/` are these targets, and no others.
#[test]
fn every_target_has_its_program() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let programs = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    for path in programs.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)) {
        let text = fs::read_to_string(&path.1).unwrap();
        assert!(text.contains(&format!("fuzz_targets::run(\"{}\", data)", path.0)), "{}", path.1.display());
        assert!(TARGETS.iter().any(|target| target.name == path.0), "{} is no target", path.0);
    }
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/Cargo.toml")).unwrap();
    for target in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{}.rs\"", target.name)), "{}", target.name);
    }
}

//! Against the real git program: repositories on disk, working trees, our own server over loopback. Charts from servers of our own.

mod charts;
mod origin;
mod reading;
mod registry;
mod serving;
mod working;

#[test]
fn no_file_is_forgotten() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(here).expect("the tests' directory") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        let module = name.trim_end_matches(".rs");
        assert!(module == "main" || main.contains(&format!("mod {module};")), "{name} is not part of the tests");
    }
}

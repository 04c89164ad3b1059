//! Hostile and odd archives, ignore rules, patterns. What is expected is what helm 4.1.4 does with the same files.

use tar::{EntryType, Header};

use super::*;
use crate::testing::{gzipped, packed};

fn refused(name: &str) -> String {
    FileSet::from_archive(&packed(&[(name, EntryType::Regular, b"x")])).unwrap_err().to_string()
}

#[test]
fn an_archive_loses_its_top_directory_and_marks() {
    let files = FileSet::from_archive(&packed(&[
        ("c/", EntryType::Directory, b""),
        ("c/Chart.yaml", EntryType::Regular, b"\xEF\xBB\xBFname: c"),
        ("c/templates/./x/../a.yaml", EntryType::Regular, b"a"),
        ("c\\templates\\w.yaml", EntryType::Regular, b"w"),
        ("c/link", EntryType::Symlink, b""),
    ]))
    .unwrap();
    let told: Vec<(&str, &[u8])> = files.files().iter().map(|file| (file.name.as_str(), &file.data[..])).collect();
    assert_eq!(
        told,
        [("Chart.yaml", &b"name: c"[..]), ("templates/a.yaml", b"a"), ("templates/w.yaml", b"w"), ("link", b"")]
    );
}

#[test]
fn names_that_leave_the_chart_are_refused() {
    assert_eq!(refused("c/../../etc/passwd"), "chart illegally references parent directory");
    assert_eq!(refused("c//etc/passwd"), "chart illegally contains absolute paths");
    assert_eq!(refused("c/c:/windows"), "chart contains illegally named files");
    assert_eq!(refused("Chart.yaml"), "chart illegally contains content outside the base directory: \"Chart.yaml\"");
    assert_eq!(refused("Chart.yaml/x"), "chart yaml not in base directory");
    assert_eq!(refused("file"), "chart illegally contains content outside the base directory: \"file\"");
}

#[test]
fn what_is_no_archive() {
    assert_eq!(FileSet::from_archive(b"hello").unwrap_err(), Error::NoGzip);
    let error = FileSet::from_archive(&packed(&[])).unwrap_err();
    assert_eq!(error.to_string(), "no files in chart archive");
    let whole = packed(&[("c/a", EntryType::Regular, &[7; 5000])]);
    assert!(matches!(FileSet::from_archive(&whole[..whole.len() / 2]), Err(Error::Damaged(_))));
    let error = check_archive("values.yaml", b"a: b").unwrap_err();
    assert_eq!(error.to_string(), "file 'values.yaml' seems to be a YAML file, but expected a gzipped archive");
    let error = check_archive("c.tgz", b"PK\x03\x04").unwrap_err();
    assert_eq!(error.to_string(), "file 'c.tgz' does not appear to be a gzipped archive; got 'application/zip'");
}

#[test]
fn bombs_are_stopped() {
    let large = vec![b'x'; 6 << 20];
    let error = FileSet::from_archive(&packed(&[("c/a", EntryType::Regular, &large)])).unwrap_err();
    assert_eq!(error.to_string(), "decompressed chart file \"c/a\" is larger than the maximum file size 5242880");
    let zeros = vec![0; 5 << 20];
    let many: Vec<(String, EntryType, &[u8])> =
        (0..4).map(|at| (format!("c/{at}"), EntryType::Regular, &zeros[..])).collect();
    let many: Vec<(&str, EntryType, &[u8])> =
        many.iter().map(|(name, kind, data)| (name.as_str(), *kind, *data)).collect();
    let error = FileSet::from_archive(&packed(&many)).unwrap_err();
    assert!(error.to_string().contains("looks like a decompression bomb"), "{error}");
}

#[test]
fn a_header_that_lies_about_its_size() {
    let mut tar = Header::new_gnu();
    tar.set_path("c/a").unwrap();
    tar.set_size(1 << 40);
    tar.set_mode(0o644);
    tar.set_cksum();
    let error = FileSet::from_archive(&gzipped(tar.as_bytes())).unwrap_err();
    assert_eq!(error.to_string(), "decompressed chart is larger than the maximum size 104857600");
}

fn kept(rules: &str, names: &[&str]) -> Vec<String> {
    let mut files: Vec<File> = names.iter().map(|name| File::new(*name, b"")).collect();
    files.push(File::new(IGNORE_FILE, rules.as_bytes()));
    let files = FileSet::from_directory(files).unwrap();
    files.files().iter().map(|file| file.name.clone()).filter(|name| name != IGNORE_FILE).collect()
}

#[test]
fn helmignore() {
    assert_eq!(kept("*.md\n# no\n\n", &["a.md", "b/c.md", "b/d.txt"]), ["b/d.txt"]);
    assert_eq!(kept("/a.md\n", &["a.md", "b/a.md"]), ["b/a.md"]);
    assert_eq!(kept("b/\n", &["b/x/y", "c/b", "c/d"]), ["c/b", "c/d"]);
    assert_eq!(kept("b/*.y\n", &["b/a.y", "c/b/a.y", "b/c/a.y"]), ["b/c/a.y", "c/b/a.y"]);
    // A negated rule ignores what it does not match: not Git's meaning.
    assert_eq!(kept("!*.txt\n", &["a.txt", "b.md"]), ["a.txt"]);
    assert_eq!(kept("", &["templates/.hidden", "templates/a", ".other"]), [".other", "templates/a"]);
    let error = IgnoreRules::parse(b"a/**\n").unwrap_err();
    assert_eq!(error.to_string(), "double-star (**) syntax is not supported");
    let error = IgnoreRules::parse(b"[a\n").unwrap_err();
    assert_eq!(error.to_string(), "syntax error in pattern");
}

#[test]
fn the_order_is_that_of_a_walk() {
    assert_eq!(
        kept("", &["b.txt", "b/a", "a", "b/c/d", "b-x"]),
        ["a", "b/a", "b/c/d", "b-x", "b.txt"].map(str::to_owned)
    );
}

#[test]
fn patterns() {
    for (pattern, name, wanted) in [
        ("*", "abc", true),
        ("*", "a/c", false),
        ("a*/b", "abc/b", true),
        ("a?c", "a/c", false),
        ("[a-c]x", "bx", true),
        ("[^a-c]x", "bx", false),
        ("a\\*c", "a*c", true),
        ("*a*b", "xaxxb", true),
        ("*.y*ml", "templates/x.yaml", false),
        ("templates/*", "templates/x.yaml", true),
    ] {
        assert_eq!(path_matches(pattern, name), Ok(wanted), "{pattern} on {name}");
    }
    for pattern in ["[", "[a", "a\\", "[]a]", "[-]", "[a-]"] {
        assert_eq!(path_matches(pattern, "a"), Err(BadPattern), "{pattern}");
    }
}

#[test]
fn globs_of_files() {
    for (glob, name, wanted) in [
        ("*", "a", true),
        ("*", "a/b", false),
        ("**", "a/b", true),
        ("a/**.y", "a/b/c.y", true),
        ("{a,b/*}.txt", "b/c.txt", true),
        ("[!a]b", "ab", false),
        ("[ab]c", "bc", true),
        ("a\\*", "a*", true),
        // What Helm's library cannot compile matches everything.
        ("[b-a]", "zzz", true),
    ] {
        assert_eq!(Glob::new(glob).matches(name), wanted, "{glob} on {name}");
    }
}

#[test]
fn simple_rules_are_those_of_the_whole_language() {
    let globs = ["*.tgz", "README.md", "*", ".git", "*.t?z", "a*", "*[x]", "*\\*", "docs", "*~"];
    let names =
        ["a.tgz", ".tgz", "README.md", "readme.md", ".git", "a", "ax", "a*", "docs", "b~", "docs/a.tgz", "x/README.md"];
    for glob in globs {
        let rules = IgnoreRules::parse(glob.as_bytes()).unwrap();
        for name in names {
            let base = name.rsplit('/').next().unwrap();
            let expected = pattern::matches(glob, base).unwrap();
            assert_eq!(rules.ignores(name, false), expected, "{glob} {name}");
        }
    }
}

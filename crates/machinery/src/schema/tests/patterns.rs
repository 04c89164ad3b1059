//! Go's regular expressions in the regex crate.

use crate::schema::pattern::compile;

#[test]
fn go_spellings_mean_what_they_mean_in_go() {
    let table = [
        (r"^\d+$", "12", "١٢"),
        (r"^\w+$", "az_9", "é"),
        (r"^[\w.-]+$", "a.b-c", "a b"),
        (r"^[\w-.]+$", "a-b.c", "a b"),
        (r"^[[a]+$", "[a", "b"),
        (r"^[a&&b]+$", "a&b", "c"),
        (r"^[]a]+$", "]a", "b"),
        (r"^[^]a]+$", "b", "]"),
        (r"^a{2}$", "aa", "a{2}"),
        (r"^a{x}$", "a{x}", "a"),
        (r"^{a}$", "{a}", "a"),
        (r"^\p{Greek}+$", "αβ", "ab"),
        (r"^[[:alpha:]]+$", "ab", "1"),
        (r"^\Qa.b\E$", "a.b", "axb"),
        (r"^[^\s]+$", "ab", "a b"),
        (r"^(?i)ABC$", "abc", "abd"),
        (r"^a{,3}$", "a{,3}", "aa"),
        (r"\bfoo\b", "a foo b", "afoob"),
    ];
    for (pattern, good, bad) in table {
        let regex = compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert!(regex.is_match(good), "{pattern} should match {good}");
        assert!(!regex.is_match(bad), "{pattern} should not match {bad}");
    }
    assert!(compile("(").is_err());
}

//! Tables of our own; the results were compared with the Go library's over generated versions and constraints.

use expect_test::{Expect, expect};

use super::{Constraint, Version};
use crate::Dialect;

fn check(lines: impl IntoIterator<Item = String>, expected: Expect) {
    expected.assert_eq(&lines.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn versions_are_coerced() {
    let texts = ["1", "v1.2", "01.02.003", "1.2.3-rc.1+b.01", "1.2.3-01", "1.2.3-", "1.2.3-a..b", "V1", "", "1.2.3.4"];
    let long = ["1.99999999999999999999", "18446744073709551615.0.0"];
    check(
        texts.iter().chain(&long).map(|text| match Version::parse(text) {
            Ok(version) => format!("{text:?}: {version} (was {})", version.original()),
            Err(error) => format!("{text:?}: {error}"),
        }),
        expect![[r#"
            "1": 1.0.0 (was 1)
            "v1.2": 1.2.0 (was v1.2)
            "01.02.003": 1.2.3 (was 01.02.003)
            "1.2.3-rc.1+b.01": 1.2.3-rc.1+b.01 (was 1.2.3-rc.1+b.01)
            "1.2.3-01": version segment starts with 0
            "1.2.3-": invalid semantic version
            "1.2.3-a..b": invalid semantic version
            "V1": invalid semantic version
            "": invalid semantic version
            "1.2.3.4": invalid semantic version
            "1.99999999999999999999": error parsing version segment: strconv.ParseUint: parsing "99999999999999999999": value out of range
            "18446744073709551615.0.0": 18446744073709551615.0.0 (was 18446744073709551615.0.0)"#]],
    );
}

#[test]
fn strict_versions_are_not_coerced() {
    let texts =
        ["1.2.3-rc.1+b.01", "1.2", "v1.2.3", "1.02.3", "1.2.", "1.2.3-a_b", "1.2.3+", "", "1.2.99999999999999999999"];
    check(
        texts.iter().map(|text| match Version::parse_strict(text) {
            Ok(version) => format!("{text:?}: {version}"),
            Err(error) => format!("{text:?}: {error}"),
        }),
        expect![[r#"
            "1.2.3-rc.1+b.01": 1.2.3-rc.1+b.01
            "1.2": invalid semantic version
            "v1.2.3": invalid characters in version
            "1.02.3": version segment starts with 0
            "1.2.": strconv.ParseUint: parsing "": invalid syntax
            "1.2.3-a_b": invalid prerelease string
            "1.2.3+": invalid metadata string
            "": version string empty
            "1.2.99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range"#]],
    );
}

#[test]
fn precedence_is_the_specifications() {
    let ordered = [
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.b",
        "1.0.0-beta",
        "1.0.0",
        "1.0.1",
    ];
    let versions: Vec<Version> = ordered.iter().map(|text| Version::parse(text).unwrap()).collect();
    for (low, a) in versions.iter().enumerate() {
        for (high, b) in versions.iter().enumerate() {
            assert_eq!(a.compare(b), low.cmp(&high), "{a} against {b}");
        }
    }
    let build = |text: &str| Version::parse(text).unwrap();
    assert!(build("1.2.3+a").compare(&build("v1.2.3+b")).is_eq());
}

#[test]
fn next_versions_keep_their_prefix() {
    let version = Version::parse("v1.2.3-rc.1+b").unwrap();
    let next = [version.next_major(), version.next_minor(), version.next_patch(), version.next_patch().next_patch()];
    assert_eq!(next.map(|version| version.original().to_owned()), ["v2.0.0", "v1.3.0", "v1.2.3", "v1.2.4"]);
    assert_eq!(version.with_prerelease("beta").unwrap().original(), "v1.2.3-beta+b");
    assert_eq!(version.with_metadata("a_b").unwrap_err().to_string(), "invalid metadata string");
}

/// One constraint against many versions: those that satisfy it.
fn satisfying(constraint: &str, dialect: Dialect) -> String {
    const VERSIONS: &str =
        "0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0 1.2.3-beta.1 1.2.3 1.2.4 1.3.0 2.0.0-rc.1 2.0.0 2.4.1";
    match Constraint::parse(constraint) {
        Ok(parsed) => {
            let parsed = parsed.with_dialect(dialect);
            let holds = |text: &&str| parsed.check(&Version::parse(text).unwrap());
            format!("{constraint} = {parsed}: {}", VERSIONS.split(' ').filter(holds).collect::<Vec<_>>().join(" "))
        }
        Err(error) => format!("{constraint}: {error}"),
    }
}

#[test]
fn constraints_hold_for() {
    let constraints = [
        "*",
        "1.2.3",
        "=1.2",
        "1.2.x",
        "1.X.3",
        "!=1.2.3",
        "!=1.2.x",
        "!=1",
        ">1.2.3",
        ">1.2",
        ">1",
        ">=1.2.3-0",
        "<1.2.3",
        "<=1.2",
        "<=1",
        "~1.2.3",
        "~1.2",
        "~1",
        "~>0.2",
        "^1.2.3",
        "^0.2.3",
        "^0.0.3",
        "^0.0",
        "^0",
        "^*",
        "1.2 - 1.3.0",
        "1.2.3-a - 2",
        ">=1.2.3-0 <2.0.0",
        ">= 1.2, < 1.3 || =2.4.1",
        "^1.2.3-beta.1",
        ">=1.19-0",
    ];
    check(
        constraints.iter().map(|text| satisfying(text, Dialect::Helm4)),
        expect![[r#"
        * = *: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0 1.2.3 1.2.4 1.3.0 2.0.0 2.4.1
        1.2.3 = 1.2.3: 1.2.3
        =1.2 = =1.2: 1.2.0 1.2.3 1.2.4
        1.2.x = 1.2.x: 1.2.0 1.2.3 1.2.4
        1.X.3 = 1.X.3: 1.0.0 1.2.0 1.2.3 1.2.4 1.3.0
        !=1.2.3 = !=1.2.3: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0 1.2.4 1.3.0 2.0.0 2.4.1
        !=1.2.x = !=1.2.x: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.3.0 2.0.0 2.4.1
        !=1 = !=1: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 2.0.0 2.4.1
        >1.2.3 = >1.2.3: 1.2.4 1.3.0 2.0.0 2.4.1
        >1.2 = >1.2: 1.3.0 2.0.0 2.4.1
        >1 = >1: 2.0.0 2.4.1
        >=1.2.3-0 = >=1.2.3-0: 1.2.3-beta.1 1.2.3 1.2.4 1.3.0 2.0.0-rc.1 2.0.0 2.4.1
        <1.2.3 = <1.2.3: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0
        <=1.2 = <=1.2: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0 1.2.3 1.2.4
        <=1 = <=1: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0 1.0.0 1.2.0 1.2.3 1.2.4 1.3.0
        ~1.2.3 = ~1.2.3: 1.2.3 1.2.4
        ~1.2 = ~1.2: 1.2.0 1.2.3 1.2.4
        ~1 = ~1: 1.0.0 1.2.0 1.2.3 1.2.4 1.3.0
        ~>0.2 = ~>0.2: 0.2.3 0.2.9
        ^1.2.3 = ^1.2.3: 1.2.3 1.2.4 1.3.0
        ^0.2.3 = ^0.2.3: 0.2.3 0.2.9
        ^0.0.3 = ^0.0.3: 0.0.3
        ^0.0 = ^0.0: 0.0.0 0.0.3 0.0.4
        ^0 = ^0: 0.0.0 0.0.3 0.0.4 0.2.3 0.2.9 0.3.0
        ^* = ^*: 0.0.0
        1.2 - 1.3.0 = >=1.2 <=1.3.0: 1.2.0 1.2.3 1.2.4 1.3.0
        1.2.3-a - 2 = >=1.2.3-a <=2: 1.2.3-beta.1 1.2.3 1.2.4 1.3.0 2.0.0-rc.1 2.0.0 2.4.1
        >=1.2.3-0 <2.0.0 = >=1.2.3-0 <2.0.0: 1.2.3-beta.1 1.2.3 1.2.4 1.3.0 2.0.0-rc.1
        >= 1.2, < 1.3 || =2.4.1 = >=1.2 <1.3 || =2.4.1: 1.2.0 1.2.3 1.2.4 2.4.1
        ^1.2.3-beta.1 = ^1.2.3-beta.1: 1.2.3-beta.1 1.2.3 1.2.4 1.3.0
        >=1.19-0 = >=1.19-0: 2.0.0-rc.1 2.0.0 2.4.1"#]],
    );
}

#[test]
fn constraints_are_refused() {
    let constraints =
        ["", "  ", ">", "a.b", "1.2.3.4", ">=1.2 &&<2", "1.2 ||", ">=01.2.3-01", "1|2.3", "==1.2", "1.2 1.3,", "é"];
    check(
        constraints.iter().map(|text| satisfying(text, Dialect::Helm4)),
        expect![[r#"
        : improper constraint: 
          : improper constraint:   
        >: improper constraint: >
        a.b: improper constraint: a.b
        1.2.3.4: improper constraint: 1.2.3.4
        >=1.2 &&<2: improper constraint: >=1.2 &&<2
        1.2 ||: improper constraint: 
        >=01.2.3-01: constraint parser error
        1|2.3: constraint parser error
        ==1.2: improper constraint: ==1.2
        1.2 1.3,: improper constraint: 1.2 1.3,
        é: improper constraint: é"#]],
    );
}

#[test]
fn helm3_wants_a_prerelease_in_every_part() {
    let texts = [">=1.2.3-0 <2.0.0", ">=1.2.3-0 <2.0.0-0"];
    check(
        texts.iter().map(|text| satisfying(text, Dialect::Helm3)),
        expect![[r#"
        >=1.2.3-0 <2.0.0 = >=1.2.3-0 <2.0.0: 1.2.3 1.2.4 1.3.0
        >=1.2.3-0 <2.0.0-0 = >=1.2.3-0 <2.0.0-0: 1.2.3-beta.1 1.2.3 1.2.4 1.3.0"#]],
    );
}

#[test]
fn reasons_are_told() {
    let cases = [
        ("^1.2.3", "2.0.0"),
        ("^0.2.3", "0.3.0"),
        ("^0.0.3", "0.1.0"),
        ("^0.0.3", "0.0.4"),
        ("~1.2", "1.3.0"),
        ("~1.2", "2.0.0"),
        (">1.2 <1 || !=1.2.3, =1", "1.2.3-a"),
        (">=2 || <1 || 3", "1.5.0"),
        ("!=1.2.x, <=1.1", "1.2.9"),
        ("^2", "1.0.0"),
    ];
    check(
        cases.iter().map(|(constraint, version)| {
            let reasons = Constraint::parse(constraint).unwrap().validate(&Version::parse(version).unwrap());
            format!("{constraint}: {}", reasons.unwrap_err().join("; "))
        }),
        expect![[r#"
            ^1.2.3: 2.0.0 does not have same major version as 1.2.3
            ^0.2.3: 0.3.0 does not have same minor version as 0.2.3. Expected minor versions to match when constraint major version is 0
            ^0.0.3: 0.1.0 does not have same minor version as 0.0.3
            ^0.0.3: 0.0.4 does not equal 0.0.3. Expect version and constraint to equal when major and minor versions are 0
            ~1.2: 1.3.0 does not have same major and minor version as 1.2
            ~1.2: 2.0.0 does not have same major version as 1.2
            >1.2 <1 || !=1.2.3, =1: 1.2.3-a is a prerelease version and the constraint is only looking for release versions
            >=2 || <1 || 3: 1.5.0 is less than 2; 1.5.0 is greater than or equal to 1; 1.5.0 is less than 3
            !=1.2.x, <=1.1: 1.2.9 is equal to 1.2.x; 1.2.9 is greater than 1.1
            ^2: 1.0.0 is less than 2"#]],
    );
}

#[test]
fn templates_have_versions() {
    let lines = [
        r#"{{ semverCompare ">=1.19-0" "v1.30.0-gke.1" | toJson }} {{ semverCompare "^1.2.0" "2.0.0" | toJson }}"#,
        r#"{{ $v := semver "v1.2.3-rc.1+b" }}{{ toJson $v.Major }}.{{ toJson $v.Minor }}.{{ toJson $v.Patch }} {{ $v.Prerelease }} {{ $v.Metadata }} {{ $v.Original }}"#,
        r#"{{ $v := semver "1.2.3" }}{{ $v.IncMajor.String }} {{ toJson $v.IncMinor.IncPatch }} {{ (semver "v1.2.3").IncPatch.String }}"#,
        r#"{{ (semver "1.2.3").LessThan (semver "1.3.0") | toJson }} {{ semver "1.2.3" | (semver "1.10.0").Compare | toJson }} {{ toJson (semver "v1") }}"#,
        r#"{{ ((semver "1.2.3").SetPrerelease "rc.1").String }} {{ ((semver "1.2.3").SetMetadata "a_b").String }}"#,
        r#"{{ (semver "1.2.3").IncMajor.Original }}"#,
        r#"{{ semver "x" }}"#,
        r#"{{ semverCompare ">" "1" }}"#,
    ];
    check(
        lines.iter().map(|line| crate::testing::render(line, "{}")),
        expect![[r#"
        true false
        1.2.3 rc.1 b v1.2.3-rc.1+b
        2.0.0 "1.3.1" 1.2.4
        true 1 "1.0.0"
        template: t:1:73: executing "t" at <(semver "1.2.3").SetMetadata>: error calling SetMetadata: invalid metadata string
        template: t:1:11: executing "t" at <"1.2.3">: can't evaluate field Original in type semver.Version
        template: t:1:3: executing "t" at <semver "x">: error calling semver: invalid semantic version
        template: t:1:3: executing "t" at <semverCompare ">" "1">: error calling semverCompare: improper constraint: >"#]],
    );
    let mut host = crate::testing::TestHost::seeded(1);
    host.dialect = Dialect::Helm3;
    let helm3 = crate::testing::render_with(&host, "{{ semver \"x\" }}", "{}");
    assert!(helm3.ends_with("error calling semver: Invalid Semantic Version"), "{helm3}");
}

#[test]
fn the_short_way_reads_what_the_grammar_reads() {
    let operators = ["", "=", "!=", ">", "<", ">=", "<=", "=>", "=<", "~", "~>", "^", "==", "<>", "!"];
    let versions = [
        "1.2.3",
        "v1.2.3",
        "1.22.0-0",
        "1.2.3-a.b-c.0",
        "01.2.3",
        "1.2",
        "1.x.3",
        "1.2.3.4",
        "1.2.3-",
        "1.2.3+5",
        "1.2.3-a..b",
        "",
    ];
    for operator in operators {
        for version in versions {
            for text in
                [format!("{operator}{version}"), format!(" {operator} {version}\t"), format!("{operator} v {version}")]
            {
                let (short, whole) = (Constraint::parse(&text), Constraint::by_grammar(&text));
                assert_eq!(format!("{short:?}"), format!("{whole:?}"), "{text:?}");
            }
        }
    }
}

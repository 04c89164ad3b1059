//! The table against the names that Go, Sprig v3 and Helm document.

use std::collections::BTreeSet;

use super::functions;

/// text/template's own.
const GO: &str = "
    and call eq ge gt html index js le len lt ne not or print printf println slice urlquery
";

/// Sprig v3.3 without `env` and `expandenv`, which Helm takes out.
const SPRIG: &str = "
    abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc b64dec b64enc base
    bcrypt biggest buildCustomCert camelcase cat ceil chunk clean coalesce compact concat contains date
    dateInZone dateModify date_in_zone date_modify decryptAES deepCopy deepEqual default derivePassword dict dig
    dir div divf duration durationRound empty encryptAES ext fail first float64 floor fromJson genCA
    genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey get
    getHostByName has hasKey hasPrefix hasSuffix hello htmlDate htmlDateInZone htpasswd indent initial initials
    int int64 isAbs join kebabcase keys kindIs kindOf last list lower max maxf merge mergeOverwrite min minf mod
    mul mulf mustAppend mustChunk mustCompact mustDateModify mustDeepCopy mustFirst mustFromJson mustHas
    mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll
    mustRegexMatch mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice
    mustToDate mustToJson mustToPrettyJson mustToRawJson mustUniq mustWithout must_date_modify nindent nospace
    now omit osBase osClean osDir osExt osIsAbs pick pluck plural prepend push quote randAlpha randAlphaNum
    randAscii randBytes randInt randNumeric regexFind regexFindAll regexMatch regexQuoteMeta regexReplaceAll
    regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver semverCompare seq set sha1sum
    sha256sum sha512sum shuffle slice snakecase sortAlpha split splitList splitn squote sub subf substr swapcase
    ternary title toDate toDecimal toJson toPrettyJson toRawJson toString toStrings trim trimAll trimPrefix
    trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper
    urlJoin urlParse uuidv4 values without wrap wrapWith
";

/// What Helm 4 adds; `mustToToml` came with 4.2.
const HELM: &str = "
    fromJson fromJsonArray fromToml fromYaml fromYamlArray include lookup mustToJson mustToToml mustToYaml
    required toJson toToml toYaml toYamlPretty tpl
";

fn names(lists: &[&'static str]) -> BTreeSet<&'static str> {
    lists.iter().flat_map(|list| list.split_whitespace()).collect()
}

#[test]
fn all_documented_names_are_there_and_no_other() {
    let have: BTreeSet<&str> = functions().iter().map(|function| function.name).collect();
    let documented = names(&[GO, SPRIG, HELM]);
    assert_eq!(have.difference(&documented).collect::<Vec<_>>(), Vec::<&&str>::new(), "undocumented");
    let missing: Vec<&&str> = documented.difference(&have).collect();
    assert_eq!(missing, Vec::<&&str>::new(), "missing");
    assert!(functions().iter().all(|function| !matches!(function.name, "env" | "expandenv")));
}

#[test]
fn the_table_is_sorted_and_has_each_name_once() {
    assert!(functions().windows(2).all(|pair| pair[0].name < pair[1].name));
}

#[test]
fn helm_replaces_what_sprig_has_too() {
    let fail = functions().iter().find(|function| function.name == "fail").expect("fail");
    assert!(crate::helm::FLOW.iter().any(|function| std::ptr::fn_addr_eq(function.call, fail.call)));
}

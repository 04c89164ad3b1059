//! Regular expressions: Go's dialect, its errors, and where crate `regex` would have differed.

use expect_test::expect;

use super::check;

#[test]
fn functions() {
    check(
        r##"
        regexMatch "^[a-z]+$" "abc"
        regexMatch "[" "abc"
        mustRegexMatch "[" "abc"
        regexFind "[0-9]+" "a12b345"
        regexFind "x" "abc" | quote
        regexFindAll "[0-9]+" "a12b345" -1
        regexFindAll "[0-9]+" "a12b345" 1
        regexFindAll "x" "abc" -1 | toJson
        regexFindAll "" "aé" -1 | len
        regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"
        regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"
        regexReplaceAll "(?P<n>x)(?P<n>y)?" "axyb" "<${n}$$>$"
        regexReplaceAll "x*" "axb" "-"
        regexReplaceAll "" "é" "-"
        regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"
        regexSplit "z+" "pizza" -1
        regexSplit "," "a,b,c" 2
        regexSplit "," "a,b,c" 0 | toJson
        regexSplit "," "" -1 | toJson
        regexSplit "" "abc" -1
        regexQuoteMeta "a.b[c]$"
        mustRegexFind "a{2,1}" "a"
        mustRegexFindAll "a" "aba" 1
        mustRegexReplaceAll "a" "aba" "$0$0"
        mustRegexReplaceAllLiteral "a" "aba" "$0"
        mustRegexSplit "b" "aba" -1
        regexMatch "." (b64dec "/w==")
        regexReplaceAll "." (b64dec "Yf9i") "x"
        "##,
        expect![[r#"
            regexMatch "^[a-z]+$" "abc"
                "true"
            regexMatch "[" "abc"
                "false"
            mustRegexMatch "[" "abc"
                ! error calling mustRegexMatch: error parsing regexp: missing closing ]: `[`
            regexFind "[0-9]+" "a12b345"
                "12"
            regexFind "x" "abc" | quote
                "\"\""
            regexFindAll "[0-9]+" "a12b345" -1
                "[12 345]"
            regexFindAll "[0-9]+" "a12b345" 1
                "[12]"
            regexFindAll "x" "abc" -1 | toJson
                "null"
            regexFindAll "" "aé" -1 | len
                "3"
            regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W"
                "-W-xxW-"
            regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W"
                "---"
            regexReplaceAll "(?P<n>x)(?P<n>y)?" "axyb" "<${n}$$>$"
                "a<x$>$b"
            regexReplaceAll "x*" "axb" "-"
                "-a-b-"
            regexReplaceAll "" "é" "-"
                "-é-"
            regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}"
                "-${1}-${1}-"
            regexSplit "z+" "pizza" -1
                "[pi a]"
            regexSplit "," "a,b,c" 2
                "[a b,c]"
            regexSplit "," "a,b,c" 0 | toJson
                "null"
            regexSplit "," "" -1 | toJson
                "[\"\"]"
            regexSplit "" "abc" -1
                "[a b c]"
            regexQuoteMeta "a.b[c]$"
                "a\\.b\\[c\\]\\$"
            mustRegexFind "a{2,1}" "a"
                ! error calling mustRegexFind: error parsing regexp: invalid repeat count: `{2,1}`
            mustRegexFindAll "a" "aba" 1
                "[a]"
            mustRegexReplaceAll "a" "aba" "$0$0"
                "aabaa"
            mustRegexReplaceAllLiteral "a" "aba" "$0"
                "$0b$0"
            mustRegexSplit "b" "aba" -1
                "[a a]"
            regexMatch "." (b64dec "/w==")
                "true"
            regexReplaceAll "." (b64dec "Yf9i") "x"
                "xxx"
        "#]],
    );
}

#[test]
fn dialect() {
    check(
        r##"
        regexReplaceAll "[\\w-.]+" "a-b.c d" "x"
        regexReplaceAll "[\\w-\\.]+" "a-b.c d" "x"
        regexReplaceAll "[a[b]+" "a[b]" "x"
        regexReplaceAll "[a&&b~~c--d]+" "a&b~c-d" "x"
        regexReplaceAll "[]a]+" "a]b" "x"
        regexReplaceAll "[[:alpha:]_]+" "a_1" "x"
        regexReplaceAll "\\Qa.b\\E+" "a.bb axb" "x"
        regexMatch "^a\\z" "a\n"
        regexReplaceAll "\\d" "1٣" "x"
        regexReplaceAll "\\w+" "aé" "x"
        regexReplaceAll "\\bé" "é" "x"
        regexReplaceAll "\\p{Greek}\\pL" "αb" "x"
        regexReplaceAll "(?i)K" "kK" "x"
        regexReplaceAll "a(?i)b|c" "aB C" "x"
        regexReplaceAll "a{,2}" "a{,2}" "x"
        regexReplaceAll "x{2}(?i)*" "xxXX" "y"
        regexReplaceAll "\\<b" "<b" "x"
        regexReplaceAll "(?U)a+" "aa" "x"
        regexReplaceAll "(?m)^" "a\nb" ">"
        regexReplaceAll "(?P<1a>x)" "x" "[$1a]"
        "##,
        expect![[r#"
            regexReplaceAll "[\\w-.]+" "a-b.c d" "x"
                "x x"
            regexReplaceAll "[\\w-\\.]+" "a-b.c d" "x"
                "x x"
            regexReplaceAll "[a[b]+" "a[b]" "x"
                "x]"
            regexReplaceAll "[a&&b~~c--d]+" "a&b~c-d" "x"
                ! error calling regexReplaceAll: regexp: Compile(`[a&&b~~c--d]+`): error parsing regexp: invalid character class range: `c--`
            regexReplaceAll "[]a]+" "a]b" "x"
                "xb"
            regexReplaceAll "[[:alpha:]_]+" "a_1" "x"
                "x1"
            regexReplaceAll "\\Qa.b\\E+" "a.bb axb" "x"
                "x axb"
            regexMatch "^a\\z" "a\n"
                "false"
            regexReplaceAll "\\d" "1٣" "x"
                "x٣"
            regexReplaceAll "\\w+" "aé" "x"
                "xé"
            regexReplaceAll "\\bé" "é" "x"
                "é"
            regexReplaceAll "\\p{Greek}\\pL" "αb" "x"
                "x"
            regexReplaceAll "(?i)K" "kK" "x"
                "xx"
            regexReplaceAll "a(?i)b|c" "aB C" "x"
                "x x"
            regexReplaceAll "a{,2}" "a{,2}" "x"
                "x"
            regexReplaceAll "x{2}(?i)*" "xxXX" "y"
                "yXyXy"
            regexReplaceAll "\\<b" "<b" "x"
                "x"
            regexReplaceAll "(?U)a+" "aa" "x"
                "xx"
            regexReplaceAll "(?m)^" "a\nb" ">"
                ">a\n>b"
            regexReplaceAll "(?P<1a>x)" "x" "[$1a]"
                "[x]"
        "#]],
    );
}

#[test]
fn errors() {
    check(
        r##"
        mustRegexMatch "a**" ""
        mustRegexMatch "*a" ""
        mustRegexMatch "(a" ""
        mustRegexMatch "a)" ""
        mustRegexMatch "[a" ""
        mustRegexMatch "[z-a]" ""
        mustRegexMatch "[[:foo:]]" ""
        mustRegexMatch "\\p{Foo}" ""
        mustRegexMatch "\\C" ""
        mustRegexMatch "\\8" ""
        mustRegexMatch "\\" ""
        mustRegexMatch "(?=a)" ""
        mustRegexMatch "(?<a" ""
        mustRegexMatch "(?P<a-b>x)" ""
        mustRegexMatch "a{1001}" ""
        mustRegexMatch "(a{100}){100}" ""
        mustRegexMatch "(?i" ""
        regexFind "a`(" ""
        regexFindAll "(" "" -1
        regexSplit "(" "" -1
        regexReplaceAll "(" "" ""
        "##,
        expect![[r#"
            mustRegexMatch "a**" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid nested repetition operator: `**`
            mustRegexMatch "*a" ""
                ! error calling mustRegexMatch: error parsing regexp: missing argument to repetition operator: `*`
            mustRegexMatch "(a" ""
                ! error calling mustRegexMatch: error parsing regexp: missing closing ): `(a`
            mustRegexMatch "a)" ""
                ! error calling mustRegexMatch: error parsing regexp: unexpected ): `a)`
            mustRegexMatch "[a" ""
                ! error calling mustRegexMatch: error parsing regexp: missing closing ]: `[a`
            mustRegexMatch "[z-a]" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid character class range: `z-a`
            mustRegexMatch "[[:foo:]]" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid character class range: `[:foo:]`
            mustRegexMatch "\\p{Foo}" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid character class range: `\p{Foo}`
            mustRegexMatch "\\C" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid escape sequence: `\C`
            mustRegexMatch "\\8" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid escape sequence: `\8`
            mustRegexMatch "\\" ""
                ! error calling mustRegexMatch: error parsing regexp: trailing backslash at end of expression: ``
            mustRegexMatch "(?=a)" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid or unsupported Perl syntax: `(?=`
            mustRegexMatch "(?<a" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid named capture: `(?<a`
            mustRegexMatch "(?P<a-b>x)" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid named capture: `(?P<a-b>`
            mustRegexMatch "a{1001}" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid repeat count: `{1001}`
            mustRegexMatch "(a{100}){100}" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid repeat count: `{100}`
            mustRegexMatch "(?i" ""
                ! error calling mustRegexMatch: error parsing regexp: invalid or unsupported Perl syntax: `(?i`
            regexFind "a`(" ""
                ! error calling regexFind: regexp: Compile("a`("): error parsing regexp: missing closing ): `a`(`
            regexFindAll "(" "" -1
                ! error calling regexFindAll: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`
            regexSplit "(" "" -1
                ! error calling regexSplit: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`
            regexReplaceAll "(" "" ""
                ! error calling regexReplaceAll: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`
        "#]],
    );
}

//! Strings, words, letter case, conversion to text, encodings, paths.

use expect_test::expect;

use super::check;

#[test]
fn trimming_and_cutting() {
    check(
        r##"
        trim "  \t\u00a0a b\n" | quote
        trimAll "$x" "$x5.00x$"
        trimall "-" "--a-b--"
        trimPrefix "Hello" .text
        trimSuffix "World" .text
        trunc 5 .text
        trunc -5 .text
        trunc 100 .text
        trunc -100 .text
        trunc 0 .text
        trunc 2 "é" | len
        substr 0 5 .text
        substr -1 5 .text
        substr 7 -1 .text
        substr 3 1 .text
        substr 20 -1 .text
        substr -1 20 .text
        substr -1 -2 .text
        abbrev 8 .text
        abbrev 3 .text
        abbrevboth 5 10 "1234 5678 9123 4567"
        abbrevboth 5 6 "1234 5678 9123 4567"
        trunc nil "a"
        trim 5
        "##,
        expect![[r#"
            trim "  \t\u00a0a b\n" | quote
                "\"a b\""
            trimAll "$x" "$x5.00x$"
                "5.00"
            trimall "-" "--a-b--"
                "a-b"
            trimPrefix "Hello" .text
                ", World"
            trimSuffix "World" .text
                "Hello, "
            trunc 5 .text
                "Hello"
            trunc -5 .text
                "World"
            trunc 100 .text
                "Hello, World"
            trunc -100 .text
                "Hello, World"
            trunc 0 .text
                ""
            trunc 2 "é" | len
                "2"
            substr 0 5 .text
                "Hello"
            substr -1 5 .text
                "Hello"
            substr 7 -1 .text
                "World"
            substr 3 1 .text
                ! error calling substr: runtime error: slice bounds out of range [3:1]
            substr 20 -1 .text
                ! error calling substr: runtime error: slice bounds out of range [20:12]
            substr -1 20 .text
                ! error calling substr: runtime error: slice bounds out of range [:20] with length 12
            substr -1 -2 .text
                ! error calling substr: runtime error: slice bounds out of range [:-2]
            abbrev 8 .text
                "Hello..."
            abbrev 3 .text
                "Hello, World"
            abbrevboth 5 10 "1234 5678 9123 4567"
                "...5678..."
            abbrevboth 5 6 "1234 5678 9123 4567"
                "1234 5678 9123 4567"
            trunc nil "a"
                ! cannot assign nil to int
            trim 5
                ! expected string; found 5
        "#]],
    );
}

#[test]
fn searching_and_replacing() {
    check(
        r##"
        contains "World" .text
        contains "" ""
        hasPrefix "Hello" .text
        hasSuffix "Hello" .text
        replace "l" "L" .text
        replace "" "-" "aé"
        replace "x" "y" .text
        repeat 3 "ab"
        repeat 0 "ab" | quote
        repeat -1 "ab"
        repeat 100000000000 ""
        plural "one" "many" 1
        plural "one" "many" 0
        plural "one" "many" 2
        "##,
        expect![[r#"
            contains "World" .text
                "true"
            contains "" ""
                "true"
            hasPrefix "Hello" .text
                "true"
            hasSuffix "Hello" .text
                "false"
            replace "l" "L" .text
                "HeLLo, WorLd"
            replace "" "-" "aé"
                "-a-é-"
            replace "x" "y" .text
                "Hello, World"
            repeat 3 "ab"
                "ababab"
            repeat 0 "ab" | quote
                "\"\""
            repeat -1 "ab"
                ! error calling repeat: strings: negative Repeat count
            repeat 100000000000 ""
                ""
            plural "one" "many" 1
                "one"
            plural "one" "many" 0
                "many"
            plural "one" "many" 2
                "many"
        "#]],
    );
}

#[test]
fn padding_and_quoting() {
    check(
        r##"
        indent 2 "a\nb\n" | quote
        nindent 2 "a\nb" | quote
        indent 2 "" | quote
        indent -1 "a"
        quote 1 nil "a\"b\\\n" .number .nil
        quote
        squote 1 nil "a'b" .yes
        cat "a" nil 1 .list .map
        cat "50%d" "%"
        hello
        quote (b64dec "/w==")
        quote .list
        quote (dict "a" (list 1 2))
        "##,
        expect![[r#"
            indent 2 "a\nb\n" | quote
                "\"  a\\n  b\\n  \""
            nindent 2 "a\nb" | quote
                "\"\\n  a\\n  b\""
            indent 2 "" | quote
                "\"  \""
            indent -1 "a"
                ! error calling indent: strings: negative Repeat count
            quote 1 nil "a\"b\\\n" .number .nil
                "\"1\" \"a\\\"b\\\\\\n\" \"1.234567e+06\""
            quote
                ""
            squote 1 nil "a'b" .yes
                "'1' 'a'b' 'true'"
            cat "a" nil 1 .list .map
                "a 1 [b a <nil> c a] map[a:1 b:map[c:d] n:<nil>]"
            cat "50%d" "%"
                "50%d %"
            hello
                "Hello!"
            quote (b64dec "/w==")
                "\"\\xff\""
            quote .list
                "\"[b a <nil> c a]\""
            quote (dict "a" (list 1 2))
                "\"map[a:[1 2]]\""
        "#]],
    );
}

#[test]
fn words_and_letter_case() {
    check(
        r##"
        upper "straße ŉ ᾳ ǆ"
        lower "ÀÉ İ"
        title "hello wörld-foo_bar baz's ǆ"
        untitle "Hello World"
        swapcase "This Is a.Test ǅ"
        initials "First Try ünder"
        initials "É"
        nospace " a b\tc "
        nospace "é b"
        nospace "éb"
        snakecase "HTTPServer"
        snakecase "Bld4Floor3rd"
        snakecase "Duration2m3s"
        snakecase "http2xx"
        snakecase "GO PATH-x"
        snakecase "日本Foo"
        snakecase "a--B!c"
        kebabcase "FirstName HTTP20xOK"
        kebabcase "_complex__case_"
        camelcase "http_server"
        camelcase "_complex__case_"
        camelcase "GOLANG_IS_GREAT"
        camelcase "--"
        camelcase "no_https"
        wrap 5 "Hello World foo" | quote
        wrap 5 "averylongword and more" | quote
        wrapWith 5 "|" "averylongword and more"
        wrapWith 5 "" "ab cdef gh" | quote
        wrap 0 "a b" | quote
        "##,
        expect![[r#"
            upper "straße ŉ ᾳ ǆ"
                "STRAßE ŉ ᾼ Ǆ"
            lower "ÀÉ İ"
                "àé i"
            title "hello wörld-foo_bar baz's ǆ"
                "Hello Wörld-Foo_bar Baz'S ǅ"
            untitle "Hello World"
                "hello world"
            swapcase "This Is a.Test ǅ"
                "tHIS iS A.tEST ǆ"
            initials "First Try ünder"
                "FTÃ"
            initials "É"
                "Ã"
            nospace " a b\tc "
                "abc"
            nospace "é b"
                "Ã©b"
            nospace "éb"
                "éb"
            snakecase "HTTPServer"
                "http_server"
            snakecase "Bld4Floor3rd"
                "bld4_floor_3rd"
            snakecase "Duration2m3s"
                "duration_2m3s"
            snakecase "http2xx"
                "http_2xx"
            snakecase "GO PATH-x"
                "go_path_x"
            snakecase "日本Foo"
                "日本_foo"
            snakecase "a--B!c"
                "a__b!c"
            kebabcase "FirstName HTTP20xOK"
                "first-name-http-20x-ok"
            kebabcase "_complex__case_"
                "-complex--case-"
            camelcase "http_server"
                "HttpServer"
            camelcase "_complex__case_"
                "_Complex_Case_"
            camelcase "GOLANG_IS_GREAT"
                "GolangIsGreat"
            camelcase "--"
                "---"
            camelcase "no_https"
                "NoHttps"
            wrap 5 "Hello World foo" | quote
                "\"Hello\\nWorld\\nfoo\""
            wrap 5 "averylongword and more" | quote
                "\"averylongword\\nand\\nmore\""
            wrapWith 5 "|" "averylongword and more"
                "avery|longw|ord|and|more"
            wrapWith 5 "" "ab cdef gh" | quote
                "\"ab\\ncdef\\ngh\""
            wrap 0 "a b" | quote
                "\"a\\nb\""
        "#]],
    );
}

#[test]
fn values_as_text() {
    check(
        r##"
        toString .nil
        toString .number
        toString 1234567
        toString .fraction
        toString .list
        toString .map
        toString (list 1 "a" nil)
        toString (dict "b" 1 "a" nil)
        toString true
        toStrings (list 1 nil "a" 2.5)
        toStrings nil | len
        toStrings 5
        join "-" .list
        join "," (list 1 nil 2.5 true)
        join "," "one"
        join "," nil | quote
        sortAlpha (list "b" "a" 10 9)
        sortAlpha 5
        sortAlpha nil
        split "$" "foo$bar$baz"
        (split "," "a,b")._1
        splitn "," 2 "a,b,c"
        splitn "," 0 "a,b,c"
        splitList "," "a,,b" | len
        splitList "" "aé"
        splitList "," "" | len
        typeOf (split "," "a")
        typeOf (splitList "," "a")
        "##,
        expect![[r#"
            toString .nil
                "<nil>"
            toString .number
                "1.234567e+06"
            toString 1234567
                "1234567"
            toString .fraction
                "2.5"
            toString .list
                "[b a <nil> c a]"
            toString .map
                "map[a:1 b:map[c:d] n:<nil>]"
            toString (list 1 "a" nil)
                "[1 a <nil>]"
            toString (dict "b" 1 "a" nil)
                "map[a:<nil> b:1]"
            toString true
                "true"
            toStrings (list 1 nil "a" 2.5)
                "[1 a 2.5]"
            toStrings nil | len
                "0"
            toStrings 5
                "[5]"
            join "-" .list
                "b-a-c-a"
            join "," (list 1 nil 2.5 true)
                "1,2.5,true"
            join "," "one"
                "one"
            join "," nil | quote
                "\"\""
            sortAlpha (list "b" "a" 10 9)
                "[10 9 a b]"
            sortAlpha 5
                "[5]"
            sortAlpha nil
                "[<nil>]"
            split "$" "foo$bar$baz"
                "map[_0:foo _1:bar _2:baz]"
            (split "," "a,b")._1
                "b"
            splitn "," 2 "a,b,c"
                "map[_0:a _1:b,c]"
            splitn "," 0 "a,b,c"
                "map[]"
            splitList "," "a,,b" | len
                "3"
            splitList "" "aé"
                "[a é]"
            splitList "," "" | len
                "1"
            typeOf (split "," "a")
                "map[string]string"
            typeOf (splitList "," "a")
                "[]string"
        "#]],
    );
}

#[test]
fn encodings_and_paths() {
    check(
        r##"
        b64enc "héllo"
        b64dec "aMOpbGxv"
        b64dec "aGVsbG8"
        b64dec "a==="
        b64dec "aGV=bG8="
        b64dec "aG\nVs"
        b32enc "foob"
        b32dec "MZXW6YQ="
        b32dec "MZXW6YQ"
        b32dec "mzxw6yq="
        b32dec "MZX====="
        base "/a/b.txt"
        base "/"
        base ""
        base "a//"
        dir "/a/b/c"
        dir "a"
        dir "/"
        clean "/a/./b/../../../c/"
        clean "../a/.."
        clean ""
        ext "a.tar.gz"
        ext "dir.d/file" | quote
        isAbs "/a"
        isAbs "a"
        osBase "/a/b"
        osDir "/a/b"
        osClean "a/../b"
        osExt "a.b"
        osIsAbs "/"
        "##,
        expect![[r#"
            b64enc "héllo"
                "aMOpbGxv"
            b64dec "aMOpbGxv"
                "héllo"
            b64dec "aGVsbG8"
                "illegal base64 data at input byte 4"
            b64dec "a==="
                "illegal base64 data at input byte 1"
            b64dec "aGV=bG8="
                "illegal base64 data at input byte 4"
            b64dec "aG\nVs"
                "hel"
            b32enc "foob"
                "MZXW6YQ="
            b32dec "MZXW6YQ="
                "foob"
            b32dec "MZXW6YQ"
                "illegal base32 data at input byte 0"
            b32dec "mzxw6yq="
                "illegal base32 data at input byte 0"
            b32dec "MZX====="
                "illegal base32 data at input byte 3"
            base "/a/b.txt"
                "b.txt"
            base "/"
                "/"
            base ""
                "."
            base "a//"
                "a"
            dir "/a/b/c"
                "/a/b"
            dir "a"
                "."
            dir "/"
                "/"
            clean "/a/./b/../../../c/"
                "/c"
            clean "../a/.."
                ".."
            clean ""
                "."
            ext "a.tar.gz"
                ".gz"
            ext "dir.d/file" | quote
                "\"\""
            isAbs "/a"
                "true"
            isAbs "a"
                "false"
            osBase "/a/b"
                "b"
            osDir "/a/b"
                "/a"
            osClean "a/../b"
                "b"
            osExt "a.b"
                ".b"
            osIsAbs "/"
                "true"
        "#]],
    );
}

//! Dictionaries and merging, with what the maps hold afterwards, types and copies.

use expect_test::expect;

use super::check;

#[test]
fn entries() {
    check(
        r##"
        dict "a" 1 "b" | toJson
        dict 1 2 nil 3 | toJson
        dict | toJson
        get .map "a"
        get .map "zz" | quote
        get .map "n" | toJson
        get nil "a" | quote
        set .map "z" 9 | toJson
        set nil "z" 9
        set .missing "z" 9
        set (.missing) "z" 9
        unset .map "a" | toJson
        unset nil "a" | toJson
        hasKey .map "n"
        hasKey .map "zz"
        pluck "a" .map (dict "a" 2) (dict "b" 3)
        keys .map
        keys .map (dict "z" 1)
        keys
        values .map | toJson
        pick .map "a" "zz" | toJson
        omit .map "b" "n" | toJson
        dig "b" "c" "default" .map
        dig "b" "zz" "default" .map
        dig "a" "c" "default" .map
        dig "n" "c" "default" .map
        dig "n" "default" .map | toJson
        dig "b" .map
        dig "b" "d" .list
        dig 1 "d" .map
        $m := dict "a" 1 }}{{ $n := set $m "b" 2 }}{{ $m | toJson
        keys 5
        "##,
        expect![[r#"
            dict "a" 1 "b" | toJson
                "{\"a\":1,\"b\":\"\"}"
            dict 1 2 nil 3 | toJson
                "{\"1\":2,\"\\u003cnil\\u003e\":3}"
            dict | toJson
                "{}"
            get .map "a"
                "1"
            get .map "zz" | quote
                "\"\""
            get .map "n" | toJson
                "null"
            get nil "a" | quote
                "\"\""
            set .map "z" 9 | toJson
                "{\"a\":1,\"b\":{\"c\":\"d\"},\"n\":null,\"z\":9}"
            set nil "z" 9
                ! error calling set: assignment to entry in nil map
            set .missing "z" 9
                ! wrong type for value; expected map[string]interface {}; got interface {}
            set (.missing) "z" 9
                ! error calling set: assignment to entry in nil map
            unset .map "a" | toJson
                "{\"b\":{\"c\":\"d\"},\"n\":null}"
            unset nil "a" | toJson
                "null"
            hasKey .map "n"
                "true"
            hasKey .map "zz"
                "false"
            pluck "a" .map (dict "a" 2) (dict "b" 3)
                "[1 2]"
            keys .map
                "[a b n]"
            keys .map (dict "z" 1)
                "[a b n z]"
            keys
                "[]"
            values .map | toJson
                "[1,{\"c\":\"d\"},null]"
            pick .map "a" "zz" | toJson
                "{\"a\":1}"
            omit .map "b" "n" | toJson
                "{\"a\":1}"
            dig "b" "c" "default" .map
                "d"
            dig "b" "zz" "default" .map
                "default"
            dig "a" "c" "default" .map
                ! error calling dig: interface conversion: interface {} is float64, not map[string]interface {}
            dig "n" "c" "default" .map
                ! error calling dig: interface conversion: interface {} is nil, not map[string]interface {}
            dig "n" "default" .map | toJson
                "null"
            dig "b" .map
                ! error calling dig: dig needs at least three arguments
            dig "b" "d" .list
                ! error calling dig: interface conversion: interface {} is []interface {}, not map[string]interface {}
            dig 1 "d" .map
                ! error calling dig: interface conversion: interface {} is int, not string
            $m := dict "a" 1 }}{{ $n := set $m "b" 2 }}{{ $m | toJson
                "{\"a\":1,\"b\":2}"
            keys 5
                ! can't handle 5 for arg of type map[string]interface {}
        "#]],
    );
}

#[test]
fn merging() {
    check(
        r##"
        merge (dict "a" 1) (dict "a" 2 "b" 3) | toJson
        merge (dict "a" 0 "s" "" "l" (list)) (dict "a" 2 "s" "x" "l" (list 1)) | toJson
        merge (dict "a" (dict "x" 1)) (dict "a" (dict "x" 2 "y" 3)) | toJson
        merge (dict "a" (dict "x" 1)) (dict "a" "text") | toJson
        merge (dict "a" "text") (dict "a" (dict "x" 1)) | toJson
        merge (dict "a" (list 1)) (dict "a" (list 2 3)) | toJson
        merge (dict "a" nil) (dict "a" 1) | toJson
        merge (dict "a" 1) (dict "a" nil "b" nil) | toJson
        mergeOverwrite (dict "a" 1) (dict "a" 2 "b" 3) | toJson
        mergeOverwrite (dict "a" 1 "s" "x") (dict "a" 0 "s" "") | toJson
        mergeOverwrite (dict "a" 1) (dict "a" nil) | toJson
        mergeOverwrite (dict "a" (list 1 2)) (dict "a" (list)) | toJson
        mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict)) | toJson
        mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict "x" false "y" 2)) | toJson
        mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" "text") | toJson
        mustMerge (dict "a" (semver "1.2.3")) (dict "a" (dict "x" 1))
        merge (dict "a" (semver "1.2.3")) (dict "a" (dict "x" 1)) | quote
        merge nil (dict "a" 1) | toJson
        merge nil nil | toJson
        $a := dict }}{{ $b := dict "n" (dict "x" 1) }}{{ $_ := merge $a $b }}{{ $_ := set $a.n "x" 2 }}{{ $b | toJson
        $d := dict "a" 1 }}{{ $_ := merge $d $d }}{{ $d | toJson
        $d := dict }}{{ $_ := set $d "d" $d }}{{ merge (dict "d" $d) $d
        merge (dict "s" (split "," "x")) (dict "s" (dict "_0" 1 "_1" 2)) | toJson
        "##,
        expect![[r#"
            merge (dict "a" 1) (dict "a" 2 "b" 3) | toJson
                "{\"a\":1,\"b\":3}"
            merge (dict "a" 0 "s" "" "l" (list)) (dict "a" 2 "s" "x" "l" (list 1)) | toJson
                "{\"a\":2,\"l\":[1],\"s\":\"x\"}"
            merge (dict "a" (dict "x" 1)) (dict "a" (dict "x" 2 "y" 3)) | toJson
                "{\"a\":{\"x\":1,\"y\":3}}"
            merge (dict "a" (dict "x" 1)) (dict "a" "text") | toJson
                "{\"a\":{\"x\":1}}"
            merge (dict "a" "text") (dict "a" (dict "x" 1)) | toJson
                "{\"a\":\"text\"}"
            merge (dict "a" (list 1)) (dict "a" (list 2 3)) | toJson
                "{\"a\":[1]}"
            merge (dict "a" nil) (dict "a" 1) | toJson
                "{\"a\":1}"
            merge (dict "a" 1) (dict "a" nil "b" nil) | toJson
                "{\"a\":1}"
            mergeOverwrite (dict "a" 1) (dict "a" 2 "b" 3) | toJson
                "{\"a\":2,\"b\":3}"
            mergeOverwrite (dict "a" 1 "s" "x") (dict "a" 0 "s" "") | toJson
                "{\"a\":0,\"s\":\"\"}"
            mergeOverwrite (dict "a" 1) (dict "a" nil) | toJson
                "{\"a\":null}"
            mergeOverwrite (dict "a" (list 1 2)) (dict "a" (list)) | toJson
                "{\"a\":[]}"
            mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict)) | toJson
                "{\"a\":{\"x\":1}}"
            mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" (dict "x" false "y" 2)) | toJson
                "{\"a\":{\"x\":false,\"y\":2}}"
            mergeOverwrite (dict "a" (dict "x" 1)) (dict "a" "text") | toJson
                "{\"a\":\"text\"}"
            mustMerge (dict "a" (semver "1.2.3")) (dict "a" (dict "x" 1))
                ! error calling mustMerge: src and dst must be of same type
            merge (dict "a" (semver "1.2.3")) (dict "a" (dict "x" 1)) | quote
                "\"\""
            merge nil (dict "a" 1) | toJson
                "{\"a\":1}"
            merge nil nil | toJson
                "null"
            $a := dict }}{{ $b := dict "n" (dict "x" 1) }}{{ $_ := merge $a $b }}{{ $_ := set $a.n "x" 2 }}{{ $b | toJson
                "{\"n\":{\"x\":2}}"
            $d := dict "a" 1 }}{{ $_ := merge $d $d }}{{ $d | toJson
                "{\"a\":1}"
            $d := dict }}{{ $_ := set $d "d" $d }}{{ merge (dict "d" $d) $d
                ! error calling merge: the value nests deeper than 1000 levels, or contains itself
            merge (dict "s" (split "," "x")) (dict "s" (dict "_0" 1 "_1" 2)) | toJson
                ! error calling merge: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string
        "#]],
    );
}

#[test]
fn types_and_copies() {
    check(
        r##"
        typeOf .text
        typeOf .number
        typeOf 1
        typeOf .nil
        typeOf .list
        typeOf .map
        typeOf (semver "1.2.3")
        typeIs "string" .text
        typeIs "float64" .number
        typeIsLike "semver.Version" (semver "1.2.3")
        typeIsLike "*semver.Version" (semver "1.2.3")
        kindOf .nil
        kindOf .list
        kindOf (semver "1.2.3")
        kindOf (int64 1)
        kindIs "map" .map
        kindIs "invalid" nil
        $c := deepCopy .map }}{{ $_ := set $c.b "c" "changed" }}{{ .map.b.c
        deepCopy .list | toJson
        deepCopy nil
        mustDeepCopy nil
        deepEqual .map (deepCopy .map)
        deepEqual (list 1 2) (list 1 2)
        deepEqual (list 1) (list 1.0)
        deepEqual (list "a") (splitList "," "a")
        deepEqual (rest .none) (list)
        deepEqual nil nil
        deepEqual (dict "a" nil) (dict "b" nil)
        $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d
        "##,
        expect![[r#"
            typeOf .text
                "string"
            typeOf .number
                "float64"
            typeOf 1
                "int"
            typeOf .nil
                "<nil>"
            typeOf .list
                "[]interface {}"
            typeOf .map
                "map[string]interface {}"
            typeOf (semver "1.2.3")
                "*semver.Version"
            typeIs "string" .text
                "true"
            typeIs "float64" .number
                "true"
            typeIsLike "semver.Version" (semver "1.2.3")
                "true"
            typeIsLike "*semver.Version" (semver "1.2.3")
                "true"
            kindOf .nil
                "invalid"
            kindOf .list
                "slice"
            kindOf (semver "1.2.3")
                "ptr"
            kindOf (int64 1)
                "int64"
            kindIs "map" .map
                "true"
            kindIs "invalid" nil
                "true"
            $c := deepCopy .map }}{{ $_ := set $c.b "c" "changed" }}{{ .map.b.c
                "d"
            deepCopy .list | toJson
                "[\"b\",\"a\",null,\"c\",\"a\"]"
            deepCopy nil
                ! error calling deepCopy: reflect: call of reflect.Value.Type on zero Value
            mustDeepCopy nil
                ! error calling mustDeepCopy: reflect: call of reflect.Value.Type on zero Value
            deepEqual .map (deepCopy .map)
                "true"
            deepEqual (list 1 2) (list 1 2)
                "true"
            deepEqual (list 1) (list 1.0)
                "false"
            deepEqual (list "a") (splitList "," "a")
                "false"
            deepEqual (rest .none) (list)
                "false"
            deepEqual nil nil
                "true"
            deepEqual (dict "a" nil) (dict "b" nil)
                "false"
            $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d
                ! error calling deepCopy: the value nests deeper than 1000 levels, or contains itself
        "#]],
    );
}

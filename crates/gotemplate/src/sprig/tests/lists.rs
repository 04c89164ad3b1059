//! Lists, and what is empty.

use expect_test::expect;

use super::check;

#[test]
fn ends_and_parts() {
    check(
        r##"
        first .list
        last .numbers
        first .none
        first nil
        first "text"
        mustFirst .map
        last 5
        rest .numbers
        rest .none | toJson
        initial .numbers
        initial .none | toJson
        rest "x"
        initial nil
        slice .numbers 1 3
        slice .numbers 1
        slice .numbers
        slice .numbers 0 5
        slice .numbers -1 2
        slice .none | toJson
        slice "abc" 1
        typeOf (slice (splitList "," "a,b") 0 1)
        chunk 2 .numbers
        chunk 3 .numbers | toJson
        chunk 0 .numbers
        chunk -1 .numbers
        chunk 3 .none | toJson
        typeOf (chunk 1 .numbers)
        "##,
        expect![[r#"
            first .list
                "b"
            last .numbers
                "1"
            first .none
                "<no value>"
            first nil
                ! error calling first: runtime error: invalid memory address or nil pointer dereference
            first "text"
                ! error calling first: Cannot find first on type string
            mustFirst .map
                ! error calling mustFirst: Cannot find first on type map
            last 5
                ! error calling last: Cannot find last on type int
            rest .numbers
                "[1 2 1]"
            rest .none | toJson
                "null"
            initial .numbers
                "[3 1 2]"
            initial .none | toJson
                "null"
            rest "x"
                ! error calling rest: Cannot find rest on type string
            initial nil
                ! error calling initial: runtime error: invalid memory address or nil pointer dereference
            slice .numbers 1 3
                "[1 2]"
            slice .numbers 1
                "[1 2 1]"
            slice .numbers
                "[3 1 2 1]"
            slice .numbers 0 5
                ! error calling slice: reflect.Value.Slice: slice index out of bounds
            slice .numbers -1 2
                ! error calling slice: reflect.Value.Slice: slice index out of bounds
            slice .none | toJson
                "null"
            slice "abc" 1
                ! error calling slice: list should be type of slice or array but string
            typeOf (slice (splitList "," "a,b") 0 1)
                "[]string"
            chunk 2 .numbers
                "[[3 1] [2 1]]"
            chunk 3 .numbers | toJson
                "[[3,1,2],[1]]"
            chunk 0 .numbers
                ! error calling chunk: runtime error: makeslice: len out of range
            chunk -1 .numbers
                ! error calling chunk: runtime error: makeslice: len out of range
            chunk 3 .none | toJson
                "[]"
            typeOf (chunk 1 .numbers)
                "[][]interface {}"
        "#]],
    );
}

#[test]
fn adding_and_taking_away() {
    check(
        r##"
        list 1 "a" nil | toJson
        list | toJson
        tuple 1 2
        append .numbers 9
        append (list) nil | toJson
        push "x" 1
        mustPush nil 1
        prepend .numbers 0
        mustPrepend 5 1
        concat .numbers (list "x") (splitList "," "a,b")
        concat | toJson
        concat .none .none | toJson
        concat (list) "x"
        concat nil
        reverse .numbers
        reverse "abc"
        uniq .numbers
        uniq (list 1 1.0 "1" 1 nil nil (list 1) (list 1) (dict) (dict))
        uniq 5
        without .numbers 1.0
        without (list 1 2 nil) nil 2
        without "x"
        compact .list
        compact (list 0 1 "" "a" nil (list) (dict) false)
        compact 1
        has "a" .list
        has 1 .numbers
        has 1.0 .numbers
        has nil .list
        has 1 nil
        has 1 "1"
        "##,
        expect![[r#"
            list 1 "a" nil | toJson
                "[1,\"a\",null]"
            list | toJson
                "[]"
            tuple 1 2
                "[1 2]"
            append .numbers 9
                "[3 1 2 1 9]"
            append (list) nil | toJson
                "[null]"
            push "x" 1
                ! error calling push: Cannot push on type string
            mustPush nil 1
                ! error calling mustPush: runtime error: invalid memory address or nil pointer dereference
            prepend .numbers 0
                "[0 3 1 2 1]"
            mustPrepend 5 1
                ! error calling mustPrepend: Cannot prepend on type int
            concat .numbers (list "x") (splitList "," "a,b")
                "[3 1 2 1 x a b]"
            concat | toJson
                "null"
            concat .none .none | toJson
                "null"
            concat (list) "x"
                ! error calling concat: Cannot concat type string as list
            concat nil
                ! error calling concat: runtime error: invalid memory address or nil pointer dereference
            reverse .numbers
                "[1 2 1 3]"
            reverse "abc"
                ! error calling reverse: Cannot find reverse on type string
            uniq .numbers
                "[3 1 2]"
            uniq (list 1 1.0 "1" 1 nil nil (list 1) (list 1) (dict) (dict))
                "[1 1 1 <nil> [1] map[]]"
            uniq 5
                ! error calling uniq: Cannot find uniq on type int
            without .numbers 1.0
                "[3 2]"
            without (list 1 2 nil) nil 2
                "[1]"
            without "x"
                ! error calling without: Cannot find without on type string
            compact .list
                "[b a c a]"
            compact (list 0 1 "" "a" nil (list) (dict) false)
                "[1 a]"
            compact 1
                ! error calling compact: Cannot compact on type int
            has "a" .list
                "true"
            has 1 .numbers
                "false"
            has 1.0 .numbers
                "true"
            has nil .list
                "true"
            has 1 nil
                "false"
            has 1 "1"
                ! error calling has: Cannot find has on type string
        "#]],
    );
}

#[test]
fn empty_values() {
    check(
        r##"
        default "d" .empty
        default "d" .nil
        default "d" 0
        default "d" 0.0
        default "d" false
        default "d" .none
        default "d" .bare
        default "d" .text
        default "d"
        default "d" "" "x"
        default "d" .missing
        empty .map
        empty (list 0)
        coalesce 0 "" nil .text
        coalesce 0 "" | toJson
        coalesce
        all 1 "a" true
        all 1 ""
        all
        any 0 ""
        any 0 "x"
        any
        ternary "a" "b" true
        ternary "a" "b" .empty
        ternary "a" "b" (empty .empty)
        "##,
        expect![[r#"
            default "d" .empty
                "d"
            default "d" .nil
                "d"
            default "d" 0
                "d"
            default "d" 0.0
                "d"
            default "d" false
                "d"
            default "d" .none
                "d"
            default "d" .bare
                "d"
            default "d" .text
                "Hello, World"
            default "d"
                "d"
            default "d" "" "x"
                "d"
            default "d" .missing
                "d"
            empty .map
                "false"
            empty (list 0)
                "false"
            coalesce 0 "" nil .text
                "Hello, World"
            coalesce 0 "" | toJson
                "null"
            coalesce
                "<no value>"
            all 1 "a" true
                "true"
            all 1 ""
                "false"
            all
                "true"
            any 0 ""
                "false"
            any 0 "x"
                "true"
            any
                "false"
            ternary "a" "b" true
                "a"
            ternary "a" "b" .empty
                ! wrong type for value; expected bool; got string
            ternary "a" "b" (empty .empty)
                "a"
        "#]],
    );
}

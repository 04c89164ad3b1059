//! Numbers: conversions by cast's rules, integers that wrap, exact decimals, rounding, lists of numbers.

use expect_test::expect;

use super::check;

#[test]
fn conversions() {
    check(
        r##"
        int "010"
        int "0x10"
        int "0b11"
        int "1_000"
        int "1e3"
        int "1.0"
        int "1.5"
        int " 1"
        int ""
        int .number
        int .fraction
        int -2.9
        int 1e30
        int true
        int .nil
        int .list
        int64 "9223372036854775808"
        int64 "-9223372036854775808"
        int64 "-010"
        typeOf (int "1")
        typeOf (int64 "1")
        float64 "1.5"
        float64 "0x1p-2"
        float64 "1_0.5"
        float64 "inf"
        float64 "1e400"
        float64 "x"
        float64 1
        atoi "010"
        atoi "0x10"
        atoi "1_000"
        atoi "99999999999999999999"
        atoi "-99999999999999999999"
        toDecimal 777
        toDecimal "0777"
        toDecimal 0o17
        toDecimal "8"
        toDecimal .number
        "##,
        expect![[r#"
            int "010"
                "8"
            int "0x10"
                "16"
            int "0b11"
                "3"
            int "1_000"
                "1000"
            int "1e3"
                "0"
            int "1.0"
                "1"
            int "1.5"
                "0"
            int " 1"
                "0"
            int ""
                "0"
            int .number
                "1234567"
            int .fraction
                "2"
            int -2.9
                "-2"
            int 1e30
                "-9223372036854775808"
            int true
                "1"
            int .nil
                "0"
            int .list
                "0"
            int64 "9223372036854775808"
                "0"
            int64 "-9223372036854775808"
                "-9223372036854775808"
            int64 "-010"
                "-8"
            typeOf (int "1")
                "int"
            typeOf (int64 "1")
                "int64"
            float64 "1.5"
                "1.5"
            float64 "0x1p-2"
                "0.25"
            float64 "1_0.5"
                "10.5"
            float64 "inf"
                "+Inf"
            float64 "1e400"
                "0"
            float64 "x"
                "0"
            float64 1
                "1"
            atoi "010"
                "10"
            atoi "0x10"
                "0"
            atoi "1_000"
                "0"
            atoi "99999999999999999999"
                "9223372036854775807"
            atoi "-99999999999999999999"
                "-9223372036854775808"
            toDecimal 777
                "511"
            toDecimal "0777"
                "511"
            toDecimal 0o17
                "13"
            toDecimal "8"
                "0"
            toDecimal .number
                "0"
        "#]],
    );
}

#[test]
fn integers() {
    check(
        r##"
        add 1 2 "3" 4.9 true nil
        add
        add1 "5"
        add1 9223372036854775807
        sub 5 7
        sub "10" 2.5
        mul 2 "3" 4
        mul 2
        mul 9223372036854775807 2
        div 7 2
        div -7 2
        div 1 0
        mod 7 3
        mod -7 3
        mod 1 0
        div -9223372036854775808 -1
        max 1 "5" 3
        biggest 1 7 3
        min 1 "-5" 3
        max nil
        typeOf (add 1 2)
        "##,
        expect![[r#"
            add 1 2 "3" 4.9 true nil
                "11"
            add
                "0"
            add1 "5"
                "6"
            add1 9223372036854775807
                "-9223372036854775808"
            sub 5 7
                "-2"
            sub "10" 2.5
                "8"
            mul 2 "3" 4
                "24"
            mul 2
                "2"
            mul 9223372036854775807 2
                "-2"
            div 7 2
                "3"
            div -7 2
                "-3"
            div 1 0
                ! error calling div: runtime error: integer divide by zero
            mod 7 3
                "1"
            mod -7 3
                "-1"
            mod 1 0
                ! error calling mod: runtime error: integer divide by zero
            div -9223372036854775808 -1
                "-9223372036854775808"
            max 1 "5" 3
                "5"
            biggest 1 7 3
                "7"
            min 1 "-5" 3
                "-5"
            max nil
                "0"
            typeOf (add 1 2)
                "int64"
        "#]],
    );
}

#[test]
fn floats_and_rounding() {
    check(
        r##"
        addf 0.1 0.2
        addf
        add1f 1.5
        subf 1 0.9
        mulf 1.1 1.1
        divf 1 3
        divf 2 3
        divf -2 3
        divf 10 4 5
        divf 1 0
        addf "inf" 1
        maxf 1 2.5 "3.5"
        minf 1 -2.5
        maxf "nan" 1
        floor 1.9
        floor -1.1
        ceil 1.1
        ceil "x"
        round 3.14159 2
        round 2.5 0
        round -2.5 0
        round -1.2 0
        round 1234.5678 -2
        round 123.5555 3 0.6
        round 1 400
        floor .number
        "##,
        expect![[r#"
            addf 0.1 0.2
                "0.3"
            addf
                "0"
            add1f 1.5
                "2.5"
            subf 1 0.9
                "0.1"
            mulf 1.1 1.1
                "1.21"
            divf 1 3
                "0.3333333333333333"
            divf 2 3
                "0.6666666666666667"
            divf -2 3
                "-0.6666666666666667"
            divf 10 4 5
                "0.5"
            divf 1 0
                ! error calling divf: decimal division by 0
            addf "inf" 1
                ! error calling addf: Cannot create a Decimal from +Inf
            maxf 1 2.5 "3.5"
                "3.5"
            minf 1 -2.5
                "-2.5"
            maxf "nan" 1
                "NaN"
            floor 1.9
                "1"
            floor -1.1
                "-2"
            ceil 1.1
                "2"
            ceil "x"
                "0"
            round 3.14159 2
                "3.14"
            round 2.5 0
                "3"
            round -2.5 0
                "-3"
            round -1.2 0
                "-2"
            round 1234.5678 -2
                "1200"
            round 123.5555 3 0.6
                "123.555"
            round 1 400
                "NaN"
            floor .number
                "1.234567e+06"
        "#]],
    );
}

#[test]
fn lists_of_numbers() {
    check(
        r##"
        until 5
        until 0
        until -3
        until 2000000
        untilStep 3 9 2
        untilStep 3 -3 -2
        untilStep 3 9 0
        untilStep 3 9 -1
        seq 5
        seq -2
        seq 0
        seq 2 5
        seq 5 2
        seq 0 2 10
        seq 10 -5 0
        seq 0 5 -1
        seq 1 2 3 4
        seq 1 100000000
        typeOf (until 1)
        "##,
        expect![[r#"
            until 5
                "[0 1 2 3 4]"
            until 0
                "[]"
            until -3
                "[0 -1 -2]"
            until 2000000
                ! error calling until: a list of 2000000 items is over the limit of 1048576 items
            untilStep 3 9 2
                "[3 5 7]"
            untilStep 3 -3 -2
                "[3 1 -1]"
            untilStep 3 9 0
                "[]"
            untilStep 3 9 -1
                "[]"
            seq 5
                "1 2 3 4 5"
            seq -2
                "1 0 -1 -2"
            seq 0
                "1 0"
            seq 2 5
                "2 3 4 5"
            seq 5 2
                "5 4 3 2"
            seq 0 2 10
                "0 2 4 6 8 10"
            seq 10 -5 0
                "10 5 0"
            seq 0 5 -1
                ""
            seq 1 2 3 4
                ""
            seq 1 100000000
                ! error calling seq: a list of 100000000 items is over the limit of 1048576 items
            typeOf (until 1)
                "[]int"
        "#]],
    );
}

//! What differs between the two generations of Helm. Everything else of Go's functions stands in the tables of `exec/tests/go`.

use expect_test::{Expect, expect};

use crate::{
    Dialect,
    testing::{TestHost, render_with},
};

fn check(template: &str, expected: Expect) {
    let show = |dialect| {
        let mut host = TestHost::seeded(1);
        host.dialect = dialect;
        render_with(&host, template, r#"{"n": 3}"#)
    };
    expected.assert_eq(&format!("{}\n{}", show(Dialect::Helm3), show(Dialect::Helm4)));
}

#[test]
fn comparisons_name_the_types_since_helm_4() {
    check(
        "{{ eq .n 3 }}",
        expect![[r#"
        template: t:1:3: executing "t" at <eq .n 3>: error calling eq: incompatible types for comparison
        template: t:1:3: executing "t" at <eq .n 3>: error calling eq: incompatible types for comparison: float64 and int"#]],
    );
    check(
        "{{ lt .n 3 }}",
        expect![[r#"
        template: t:1:3: executing "t" at <lt .n 3>: error calling lt: incompatible types for comparison
        template: t:1:3: executing "t" at <lt .n 3>: error calling lt: incompatible types for comparison: float64 and int"#]],
    );
    check(
        "{{ eq .n 3.0 }}{{ lt nil 3 }}",
        expect![[r#"
        template: t:1:18: executing "t" at <lt nil 3>: error calling lt: invalid type for comparison
        template: t:1:18: executing "t" at <lt nil 3>: error calling lt: invalid type for comparison"#]],
    );
}

//! Names of VM sizes, and the table of versions as a whole.

use expect_test::expect;
use jiff::civil::date;

use super::{
    sizes::Size,
    versions::{Offer, Refusal, Version},
};

#[test]
fn sizes_by_their_names() {
    let names = [
        "Standard_DS2_v2",
        "standard_ds13_V2",
        "Standard_D2s_v3",
        "Standard_D4ads_v5",
        "Standard_D8ds_v5",
        "Standard_E4-2s_v4",
        "Standard_F2s_v2",
        "Standard_B4ms",
        "Standard_NC6s_v3",
        "Standard_A2_v2",
        "Standard_D2as_v7",
        "Standard_DS9_v2",
        "Standard_",
        "Standard_D0s_v3",
        "Standard_D2s v3",
        "D2s_v3",
        "",
    ];
    let shown = names.map(|name| match Size::parse(name) {
        Some(size) => format!("{name}: {} of {}", size.vcpus, size.family),
        None => format!("{name}: no size"),
    });
    expect![[r#"
        Standard_DS2_v2: 2 of standardDSv2Family
        standard_ds13_V2: 8 of standardDSv2Family
        Standard_D2s_v3: 2 of standardDSv3Family
        Standard_D4ads_v5: 4 of standardDADSv5Family
        Standard_D8ds_v5: 8 of standardDDSv5Family
        Standard_E4-2s_v4: 4 of standardESv4Family
        Standard_F2s_v2: 2 of standardFSv2Family
        Standard_B4ms: 4 of standardBSFamily
        Standard_NC6s_v3: 6 of standardNCSv3Family
        Standard_A2_v2: 2 of standardAv2Family
        Standard_D2as_v7: 2 of standardDASv7Family
        Standard_DS9_v2: no size
        Standard_: no size
        Standard_D0s_v3: no size
        Standard_D2s v3: no size
        D2s_v3: no size
        : no size"#]]
    .assert_eq(&shown.join("\n"));
}

#[test]
fn on_every_day_there_is_something_to_run_and_to_upgrade_to() {
    let mut day = date(2024, 6, 1);
    while day < date(2027, 3, 1) {
        let offer = Offer { day, long_term: false };
        let versions = offer.versions();
        assert!(versions.is_sorted(), "{day}");
        let default = offer.default().expect("a default");
        assert_eq!(offer.resolve(&default.to_string()), Ok(default), "{day}");
        for version in &versions {
            let upgrades = offer.upgrades(*version);
            assert!(upgrades.iter().all(|to| to > version && to.minor <= version.minor + 1), "{day} {version}");
        }
        day = day.checked_add(jiff::Span::new().days(7)).expect("a day");
    }
    let offer = Offer { day: date(2026, 9, 1), long_term: false };
    // From a version that is gone, the way is to the oldest that is offered.
    let from = Version { minor: 30, patch: 10 };
    assert!(offer.upgrades(from).iter().all(|version| version.minor == 34));
    for text in ["", "1", "v1.30.1", "2.30.1", "1.30.1.1", "1.x", "1.-3", "1.99999999999"] {
        assert_eq!(offer.resolve(text), Err(Refusal::Malformed), "{text}");
    }
}

//! Tables of our own; the results were compared with Go over generated layouts, zones, texts and durations.

use expect_test::{Expect, expect};

use crate::testing::{render, render_each};

fn check(templates: &[&str], expected: Expect) {
    let lines: Vec<String> = templates.iter().map(|template| render(template, "{}")).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn layouts_are_go_s() {
    let layouts = [
        "Mon Jan _2 15:04:05 MST 2006",
        "Monday, January 2, 2006 at 3:04PM",
        "02/01/06 03:04:05.000 pm",
        "2006-01-02T15:04:05.999999999Z07:00",
        "002 __2 _2006 __2006",
        "-07 -0700 -07:00 -07:00:00 -070000 Z07 Z0700 Z07:00 Z07:00:00 Z070000",
        ".000,999 .9999999999 .0001 .00x",
        "Janu January1 Monx Mondays MSTx 2006Jan1",
        "15h4m5s PMS é",
    ];
    let show = "{{ date .s (int64 1700000005) }} | {{ dateInZone .s (int64 1720000005) \"America/St_Johns\" }}";
    expect![[r#"
        "Mon Jan _2 15:04:05 MST 2006": Tue Nov 14 22:13:25 UTC 2023 | Wed Jul  3 07:16:45 NDT 2024
        "Monday, January 2, 2006 at 3:04PM": Tuesday, November 14, 2023 at 10:13PM | Wednesday, July 3, 2024 at 7:16AM
        "02/01/06 03:04:05.000 pm": 14/11/23 10:13:25.000 pm | 03/07/24 07:16:45.000 am
        "2006-01-02T15:04:05.999999999Z07:00": 2023-11-14T22:13:25Z | 2024-07-03T07:16:45-02:30
        "002 __2 _2006 __2006": 318 318 _2023 318023 | 185 185 _2024 185024
        "-07 -0700 -07:00 -07:00:00 -070000 Z07 Z0700 Z07:00 Z07:00:00 Z070000": +00 +0000 +00:00 +00:00:00 +000000 Z Z Z Z Z | -02 -0230 -02:30 -02:30:00 -023000 -02 -0230 -02:30 -02:30:00 -023000
        ".000,999 .9999999999 .0001 .00x": .000  .0011 .00x | .000  .0007 .00x
        "Janu January1 Monx Mondays MSTx 2006Jan1": Janu November11 Monx Tuesdays UTCx 2023Nov11 | Janu July7 Monx Wednesdays NDTx 2024Jul7
        "15h4m5s PMS é": 22h13m25s PMS é | 07h16m45s AMS é"#]].assert_eq(&render_each(show, &layouts));
}

#[test]
fn zones_come_from_the_database() {
    let zones = ["UTC", "Local", "", "Europe/Berlin", "europe/berlin", "Asia/Kathmandu", "No/Where", "../etc/passwd"];
    expect![[r#"
        "UTC": 2024-07-03 09:46 UTC
        "Local": 2024-07-03 09:46 UTC
        "": 2024-07-03 09:46 UTC
        "Europe/Berlin": 2024-07-03 11:46 CEST
        "europe/berlin": 2024-07-03 09:46 UTC
        "Asia/Kathmandu": 2024-07-03 15:31 +0545
        "No/Where": 2024-07-03 09:46 UTC
        "../etc/passwd": 2024-07-03 09:46 UTC"#]]
    .assert_eq(&render_each("{{ dateInZone \"2006-01-02 15:04 MST\" (int64 1720000005) .s }}", &zones));
    // Beyond the calendar of the library that holds the rules.
    let far = render(r#"{{ dateInZone "2006-01-02 MST" (int64 "285202824947") "Europe/Kyiv" }}"#, "{}");
    assert_eq!(far, "11007-09-20 EEST");
}

#[test]
fn what_is_no_date_is_now() {
    check(
        &[
            r#"{{ date "2006-01-02" "2020-01-01" }} {{ date "15:04:05" nil }} {{ htmlDate 1.5 }} {{ htmlDateInZone "x" "Asia/Tokyo" }}"#,
            r#"{{ now | unixEpoch }} {{ now | date "2006-01-02T15:04:05.000000" }} {{ toJson now }} {{ now.String }}"#,
            r#"{{ ago (int64 1795390000) }} {{ now | date_modify "-90m" | ago }} {{ ago "x" }}"#,
        ],
        expect![[r#"
            2026-11-22 23:30:15 2026-11-22 2026-11-23
            1795390215 2026-11-22T23:30:15.123456 "2026-11-22T23:30:15.123456789Z" 2026-11-22 23:30:15.123456789 +0000 UTC
            3m35s 1h30m0s 0s"#]],
    );
}

#[test]
fn texts_are_read_after_a_layout() {
    let cases = [
        ("2006-01-02", "2024-02-30"),
        ("2006-01-02", "2024-02-29x"),
        ("2006-01-02", "2024-13-01"),
        ("2006-01-02", "24-01-01"),
        ("2006-01-02T15:04:05Z07:00", "2024-12-31T23:59:59.123456789012+02:00"),
        ("Mon Jan _2 15:04:05 MST 2006", "Tue feb  9 01:02:03 CEST 2024"),
        ("Jan 2 15:04 MST 2006", "Feb 9 01:02 GMT+3 2024"),
        ("2006 002 3PM", "2024 366 12AM"),
        ("2006 __2", "2023 366"),
        ("15:04", "25:00"),
        ("15:04 -0700", "10:00 +99"),
        ("15:04 -0700", "10:00 +9900"),
        ("\"é", "\"x"),
    ];
    let show = |(layout, text): &(&str, &str)| {
        let data = serde_json::json!({ "l": layout, "s": text }).to_string();
        let line = render("{{ (mustToDate .l .s).String }} | {{ (toDate .l .s).Unix }}", &data);
        line.replace("template: t:1:4: executing \"t\" at <mustToDate .l .s>: ", "")
    };
    expect![[r#"
        error calling mustToDate: parsing time "2024-02-30": day out of range
        error calling mustToDate: parsing time "2024-02-29x": extra text: "x"
        error calling mustToDate: parsing time "2024-13-01": month out of range
        error calling mustToDate: parsing time "24-01-01" as "2006-01-02": cannot parse "24-01-01" as "2006"
        2024-12-31 23:59:59.123456789 +0200 +0200 | 1735682399
        2024-02-09 01:02:03 +0000 CEST | 1707440523
        2024-02-09 04:02:00 +0300 GMT+3 | 1707440520
        2024-12-31 00:00:00 +0000 UTC | 1735603200
        error calling mustToDate: parsing time "2023 366": day-of-year out of range
        error calling mustToDate: parsing time "25:00": hour out of range
        error calling mustToDate: parsing time "10:00 +99" as "15:04 -0700": cannot parse "+99" as "-0700"
        error calling mustToDate: parsing time "10:00 +9900": time zone offset hour out of range
        error calling mustToDate: parsing time "\"x" as "\"\xc3\xa9": cannot parse "x" as "\"\xc3\xa9""#]]
    .assert_eq(&cases.iter().map(show).collect::<Vec<_>>().join("\n"));
}

#[test]
fn durations_are_read_and_printed() {
    let texts = [
        "1h15m30.918s",
        "-1.5h",
        "1us1µs1μs",
        "0",
        "+5ns",
        ".5s",
        "1",
        "",
        "1x",
        "1.s",
        ".s",
        "9223372036854775807ns",
        "9223372036854775808ns",
        "-9223372036854775808ns",
        "100000000h",
        "3600",
    ];
    let show = "{{ $z := toDate \"2006\" \"2024\" }}{{ (mustDateModify .s $z).Sub $z }} {{ durationRound .s }} {{ duration .s }}";
    let lines = render_each(show, &texts);
    expect![[r#"
        "1h15m30.918s": 1h15m30.918s 1h 0s
        "-1.5h": -1h30m0s 1h 0s
        "1us1µs1μs": 3µs 0s 0s
        "0": 0s 0s 0s
        "+5ns": 5ns 0s 0s
        ".5s": 500ms 0s 0s
        "1": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: missing unit in duration "1"
        "": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: invalid duration ""
        "1x": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: unknown unit "x" in duration "1x"
        "1.s": 1s 0s 0s
        ".s": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: invalid duration ".s"
        "9223372036854775807ns": 2562047h47m16.854775807s 292y 0s
        "9223372036854775808ns": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: invalid duration "9223372036854775808ns"
        "-9223372036854775808ns": -2562047h47m16.854775808s 292y 0s
        "100000000h": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: invalid duration "100000000h"
        "3600": template: t:1:36: executing "t" at <mustDateModify .s $z>: error calling mustDateModify: time: missing unit in duration "3600""#]].assert_eq(&lines.replace("template: t:1:40: executing \"t\" at <mustDateModify .s $z>: ", ""));
    check(
        &[
            r#"{{ duration 95 }} {{ duration (int64 95) }} {{ duration "x" }} {{ duration (int64 -3601) }}"#,
            r#"{{ durationRound (int64 86400000000000) }} {{ durationRound (int64 86400000000001) }} {{ durationRound "-100h" }} {{ now | dateModify "-9000h" | durationRound }}"#,
            r#"{{ now | dateModify "x" | unixEpoch }}"#,
        ],
        expect![[r#"
            0s 1m35s 0s -1h0m1s
            24h 1d 4d 1y
            1795390215"#]],
    );
}

#[test]
fn times_have_go_s_methods() {
    check(
        &[
            r#"{{ with now }}{{ .Year }} {{ .Month }} {{ .Day }} {{ .Weekday }} {{ .YearDay }} {{ .Hour }}:{{ .Minute }}:{{ .Second }}.{{ .Nanosecond }}{{ end }}"#,
            r#"{{ with now }}{{ .Unix }} {{ .UnixMilli }} {{ .UnixMicro }} {{ .UnixNano }} {{ .Format "Jan 2" }} {{ .UTC.IsZero }}{{ end }}"#,
            r#"{{ $a := toDate "2006-01-02" "2024-01-31" }}{{ ($a.AddDate 0 1 0).String }} {{ ($a.Add 90000000000).Format "15:04:05" }}"#,
            r#"{{ $a := toDate "2006-01-02" "2024-01-31" }}{{ $d := now.Sub $a }}{{ $d }} {{ $d.Hours }} {{ ($d.Round 3600000000000) }} {{ $a.Before now }} {{ now.Compare $a }}"#,
            r#"{{ printf "%T %T %T" now (now.Sub now) now.Month }} {{ kindOf (now.Sub now) }}{{ if now.Sub now }}!{{ end }}"#,
            r#"{{ now.Before "x" }}"#,
            r#"{{ unixEpoch "x" }}"#,
            r#"{{ now.NoSuch }}"#,
        ],
        expect![[r#"
            2026 November 22 Sunday 326 23:30:15.123456789
            1795390215 1795390215123 1795390215123456 1795390215123456789 Nov 22 false
            2024-03-02 00:00:00 +0000 UTC 00:01:30
            24647h30m15.123456789s 24647.50420096022 24648h0m0s true 1
            time.Time time.Duration time.Month int64
            template: t:1:14: executing "t" at <"x">: can't handle "x" for arg of type time.Time
            template: t:1:13: executing "t" at <"x">: can't handle "x" for arg of type time.Time
            template: t:1:3: executing "t" at <now>: can't evaluate field NoSuch in type time.Time"#]],
    );
}

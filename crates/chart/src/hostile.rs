//! One small chart for every way in which a chart can be hostile, through the public API: each ends within the limits that a
//! service has, and says which limit it was.

use expect_test::expect_file;
use gotemplate::{Dialect, Limits};
use tar::EntryType;

use crate::{
    Chart, Error, Release, Show,
    files::FileSet,
    render,
    testing::{Still, load, packed},
    values::Table,
};

struct Attack {
    name: &'static str,
    files: Vec<(&'static str, String)>,
}

fn attack(name: &'static str, files: &[(&'static str, &str)]) -> Attack {
    Attack { name, files: files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect() }
}

fn rendered(files: &[(&'static str, String)]) -> Result<String, Error> {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    printed(&load(&files, Dialect::Helm4)?)
}

fn printed(chart: &Chart) -> Result<String, Error> {
    let limits = Limits { steps: 1_000_000, ..Limits::default() };
    let release = Release { name: "r".to_owned(), limits, ..Release::default() };
    let rendered = render(chart, &Table::new(), &release, &Still, &Still)?;
    rendered.text(&Show::default()).map(|text| String::from_utf8_lossy(&text).into_owned())
}

fn one(name: &'static str, template: &str) -> Attack {
    attack(name, &[("templates/a.yaml", template)])
}

fn laughs() -> String {
    let next = |at: u8| {
        let (this, last) = (char::from(b'a' + at), char::from(b'a' + at - 1));
        format!("{this}: &{this} [*{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}, *{last}]\n")
    };
    (1..10).fold("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned(), |text, at| text + &next(at))
}

fn of_templates() -> Vec<Attack> {
    vec![
        one("an include of itself", "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}"),
        one("a template of itself", "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}"),
        attack(
            "tpl of itself",
            &[("values.yaml", "t: '{{ tpl .Values.t . }}'\n"), ("templates/a.yaml", "{{ tpl .Values.t . }}")],
        ),
        one("10 GB of output", "{{ $s := repeat 100000 \"0123456789\" }}{{ range 10000 }}{{ $s }}{{ end }}"),
        one("10 GB in a variable", "{{ $s := \"0123456789\" }}{{ range 30 }}{{ $s = print $s $s }}{{ end }}"),
        one("10 GB of repeat", "{{ repeat 1000000000 \"0123456789\" }}"),
        one("10 GB of indent", "{{ indent 1000000000 \"a\\na\\na\" }}"),
        one("10 GB of printf", "{{ printf \"%1000000d\" 1 | repeat 10000 }}"),
        one("a list without end", "{{ untilStep 0 1000000000000 1 | len }}"),
        one("a loop without end", "{{ range 1000000000000 }}{{ end }}"),
        one("random text without end", "{{ randAlphaNum 1000000000000 }}"),
        one("parentheses without end", &format!("{{{{ {}1", "(".repeat(100_000))),
        one("a map in itself as JSON", "{{ $m := dict }}{{ $_ := set $m \"m\" $m }}{{ mustToJson $m }}"),
        one("a map in itself as YAML", "{{ $m := dict }}{{ $_ := set $m \"m\" $m }}{{ mustToYaml $m }}"),
        one("a map in itself copied", "{{ $m := dict }}{{ $_ := set $m \"m\" $m }}{{ deepCopy $m | len }}"),
        one("a map in itself merged", "{{ $m := dict }}{{ $_ := set $m \"m\" $m }}x: {{ merge (dict) $m | len }}"),
        one("a huge number", "{{ int64 \"99999999999999999999999999\" }}: {{ div 1 0 }}"),
        one("a width without end", "x: {{ printf \"%*d\" 100000000000 1 | quote }}"),
    ]
}

fn of_documents() -> Vec<Attack> {
    let nested = |open: &str| format!("a: {}", open.repeat(100_000));
    vec![
        attack("a billion laughs in values", &[("values.yaml", &laughs())]),
        attack("a billion laughs in a template", &[("templates/a.yaml", &laughs())]),
        attack("a billion laughs in Chart.yaml", &[("Chart.yaml", &format!("name: x\nversion: 1.0.0\n{}", laughs()))]),
        attack("nesting of values", &[("values.yaml", &nested("["))]),
        attack("nesting of maps of values", &[("values.yaml", &nested("{a: "))]),
        attack("nesting of lists in a document", &[("templates/a.yaml", &"- ".repeat(100_000))]),
        attack("nesting of Chart.yaml", &[("Chart.yaml", &nested("["))]),
        attack("nesting of a schema", &[("values.schema.json", &"{\"not\":".repeat(100_000))]),
        attack("a schema of itself", &[("values.schema.json", "{\"$ref\": \"#\"}")]),
        attack("a schema from elsewhere", &[("values.schema.json", "{\"$ref\": \"file:///etc/passwd\"}")]),
        attack(
            "a huge number in values",
            &[
                ("values.yaml", "a: 1e999999999\nb: 99999999999999999999999999\n"),
                ("templates/a.yaml", "x: {{ .Values.a }}{{ mustToJson .Values }}"),
            ],
        ),
        attack(
            "a file outside",
            &[("templates/a.yaml", "{{ .Files.Get \"../../etc/passwd\" | required \"no such file\" }}")],
        ),
    ]
}

const CHART: (&str, EntryType, &[u8]) =
    ("c/Chart.yaml", EntryType::Regular, b"apiVersion: v2\nname: c\nversion: 0.1.0\n");

/// A chart in a chart in a chart, and so on.
fn matryoshka() -> Vec<u8> {
    (0..30).fold(packed(&[CHART]), |inner, _| packed(&[CHART, ("c/charts/c.tgz", EntryType::Regular, &inner)]))
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let template = b"x: {{ .Files.Get \"secret\" | required \"the link has no content\" }}";
    let link = [CHART, ("c/secret", EntryType::Symlink, b""), ("c/templates/a.yaml", EntryType::Regular, template)];
    let zeros = vec![0; 5 << 20];
    let bomb = packed(&[CHART, ("c/a", EntryType::Regular, &zeros), ("c/b", EntryType::Regular, &zeros)]);
    vec![
        ("path traversal", packed(&[CHART, ("c/templates/../../../etc/passwd", EntryType::Regular, b"x")])),
        ("an absolute path", packed(&[CHART, ("c//etc/passwd", EntryType::Regular, b"x")])),
        ("a link", packed(&link)),
        ("a bomb", bomb.clone()),
        ("a bomb within", packed(&[CHART, ("c/charts/c.tgz", EntryType::Regular, &bomb)])),
        ("archives without end", matryoshka()),
    ]
}

fn unpacked(bytes: &[u8]) -> Result<String, Error> {
    let files = FileSet::from_archive(bytes).map_err(|error| Error::new(error.to_string()))?;
    printed(&Chart::load(files, Dialect::Helm4)?)
}

/// The end of what is said: what comes before it is the chain of templates.
fn end(outcome: Result<String, Error>) -> String {
    let (what, text) = match outcome {
        Ok(text) => ("rendered", text),
        Err(error) => ("refused", error.to_string()),
    };
    let at = text.char_indices().rev().nth(110).map_or(0, |(at, _)| at);
    format!("{what}: {}", text[at..].trim().replace('\n', " "))
}

#[test]
fn every_attack_ends_with_its_error() {
    let rendered = of_templates().into_iter().chain(of_documents()).map(|it| (it.name, rendered(&it.files)));
    let unpacked = archives().into_iter().map(|(name, bytes)| (name, unpacked(&bytes)));
    let told = rendered.chain(unpacked).map(|(name, outcome)| format!("{name}\n    {}\n", end(outcome)));
    expect_file!["hostile/attacks.golden"].assert_eq(&told.collect::<String>());
}

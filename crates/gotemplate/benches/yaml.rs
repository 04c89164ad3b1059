//! Reading and writing about two megabytes of YAML that look like custom resource definitions: what most of the largest charts
//! is. Prints figures; asserts only what does not depend on the machine.

use std::{fmt::Write as _, time::Instant};

use gotemplate::yaml;

const DOCUMENTS: usize = 2;
const ROUNDS: usize = 20;

fn main() {
    let documents: Vec<String> = (0..DOCUMENTS).map(definition).collect();
    let bytes: usize = documents.iter().map(String::len).sum();
    let values: Vec<_> = documents.iter().map(|text| yaml::read(text.as_bytes()).expect("YAML")).collect();
    let measure = |name: &str, run: &dyn Fn() -> usize| {
        let best = (0..ROUNDS).map(|_| seconds(run)).fold(f64::INFINITY, f64::min);
        report(&format!("{name:<16} {:>6.2} ms, {:>4.0} MB/s", best * 1e3, bytes as f64 / 1e6 / best));
    };
    report(&format!("{:.2} MB in {DOCUMENTS} documents", bytes as f64 / 1e6));
    measure("read to JSON", &|| read(&documents, |text| drop(yaml::read_json(text).expect("YAML"))));
    measure("read to values", &|| read(&documents, |text| drop(yaml::read(text).expect("YAML"))));
    measure("write", &|| values.iter().map(|value| yaml::write(value).expect("written").len()).sum());
    measure("write pretty", &|| values.iter().map(|value| yaml::write_pretty(value).expect("written").len()).sum());
    for value in &values {
        let written = yaml::write(value).expect("written");
        assert_eq!(yaml::to_json(&yaml::read(&written).expect("YAML")), yaml::to_json(value));
    }
}

fn read(documents: &[String], read: impl Fn(&[u8])) -> usize {
    documents.iter().for_each(|document| read(document.as_bytes()));
    documents.len()
}

fn seconds(run: &dyn Fn() -> usize) -> f64 {
    let start = now();
    assert!(std::hint::black_box(run()) > 0);
    start.elapsed().as_secs_f64()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::print_stdout, reason = "a benchmark reports")]
fn report(line: &str) {
    println!("{line}");
}

/// A definition whose schema nests, describes everything at length, and lists enumerations.
fn definition(number: usize) -> String {
    let mut text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    \
         example.org/generator: v0.{number}.0\n  name: things{number}.example.org\nspec:\n  group: example.org\n  names:\n    \
         kind: Thing{number}\n    plural: things{number}\n    shortNames:\n    - th{number}\n  scope: Namespaced\n  versions:\n  \
         - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n"
    );
    properties(&mut text, 10, 4);
    text.push_str("        type: object\n    served: true\n    storage: true\n    subresources: {}\n");
    text
}

fn properties(text: &mut String, indent: usize, depth: usize) {
    let pad = " ".repeat(indent);
    for number in 0..6 {
        let _ = writeln!(text, "{pad}field{number}Of{depth}:");
        let _ = writeln!(text, "{pad}  description: |-");
        let _ = writeln!(text, "{pad}    Says which of the {number} ways is taken where there are several of them.");
        let _ = writeln!(text, "{pad}    More: https://example.org/reference#field-{number}");
        if depth > 0 && number < 4 {
            let _ = writeln!(text, "{pad}  properties:");
            properties(text, indent + 4, depth - 1);
            let _ = writeln!(text, "{pad}  required:\n{pad}  - field1Of{}\n{pad}  type: object", depth - 1);
        } else {
            let _ = writeln!(text, "{pad}  enum:\n{pad}  - First\n{pad}  - Second\n{pad}  - \"\"");
            let _ = writeln!(
                text,
                "{pad}  maxLength: 253\n{pad}  pattern: ^[a-z]([-a-z0-9]*[a-z0-9])?$\n{pad}  type: string"
            );
        }
    }
}

use api::argoproj::Directory;
use expect_test::{Expect, expect};

use super::*;

fn check_with(files: &[(&str, &[u8])], directory: Option<Directory>, expected: Expect) {
    let mut set = FileSet::default();
    for (path, contents) in files {
        set.insert(*path, contents.to_vec());
    }
    let source = Source { directory, ..Source::default() };
    let text = match read(&set, &source) {
        Ok(manifests) => manifests
            .iter()
            .map(|m| {
                format!(
                    "{}#{} {}/{}\n",
                    m.file,
                    m.document,
                    m.object.kind().unwrap_or("?"),
                    m.object.name().unwrap_or("?")
                )
            })
            .collect(),
        Err(error) => format!("error: {error}\n"),
    };
    expected.assert_eq(&text);
}

fn check(yaml: &str, expected: Expect) {
    check_with(&[("f.yaml", yaml.as_bytes())], Some(Directory::default()), expected);
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

#[test]
fn documents_and_lists() {
    check(
        &format!(
            "# licence\n---\n{MAP}--- # second\n\n---\n# only a comment\n---\nnull\n---\napiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Secret, metadata: {{name: x}}}}\n- {{apiVersion: v1, kind: Secret, metadata: {{name: z}}}}\n---\napiVersion: v1\nkind: ConfigMapList\nitems: []\n"
        ),
        expect![[r#"
            f.yaml#2 ConfigMap/a
            f.yaml#6 Secret/x
            f.yaml#6 Secret/z
        "#]],
    );
    check("", expect![""]);
    check("---\n", expect![""]);
}

#[test]
fn errors_name_file_and_document() {
    check(
        &format!("{MAP}---\napiVersion: v1\nkind: [\nmetadata: {{}}\n"),
        expect![[r#"
        error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 2: error converting YAML to JSON: yaml: unclosed bracket '[' at line 2, column 7
    "#]],
    );
    check(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n name: b\n",
        expect![[r#"
        error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: while parsing a block mapping, did not find expected key at line 5, column 2
    "#]],
    );
    check(
        &format!("{MAP}data: {{a: x, a: y}}\n"),
        expect![[r#"
            error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: duplicate mapping key: a at line 4, column 14
        "#]],
    );
    check(
        &format!("{MAP}---\n- a\n- b\n"),
        expect![[r#"
        error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 2: json: cannot unmarshal array into Go value of type map[string]interface {}
    "#]],
    );
    check(
        &format!("{MAP}---\njust words\n"),
        expect![[r#"
        error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 2: json: cannot unmarshal string into Go value of type map[string]interface {}
    "#]],
    );
    check(
        &format!("{MAP}---\nkind: ConfigMap\nmetadata: {{name: b}}\n"),
        expect![[r#"
        error: Failed to unmarshal "f.yaml": document 2: Object 'apiVersion' is missing in ConfigMap with fields kind, metadata
    "#]],
    );
    check(
        &format!("{MAP}---\napiVersion: v1\nmetadata: {{name: b}}\n"),
        expect![[r#"
        error: Failed to unmarshal "f.yaml": failed to unmarshal manifest: document 2: Object 'Kind' is missing in 'object with fields apiVersion, metadata'
    "#]],
    );
    check(
        "apiVersion: v1\nkind: Secret\nmetadata: {}\ndata: {password: aHVudGVyMg==}\n",
        expect![[r#"
        error: Failed to unmarshal "f.yaml": document 1: Object 'metadata.name' is missing in Secret with fields apiVersion, data, kind, metadata
    "#]],
    );
    check(
        "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Secret}]\n",
        expect![[r#"
        error: Failed to unmarshal "f.yaml": document 1: items[0]: Object 'metadata.name' is missing in Secret with fields apiVersion, kind
    "#]],
    );
}

#[test]
fn yaml_that_is_nobodys_manifest_is_skipped() {
    check("- a\n- list: of things\n", expect![""]);
    check("values: {a: 1}\n", expect![""]);
    check("{{ .Values.a }}: [\n", expect![""]);
}

#[test]
fn yaml_1_1_scalars_as_argo_cd_reads_them() {
    let text = "apiVersion: v1\nkind: X\nmetadata: {name: a}\nv: [yes, on, n, 0644, 0x1f, 1_000, 1e3, ~, 2026-01-01, \"yes\", 1.10]\n";
    let mut set = FileSet::default();
    set.insert("f.yaml", text.as_bytes());
    let manifests = read(&set, &Source::default()).unwrap();
    expect![[r#"[true,true,false,420,31,1000,1000.0,null,"2026-01-01","yes",1.1]"#]]
        .assert_eq(&manifests[0].object["v"].to_string());
}

#[test]
fn encodings() {
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let bom = [b"\xef\xbb\xbf".as_slice(), MAP.as_bytes()].concat();
    check_with(
        &[("a.yaml", &bom), ("b.yaml", &utf16(MAP, true)), ("c.yaml", &utf16(MAP, false))],
        None,
        expect![[r#"
            a.yaml#1 ConfigMap/a
            b.yaml#1 ConfigMap/a
            c.yaml#1 ConfigMap/a
        "#]],
    );
    check_with(
        &[("a.yaml", b"\xff\xfe\x00")],
        None,
        expect![[r#"
        error: Failed to unmarshal "a.yaml": invalid UTF-16: odd number of bytes
    "#]],
    );
    check_with(
        &[("a.yaml", b"kind: \x80")],
        None,
        expect![[r#"
        error: Failed to unmarshal "a.yaml": invalid UTF-8
    "#]],
    );
}

#[test]
fn which_files_count() {
    let one = MAP.as_bytes();
    let files: &[(&str, &[u8])] = &[
        ("a.yaml", one),
        ("b.yml", one),
        ("c.json", br#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"j"}}"#),
        ("notes.txt", b"not: [yaml"),
        ("skipped.yaml", b"# +argocd:skip-file-rendering\nkind: ["),
        ("sub/d.yaml", one),
    ];
    check_with(
        files,
        None,
        expect![[r#"
        a.yaml#1 ConfigMap/a
        b.yml#1 ConfigMap/a
        c.json#1 Secret/j
    "#]],
    );
    let recurse = Directory { recurse: true, ..Directory::default() };
    check_with(
        files,
        Some(recurse.clone()),
        expect![[r#"
        a.yaml#1 ConfigMap/a
        b.yml#1 ConfigMap/a
        c.json#1 Secret/j
        sub/d.yaml#1 ConfigMap/a
    "#]],
    );
    let only = Directory { include: "{sub/*,*.json}".into(), exclude: "c.*".into(), ..recurse };
    check_with(
        files,
        Some(only),
        expect![[r#"
        sub/d.yaml#1 ConfigMap/a
    "#]],
    );
}

#[test]
fn json_files_hold_one_object() {
    check_with(
        &[("a.json", b"{} {}")],
        None,
        expect![[r#"
        error: Found multiple objects in "a.json". Only single objects are allowed in JSON files.
    "#]],
    );
    check_with(
        &[("a.json", b"")],
        None,
        expect![[r#"
        error: Failed to unmarshal "a.json": EOF
    "#]],
    );
    check_with(
        &[("a.json", b"[1]")],
        None,
        expect![[r#"
        error: Failed to unmarshal "a.json": json: cannot unmarshal array into Go value of type map[string]interface {}
    "#]],
    );
}

#[test]
fn other_tools_are_refused_by_name() {
    let one = MAP.as_bytes();
    check_with(
        &[("Chart.yaml", b"name: x"), ("a.yaml", one)],
        None,
        expect![[r#"
            a.yaml#1 ConfigMap/a
        "#]],
    );
    check_with(
        &[("kustomization.yml", b"resources: []")],
        None,
        expect![[r#"
        error: Kustomize sources are not supported yet: found kustomization.yml; use plain manifests in this path
    "#]],
    );
    check_with(
        &[("a.jsonnet", b"{}")],
        None,
        expect![[r#"
        error: jsonnet sources are not supported yet: found a.jsonnet; use plain manifests in this path
    "#]],
    );
    check_with(
        &[(".argocd-source-app.yaml", b"{}"), ("a.yaml", one)],
        None,
        expect![[r#"
        error: parameter override sources are not supported yet: found .argocd-source-app.yaml; use plain manifests in this path
    "#]],
    );
    // An explicit directory block wins, as upstream.
    check_with(
        &[("Chart.yaml", b"name: x"), ("a.yaml", one)],
        Some(Directory::default()),
        expect![[r#"
        a.yaml#1 ConfigMap/a
    "#]],
    );
}

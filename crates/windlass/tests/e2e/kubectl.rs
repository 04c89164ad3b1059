//! Real kubectl against a running server: each command with its expected output.

use std::sync::OnceLock;

use e2e::{Output, Server, Tool, run, run_with_input};
use expect_test::{Expect, expect};

use crate::{Case, workshop::PATIENCE};

const KUBECTL: &[Tool] = &[Tool::Kubectl, Tool::Git];

pub(crate) const CASES: &[Case] = &[
    Case { name: "kubectl::get_namespaces", needs: KUBECTL, run: get_namespaces },
    Case { name: "kubectl::apply_client_side", needs: KUBECTL, run: apply_client_side },
    Case { name: "kubectl::apply_server_side", needs: KUBECTL, run: apply_server_side },
    Case { name: "kubectl::create_namespace_and_secret", needs: KUBECTL, run: create_namespace_and_secret },
    Case { name: "kubectl::get_formats", needs: KUBECTL, run: get_formats },
    Case { name: "kubectl::watch", needs: KUBECTL, run: watch },
    Case { name: "kubectl::describe", needs: KUBECTL, run: describe },
    Case { name: "kubectl::explain", needs: KUBECTL, run: explain },
    Case { name: "kubectl::api_resources", needs: KUBECTL, run: api_resources },
    Case { name: "kubectl::edit", needs: KUBECTL, run: edit },
    Case { name: "kubectl::diff", needs: KUBECTL, run: diff },
    Case { name: "kubectl::delete_and_wait", needs: KUBECTL, run: delete_and_wait },
    Case { name: "kubectl::wait_for_ready", needs: KUBECTL, run: wait_for_ready },
    Case { name: "kubectl::create_token", needs: KUBECTL, run: create_token },
    Case { name: "kubectl::strict_validation", needs: KUBECTL, run: strict_validation },
    Case { name: "kubectl::namespace_termination", needs: KUBECTL, run: namespace_termination },
];

static SERVER: OnceLock<Server> = OnceLock::new();

/// Statics are never dropped: the server is stopped by hand when all tests are over.
pub(crate) fn stop() {
    if let Some(server) = SERVER.get() {
        server.kill();
    }
}

/// One server for all: each test has a namespace of its own.
pub(crate) fn server() -> &'static Server {
    SERVER.get_or_init(|| Server::start(&["--workshop"]))
}

fn k(arguments: &str) -> Output {
    server().k(arguments)
}

fn pipe(arguments: &str, input: &str) -> Output {
    run_with_input(server().kubectl().args(arguments.split_whitespace()), input)
}

/// Compares after replacing what differs in every run: ages, uids, times, versions.
fn check(output: &Output, expected: Expect) {
    expected.assert_eq(&stable(&output.transcript()));
}

fn stable(text: &str) -> String {
    let line = |line: &str| {
        let mut line = line.to_string();
        for key in ["uid: ", "resourceVersion: ", "creationTimestamp: ", "time: "] {
            if let Some(at) = line.find(key) {
                line.truncate(at + key.len());
                line.push('X');
            }
        }
        let words: Vec<String> =
            line.split(' ').map(|word| if is_age(word) { "AGE".to_string() } else { word.to_string() }).collect();
        words.join(" ").trim_end().to_string()
    };
    // kubectl 1.34 and later say where a deleted object was.
    let text = text.replace("\" deleted from deleted namespace", "\" deleted");
    let mut out: String = text.lines().map(|text| line(text) + "\n").collect();
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

/// `5s`, `2m`, `3m10s`
fn is_age(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    digits > 0
        && word.len() <= 6
        && word.ends_with(['s', 'm'])
        && word.chars().all(|c| c.is_ascii_digit() || "smh".contains(c))
}

fn ok(output: &Output) -> &Output {
    assert_eq!(output.code, 0, "{}", output.transcript());
    output
}

fn namespace(name: &str) -> String {
    ok(&k(&format!("create namespace {name}")));
    name.to_string()
}

fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: {value}\n")
}

fn get_namespaces() {
    let output = k("get ns default kube-system argocd");
    check(
        &output,
        expect![[r#"
        NAME          STATUS   AGE
        default       Active   AGE
        kube-system   Active   AGE
        argocd        Active   AGE
    "#]],
    );
}

fn apply_client_side() {
    let ns = namespace("apply-client");
    let first = pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one"));
    let same = pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one"));
    let changed = pipe(&format!("apply -n {ns} -f -"), &config_map("a", "two"));
    let value = k(&format!("get cm a -n {ns} -o jsonpath={{.data.key}}"));
    let all = [first, same, changed, value].map(|output| output.transcript()).concat();
    expect![[r#"
        configmap/a created
        configmap/a unchanged
        configmap/a configured
        two"#]]
    .assert_eq(&all);
}

fn apply_server_side() {
    let ns = namespace("apply-server");
    let first = pipe(&format!("apply --server-side -n {ns} -f -"), &config_map("a", "one"));
    let other = pipe(&format!("apply --server-side --field-manager=other -n {ns} -f -"), &config_map("a", "two"));
    let forced = pipe(
        &format!("apply --server-side --field-manager=other --force-conflicts -n {ns} -f -"),
        &config_map("a", "two"),
    );
    let managers =
        k(&format!("get cm a -n {ns} --show-managed-fields -o jsonpath={{.metadata.managedFields[*].manager}}"));
    let all = [first, other, forced, managers].map(|output| output.transcript()).concat();
    expect![[r#"
        configmap/a serverside-applied
        --- stderr
        error: Apply failed with 1 conflict: conflict with "kubectl": .data.key
        Please review the fields above--they currently have other managers. Here
        are the ways you can resolve this warning:
        * If you intend to manage all of these fields, please re-run the apply
          command with the `--force-conflicts` flag.
        * If you do not intend to manage all of the fields, please edit your
          manifest to remove references to the fields that should keep their
          current managers.
        * You may co-own fields by updating your manifest to match the existing
          value; in this case, you'll become the manager if the other manager(s)
          stop managing the field (remove it from their configuration).
        See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
        --- exit 1
        configmap/a serverside-applied
        other"#]]
    .assert_eq(&all);
}

fn create_namespace_and_secret() {
    let ns = namespace("create");
    let created = k(&format!("create secret generic s -n {ns} --from-literal=password=hunter2"));
    let again = k(&format!("create secret generic s -n {ns} --from-literal=password=hunter2"));
    let data = k(&format!("get secret s -n {ns} -o jsonpath={{.type}}/{{.data.password}}"));
    let table = k(&format!("get secret s -n {ns}"));
    let all = [created, again, data, table].map(|output| stable(&output.transcript())).concat();
    expect![[r#"
        secret/s created
        --- stderr
        error: failed to create secret secrets "s" already exists
        --- exit 1
        Opaque/aHVudGVyMg==
        NAME   TYPE     DATA   AGE
        s      Opaque   1      AGE
    "#]]
    .assert_eq(&all);
}

fn get_formats() {
    let ns = namespace("formats");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    let outputs = [
        k(&format!("get cm a -n {ns} -o wide")),
        k(&format!("get cm a -n {ns} -o yaml")),
        k(&format!("get cm a -n {ns} -o name")),
    ];
    let all = outputs.map(|output| stable(&output.transcript())).concat();
    expect![[r#"
        NAME   DATA   AGE
        a      1      AGE
        apiVersion: v1
        data:
          key: one
        kind: ConfigMap
        metadata:
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: |
              {"apiVersion":"v1","data":{"key":"one"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a","namespace":"formats"}}
          creationTimestamp: X
          name: a
          namespace: formats
          resourceVersion: X
          uid: X
        configmap/a
    "#]].assert_eq(&all);
}

fn watch() {
    let ns = namespace("watched");
    let kubectl = server()
        .kubectl()
        .args(["get", "cm", "-n", &ns, "-w", "-o", "name"])
        .stdout(std::process::Stdio::piped())
        .spawn();
    let mut kubectl = kubectl.expect("kubectl starts");
    for name in ["a", "b"] {
        ok(&pipe(&format!("apply -n {ns} -f -"), &config_map(name, "one")));
    }
    let mut reader = std::io::BufReader::new(kubectl.stdout.take().expect("stdout"));
    let mut lines = Vec::new();
    while !lines.contains(&"configmap/b".to_string()) {
        let mut line = String::new();
        let read = std::io::BufRead::read_line(&mut reader, &mut line).expect("kubectl prints");
        assert!(read > 0, "the watch ended: {lines:?}");
        lines.push(line.trim().to_string());
    }
    let _ = kubectl.kill();
    let _ = kubectl.wait();
    let position = |name: &str| lines.iter().position(|line| line == name);
    assert!(position("configmap/a") < position("configmap/b"), "{lines:?}");
}

fn describe() {
    let ns = namespace("described");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    check(
        &k(&format!("describe cm a -n {ns}")),
        expect![[r#"
        Name:         a
        Namespace:    described
        Labels:       <none>
        Annotations:  <none>

        Data
        ====
        key:
        ----
        one

        BinaryData
        ====

        Events:  <none>
    "#]],
    );
}

fn explain() {
    let output = k("explain vault.spec.owner --api-version=keyvault.azure.com/v1api20210401preview");
    check(
        &output,
        expect![[r#"
        GROUP:      keyvault.azure.com
        KIND:       Vault
        VERSION:    v1api20210401preview

        FIELD: owner <Object>

        DESCRIPTION:
            Where the resource belongs in Azure: deleting the owner deletes it too.

        FIELDS:
          armId	<string>
            <no description>

          name	<string>
            <no description>

    "#]],
    );
}

fn api_resources() {
    check(
        &k("api-resources --api-group=argoproj.io"),
        expect![[r#"
        NAME           SHORTNAMES         APIVERSION             NAMESPACED   KIND
        applications   app,apps           argoproj.io/v1alpha1   true         Application
        appprojects    appproj,appprojs   argoproj.io/v1alpha1   true         AppProject
    "#]],
    );
    check(
        &k("api-resources --api-group=resources.azure.com"),
        expect![[r#"
        NAME             SHORTNAMES   APIVERSION                      NAMESPACED   KIND
        resourcegroups                resources.azure.com/v20200601   true         ResourceGroup
    "#]],
    );
}

fn edit() {
    let ns = namespace("edited");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    let output =
        run(server().kubectl().args(["edit", "cm", "a", "-n", &ns]).env("KUBE_EDITOR", "sed -i s/one/edited/"));
    check(
        &output,
        expect![[r#"
        configmap/a edited
    "#]],
    );
    assert_eq!(k(&format!("get cm a -n {ns} -o jsonpath={{.data.key}}")).stdout, "edited");
}

fn diff() {
    let ns = namespace("diffed");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    let same = pipe(&format!("diff -n {ns} -f -"), &config_map("a", "one"));
    assert_eq!((same.code, same.stdout.as_str()), (0, ""), "{}", same.transcript());
    let changed = pipe(&format!("diff -n {ns} -f -"), &config_map("a", "two"));
    assert_eq!(changed.code, 1, "{}", changed.transcript());
    assert!(changed.stdout.contains("-  key: one\n+  key: two"), "{}", changed.transcript());
    // A dry run changes nothing.
    assert_eq!(k(&format!("get cm a -n {ns} -o jsonpath={{.data.key}}")).stdout, "one");
}

fn delete_and_wait() {
    let ns = namespace("deleted");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    check(
        &k(&format!("delete cm a -n {ns} --wait --timeout=10s")),
        expect![[r#"
        configmap "a" deleted
    "#]],
    );
    check(
        &k(&format!("get cm a -n {ns}")),
        expect![[r#"
        --- stderr
        Error from server (NotFound): configmaps "a" not found
        --- exit 1
    "#]],
    );
}

fn wait_for_ready() {
    let vault = || k("wait vault/app-keyvault -n rg-dev-app --for=condition=Ready --timeout=20s").code == 0;
    server().wait("the vault is Ready", PATIENCE, vault);
    check(
        &k("wait resourcegroup/rg-dev-app -n rg-dev-app --for=condition=Ready --timeout=20s"),
        expect![[r#"
        resourcegroup.resources.azure.com/rg-dev-app condition met
    "#]],
    );
}

fn create_token() {
    let ns = namespace("tokens");
    ok(&k(&format!("create serviceaccount robot -n {ns}")));
    let token = ok(&k(&format!("create token robot -n {ns} --audience=test"))).stdout.trim().to_string();
    assert_eq!(token.split('.').count(), 3, "a JSON Web Token");
    // A token for another audience is none for the API; one for the API has its account's rights, which are few.
    assert!(as_bearer(&token).contains("Unauthorized"), "{}", as_bearer(&token));
    let token = ok(&k(&format!("create token robot -n {ns}"))).stdout.trim().to_string();
    let answer = as_bearer(&token);
    assert!(
        answer.contains(r#"User "system:serviceaccount:tokens:robot" cannot list resource "configmaps""#),
        "{answer}"
    );
}

/// What kubectl says with nothing but that token.
fn as_bearer(token: &str) -> String {
    let data = server().data_dir();
    let url = ok(&k("config view --minify -o jsonpath={.clusters[0].cluster.server}")).stdout.clone();
    let mut kubectl = server().kubectl();
    kubectl.env("KUBECONFIG", "/dev/null").arg("--server").arg(url).arg("--token").arg(token);
    kubectl.arg("--certificate-authority").arg(data.join("pki/cluster-ca.crt")).args([
        "get",
        "configmaps",
        "-n",
        "tokens",
    ]);
    run(&mut kubectl).transcript()
}

fn strict_validation() {
    let ns = namespace("strict");
    let manifest = "apiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata:\n  name: x\nspec:\n  location: eastus\n  colour: red\n";
    let output = pipe(&format!("apply -n {ns} -f -"), manifest);
    check(
        &output,
        expect![[r#"
        --- stderr
        Error from server (BadRequest): error when creating "STDIN": ResourceGroup in version "v1api20200601" cannot be handled as a ResourceGroup: strict decoding error: unknown field "spec.colour"
        --- exit 1
    "#]],
    );
}

fn namespace_termination() {
    let ns = namespace("terminated");
    ok(&pipe(&format!("apply -n {ns} -f -"), &config_map("a", "one")));
    check(
        &k(&format!("delete ns {ns} --wait --timeout=20s")),
        expect![[r#"
        namespace "terminated" deleted
    "#]],
    );
    assert_ne!(k(&format!("get ns {ns}")).code, 0);
}

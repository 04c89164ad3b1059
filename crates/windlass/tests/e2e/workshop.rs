//! The main job from outside: the workshop's repository becomes Azure resources; pushes change, prune and heal; a killed
//! process goes on where it was.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use e2e::{Output, Server, Tool, binary, run};
use serde_json::Value;

use crate::Case;

pub(crate) const CASES: &[Case] = &[
    Case { name: "workshop::once", needs: &[Tool::Git], run: once },
    Case { name: "workshop::push_change_prune_heal", needs: &[Tool::Git, Tool::Kubectl], run: push_change_prune_heal },
    Case { name: "workshop::kill_and_go_on", needs: &[Tool::Git, Tool::Kubectl], run: kill_and_go_on },
    Case { name: "workshop::push_without_credential", needs: &[Tool::Git], run: push_without_credential },
    Case { name: "workshop::why", needs: &[Tool::Git, Tool::Kubectl], run: why },
    Case { name: "workshop::plan_of_a_change", needs: &[Tool::Git], run: plan_of_a_change },
];

const SAMPLE: &str = "samples/sample-2/kv-argo-application.yaml";
pub(crate) const APPLICATION: &str = "app-project-env-recursive";
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn windlass(arguments: &[&str]) -> Output {
    run(Command::new(binary()).args(arguments))
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.transcript()))
}

fn once() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let data = data.to_str().expect("utf-8");
    let output = windlass(&["up", "--workshop", "--once", "--data-dir", data, "-o", "json"]);
    assert_eq!(output.code, 0, "{}", output.transcript());
    let report = json(&output);
    assert_eq!(report["applications"][0]["sync"], "Synced", "{report:#}");
    assert_eq!(report["applications"][0]["health"], "Healthy", "{report:#}");
    let types: Vec<&str> =
        report["azure"].as_array().into_iter().flatten().filter_map(|found| found["type"].as_str()).collect();
    for wanted in
        ["Microsoft.Resources/resourceGroups", "Microsoft.KeyVault/vaults", "Microsoft.KeyVault/vaults/secrets"]
    {
        assert!(types.iter().any(|found| found.eq_ignore_ascii_case(wanted)), "{wanted} in {types:?}");
    }
    // What was made is there for the next process.
    let twin = windlass(&["azure", "resources", "--data-dir", data, "-o", "json"]);
    assert_eq!(twin.code, 0, "{}", twin.transcript());
    assert!(twin.stdout.contains("app-keyvault"), "{}", twin.transcript());
}

/// A clone with the data directory's credential.
pub(crate) struct Clone {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn git(directory: &Path, arguments: &[&str]) -> Output {
    run(&mut git_command(directory, arguments))
}

fn git_command(directory: &Path, arguments: &[&str]) -> Command {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let mut git = Command::new("git");
    git.current_dir(directory).args(identity).args(arguments).env("GIT_TERMINAL_PROMPT", "0");
    // The clone's own configuration names the authority.
    git.env_remove("GIT_SSL_CAINFO").env_remove("GIT_SSL_CAPATH");
    git
}

pub(crate) fn url(server: &Server) -> String {
    let output = server.k("get application app-project-env-recursive -n argocd -o jsonpath={.spec.source.repoURL}");
    assert!(output.stdout.starts_with("https://"), "{}", output.transcript());
    output.stdout
}

impl Clone {
    pub(crate) fn of(server: &Server) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let data = server.data_dir().display();
        let authority = format!("http.sslCAInfo={data}/pki/cluster-ca.crt");
        let helper = format!("credential.helper=store --file={data}/secrets/git-credentials");
        let output = git(directory.path(), &["clone", "-q", "-c", &authority, "-c", &helper, &url(server), "repo"]);
        assert_eq!(output.code, 0, "{}", output.transcript());
        Self { path: directory.path().join("repo"), _directory: directory }
    }

    pub(crate) fn push(&self, message: &str) {
        self.commit(message);
        self.push_again();
    }

    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    pub(crate) fn push_again(&self) {
        self.git(&["push", "-q"]);
    }

    /// A push that somebody may cut.
    pub(crate) fn start_push(&self) -> Child {
        let push = git_command(&self.path, &["push", "-q"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        push.expect("git starts")
    }

    fn git(&self, arguments: &[&str]) {
        let output = git(&self.path, arguments);
        assert_eq!(output.code, 0, "{}", output.transcript());
    }

    pub(crate) fn edit(&self, from: &str, to: &str) {
        self.edit_in(SAMPLE, from, to);
    }

    pub(crate) fn remove(&self, file: &str) {
        std::fs::remove_file(self.path.join(file)).expect("the file goes");
    }

    pub(crate) fn edit_in(&self, file: &str, from: &str, to: &str) {
        let path = self.path.join(file);
        let text = std::fs::read_to_string(&path).expect("the sample");
        assert!(text.contains(from), "{from} in the sample");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("writes");
    }
}

pub(crate) fn workshop() -> Server {
    let server = Server::start(&["--workshop"]);
    let application =
        "get application app-project-env-recursive -n argocd -o jsonpath={.status.sync.status}/{.status.health.status}";
    server.wait("the Application", PATIENCE, || server.k(application).stdout == "Synced/Healthy");
    server
}

fn push_change_prune_heal() {
    let server = workshop();
    let clone = Clone::of(&server);
    let tags = "get resourcegroup rg-dev-app -n rg-dev-app -o jsonpath={.status.tags.team}";
    clone.edit("spec:\n  location: eastus\n", "spec:\n  location: eastus\n  tags:\n    team: blue\n");
    clone.push("tag the group");
    server.wait("the tag in Azure", PATIENCE, || server.k(tags).stdout == "blue");

    // Somebody edits the live object: Git wins.
    let edited =
        server.k(r#"patch resourcegroup rg-dev-app -n rg-dev-app --type=merge -p {"spec":{"tags":{"team":"red"}}}"#);
    assert_eq!(edited.code, 0, "{}", edited.transcript());
    let desired = "get resourcegroup rg-dev-app -n rg-dev-app -o jsonpath={.spec.tags.team}/{.status.tags.team}";
    server.wait("healing", PATIENCE, || server.k(desired).stdout == "blue/blue");

    // The file goes: so do the objects, and what they stand for in Azure.
    std::fs::remove_file(clone.path.join(SAMPLE)).expect("removes");
    std::fs::write(
        clone.path.join("samples/cm.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: left\n  namespace: rg-dev-app\n",
    )
    .expect("writes");
    clone.push("remove sample 2");
    server.wait("pruning", PATIENCE, || server.k("get resourcegroups,vaults -n rg-dev-app -o name").stdout.is_empty());
}

fn kill_and_go_on() {
    let server = workshop();
    // What the platform installs for itself, what the preparation makes, what Git makes.
    let kinds = "customresourcedefinitions,namespaces,clusterroles,clusterrolebindings,serviceaccounts,appprojects,secrets,\
                 applications,resourcegroups,vaults,secrets.keyvault.azure.com";
    let fields = |field: &str| {
        format!("get {kinds} -A --no-headers -o custom-columns=:.kind,:.metadata.name,:.metadata.{field}")
    };
    let (versions, uids) = (&fields("resourceVersion"), &fields("uid"));
    let before = (server.k(versions).stdout, server.k(uids).stdout);
    server.kill();
    let again = Server::start_in(server.data_dir(), &["--workshop"]);
    let application =
        "get application app-project-env-recursive -n argocd -o jsonpath={.status.sync.status}/{.status.health.status}";
    again.wait("the Application", PATIENCE, || again.k(application).stdout == "Synced/Healthy");
    assert_eq!(
        (again.k(versions).stdout, again.k(uids).stdout),
        before,
        "a settled platform writes nothing after a restart"
    );
}

fn push_without_credential() {
    let server = workshop();
    let clone = Clone::of(&server);
    clone.edit("location: eastus", "location: westus");
    git(&clone.path, &["config", "--unset-all", "credential.helper"]);
    git(&clone.path, &["commit", "-q", "-a", "-m", "no credential"]);
    let output = git(&clone.path, &["push", "-q"]);
    assert_ne!(output.code, 0, "a push without a credential is refused");
}

fn why() {
    let server = workshop();
    let data = server.data_dir().to_str().expect("utf-8");
    let ready = windlass(&["why", "vault/app-keyvault", "-n", "rg-dev-app", "--data-dir", data]);
    assert_eq!(
        (ready.code, ready.stdout.as_str()),
        (0, "Vault/app-keyvault -n rg-dev-app is ready\n"),
        "{}",
        ready.transcript()
    );

    let clone = Clone::of(&server);
    clone.edit(
        "rg-dev-app-aso-credentials\nspec:\n  location: eastus\n  owner",
        "no-such-secret\nspec:\n  location: eastus\n  owner",
    );
    clone.push("a credential that does not exist");
    let ask = || windlass(&["why", "application/app-project-env-recursive", "-n", "argocd", "--data-dir", data]);
    server.wait("the cause", PATIENCE, || ask().stdout.contains("SecretNotFound"));
    let answer = ask();
    assert_eq!(answer.code, 1, "{}", answer.transcript());
    assert!(answer.stdout.contains("no-such-secret does not exist"), "{}", answer.transcript());
    assert!(answer.stdout.contains("next: create the Secret"), "{}", answer.transcript());
}

fn plan_of_a_change() {
    let server = workshop();
    let clone = Clone::of(&server);
    clone.edit("spec:\n  location: eastus\n", "spec:\n  location: eastus\n  tags:\n    team: blue\n");
    let repo = clone.path.to_str().expect("utf-8");
    let plan = windlass(&["plan", repo, "--workshop", "--detailed-exitcode", "-o", "json"]);
    assert_eq!(plan.code, 2, "{}", plan.transcript());
    let plan = json(&plan);
    let requests: Vec<String> = plan["azure"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|request| {
            format!(
                "{} {} {}",
                request["method"].as_str().unwrap_or(""),
                request["id"].as_str().unwrap_or(""),
                request["body"]["tags"]
            )
        })
        .collect();
    assert_eq!(
        requests,
        [r#"PUT /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-dev-app {"team":"blue"}"#],
        "{plan:#}"
    );
    let codes: Vec<&str> =
        plan["findings"].as_array().into_iter().flatten().filter_map(|finding| finding["code"].as_str()).collect();
    assert!(codes.contains(&"UnknownField") && codes.contains(&"CredentialNotInGit"), "{codes:?}");
    // Nothing was changed by looking.
    assert_eq!(server.k("get resourcegroup rg-dev-app -n rg-dev-app -o jsonpath={.spec.tags}").stdout, "");
}

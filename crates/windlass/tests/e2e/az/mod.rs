//! The real Azure CLI against the twin: the workshop's commands of steps 1 and 2 as its text has them, and what people do next.
//! az takes about a second per command, so each is run once.

mod blocks;

use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

use e2e::{Output, Server, Tool, run};
use serde_json::Value;

use crate::{
    Case,
    workshop::{PATIENCE, workshop},
};
use blocks::{BLOCKS, block};

pub(crate) const CASES: &[Case] = &[
    Case { name: "az::workshop_steps_1_and_2", needs: &[Tool::Az, Tool::Kubectl], run: workshop_steps_1_and_2 },
    Case { name: "az::beside_up", needs: &[Tool::Az, Tool::Git, Tool::Kubectl], run: beside_up },
    Case { name: "az::the_texts_own_words", needs: &[Tool::WorkshopText], run: the_texts_own_words },
    Case { name: "az::the_proxy", needs: &[], run: the_proxy },
];

const LOGIN: &str =
    r#"az login --service-principal -u "$TWIN_CLIENT_ID" -p "$TWIN_CLIENT_SECRET" --tenant "$TWIN_TENANT_ID""#;

/// A shell whose variables and directory last from one command to the next, in a home of its own.
struct Shell {
    directory: tempfile::TempDir,
}

impl Shell {
    /// One that has sourced the server's azure.env.
    fn of(server: &Server) -> Self {
        let shell = Self { directory: tempfile::tempdir().expect("a directory") };
        shell.ok(&format!("export PATH='{}'\"$PATH\"", clients()));
        shell.ok(&format!("source '{}'; cd '{}'", server.azure_env().display(), shell.home().display()));
        shell
    }

    fn home(&self) -> &Path {
        self.directory.path()
    }

    fn run(&self, command: &str) -> Output {
        let state = self.home().join(".state");
        let before = format!("[ ! -f '{0}' ] || source '{0}'", state.display());
        let after = format!(r#"code=$?; {{ export -p; echo "cd '$PWD'"; }} > '{}'; exit $code"#, state.display());
        let mut bash = Command::new("bash");
        bash.args(["-c", &format!("{before}\n{command}\n{after}")]).env("HOME", self.home());
        bash.env_remove("KUBECONFIG").env_remove("AZURE_SUBSCRIPTION_ID").env_remove("IDENTITY_RG");
        run(&mut bash)
    }

    /// A command that has to succeed.
    fn ok(&self, command: &str) -> String {
        let output = self.run(command);
        assert_eq!(output.code, 0, "{command}\n{}", output.transcript());
        output.stdout
    }

    fn json(&self, command: &str) -> Value {
        let text = self.ok(command);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command}: {error}: {text}"))
    }

    /// A command that has to fail, and what it says.
    fn fails(&self, command: &str) -> String {
        let output = self.run(command);
        assert_ne!(output.code, 0, "{command}\n{}", output.transcript());
        output.stderr
    }
}

/// The clients' directories, each with a colon behind it.
fn clients() -> String {
    let tools = [Tool::Az, Tool::Kubectl].iter().filter_map(|tool| tool.find());
    tools.filter_map(|tool| Some(format!("{}:", tool.parent()?.display()))).collect()
}

fn workshop_steps_1_and_2() {
    let server = Server::twin(&[]);
    let shell = Shell::of(&server);
    let mode = std::fs::metadata(server.azure_env()).expect("azure.env").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let login = shell.json(LOGIN);
    assert_eq!(login[0]["name"], "Windlass twin (not Azure)", "{login:#}");
    step_1(&shell);
    step_2(&shell);
    federated_sign_in(&shell);
    resources(&shell);
    let secret = shell.ok(r#"echo "$TWIN_CLIENT_SECRET""#);
    assert!(!server.said().contains(secret.trim()), "{}", server.said());
}

/// Blocks 1 to 7 of the text.
fn step_1(shell: &Shell) {
    for number in 1..=3 {
        shell.ok(block(number));
    }
    shell.ok(r#"[ "$AZURE_SUBSCRIPTION_ID/$AZURE_TENANT_ID" = "$TWIN_SUBSCRIPTION_ID/$TWIN_TENANT_ID" ]"#);
    let group = shell.json(block(4));
    assert_eq!(
        (&group["location"], &group["properties"]["provisioningState"]),
        (&"westus3".into(), &"Succeeded".into())
    );
    let cluster = shell.json(block(5));
    assert_eq!(cluster["provisioningState"], "Succeeded", "{cluster:#}");
    assert_eq!(cluster["agentPoolProfiles"][0]["count"], 3, "{cluster:#}");
    shell.ok(block(6));
    shell.ok(block(7));
    let nodes = shell.ok("kubectl get nodes --no-headers");
    assert_eq!(nodes.lines().filter(|line| line.contains(" Ready ")).count(), 3, "{nodes}");
}

/// Blocks 8 to 14.
fn step_2(shell: &Shell) {
    let identity = shell.json(block(8));
    assert_eq!(identity["type"], "Microsoft.ManagedIdentity/userAssignedIdentities", "{identity:#}");
    shell.ok(block(9));
    let shown = shell.ok(block(10));
    for (variable, query) in [("AZURE_CLIENT_ID", "clientId"), ("PRINCIPAL_ID", "principalId")] {
        let line = format!("{variable}: {}", identity[query].as_str().expect("an id"));
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    shell.ok(block(11));
    // The text never sets the two variables of the second command: az itself says no, and passes when they are set.
    let roles = shell.run(block(12));
    assert_eq!(roles.code, 1, "{}", roles.transcript());
    assert!(roles.stderr.contains("Invalid scope"), "{}", roles.transcript());
    let assigned: Value = serde_json::from_str(&roles.stdout).expect("the first of the two assignments");
    assert_eq!(assigned["principalId"], identity["principalId"], "{assigned:#}");
    let (_, operator) = block(12).split_once("\n\n").expect("two commands");
    shell.ok(&format!("export IDENTITY_RG=$RESOURCE_GROUP IDENTITY_NAME=$MANAGED_IDENTITY_NAME\n{operator}"));
    for number in [13, 14] {
        let credential = shell.json(block(number));
        assert_eq!(credential["audiences"][0], "api://AzureADTokenExchange", "{credential:#}");
    }
}

/// What is run here is what the text says, block by block.
fn the_texts_own_words() {
    let text = std::fs::read_to_string(Tool::WorkshopText.find().expect("the text")).expect("UTF-8");
    let mut of_text: Vec<Vec<&str>> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            inside = !inside;
            of_text.extend(inside.then(Vec::new));
        } else if inside && let Some(block) = of_text.last_mut() {
            block.push(line);
        }
    }
    let words = |lines: &[&str]| lines.iter().filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join("\n");
    for (number, ours) in BLOCKS {
        let ours: Vec<&str> = ours.lines().map(str::trim).collect();
        assert_eq!(words(&ours), words(&of_text[number - 1]), "block {number}");
    }
}

/// A service account of the simulated cluster is the identity; another one is not.
fn federated_sign_in(shell: &Shell) {
    shell.ok("kubectl create namespace azure-infrastructure-system");
    for account in ["capz-manager", "stranger"] {
        shell.ok(&format!("kubectl create serviceaccount {account} -n azure-infrastructure-system"));
    }
    let login = |account: &str| {
        format!(
            "AZURE_CONFIG_DIR=$HOME/az-{account} az login --service-principal -u $AZURE_CLIENT_ID --tenant $AZURE_TENANT_ID \
             --federated-token $(kubectl create token {account} -n azure-infrastructure-system --audience api://AzureADTokenExchange)"
        )
    };
    let subscriptions = shell.json(&login("capz-manager"));
    assert_eq!(subscriptions[0]["user"]["type"], "servicePrincipal", "{subscriptions:#}");
    let refusal = shell.fails(&login("stranger"));
    let wanted = "AADSTS700213: No matching federated identity record found for presented assertion subject \
                  'system:serviceaccount:azure-infrastructure-system:stranger'";
    assert!(refusal.contains(wanted), "{refusal}");
}

/// What people do next, to the end of the group.
fn resources(shell: &Shell) {
    let pools = shell.json("az aks nodepool list --cluster-name $AKS_CLUSTER_NAME -g $RESOURCE_GROUP");
    assert_eq!(
        (pools.as_array().map(Vec::len), &pools[0]["vmSize"]),
        (Some(1), &"Standard_DS2_v2".into()),
        "{pools:#}"
    );
    // Vault names are Azure-wide; this Azure is the data directory's own.
    shell.ok("az keyvault create -n kv-aks-labs -g $RESOURCE_GROUP -l $LOCATION");
    let denied = shell.fails("az keyvault secret show --vault-name kv-aks-labs -n password");
    assert!(denied.contains("(Forbidden)"), "{denied}");
    shell.ok("az role assignment create --assignee $TWIN_CLIENT_ID --role 'Key Vault Secrets Officer' --scope /subscriptions/$AZURE_SUBSCRIPTION_ID");
    shell.ok("az keyvault secret set --vault-name kv-aks-labs -n password --value hush");
    let secret = shell.ok("az keyvault secret show --vault-name kv-aks-labs -n password --query value -o tsv");
    assert_eq!(secret.trim(), "hush");
    let listed = shell.ok("az resource list -g $RESOURCE_GROUP -o table");
    for name in ["aks-labs", "akspe", "kv-aks-labs"] {
        assert!(listed.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}: {listed}");
    }
    let unknown = shell.fails("az group show -n nowhere");
    assert!(unknown.contains("(ResourceGroupNotFound) Resource group 'nowhere' could not be found."), "{unknown}");
    shell.ok("az group delete -n $RESOURCE_GROUP --yes");
    assert_eq!(shell.ok("az group exists -n $RESOURCE_GROUP").trim(), "false");
    let gone = shell.fails("kubectl get nodes");
    assert!(gone.contains("does not run"), "{gone}");
}

/// `up` is the same Azure: what an object of Azure Service Operator made, az shows as the text promises.
fn beside_up() {
    let server = workshop();
    let shell = Shell::of(&server);
    let known = || server.k("get secret rg-dev-app-aso-credentials -n rg-dev-app -o name").code == 0;
    server.wait("the workshop's credential", PATIENCE, known);
    let manifest = server.data_dir().join("rg-dev-app.yaml");
    let group = "apiVersion: resources.azure.com/v1api20200601\nkind: ResourceGroup\nmetadata:\n  name: my-rg-dev-app\n  \
                 namespace: rg-dev-app\n  annotations:\n    \
                 serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials\nspec:\n  location: westus3\n";
    std::fs::write(&manifest, group).expect("a file");
    let applied = server.k(&format!("apply -f {}", manifest.display()));
    assert_eq!(applied.code, 0, "{}", applied.transcript());
    let ready = "get resourcegroup my-rg-dev-app -n rg-dev-app -o jsonpath={.status.conditions[0].status}";
    server.wait("the group is ready", PATIENCE, || server.k(ready).stdout == "True");
    shell.ok(&format!("{LOGIN} -o none"));
    let mut shown = shell.json(block(49));
    let id = shown["id"].as_str().unwrap_or_default().to_string();
    assert!(id.starts_with("/subscriptions/") && id.ends_with("/resourceGroups/my-rg-dev-app"), "{id}");
    shown["id"] = "ID".into();
    // Azure Service Operator's group has no tags, and ARM then answers without them: az prints what comes.
    let promised = serde_json::json!({
        "id": "ID", "location": "westus3", "managedBy": null, "name": "my-rg-dev-app",
        "properties": {"provisioningState": "Succeeded"}, "tags": null, "type": "Microsoft.Resources/resourceGroups",
    });
    assert_eq!(shown, promised);
}

/// What the port says without TLS, and that it leads nowhere private.
fn the_proxy() {
    use std::io::{Read, Write};
    let server = Server::twin(&["--clock", "real"]);
    let environment = std::fs::read_to_string(server.azure_env()).expect("azure.env");
    let proxy = environment.split('\'').find_map(|word| word.strip_prefix("http://")).expect("the proxy").to_string();
    let ask = |line: &str| {
        let mut stream = std::net::TcpStream::connect(&proxy).expect("connects");
        stream.write_all(format!("{line}\r\nHost: x\r\n\r\n").as_bytes()).expect("writes");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("reads");
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert_eq!(ask("CONNECT management.azure.com:443 HTTP/1.1"), "HTTP/1.1 200");
    assert_eq!(ask("CONNECT management.azure.com:80 HTTP/1.1"), "HTTP/1.1 403");
    assert_eq!(ask("CONNECT 169.254.169.254:443 HTTP/1.1"), "HTTP/1.1 403");
    assert_eq!(ask("GET http://169.254.169.254/ HTTP/1.1"), "HTTP/1.1 405");
}

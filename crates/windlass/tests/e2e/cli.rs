//! The command line as scripts see it: exit codes, streams, formats.

use std::process::{Command, Stdio};

use e2e::{Output, Server, Tool, binary, run, run_with_input};
use expect_test::{Expect, expect};
use serde_json::Value;

use crate::{Case, kubectl};

pub(crate) const CASES: &[Case] = &[
    Case { name: "cli::usage_errors", needs: &[], run: usage_errors },
    Case { name: "cli::commands_that_are_not_built", needs: &[], run: commands_that_are_not_built },
    Case { name: "cli::plan_of_nothing", needs: &[Tool::Git], run: plan_of_nothing },
    Case { name: "cli::without_a_server", needs: &[], run: without_a_server },
    Case { name: "cli::why_of_what_is_not_there", needs: &[Tool::Git, Tool::Kubectl], run: why_of_what_is_not_there },
    Case { name: "cli::formats", needs: &[], run: formats },
    Case { name: "cli::no_colour_in_files", needs: &[], run: no_colour_in_files },
    Case { name: "cli::broken_pipe", needs: &[], run: broken_pipe },
    Case { name: "cli::port_taken", needs: &[], run: port_taken },
    Case { name: "cli::data_directory_in_use", needs: &[], run: data_directory_in_use },
    Case { name: "cli::wait_timed_out", needs: &[], run: wait_timed_out },
    Case { name: "cli::completion", needs: &[], run: completion },
];

/// Without a home: nothing of the person who runs the tests is read or written.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments);
    for name in ["XDG_STATE_HOME", "WINDLASS_DATA_DIR", "KUBECONFIG", "WINDLASS_LOG", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent").env("XDG_CACHE_HOME", std::env::temp_dir());
    command
}

fn windlass(arguments: &[&str]) -> Output {
    run(&mut command(arguments))
}

fn check(arguments: &[&str], expected: Expect) {
    expected.assert_eq(&windlass(arguments).transcript());
}

fn usage_errors() {
    check(
        &["frobnicate"],
        expect![[r#"
        --- stderr
        error: unrecognized subcommand 'frobnicate'

        Usage: windlass [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    check(
        &["plan"],
        expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <SOURCE>

        Usage: windlass plan <SOURCE>

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    check(
        &["up", "--colour"],
        expect![[r#"
        --- stderr
        error: unexpected argument '--colour' found

        Usage: windlass up [OPTIONS]

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    check(
        &["why", "vault"],
        expect![[r#"
        --- stderr
        error: `vault` is not KIND/NAME
        hint: for example: windlass why vault/app-keyvault -n rg-dev-app
        --- exit 2
    "#]],
    );
    check(
        &["up", "--timeout", "5 fortnights"],
        expect![[r#"
        --- stderr
        error: invalid value '5 fortnights' for '--timeout <TIMEOUT>': ` fortnights` is no unit of time: s, m and h are

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    let bare = windlass(&[]);
    assert_eq!((bare.code, bare.stdout.as_str()), (2, ""), "{}", bare.transcript());
    assert!(bare.stderr.contains("Usage: windlass"), "{}", bare.transcript());
    for asked in ["--help", "--version"] {
        let output = windlass(&[asked]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "asked for: data");
    }
}

fn commands_that_are_not_built() {
    for name in ["doctor", "app", "import", "controllers"] {
        let output = windlass(&[name, "--some", "argument"]);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{name}: {}", output.transcript());
        assert!(
            output.stderr.contains(&format!("error: `windlass {name}` is not built yet")),
            "{}",
            output.transcript()
        );
        assert!(output.stderr.contains("hint: "), "{}", output.transcript());
    }
}

fn plan_of_nothing() {
    check(
        &["plan", "/no/such/directory"],
        expect![[r#"
        --- stderr
        error: /no/such/directory is neither a directory nor the URL of a Git repository
        --- exit 2
    "#]],
    );
    let empty = tempfile::tempdir().expect("a directory");
    let path = empty.path().to_str().expect("utf-8");
    check(
        &["plan", path, "--detailed-exitcode"],
        expect![[r#"
        From nothing to the working tree

        Applications
          argocd/implicit: Synced, Healthy

        Plan: 0 to create, 0 to update, 0 to delete, 0 to replace; 0 Azure requests; 0 findings.
    "#]],
    );
    let against = windlass(&["plan", path, "--against", "/no/such/directory"]);
    expect![[r#"
        --- stderr
        error: /no/such/directory is no data directory of `windlass up`
        hint: run `windlass up` first, or name another with --data-dir
        --- exit 1
    "#]]
    .assert_eq(&against.transcript());
}

fn without_a_server() {
    check(
        &["why", "vault/x", "--data-dir", "/no/such/directory"],
        expect![[r#"
        --- stderr
        error: /no/such/directory/kubeconfig cannot be read
          caused by: failed to read kubeconfig from '"/no/such/directory/kubeconfig"': No such file or directory (os error 2)
        hint: start `windlass up`, or name a file with --kubeconfig
        --- exit 1
    "#]],
    );
    check(
        &["azure", "resources", "--data-dir", "/no/such/directory"],
        expect![[r#"
        --- stderr
        error: /no/such/directory is no data directory of `windlass up`
        hint: run `windlass up` first, or name another with --data-dir
        --- exit 1
    "#]],
    );
}

fn why_of_what_is_not_there() {
    let data = kubectl::server().data_dir().to_str().expect("utf-8");
    check(
        &["why", "frobnicator/x", "--data-dir", data],
        expect![[r#"
        --- stderr
        error: the server has no kind `frobnicator`
        hint: `kubectl api-resources` lists the kinds
        --- exit 1
    "#]],
    );
    check(
        &["why", "vault/no-such-vault", "-n", "default", "--data-dir", data],
        expect![[r#"
        Vault/no-such-vault -n default: NotFound
        the object does not exist

        next: create it, or correct the name: `kubectl get vault -A`
        --- exit 1
    "#]],
    );
    let json = windlass(&["why", "vault/no-such-vault", "-n", "default", "--data-dir", data, "-o", "json"]);
    assert_eq!(json.code, 1, "the answer is data, the object is not ready");
    assert_eq!(parsed(&json)["healthy"], false);
}

fn parsed(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", output.transcript()))
}

fn formats() {
    let version = windlass(&["version", "-o", "json"]);
    assert_eq!((version.code, version.stderr.as_str()), (0, ""), "{}", version.transcript());
    let fields: Vec<String> = parsed(&version).as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, ["argoCd", "azureServiceOperator", "kubernetes", "windlass"]);
    let types = parsed(&windlass(&["azure", "types", "-o", "json"]));
    assert!(types.as_array().is_some_and(|types| types.len() > 10), "{types}");
    let yaml = windlass(&["version", "-o", "yaml"]);
    assert!(yaml.code == 0 && yaml.stdout.contains("kubernetes: v1.33"), "{}", yaml.transcript());
    let empty = tempfile::tempdir().expect("a directory");
    let plan = windlass(&["plan", empty.path().to_str().expect("utf-8"), "-o", "json"]);
    assert_eq!(plan.code, 0, "{}", plan.transcript());
    assert_eq!(parsed(&plan)["schema"], "windlass.dev/plan/v1");
}

fn no_colour_in_files() {
    let commands: &[&[&str]] = &[
        &["--help"],
        &["azure", "types"],
        &["frobnicate"],
        &["plan", "/no/such/directory"],
        &["doctor"],
        &["why", "vault/x", "--data-dir", "/no/such/directory"],
    ];
    for arguments in commands {
        // Whatever the terminal that started it can do: neither stream is one.
        for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1")] {
            let output = run(command(arguments).env(name, value));
            let text = output.stdout.clone() + &output.stderr;
            assert!(!text.is_empty() && !text.contains('\u{1b}'), "{arguments:?}: {text:?}");
        }
    }
}

/// A reader that goes away, as `| head -1` does, is no failure.
fn broken_pipe() {
    for arguments in [&["azure", "types"][..], &["completion", "bash"], &["--help"]] {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

fn port_taken() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address").to_string();
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let output = windlass(&["up", "--listen", &address, "--data-dir", data.to_str().expect("utf-8")]);
    expect![[r#"
        --- stderr
        error: cannot listen on ADDRESS
          caused by: Address already in use (os error 98)
        hint: another `windlass up` may be running; --listen 127.0.0.1:0 takes any free port
        --- exit 1
    "#]]
    .assert_eq(&output.transcript().replace(&address, "ADDRESS"));
}

fn data_directory_in_use() {
    let server = Server::start(&[]);
    let kubeconfig = std::fs::read(server.kubeconfig()).expect("a kubeconfig");
    let data = server.data_dir().to_str().expect("utf-8");
    let masked = |output: Output| {
        output
            .transcript()
            .replace(data, "DATA")
            .replace(&format!("process {}", server.pid()), "process PID")
            .replace(&format!("kill {}", server.pid()), "kill PID")
    };
    expect![[r#"
        --- stderr
        error: the store in DATA cannot be opened
          caused by: data directory DATA/store is in use by process PID
        hint: a `windlass up` uses it: stop it (`kill PID`), or name another directory
        --- exit 1
    "#]]
    .assert_eq(&masked(windlass(&["up", "--listen", "127.0.0.1:0", "--data-dir", data])));
    expect![[r#"
        --- stderr
        error: the state of DATA cannot be read
          caused by: data directory DATA/store is in use by process PID
        hint: a `windlass up` uses it: stop it (`kill PID`), or name another directory
        --- exit 1
    "#]]
    .assert_eq(&masked(windlass(&["azure", "resources", "--data-dir", data])));
    let plan = windlass(&["plan", data, "--against", data]);
    expect![[r#"
        --- stderr
        error: the state of DATA cannot be read
          caused by: data directory DATA/store is in use by process PID
        hint: a `windlass up` uses it: stop it (`kill PID`), or name another directory
        --- exit 1
    "#]]
    .assert_eq(&masked(plan));
    assert_eq!(std::fs::read(server.kubeconfig()).expect("a kubeconfig"), kubeconfig, "the first one's stays");
}

/// Nothing to wait for never comes.
fn wait_timed_out() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let output =
        windlass(&["up", "--once", "--timeout", "1s", "--data-dir", data.to_str().expect("utf-8"), "-o", "json"]);
    expect![[r#"
        --- stderr
        error: there is no Application after 1 s
        hint: --workshop prepares one; `kubectl apply` adds yours
        --- exit 3
    "#]]
    .assert_eq(&output.transcript());
}

fn completion() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = windlass(&["completion", shell]);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{shell}");
        assert!(output.stdout.contains("windlass") && output.stdout.contains("why"), "{shell}");
        if shell == "bash" {
            let syntax = run_with_input(Command::new("bash").arg("-n"), &output.stdout);
            assert_eq!(syntax.code, 0, "{}", syntax.transcript());
        }
    }
}

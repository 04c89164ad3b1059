//! The programs that a benchmark runs: the binary, git, kubectl, curl. Waiting is on a predicate with a deadline.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

const POLL: Duration = Duration::from_millis(5);
const FILE: &str = "samples/sample-2/kv-argo-application.yaml";

/// What a watch waits for has happened by then, or never will.
const LIMIT: &str = "--request-timeout=300s";

pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

pub(super) struct Tools {
    binary: PathBuf,
    kubectl: PathBuf,
}

impl Tools {
    pub(super) fn find(root: &Path, binary: PathBuf) -> Self {
        let own = root.join(".tools/bin/kubectl");
        Self { binary, kubectl: if own.is_file() { own } else { "kubectl".into() } }
    }

    /// One whole run: what it printed, and its peak memory in MB as last seen before its end.
    pub(super) fn once(&self, data: &Path) -> Result<(Vec<u8>, f64)> {
        let mut command = Command::new(&self.binary);
        command.args(["up", "--workshop", "--once", "-o", "json", "--data-dir"]).arg(data).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().context("windlass does not start")?;
        let mut peak: f64 = 0.0;
        let status = loop {
            peak = peak.max(memory(child.id(), "VmHWM:").unwrap_or(0.0));
            match child.try_wait()? {
                Some(status) => break status,
                None => pause(POLL),
            }
        };
        ensure!(status.success(), "up --workshop --once: {status}");
        let mut output = Vec::new();
        child.stdout.take().context("no output")?.read_to_end(&mut output)?;
        Ok((output, peak))
    }
}

/// A line of /proc/PID/status, in MB.
pub(super) fn memory(pid: u32, line: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let text = status.lines().find_map(|found| found.strip_prefix(line))?;
    let kilobytes: f64 = text.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// `windlass up --workshop` on a free port.
pub(super) struct Running<'a> {
    child: Child,
    tools: &'a Tools,
    data: PathBuf,
    port: u16,
}

impl<'a> Running<'a> {
    pub(super) fn start(tools: &'a Tools, data: &Path) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(&tools.binary);
        command.args(["up", "--workshop", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(data);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("windlass does not start")?;
        Ok(Self { child, tools, data: data.to_path_buf(), port })
    }

    pub(super) fn wait_ready(&self, deadline: Duration) -> Result<()> {
        let url = format!("https://127.0.0.1:{}/readyz", self.port);
        let ready = || Command::new("curl").args(["-ksf", "--max-time", "2", "-o", "/dev/null", &url]).status();
        wait(deadline, "/readyz", || Ok(ready().context("curl")?.success()))
    }

    pub(super) fn wait_healthy(&self, deadline: Duration) -> Result<()> {
        wait(deadline, "a healthy Application", || {
            let path = "jsonpath={.status.sync.status}/{.status.health.status}";
            let state = self.kubectl(&["get", "application", "app-project-env-recursive", "-n", "argocd", "-o", path]);
            Ok(state.is_ok_and(|state| state == "Synced/Healthy"))
        })
    }

    fn kubectl_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.tools.kubectl);
        command.args(arguments).env("KUBECONFIG", self.data.join("kubeconfig")).stderr(Stdio::null());
        command
    }

    pub(super) fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let output = self.kubectl_command(arguments).output().context("kubectl")?;
        ensure!(output.status.success(), "kubectl {}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// So many kubectl at the same time; all must pass.
    pub(super) fn kubectl_at_once(&self, commands: &[Vec<&str>]) -> Result<()> {
        let start = |arguments: &Vec<&str>| self.kubectl_command(arguments).stdout(Stdio::null()).spawn();
        let children: Vec<Child> = commands.iter().map(start).collect::<std::io::Result<_>>().context("kubectl")?;
        for (mut child, arguments) in children.into_iter().zip(commands) {
            ensure!(child.wait()?.success(), "kubectl {}", arguments.join(" "));
        }
        Ok(())
    }

    /// Of a cluster that this one hosts, once it runs.
    pub(super) fn hosted_kubeconfig(&self, name: &str, deadline: Duration) -> Result<PathBuf> {
        let path = self.data.join("hosted.kubeconfig");
        wait(deadline, "a hosted cluster", || {
            let mut command = Command::new(&self.tools.binary);
            let output = command.args(["cluster", "kubeconfig", name, "--data-dir"]).arg(&self.data).output()?;
            fs::write(&path, &output.stdout)?;
            Ok(output.status.success() && self.kubectl_at(&path, &["get", "nodes"]).is_ok())
        })?;
        Ok(path)
    }

    pub(super) fn kubectl_at(&self, kubeconfig: &Path, arguments: &[&str]) -> Result<String> {
        let mut command = self.kubectl_command(arguments);
        let output = command.env("KUBECONFIG", kubeconfig).output().context("kubectl")?;
        ensure!(output.status.success(), "kubectl {}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    pub(super) fn wait_for(
        &self,
        kubeconfig: &Path,
        deadline: Duration,
        what: &str,
        arguments: &[&str],
        wanted: &str,
    ) -> Result<()> {
        wait(deadline, what, || {
            pause(POLL * 20);
            Ok(self.kubectl_at(kubeconfig, arguments)? == wanted)
        })
    }

    /// What stands at a path of objects, one line per change; it is open when this returns.
    pub(super) fn watch(&self, namespace: &str, objects: &[&str], path: &str) -> Result<Watch> {
        let path = format!("jsonpath={path}{{\"\\n\"}}");
        let arguments = [&["get"], objects, &["-n", namespace, "-w", LIMIT, "-o", &path]].concat();
        let mut child = self.kubectl_command(&arguments).stdout(Stdio::piped()).spawn().context("kubectl")?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?);
        lines.read_line(&mut String::new())?;
        Ok(Watch { child, lines })
    }

    pub(super) fn clone_repository(&self, place: &Path) -> Result<Clone> {
        let directory = place.join("clone");
        let authority = format!("http.sslCAInfo={}", self.data.join("pki/cluster-ca.crt").display());
        let file = self.data.join("secrets/git-credentials");
        let credential = format!("credential.helper=store --file={}", file.display());
        let url = format!("https://127.0.0.1:{}/git/app-project-env.git", self.port);
        git(Path::new("."), &["clone", "-q", "-c", &authority, "-c", &credential, &url, &directory.to_string_lossy()])?;
        for (key, value) in [("user.name", "bench"), ("user.email", "bench@example.test")] {
            git(&directory, &["config", key, value])?;
        }
        let original = fs::read_to_string(directory.join(FILE))?;
        Ok(Clone { directory, original })
    }

    pub(super) fn memory(&self, line: &str) -> Result<f64> {
        memory(self.child.id(), line).context("/proc")
    }

    /// User and system time of the process, in ticks.
    pub(super) fn cpu_ticks(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, rest) = stat.rsplit_once(')').context("/proc")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    }

    pub(super) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        ensure!(Command::new("kill").arg(&pid).status()?.success(), "kill {pid}");
        ensure!(self.child.wait()?.success(), "windlass did not stop cleanly");
        Ok(())
    }
}

impl Drop for Running<'_> {
    /// After a failure nothing is left running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) struct Watch {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Watch {
    pub(super) fn wait_for(&mut self, value: &str) -> Result<()> {
        self.wait_until(|line| line == value).with_context(|| format!("waiting for {value}"))
    }

    pub(super) fn wait_until(&mut self, mut wanted: impl FnMut(&str) -> bool) -> Result<()> {
        let mut line = String::new();
        while !wanted(line.trim()) {
            line.clear();
            ensure!(self.lines.read_line(&mut line)? > 0, "the watch ended");
        }
        Ok(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) struct Clone {
    directory: PathBuf,
    original: String,
}

impl Clone {
    /// Gives the resource group, the first object of the file, another tag.
    pub(super) fn commit_tag(&self, value: &str) -> Result<()> {
        let tagged = self.original.replacen(
            "  location: eastus\n",
            &format!("  location: eastus\n  tags:\n    bench: {value}\n"),
            1,
        );
        ensure!(tagged != self.original, "the sample has no location to stand behind");
        fs::write(self.directory.join(FILE), tagged)?;
        git(&self.directory, &["commit", "-qam", value])
    }

    pub(super) fn push(&self) -> Result<()> {
        git(&self.directory, &["push", "-q"])
    }
}

fn git(directory: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("git");
    // Variables of the machine would win over the clone's own settings.
    command.args(arguments).current_dir(directory).env_remove("GIT_SSL_CAINFO").env_remove("GIT_SSL_CAPATH");
    let output = command.output().context("git")?;
    ensure!(output.status.success(), "git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "programs outside of this process are polled")]
pub(super) fn pause(time: Duration) {
    thread::sleep(time);
}

fn wait(deadline: Duration, what: &str, mut met: impl FnMut() -> Result<bool>) -> Result<()> {
    let watch = Stopwatch::start();
    while !met()? {
        if watch.seconds() > deadline.as_secs_f64() {
            bail!("no {what} within {} s", deadline.as_secs());
        }
        pause(POLL);
    }
    Ok(())
}

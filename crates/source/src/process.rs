//! Runs the `git` program: nothing of the user's or the system's configuration, no prompts, no hooks, bounded time and output.
//!
//! Blocking on purpose, with a real deadline: a paused clock (the sandbox's) must not make git time out, so callers of
//! the async side go through `spawn_blocking`. Credentials travel in the environment, never in arguments.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Settings that hold for every call, over whatever the repository's own configuration says: it may belong to a stranger.
const CONFIG: &[(&str, &str)] = &[
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.sshCommand", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.unpackLimit", "1"),
    ("submodule.recurse", "false"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "30"),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("LC_ALL", "C"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PROTOCOL_FROM_USER", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_ALLOW_PROTOCOL", ""),
];

/// What a caller's environment could redirect or trace.
const REMOVED: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_SYSTEM",
    "GIT_TEMPLATE_DIR",
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_CURL_VERBOSE",
    "GIT_SSL_NO_VERIFY",
];

const STDERR_MAX: u64 = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotStarted(String),
    TimedOut(Duration),
    /// More output than allowed, in bytes.
    TooMuch(u64),
    /// Git said no; its words.
    Refused(String),
}

#[derive(Debug)]
pub(crate) struct Git<'a> {
    dir: Option<&'a Path>,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    environment: Vec<(String, OsString)>,
    config: Vec<(String, String)>,
    wall: Duration,
    stdout_max: u64,
}

impl<'a> Git<'a> {
    pub(crate) fn new(wall: Duration) -> Self {
        let (args, stdin, environment, config) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { dir: None, args, stdin, environment, config, wall, stdout_max: 16 << 20 }
    }

    /// Works in this directory: a repository or a working tree.
    pub(crate) fn dir(mut self, dir: &'a Path) -> Self {
        self.dir = Some(dir);
        self
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(crate) fn args<T: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn stdin(mut self, stdin: Vec<u8>) -> Self {
        self.stdin = stdin;
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn config(mut self, name: &str, value: &str) -> Self {
        self.config.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn stdout_max(mut self, bytes: u64) -> Self {
        self.stdout_max = bytes;
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        if let Some(dir) = self.dir {
            command.arg("-C").arg(dir);
        }
        command.args(&self.args);
        for (name, value) in environment(&self.config) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own: helpers that git starts (git-remote-https) end with it.
        command.process_group(0);
        command
    }

    /// What git printed, when it succeeded.
    pub(crate) fn run(self) -> Result<Vec<u8>, Failure> {
        let mut child = self
            .command()
            .spawn()
            .map_err(|error| Failure::NotStarted(format!("the git program cannot be started: {error}")))?;
        let outcome = converse(&mut child, self.stdin, self.stdout_max, self.wall);
        if outcome.is_err() {
            end(&mut child);
        }
        let status = child.wait().map_err(|error| Failure::NotStarted(error.to_string()))?;
        let (stdout, stderr) = outcome?;
        if !status.success() {
            return Err(Failure::Refused(stderr));
        }
        Ok(stdout)
    }
}

/// The environment of every git process of ours: what to set, and what to remove.
pub(crate) fn environment(config: &[(String, String)]) -> Vec<(String, Option<String>)> {
    let set = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let mut all: Vec<_> = REMOVED.iter().map(|name| ((*name).to_owned(), None)).collect();
    all.extend(ENVIRONMENT.iter().map(|(name, value)| set(name, value)));
    let fixed = CONFIG.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let settings: Vec<(String, String)> = fixed.chain(config.iter().cloned()).collect();
    for (index, (key, value)) in settings.iter().enumerate() {
        all.push(set(&format!("GIT_CONFIG_KEY_{index}"), key));
        all.push(set(&format!("GIT_CONFIG_VALUE_{index}"), value));
    }
    all.push(set("GIT_CONFIG_COUNT", &settings.len().to_string()));
    all
}

fn converse(child: &mut Child, input: Vec<u8>, stdout_max: u64, wall: Duration) -> Result<(Vec<u8>, String), Failure> {
    if let Some(mut stdin) = child.stdin.take() {
        // A process that ends early closes the pipe; its exit code tells more than this error.
        thread::spawn(move || stdin.write_all(&input));
    }
    let stdout = read(child.stdout.take(), stdout_max);
    let stderr = read(child.stderr.take(), STDERR_MAX);
    let wait = |pipe: &mpsc::Receiver<io::Result<Vec<u8>>>| match pipe.recv_timeout(wall) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(Failure::NotStarted(format!("reading from git failed: {error}"))),
        Err(_) => Err(Failure::TimedOut(wall)),
    };
    let stdout = wait(&stdout)?;
    if stdout.len() as u64 > stdout_max {
        return Err(Failure::TooMuch(stdout_max));
    }
    let stderr = wait(&stderr)?;
    Ok((stdout, String::from_utf8_lossy(&stderr).trim().to_owned()))
}

/// Reads to the end in a thread, at most one byte more than allowed.
fn read<R: Read + Send + 'static>(pipe: Option<R>, max: u64) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let outcome = pipe.map_or(Ok(0), |pipe| pipe.take(max + 1).read_to_end(&mut bytes));
        // The receiver is gone after a timeout.
        let _ = sender.send(outcome.map(|_| bytes));
    });
    receiver
}

fn end(child: &mut Child) {
    // The child is not waited for yet, so that its number cannot belong to anybody else.
    let group = rustix::process::Pid::from_child(child);
    if let Err(error) = rustix::process::kill_process_group(group, rustix::process::Signal::KILL) {
        tracing::debug!(error = error.to_string(), "a git process group was gone already");
    }
}

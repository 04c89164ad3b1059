//! A running `windlass up` with a data directory of its own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Output, Tool, binary, run};

/// Stopped hard when dropped: the store must not mind.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Child>,
    data_dir: PathBuf,
    _directory: Option<TempDir>,
}

impl Server {
    /// A fresh data directory, any free port.
    ///
    /// # Panics
    /// When the server does not become ready: no test can go on.
    pub fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data_dir = directory.path().join("data");
        let mut server = Self::start_in(&data_dir, arguments);
        server._directory = Some(directory);
        server
    }

    /// The twin of Azure alone, in a fresh data directory, on any free port. What it says is kept in [`Server::said`].
    ///
    /// # Panics
    /// When the twin does not become ready.
    pub fn twin(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data_dir = directory.path().join("data");
        let said = std::fs::File::create(directory.path().join("data.log")).expect("a file");
        let mut command = Command::new(binary());
        command.args(["azure", "twin", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data_dir).args(arguments);
        let copy = said.try_clone().expect("a second handle");
        command.stdin(Stdio::null()).stdout(copy).stderr(said);
        let child = command.spawn().expect("windlass azure twin starts");
        let server = Self { child: Mutex::new(child), data_dir, _directory: Some(directory) };
        server.wait("the twin's azure.env", Duration::from_secs(60), || server.azure_env().is_file());
        server
    }

    /// Both outputs of a twin so far.
    ///
    /// # Panics
    /// When it is not a twin that runs alone.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.data_dir.with_extension("log")).expect("what the twin said")
    }

    /// What a shell sources to have az talk to this server.
    pub fn azure_env(&self) -> PathBuf {
        self.data_dir.join("azure.env")
    }

    /// Over an existing data directory.
    ///
    /// # Panics
    /// When the server does not become ready.
    pub fn start_in(data_dir: &Path, arguments: &[&str]) -> Self {
        let server = Self::spawn_in(data_dir, arguments);
        server.wait("the server's kubeconfig", Duration::from_secs(60), || server.kubeconfig().is_file());
        server
    }

    /// As [`Server::start_in`], without waiting for anything.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn spawn_in(data_dir: &Path, arguments: &[&str]) -> Self {
        let _ = std::fs::remove_file(data_dir.join("kubeconfig"));
        let mut command = Command::new(binary());
        let listen = format!("127.0.0.1:{}", port_of(data_dir));
        command.arg("up").arg("--data-dir").arg(data_dir).args(["--listen", &listen]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let child = command.spawn().expect("windlass up starts");
        Self { child: Mutex::new(child), data_dir: data_dir.to_path_buf(), _directory: None }
    }

    /// Of the process.
    ///
    /// # Panics
    /// When a thread that killed it has panicked.
    pub fn pid(&self) -> u32 {
        self.child.lock().expect("nobody panics with it").id()
    }

    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub fn kubeconfig(&self) -> PathBuf {
        self.data_dir.join("kubeconfig")
    }

    /// kubectl against this server, in a home of its own so that no cache of another server is read.
    ///
    /// # Panics
    /// When kubectl is missing: tests that need it are not run then.
    pub fn kubectl(&self) -> Command {
        let mut command = Command::new(Tool::Kubectl.find().expect("kubectl"));
        command.env("KUBECONFIG", self.kubeconfig()).env("HOME", &self.data_dir).env_remove("KUBECTL_KUBERC");
        command
    }

    /// Runs kubectl with the arguments, split at blanks.
    pub fn k(&self, arguments: &str) -> Output {
        run(self.kubectl().args(arguments.split_whitespace()))
    }

    /// Runs kubectl with arguments that have blanks in them.
    pub fn k_with(&self, arguments: &[&str]) -> Output {
        run(self.kubectl().args(arguments))
    }

    /// Waits until the predicate holds.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn wait(&self, what: &str, limit: Duration, predicate: impl Fn() -> bool) {
        self.wait_or(what, limit, predicate, String::new);
    }

    /// Waits until the predicate holds, or tells how things stand.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn wait_or(&self, what: &str, limit: Duration, predicate: impl Fn() -> bool, state: impl Fn() -> String) {
        let deadline = Instant::now() + limit;
        while !predicate() {
            assert!(Instant::now() < deadline, "{what}: not within {limit:?}\n{}", state());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Demands that the predicate holds all the time.
    ///
    /// # Panics
    /// When it does not.
    pub fn holds(&self, what: &str, time: Duration, predicate: impl Fn() -> bool) {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline {
            assert!(predicate(), "{what}: not for {time:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// kill -9 after that time, wherever the process is by then.
    pub fn kill_after(&self, time: Duration) {
        std::thread::sleep(time);
        self.kill();
    }

    /// kill -9.
    ///
    /// # Panics
    /// When another test panicked while it held the process.
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("nobody panics while killing");
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A data directory keeps its port, as it does for people: what an object says of a repository's address stays true.
fn port_of(data_dir: &Path) -> u16 {
    let kept = data_dir.with_extension("port");
    if let Some(port) = std::fs::read_to_string(&kept).ok().and_then(|port| port.parse().ok()) {
        return port;
    }
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    std::fs::create_dir_all(kept.parent().expect("a data directory has a parent")).expect("a place beside it");
    std::fs::write(&kept, free.to_string()).expect("keeps the port");
    free
}

//! The directory of a durable store: who may use it, its files' modes, and that its entries survive a power cut.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use redb::{
    StorageBackend,
    backends::{FileBackend, InMemoryBackend},
};

use crate::Error;

const DATABASE: &str = "store.redb";
const UNFINISHED: &str = "store.redb.new";
const LOCK: &str = "LOCK";

/// Holds the lock until it is dropped. The lock file names the process that holds it.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    pub(super) fn lock(path: &Path) -> Result<Self, Error> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| failed("cannot be made", path, &error))?;
        Self::acquire(path)
    }

    /// For readers: a directory without a store is an error.
    pub(super) fn lock_existing(path: &Path) -> Result<Self, Error> {
        if !path.join(DATABASE).is_file() {
            return Err(Error::Failed(format!("{} holds no data (no file {DATABASE})", path.display())));
        }
        Self::acquire(path)
    }

    fn acquire(path: &Path) -> Result<Self, Error> {
        let mut lock = private().open(path.join(LOCK)).map_err(|error| failed("cannot be locked", path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only for the message: it may be missing when the other process is just starting.
                let _ = lock.read_to_string(&mut holder);
                return Err(Error::Locked { dir: path.display().to_string(), pid: holder.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(failed("cannot be locked", path, &error)),
        }
        let note = |lock: &mut File| -> io::Result<()> {
            lock.set_len(0)?;
            lock.seek(SeekFrom::Start(0))?;
            writeln!(lock, "{}", std::process::id())
        };
        note(&mut lock).map_err(|error| failed("cannot be locked", path, &error))?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The database, which `make` fills when there is none. A new one gets its name only once it is whole: a crash in
    /// the middle leaves a file that the next attempt replaces.
    pub(super) fn database(&self, make: impl FnOnce(FileBackend) -> Result<(), Error>) -> Result<FileBackend, Error> {
        let path = self.path.join(DATABASE);
        if !path.try_exists().map_err(|error| failed("cannot be opened", &path, &error))? {
            let unfinished = self.path.join(UNFINISHED);
            make(file_backend(private().truncate(true), &unfinished)?)?;
            fs::rename(&unfinished, &path).map_err(|error| failed("cannot be renamed", &unfinished, &error))?;
            self.sync()?;
        }
        file_backend(&private(), &path)
    }

    /// Makes the names of new files durable.
    fn sync(&self) -> Result<(), Error> {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        for dir in [Some(self.path.as_path()), parent].into_iter().flatten() {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| failed("cannot be synced", dir, &error))?;
        }
        Ok(())
    }

    pub(super) fn copy_to_memory(&self) -> Result<InMemoryBackend, Error> {
        let path = self.path.join(DATABASE);
        let copy = || -> io::Result<InMemoryBackend> {
            let bytes = fs::read(&path)?;
            let backend = InMemoryBackend::new();
            backend.set_len(bytes.len() as u64)?;
            backend.write(0, &bytes)?;
            Ok(backend)
        };
        copy().map_err(|error| failed("cannot be read", &path, &error))
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn file_backend(options: &OpenOptions, path: &Path) -> Result<FileBackend, Error> {
    let file = options.open(path).map_err(|error| failed("cannot be opened", path, &error))?;
    FileBackend::new(file).map_err(|error| Error::Failed(format!("{}: {error}", path.display())))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::Failed(format!("{} {what}: {error}", path.display()))
}

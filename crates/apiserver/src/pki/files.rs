//! Files that hold secrets: written whole or not at all, readable by their owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use super::Error;

/// Writes a file with mode 0600 in one step: a crash leaves the old one or the new one. A directory that is not there is made
/// with mode 0700.
pub fn write_private(path: &Path, contents: &[u8]) -> Result<(), Error> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|source| Error::File {
        action: "create",
        path: dir.to_path_buf(),
        source,
    })?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    replace(temporary, path, dir, contents).map_err(|source| {
        // Nothing of a secret stays behind; the first error is the one to tell.
        let _ = fs::remove_file(temporary);
        Error::File { action: "write", path: path.to_path_buf(), source }
    })
}

fn replace(temporary: &Path, path: &Path, dir: &Path, contents: &[u8]) -> io::Result<()> {
    // A leftover of a crash may have any mode: it is not written into.
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    file.write_all(contents)?;
    file.sync_all()?;
    fs::rename(temporary, path)?;
    File::open(dir)?.sync_all()
}

/// `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { action: "read", path: path.to_path_buf(), source }),
    }
}

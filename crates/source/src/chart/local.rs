//! Charts of this machine: a directory becomes a set of files, an archive stays bytes. Links are followed as helm follows them;
//! what is no file and no directory is refused.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use api::files::FileSet;
use bytes::Bytes;

use super::{Content, Error, Fetched, Limits, Reference, Wanted, cache};

/// Whether a path of the chart (relative, with `/`) is not part of it; the second argument says that it is a directory.
pub type Ignored = Box<dyn Fn(&str, bool) -> bool>;

/// Directories within directories; a circle of links ends here.
const DEPTH_MAX: usize = 64;

/// The path, when the chart needs no network.
pub fn is_local(wanted: &Wanted) -> Result<Option<PathBuf>, Error> {
    Ok(match Reference::parse(wanted)? {
        Reference::Path(path) => Some(path),
        _ => None,
    })
}

/// `ignored` makes a chart's rules out of its `.helmignore`, if it has one.
pub fn read_local(
    path: &Path,
    limits: &Limits,
    ignored: impl FnOnce(Option<&[u8]>) -> Ignored,
) -> Result<Fetched, Error> {
    let missing = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::PathMissing { path: path.display().to_string() },
        _ => failed(path, &error.to_string()),
    };
    let origin = path.display().to_string();
    let mut buffer = Vec::new();
    if fs::metadata(path).map_err(missing)?.is_file() {
        let size = read_file(path, limits.archive_bytes, &mut buffer)?;
        buffer.truncate(size);
        let bytes = Bytes::from(buffer);
        return Ok(Fetched {
            digest: Some(cache::digest(&bytes)),
            content: Content::Archive(bytes),
            origin,
            substituted: None,
        });
    }
    let rules = match fs::read(path.join(".helmignore")) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(&path.join(".helmignore"), &error.to_string())),
    };
    let mut walk = Walk { limits, ignored: ignored(rules.as_deref()), files: FileSet::default(), bytes: 0, buffer };
    walk.directory(path, "", 0)?;
    Ok(Fetched { content: Content::Directory(walk.files), digest: None, origin, substituted: None })
}

struct Walk<'a> {
    limits: &'a Limits,
    ignored: Ignored,
    files: FileSet,
    bytes: u64,
    /// One for all files: what a file needs of its own is as long as the file.
    buffer: Vec<u8>,
}

impl Walk<'_> {
    fn directory(&mut self, path: &Path, within: &str, depth: usize) -> Result<(), Error> {
        if depth > DEPTH_MAX {
            return Err(failed(
                path,
                &format!("directories are nested more than {DEPTH_MAX} deep: is a link part of a circle?"),
            ));
        }
        for entry in fs::read_dir(path).map_err(|error| failed(path, &error.to_string()))? {
            let entry = entry.map_err(|error| failed(path, &error.to_string()))?;
            let path = entry.path();
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                return Err(failed(&path, "the name is not UTF-8"));
            };
            let within = if within.is_empty() { name } else { format!("{within}/{name}") };
            // Of a link, what it points at counts.
            let kind = entry.file_type().map_err(|error| failed(&path, &error.to_string()))?;
            let (is_dir, is_file) = if kind.is_symlink() {
                let target = fs::metadata(&path).map_err(|error| failed(&path, &error.to_string()))?;
                (target.is_dir(), target.is_file())
            } else {
                (kind.is_dir(), kind.is_file())
            };
            if (self.ignored)(&within, is_dir) {
                continue;
            }
            match (is_dir, is_file) {
                (true, _) => self.directory(&path, &within, depth + 1)?,
                (_, true) => self.file(&path, within)?,
                _ => return Err(failed(&path, "cannot load irregular file as it has file mode type bits set")),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, within: String) -> Result<(), Error> {
        let size = read_file(path, self.limits.file_bytes, &mut self.buffer)?;
        self.bytes += size as u64;
        if self.bytes > self.limits.directory_bytes {
            return Err(Error::TooLarge { what: "the chart's directory".into(), limit: self.limits.directory_bytes });
        }
        if self.files.0.len() >= self.limits.files {
            return Err(failed(path, &format!("a chart has at most {} files", self.limits.files)));
        }
        self.files.insert(within, Arc::<[u8]>::from(&self.buffer[..size]));
        Ok(())
    }
}

/// Reads a file to the start of the buffer, which grows where it has to, and says how long the file is.
fn read_file(path: &Path, limit: u64, buffer: &mut Vec<u8>) -> Result<usize, Error> {
    const FIRST: usize = 64 << 10;
    let refused = |error: io::Error| failed(path, &error.to_string());
    let mut file = fs::File::open(path).map_err(refused)?;
    let mut size = 0;
    loop {
        if size == buffer.len() {
            buffer.resize((2 * size).max(FIRST), 0);
        }
        match file.read(&mut buffer[size..]) {
            Ok(0) => return Ok(size),
            Ok(read) => size += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(error)),
        }
        if size as u64 > limit {
            return Err(failed(path, &format!("chart file is larger than the maximum file size {limit}")));
        }
    }
}

fn failed(path: &Path, message: &str) -> Error {
    Error::Failed { what: path.display().to_string(), message: message.to_owned() }
}

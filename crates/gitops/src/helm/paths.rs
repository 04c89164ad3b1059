//! Where a file of values lies: relative to the chart, or with a leading slash to the root of the repository; never outside.

/// A file of the source, as its path from the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) path: String,
}

impl Place {
    /// The path below a directory, if it lies there.
    pub(crate) fn below(&self, directory: &str) -> Option<&str> {
        let directory = directory.trim_matches('/');
        match directory {
            "" | "." => Some(&self.path),
            directory => self.path.strip_prefix(directory)?.strip_prefix('/'),
        }
    }

    pub(crate) fn directory(&self) -> &str {
        self.path.rsplit_once('/').map_or(".", |(directory, _)| directory)
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// `chart` is the chart's directory. Upstream's words for what leaves the repository.
pub(crate) fn resolve(chart: &str, file: &str) -> Result<Place, String> {
    let joined = if file.starts_with('/') { file.to_string() } else { format!("{chart}/{file}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Err(format!("file '{file}' resolved to outside repository root")),
            ".." => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return Err("internal error: failed to resolve path. Check logs for more details".into());
    }
    Ok(Place { path: parts.join("/") })
}

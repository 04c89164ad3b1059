//! `Repository` through the git program: one bare mirror for each URL, fetched by commit, trees kept by commit and path.
//!
//! The async side only moves the work to a blocking thread. A commit never changes, so what was read once is never
//! asked for again; only `resolve` goes to the network every time.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use api::files::FileSet;
use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{
    Commit, Credential, Credentials, Error, Limits, Policy, Repository,
    address::{Address, shown},
    failure::{classify, is_unadvertised},
    objects::Objects,
    process::{self, Failure},
    range,
};

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub policy: Policy,
    pub limits: Limits,
    pub credentials: Option<Arc<dyn Credentials>>,
}

/// Cheap to clone: clones share mirrors and trees.
#[derive(Clone, Debug)]
pub struct Git(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cache: PathBuf,
    options: Options,
    /// One call at a time writes to a mirror.
    mirrors: Mutex<BTreeMap<String, Arc<Mutex<()>>>>,
    trees: Mutex<Trees>,
    turns: Semaphore,
}

impl Git {
    /// Mirrors lie under `cache`, which is made when it is first needed. Two processes must not share it.
    pub fn new(cache: impl Into<PathBuf>, options: Options) -> Self {
        let (cache, mirrors, trees) = (cache.into(), Mutex::default(), Mutex::default());
        let turns = Semaphore::new(options.limits.parallel);
        Self(Arc::new(Inner { cache, options, mirrors, trees, turns }))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        url: &str,
        work: impl FnOnce(&Inner) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _turn = self.0.turns.acquire().await;
        let inner = self.0.clone();
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(outcome) => outcome,
            Err(error) => Err(Error::Git { url: shown(url), message: error.to_string() }),
        }
    }
}

#[async_trait]
impl Repository for Git {
    async fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error> {
        let (owned, revision) = (url.to_owned(), revision.to_owned());
        self.blocking(url, move |inner| inner.resolve(&owned, &revision)).await
    }

    async fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        let (owned, commit, path) = (url.to_owned(), commit.to_owned(), path.to_owned());
        self.blocking(url, move |inner| inner.tree(&owned, &commit, &path)).await
    }
}

impl Inner {
    fn resolve(&self, url: &str, revision: &str) -> Result<Commit, Error> {
        let address = self.options.policy.admit(url)?;
        let revision = if revision.is_empty() { "HEAD" } else { revision };
        // As Argo CD: a full id is taken at its word, reading it tells whether it exists.
        if is_commit(revision) {
            return Ok(revision.to_owned());
        }
        refuse_patterns(url, revision)?;
        let refs = self.ls_remote(&address, url, revision)?;
        if refs.is_empty() {
            return Err(Error::Empty { url: shown(url) });
        }
        let tags = refs.keys().filter_map(|name| name.strip_prefix("refs/tags/"));
        let revision = range::newest(revision, tags).unwrap_or(revision);
        if let Some(commit) = pick(&refs, revision) {
            return Ok(commit);
        }
        if is_short_commit(revision) {
            return self.resolve_short(&address, url, revision, &refs);
        }
        Err(Error::RevisionMissing { url: shown(url), revision: revision.to_owned() })
    }

    /// Every reference and the commit it points at, annotated tags peeled.
    fn ls_remote(&self, address: &Address, url: &str, revision: &str) -> Result<BTreeMap<String, Commit>, Error> {
        let output = self
            .remote(address)
            .args(["ls-remote", "--quiet", "--", &address.url])
            .stdout_max(self.options.limits.listing_bytes)
            .run()
            .map_err(|failure| classify(&shown(url), revision, failure))?;
        let mut refs = BTreeMap::new();
        for (id, name) in String::from_utf8_lossy(&output).lines().filter_map(|line| line.split_once('\t')) {
            // The peeled line follows that of the tag, and replaces it.
            let name = name.strip_suffix("^{}").unwrap_or(name);
            refs.insert(name.to_owned(), id.to_owned());
        }
        Ok(refs)
    }

    fn resolve_short(
        &self,
        address: &Address,
        url: &str,
        short: &str,
        refs: &BTreeMap<String, Commit>,
    ) -> Result<Commit, Error> {
        let mut heads: Vec<&Commit> = refs.values().filter(|id| id.starts_with(short)).collect();
        heads.sort();
        heads.dedup();
        if let [commit] = heads[..] {
            return Ok(commit.clone());
        }
        let mirror = self.mirror_path(address);
        if mirror.is_dir()
            && let Ok(commit) = self.objects(&mirror, &shown(url)).rev_parse(short)
        {
            return Ok(commit);
        }
        let message = format!("{short} looks like a short commit id, which a server cannot look up: use all 40 digits");
        Err(Error::Unsupported { url: shown(url), message })
    }

    fn tree(&self, url: &str, commit: &str, path: &str) -> Result<Arc<FileSet>, Error> {
        let address = self.options.policy.admit(url)?;
        if !is_commit(commit) {
            return Err(Error::RevisionMissing { url: shown(url), revision: commit.to_owned() });
        }
        let key = (address.url.clone(), commit.to_owned(), path.to_owned());
        if let Some(tree) = self.trees.lock().get(&key) {
            return Ok(tree);
        }
        let name = shown(url);
        let mirror = self.mirror_path(&address);
        let guard = self.mirrors.lock().entry(address.url.clone()).or_default().clone();
        let files = {
            let _one_at_a_time = guard.lock();
            self.provide(&address, &mirror, &name, commit)?;
            self.objects(&mirror, &name).files(commit, path)?
        };
        Ok(self.trees.lock().keep(key, files, self.options.limits.trees))
    }

    fn objects<'a>(&'a self, mirror: &'a Path, url: &'a str) -> Objects<'a> {
        Objects { repository: mirror, url, limits: &self.options.limits }
    }

    /// Makes sure that the mirror has the commit.
    fn provide(&self, address: &Address, mirror: &Path, url: &str, commit: &str) -> Result<(), Error> {
        let failed = |failure: Failure| classify(url, commit, failure);
        if !mirror.join("HEAD").is_file() {
            make_private(mirror).map_err(|error| failed(Failure::NotStarted(error.to_string())))?;
            let init = process::Git::new(self.options.limits.wall);
            init.args(["init", "--quiet", "--bare", "--template=", "--"]).arg(mirror).run().map_err(failed)?;
        }
        if self.objects(mirror, url).has(commit) {
            return Ok(());
        }
        // The reference keeps the last commit as a base for the next fetch: only what is new crosses the network.
        let wanted = format!("+{commit}:refs/windlass/latest");
        match self.fetch(address, mirror, &["--depth=1"], &[&wanted]) {
            Err(failure) if is_unadvertised(&failure) => {
                let all = ["+refs/heads/*:refs/windlass/heads/*", "+refs/tags/*:refs/windlass/tags/*"];
                self.fetch(address, mirror, &[], &all).map_err(failed)?;
            }
            outcome => outcome.map_err(failed)?,
        }
        if !self.objects(mirror, url).has(commit) {
            return Err(Error::RevisionMissing { url: url.to_owned(), revision: commit.to_owned() });
        }
        self.repack(mirror);
        Ok(())
    }

    fn fetch(&self, address: &Address, mirror: &Path, options: &[&str], refs: &[&str]) -> Result<(), Failure> {
        self.remote(address)
            .dir(mirror)
            .args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"])
            .args(options)
            .args(["--", &address.url])
            .args(refs)
            .run()
            .map(drop)
    }

    /// Every fetch adds a pack. Failing to tidy up harms nothing.
    fn repack(&self, mirror: &Path) {
        const PACKS_MAX: usize = 100;
        let packs = fs::read_dir(mirror.join("objects/pack")).map_or(0, Iterator::count);
        if packs > PACKS_MAX {
            let outcome =
                process::Git::new(self.options.limits.wall).dir(mirror).args(["gc", "--quiet", "--prune=now"]).run();
            if let Err(failure) = outcome {
                tracing::warn!(?failure, "repacking a mirror failed");
            }
        }
    }

    /// Git for this address and no other: one protocol, the credential for this URL in the environment.
    fn remote(&self, address: &Address) -> process::Git<'_> {
        let mut git = process::Git::new(self.options.limits.wall)
            .env("GIT_ALLOW_PROTOCOL", address.protocol)
            // No .netrc: credentials come through the port and nowhere else.
            .env("HOME", &self.cache);
        if address.protocol == "http" {
            git = git.env("NO_PROXY", "*").env("no_proxy", "*").config("http.followRedirects", "false");
        }
        let found = || self.options.credentials.as_ref().and_then(|port| port.lookup(&address.url));
        if address.protocol != "file"
            && let Some(credential) = address.credential.clone().or_else(found)
        {
            let header = format!("Authorization: {}", authorization(&credential));
            git = git.config(&format!("http.{}.extraHeader", address.url), &header);
        }
        git
    }

    fn mirror_path(&self, address: &Address) -> PathBuf {
        let hash = Sha256::digest(address.url.as_bytes());
        let name = api::hex::encode(&hash[..16]);
        self.cache.join(format!("{name}.git"))
    }
}

fn authorization(credential: &Credential) -> String {
    match credential {
        Credential::Basic { username, password } => {
            format!("Basic {}", STANDARD.encode(format!("{username}:{}", password.reveal())))
        }
        Credential::Bearer(token) => format!("Bearer {}", token.reveal()),
    }
}

/// A branch before a tag of the same name, as Argo CD looks them up.
fn pick(refs: &BTreeMap<String, Commit>, revision: &str) -> Option<Commit> {
    let names = [revision.to_owned(), format!("refs/heads/{revision}"), format!("refs/tags/{revision}")];
    let full = |name: &&String| *name == "HEAD" || name.starts_with("refs/");
    names.iter().filter(full).find_map(|name| refs.get(name)).cloned()
}

/// What can be neither a name nor a range of versions; a name that looks like an option foremost.
fn refuse_patterns(url: &str, revision: &str) -> Result<(), Error> {
    let range = gotemplate::semver::Constraint::parse(revision).is_ok();
    let unnamable = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    if revision.starts_with('-') || (!range && revision.contains(unnamable)) {
        let message =
            format!("{revision:?} cannot be the name of a branch, a tag or a commit, nor a range of versions");
        return Err(Error::Unsupported { url: shown(url), message });
    }
    Ok(())
}

fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && is_hex(revision)
}

fn is_short_commit(revision: &str) -> bool {
    (4..40).contains(&revision.len()) && is_hex(revision)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

type Key = (String, Commit, String);

/// The last trees that were read. Equal contents are one allocation for as long as any tree has them.
#[derive(Debug, Default)]
struct Trees {
    recent: VecDeque<(Key, Arc<FileSet>)>,
    contents: BTreeMap<[u8; 32], Weak<[u8]>>,
}

impl Trees {
    fn get(&mut self, key: &Key) -> Option<Arc<FileSet>> {
        let place = self.recent.iter().position(|(kept, _)| kept == key)?;
        let found = self.recent.remove(place)?;
        let tree = found.1.clone();
        self.recent.push_back(found);
        Some(tree)
    }

    fn keep(&mut self, key: Key, mut files: FileSet, most: usize) -> Arc<FileSet> {
        for contents in files.0.values_mut() {
            let hash: [u8; 32] = Sha256::digest(&**contents).into();
            match self.contents.get(&hash).and_then(Weak::upgrade) {
                Some(known) => *contents = known,
                None => drop(self.contents.insert(hash, Arc::downgrade(contents))),
            }
        }
        let tree = Arc::new(files);
        self.recent.push_back((key, tree.clone()));
        while self.recent.len() > most {
            self.recent.pop_front();
        }
        self.contents.retain(|_, contents| contents.strong_count() > 0);
        tree
    }
}

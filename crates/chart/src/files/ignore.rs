//! `.helmignore`: which files of a directory are not part of the chart. Its rules look like Git's and are not: there is no `**`,
//! the first rule that matches decides, and a negated rule ignores everything that it does not match.

use super::{Error, pattern};

pub const IGNORE_FILE: &str = ".helmignore";
/// What Helm ignores everywhere: hidden files of `templates/`.
const IMPLICIT: &str = "templates/.?*";

/// Parsed rules, with Helm's implicit one at the end.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    glob: Glob,
    scope: Scope,
    negated: bool,
    directories_only: bool,
}

/// A glob, and the two forms that most of them have: every file of a chart is held against every rule.
#[derive(Debug, Clone)]
enum Glob {
    /// No character of it is special.
    Literal(String),
    /// `*` and a literal behind it.
    Suffix(String),
    /// The glob, and how much of its start is literal.
    Pattern(String, usize),
}

impl Glob {
    fn new(text: &str) -> Self {
        let is_literal = |text: &str| !text.contains(['*', '?', '[', '\\']);
        match text.strip_prefix('*') {
            _ if is_literal(text) => Self::Literal(text.to_owned()),
            Some(suffix) if is_literal(suffix) => Self::Suffix(suffix.to_owned()),
            _ => Self::Pattern(text.to_owned(), text.find(['*', '?', '[', '\\']).unwrap_or(0)),
        }
    }

    fn matches(&self, subject: &str) -> bool {
        match self {
            Self::Literal(text) => text == subject,
            Self::Suffix(suffix) => subject.strip_suffix(suffix.as_str()).is_some_and(|rest| !rest.contains('/')),
            Self::Pattern(glob, literal) => {
                subject.starts_with(&glob[..*literal]) && pattern::matches(glob, subject).unwrap_or(false)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// The glob has a slash: it matches whole paths.
    Path,
    /// The glob has none: it matches the last part.
    Base,
}

impl Default for IgnoreRules {
    fn default() -> Self {
        Self { rules: rule(IMPLICIT).into_iter().flatten().collect() }
    }
}

impl IgnoreRules {
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut rules = Vec::new();
        for line in String::from_utf8_lossy(text).lines() {
            rules.extend(rule(line)?);
        }
        rules.extend(rule(IMPLICIT)?);
        Ok(Self { rules })
    }

    /// Whether a path is ignored. A walk skips an ignored directory with everything in it.
    pub fn ignores(&self, path: &str, is_directory: bool) -> bool {
        if matches!(path, "" | "." | "./") {
            return false;
        }
        let base = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        for rule in &self.rules {
            let applies = !rule.directories_only || is_directory;
            if rule.negated {
                if !applies || !rule.matches(path, base) {
                    return true;
                }
            } else if applies && rule.matches(path, base) {
                return true;
            }
        }
        false
    }

    /// Whether a file is ignored, for itself or with one of the directories above it.
    pub fn ignores_file(&self, path: &str) -> bool {
        let mut directories = path.match_indices('/').map(|(at, _)| &path[..at]);
        directories.any(|directory| self.ignores(directory, true)) || self.ignores(path, false)
    }
}

impl Rule {
    fn matches(&self, path: &str, base: &str) -> bool {
        self.glob.matches(if self.scope == Scope::Path { path } else { base })
    }
}

fn rule(line: &str) -> Result<Option<Rule>, Error> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    if line.contains("**") {
        return Err(Error::Refused("double-star (**) syntax is not supported".to_owned()));
    }
    pattern::matches(line, "abc").map_err(|error| Error::Refused(error.to_string()))?;
    let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (directories_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
    let (scope, glob) = match line.strip_prefix('/') {
        Some(rest) => (Scope::Path, rest),
        None if line.contains('/') => (Scope::Path, line),
        None => (Scope::Base, line),
    };
    Ok(Some(Rule { glob: Glob::new(glob), scope, negated, directories_only }))
}

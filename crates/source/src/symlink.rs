//! Which files a path means when a tree has symbolic links: inside of the tree they are followed, out of it never.
//!
//! As Argo CD does: a link out of the repository refuses the whole repository, a link to a file is that file, a link to
//! a directory is followed in the application's path but not while walking, a dangling link is ignored.

use std::collections::BTreeMap;

use crate::Error;

/// A path of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node<'a> {
    File,
    /// Where it points, as it is written.
    Link(&'a [u8]),
}

/// As many as Linux follows.
const HOPS_MAX: usize = 40;

/// From paths below `path` to the paths of the real files in `tree`.
pub(crate) fn select<'a>(
    tree: &BTreeMap<&'a str, Node<'_>>,
    path: &str,
    url: &str,
    revision: &str,
) -> Result<BTreeMap<String, &'a str>, Error> {
    for (link, node) in tree {
        if let Node::Link(target) = node
            && target_of(link, target).is_none()
        {
            let message = format!("repository contains out-of-bounds symlinks. file: {link}");
            return Err(Error::Unsupported { url: url.to_owned(), message });
        }
    }
    let missing = || Error::PathMissing { url: url.to_owned(), revision: revision.to_owned(), path: path.to_owned() };
    let root = normalize(path).and_then(|path| resolve(tree, &path)).ok_or_else(missing)?;
    let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
    let mut selected = BTreeMap::new();
    let mut exists = root.is_empty();
    for name in tree.range(prefix.as_str()..).map(|(name, _)| *name).take_while(|name| name.starts_with(&prefix)) {
        exists = true;
        if let Some((real, _)) = resolve(tree, name).and_then(|real| tree.get_key_value(real.as_str())) {
            selected.insert(name[prefix.len()..].to_owned(), *real);
        }
    }
    if exists { Ok(selected) } else { Err(missing()) }
}

/// A relative path without `.`, empty parts and `..`; `None` when it leaves the tree or is absolute.
fn normalize(path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    join(Vec::new(), path)
}

/// Where a link points, from the root of the tree; `None` when that is outside.
fn target_of(link: &str, target: &[u8]) -> Option<String> {
    let target = std::str::from_utf8(target).ok()?;
    if target.starts_with('/') {
        return None;
    }
    let mut base: Vec<&str> = link.split('/').collect();
    base.pop();
    join(base, target)
}

fn join<'a>(mut parts: Vec<&'a str>, path: &'a str) -> Option<String> {
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Follows links in every part of the path. `None` for a loop, or a way out of the tree.
fn resolve(tree: &BTreeMap<&str, Node<'_>>, path: &str) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..HOPS_MAX {
        let link = ancestors(&path).find_map(|part| match tree.get(part) {
            Some(Node::Link(target)) => Some((part.to_owned(), *target)),
            _ => None,
        });
        let Some((part, target)) = link else { return Some(path) };
        let rest = path[part.len()..].to_owned();
        path = join(Vec::new(), &format!("{}{rest}", target_of(&part, target)?))?;
    }
    None
}

/// `a`, `a/b`, `a/b/c`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end]).chain(std::iter::once(path))
}

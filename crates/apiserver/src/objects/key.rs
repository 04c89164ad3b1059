//! Where objects are kept: `/registry/GROUP/RESOURCE/[NAMESPACE/]NAME`, the core group being empty.

/// Under which everything is.
pub const ROOT: &str = "/registry/";

/// A storage key, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key<'a> {
    pub group: &'a str,
    pub plural: &'a str,
    /// Empty for cluster-scoped objects.
    pub namespace: &'a str,
    pub name: &'a str,
}

impl<'a> Key<'a> {
    pub fn parse(key: &'a str) -> Option<Self> {
        let mut parts = key.strip_prefix(ROOT)?.split('/');
        let (group, plural, first) = (parts.next()?, parts.next()?, parts.next()?);
        let (namespace, name) = match parts.next() {
            Some(second) => (first, second),
            None => ("", first),
        };
        parts.next().is_none().then_some(Self { group, plural, namespace, name })
    }
}

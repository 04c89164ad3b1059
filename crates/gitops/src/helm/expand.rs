//! The build environment, and its variables in parameters and paths: `$NAME`, `${NAME}`, `$$`, as Go's `os.Expand` reads them.

use api::argoproj::Source;

/// The variables of one build, by name.
#[derive(Clone, Debug)]
pub(crate) struct Build(Vec<(&'static str, String)>);

impl Build {
    /// `instance` is the Application as tracking ids call it, `revision` the resolved one.
    pub(crate) fn new(instance: &str, namespace: &str, source: &Source, revision: &str) -> Self {
        let short = |length: usize| revision.chars().take(length).collect::<String>();
        Self(vec![
            ("ARGOCD_APP_NAME", instance.to_string()),
            ("ARGOCD_APP_NAMESPACE", namespace.to_string()),
            ("ARGOCD_APP_PROJECT_NAME", "default".to_string()),
            ("ARGOCD_APP_REVISION", revision.to_string()),
            ("ARGOCD_APP_REVISION_SHORT", short(7)),
            ("ARGOCD_APP_REVISION_SHORT_8", short(8)),
            ("ARGOCD_APP_SOURCE_REPO_URL", source.repo_url.clone()),
            ("ARGOCD_APP_SOURCE_PATH", source.path.clone()),
            ("ARGOCD_APP_SOURCE_TARGET_REVISION", source.target_revision.clone()),
        ])
    }

    fn value(&self, name: &str) -> &str {
        match self.0.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => value,
            // `$$` is a dollar; what is not known is empty.
            None if name == "$" => "$",
            None => "",
        }
    }

    pub(crate) fn expand(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (name, width) = name(after);
            match name {
                "" if width > 0 => {}
                "" => out.push('$'),
                name => out.push_str(self.value(name)),
            }
            rest = &after[width..];
        }
        out.push_str(rest);
        out
    }
}

/// The first variable of a text, without its braces, and how many bytes it takes; none and some bytes where it is malformed.
pub(super) fn name(text: &str) -> (&str, usize) {
    let special = |byte: Option<&u8>| byte.is_some_and(|byte| b"*#$@!?-0123456789".contains(byte));
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'{') if special(bytes.get(1)) && bytes.get(2) == Some(&b'}') => (&text[1..2], 3),
        Some(b'{') => match text.find('}') {
            Some(1) => ("", 2),
            Some(end) => (&text[1..end], end + 1),
            None => ("", 1),
        },
        first if special(first) => (&text[..1], 1),
        _ => {
            let end = bytes.iter().position(|byte| *byte != b'_' && !byte.is_ascii_alphanumeric());
            let end = end.unwrap_or(bytes.len());
            (&text[..end], end)
        }
    }
}

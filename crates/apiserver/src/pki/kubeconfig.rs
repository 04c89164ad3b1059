//! A kubeconfig with everything embedded: it works wherever it is copied, and is a secret.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Error, Pair, files::write_private};

/// One cluster, one user, any number of contexts over the two.
#[derive(Clone, Debug)]
pub struct Kubeconfig<'a> {
    /// `https://127.0.0.1:6443`
    pub server: &'a str,
    /// The authority of the server's certificate, PEM.
    pub authority: &'a str,
    pub cluster: &'a str,
    pub user: &'a str,
    pub client: &'a Pair,
    /// The first one is the current one.
    pub contexts: &'a [&'a str],
}

impl Kubeconfig<'_> {
    /// Texts are written as JSON strings, which YAML reads too, so that no name can break out of its place.
    pub fn render(&self) -> String {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let data = |pem: &str| BASE64_STANDARD.encode(pem);
        let (cluster, user) = (text(self.cluster), text(self.user));
        let contexts: String = self
            .contexts
            .iter()
            .map(|name| format!("- name: {}\n  context:\n    cluster: {cluster}\n    user: {user}\n", text(name)))
            .collect();
        format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: {cluster}\n  cluster:\n    server: {server}\n    \
             certificate-authority-data: {authority}\nusers:\n- name: {user}\n  user:\n    client-certificate-data: \
             {certificate}\n    client-key-data: {key}\ncontexts:\n{contexts}current-context: {current}\npreferences: {{}}\n",
            server = text(self.server),
            authority = data(self.authority),
            certificate = data(&self.client.certificate),
            key = data(self.client.key.reveal()),
            current = text(self.contexts.first().copied().unwrap_or_default()),
        )
    }

    /// Writes it with mode 0600.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        write_private(path, self.render().as_bytes())
    }
}

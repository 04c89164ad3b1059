//! `azure.env` and `sdk.env`: what a shell sources so that the real az, and SDKs, talk to the twin. They hold a secret, so they
//! are files of their owner and are never printed. Nothing else of the machine changes: az gets a configuration directory of
//! its own, where a person's real sign-in is neither read nor touched.

use std::path::{Path, PathBuf};

use apiserver::pki::write_private;
use sandbox::Azure;

use crate::{
    data_dir::DataDir,
    error::{Context, Error},
};

/// What az would do on its own besides what it was asked for: report its use, ask for opinions.
const CONFIG: &str = "[core]\ncollect_telemetry = no\nsurvey_message = no\n";
/// Reached without the proxy whatever else is: the simulated clusters.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

pub(super) struct Place {
    pub(super) proxy: String,
    pub(super) bundle: PathBuf,
    /// What this process reaches without its own proxy.
    pub(super) not_proxied: Vec<String>,
}

pub(super) fn write(directory: &DataDir, azure: &Azure, place: &Place) -> Result<(), Error> {
    let config_dir = directory.path("az");
    let config = config_dir.join("config");
    if !config.exists() {
        write_private(&config, CONFIG.as_bytes()).context(format!("{} cannot be written", config.display()))?;
    }
    let files = [
        (directory.azure_env(), for_az(azure, place, &config_dir)),
        (directory.path("sdk.env"), for_sdks(azure, &directory.azure_env())),
    ];
    for (path, text) in files {
        write_private(&path, text.as_bytes()).context(format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn for_az(azure: &Azure, place: &Place, config_dir: &Path) -> String {
    let mut direct: Vec<&str> = LOOPBACK.to_vec();
    for entry in place.not_proxied.iter().map(String::as_str).filter(|entry| !entry.is_empty()) {
        if !direct.contains(&entry) {
            direct.push(entry);
        }
    }
    let bundle = place.bundle.to_string_lossy();
    let mut text = String::from(
        "# Source this file: az and the SDKs of that shell then talk to the twin of Azure. It holds a secret.\n",
    );
    for (name, value) in [
        ("HTTPS_PROXY", place.proxy.as_str()),
        ("NO_PROXY", &direct.join(",")),
        ("REQUESTS_CA_BUNDLE", &bundle),
        ("SSL_CERT_FILE", &bundle),
        ("AZURE_CONFIG_DIR", &config_dir.to_string_lossy()),
        ("TWIN_CLIENT_ID", &azure.owner_client_id),
        ("TWIN_CLIENT_SECRET", azure.owner_secret.reveal()),
        ("TWIN_TENANT_ID", &azure.tenant_id),
        ("TWIN_SUBSCRIPTION_ID", &azure.subscription_id),
    ] {
        text.push_str(&export(name, value));
    }
    // Where a shell has the other spelling, Python and curl prefer it.
    text.push_str(
        "[ -z \"${https_proxy+set}\" ] || export https_proxy=\"$HTTPS_PROXY\"\n\
         [ -z \"${no_proxy+set}\" ] || export no_proxy=\"$NO_PROXY\"\n",
    );
    text
}

fn for_sdks(azure: &Azure, azure_env: &Path) -> String {
    let mut text =
        format!("# As azure.env, and the names that Azure's SDKs read.\n. {}\n", quoted(&azure_env.to_string_lossy()));
    for (name, value) in [
        ("AZURE_CLIENT_ID", azure.owner_client_id.as_str()),
        ("AZURE_CLIENT_SECRET", azure.owner_secret.reveal()),
        ("AZURE_TENANT_ID", &azure.tenant_id),
        ("AZURE_SUBSCRIPTION_ID", &azure.subscription_id),
    ] {
        text.push_str(&export(name, value));
    }
    text
}

fn export(name: &str, value: &str) -> String {
    format!("export {name}={}\n", quoted(value))
}

/// For a shell: nothing in it means anything.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use expect_test::expect;

    use super::*;

    #[test]
    fn what_a_shell_sources() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = DataDir::open(&root.path().join("it's")).expect("a data directory");
        let azure = Azure {
            tenant_id: "tenant".into(),
            subscription_id: "subscription".into(),
            owner_client_id: "client".into(),
            owner_secret: api::Redacted::new("hush".into()),
        };
        let place = Place {
            proxy: "http://127.0.0.1:6440".into(),
            bundle: "/pki/bundle.crt".into(),
            not_proxied: vec![String::new(), "localhost".into(), "corp.example".into()],
        };
        write(&directory, &azure, &place).expect("writes");
        let written = |name: &str| {
            let path = directory.path(name);
            let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
            let text = std::fs::read_to_string(path).expect("reads");
            format!("{mode:o}\n{}", text.replace(root.path().to_str().expect("utf-8"), "ROOT"))
        };
        expect![[r#"
            600
            # Source this file: az and the SDKs of that shell then talk to the twin of Azure. It holds a secret.
            export HTTPS_PROXY='http://127.0.0.1:6440'
            export NO_PROXY='127.0.0.1,localhost,::1,corp.example'
            export REQUESTS_CA_BUNDLE='/pki/bundle.crt'
            export SSL_CERT_FILE='/pki/bundle.crt'
            export AZURE_CONFIG_DIR='ROOT/it'\''s/az'
            export TWIN_CLIENT_ID='client'
            export TWIN_CLIENT_SECRET='hush'
            export TWIN_TENANT_ID='tenant'
            export TWIN_SUBSCRIPTION_ID='subscription'
            [ -z "${https_proxy+set}" ] || export https_proxy="$HTTPS_PROXY"
            [ -z "${no_proxy+set}" ] || export no_proxy="$NO_PROXY"
        "#]]
        .assert_eq(&written("azure.env"));
        expect![[r#"
            600
            # As azure.env, and the names that Azure's SDKs read.
            . 'ROOT/it'\''s/azure.env'
            export AZURE_CLIENT_ID='client'
            export AZURE_CLIENT_SECRET='hush'
            export AZURE_TENANT_ID='tenant'
            export AZURE_SUBSCRIPTION_ID='subscription'
        "#]]
        .assert_eq(&written("sdk.env"));
    }

    /// What a person set there stays.
    #[test]
    fn the_configuration_of_az_is_written_once() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = DataDir::open(root.path()).expect("a data directory");
        let azure = Azure {
            tenant_id: "t".into(),
            subscription_id: "s".into(),
            owner_client_id: "c".into(),
            owner_secret: api::Redacted::new("hush".into()),
        };
        let place = Place { proxy: "p".into(), bundle: "b".into(), not_proxied: Vec::new() };
        write(&directory, &azure, &place).expect("writes");
        let config = directory.path("az").join("config");
        assert_eq!(std::fs::read_to_string(&config).expect("reads"), CONFIG);
        write_private(&config, b"[core]\noutput = table\n").expect("writes");
        write(&directory, &azure, &place).expect("writes");
        assert_eq!(std::fs::read_to_string(&config).expect("reads"), "[core]\noutput = table\n");
    }
}

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use expect_test::expect;
use jiff::{SignedDuration, Timestamp};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{Authority, Kubeconfig, Pair, Profile, Wanted, parse::Facts, write_private};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn days(days: i64) -> Timestamp {
    now() + SignedDuration::from_hours(24 * days)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

/// What a client that trusts the authority says of a server.
fn trusts(authority: &Authority, server: &Pair, host: &str) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(super::parse::der(authority.certificate()).expect("DER"))).expect("a root");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider).build().expect("a verifier");
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(now().as_second().cast_unsigned()));
    let certificate = CertificateDer::from(server.der().expect("DER"));
    let host = ServerName::try_from(host.to_string()).expect("a name");
    verifier.verify_server_cert(&certificate, &[], &host, &[], at).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn private_files_are_private_and_written_in_one_step() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("new/secret");
    // What a crash left behind, readable by all.
    fs::create_dir(dir.path().join("new")).expect("a directory");
    fs::write(dir.path().join("new/secret.new"), "half").expect("a file");
    fs::set_permissions(dir.path().join("new/secret.new"), fs::Permissions::from_mode(0o644)).expect("a mode");
    write_private(&path, b"one").expect("writes");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    write_private(&path, b"two").expect("writes");
    assert_eq!((fs::read_to_string(&path).expect("reads").as_str(), mode(&path)), ("two", 0o600));
    assert!(!dir.path().join("new/secret.new").exists());
    let made = dir.path().join("made/deep/secret");
    write_private(&made, b"x").expect("writes");
    assert_eq!(mode(made.parent().expect("a parent")), 0o700);
}

#[test]
fn an_authority_is_kept_and_its_files_are_private() {
    let dir = tempfile::tempdir().expect("a directory");
    let profile = Profile::cluster(&["windlass.test".into()]);
    let first = Authority::open(dir.path(), &profile, now()).expect("an authority");
    let again = Authority::open(dir.path(), &profile, days(100)).expect("an authority");
    assert_eq!(first.certificate(), again.certificate());
    first.keep("admin", &Wanted::Client { user: "a".into(), group: None }, now()).expect("a certificate");
    for file in fs::read_dir(dir.path()).expect("a listing") {
        let path = file.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(!format!("{first:?}").contains("KEY"));
}

#[test]
fn servers_are_trusted_for_their_names_and_for_no_others() {
    let dir = tempfile::tempdir().expect("a directory");
    let authority =
        Authority::open(dir.path(), &Profile::cluster(&["windlass.test".into()]), now()).expect("an authority");
    let names = ["localhost", "127.0.0.1", "::1", "api.windlass.test"].map(String::from);
    let server = authority.server(&names, now()).expect("a certificate");
    for host in ["localhost", "127.0.0.1", "::1", "api.windlass.test"] {
        assert_eq!(trusts(&authority, &server, host), Ok(()), "{host}");
    }
    assert!(trusts(&authority, &server, "example.com").is_err());
    let client = authority.client("ann", Some("system:masters"), now()).expect("a certificate");
    assert!(trusts(&authority, &client, "localhost").is_err(), "a client certificate is none for a server");
    let error = authority.server(&["example.com".into()], now()).expect_err("refused");
    expect![[r#"the authority "cluster" may not certify "example.com": it is constrained to 127.0.0.1, ::1, localhost, windlass.test"#]]
        .assert_eq(&error.to_string());
    assert!(authority.server(&["evilwindlass.test".into()], now()).is_err());
}

/// The constraint holds against whoever steals the key, not only against our own code.
#[test]
fn the_constraint_is_in_the_certificate() {
    let (dir, wide) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let authority =
        Authority::open(dir.path(), &Profile::new("azure", &["azure.test".into()]), now()).expect("an authority");
    // The same key under a certificate that claims more signs what it should not.
    let thief = Authority::open(
        wide.path(),
        &Profile::new("azure", &["azure.test".into(), "bank.test".into(), "10.0.0.1".into()]),
        now(),
    );
    drop(thief.expect("an authority"));
    fs::copy(dir.path().join("azure-ca.key"), wide.path().join("azure-ca.key")).expect("copies");
    let thief =
        Authority::open(wide.path(), &Profile::new("azure", &["bank.test".into()]), now()).expect("an authority");
    let good = thief.server(&["management.azure.test".into()], now()).expect("a certificate");
    assert_eq!(trusts(&authority, &good, "management.azure.test"), Ok(()), "the key is the same");
    let bad = thief.server(&["bank.test".into()], now()).expect("a certificate");
    assert!(trusts(&authority, &bad, "bank.test").expect_err("refused").contains("NameConstraintViolation"));
    let bad = thief.server(&["10.0.0.1".into()], now()).expect("a certificate");
    assert!(trusts(&authority, &bad, "10.0.0.1").expect_err("refused").contains("NameConstraintViolation"));
}

#[test]
fn certificates_are_renewed_when_they_get_old_or_no_longer_fit() {
    let dir = tempfile::tempdir().expect("a directory");
    let profile = Profile::cluster(&[]);
    let authority = Authority::open(dir.path(), &profile, now()).expect("an authority");
    let admin = Wanted::Client { user: "admin".into(), group: Some("system:masters".into()) };
    let kept = |authority: &Authority, wanted: &Wanted, at| {
        authority.keep("admin", wanted, at).expect("a certificate").certificate
    };
    let first = kept(&authority, &admin, now());
    assert_eq!(kept(&authority, &admin, days(200)), first);
    let renewed = kept(&authority, &admin, days(300));
    assert_ne!(renewed, first);
    let facts = Facts::of(&renewed).expect("facts");
    assert_eq!((facts.user.as_str(), facts.group.as_deref()), ("admin", Some("system:masters")));
    let other = Wanted::Client { user: "admin".into(), group: None };
    let changed = kept(&authority, &other, days(300));
    assert_ne!(changed, renewed);

    // A new name needs a new authority, which keeps the old names; certificates of the old one are not kept.
    let wider = Authority::open(dir.path(), &Profile::cluster(&["new.test".into()]), days(300)).expect("an authority");
    assert_ne!(wider.certificate(), authority.certificate());
    assert_ne!(kept(&wider, &other, days(300)), changed);
    let narrow = Authority::open(dir.path(), &profile, days(300)).expect("an authority");
    assert_eq!(narrow.certificate(), wider.certificate());
}

#[test]
fn a_key_that_does_not_belong_to_the_certificate_is_replaced() {
    let dir = tempfile::tempdir().expect("a directory");
    let authority = Authority::open(dir.path(), &Profile::cluster(&[]), now()).expect("an authority");
    let admin = Wanted::Client { user: "admin".into(), group: None };
    let first = authority.keep("admin", &admin, now()).expect("a certificate");
    let other = authority.client("admin", None, now()).expect("a certificate");
    write_private(&dir.path().join("admin.key"), other.key.reveal().as_bytes()).expect("writes");
    assert_ne!(authority.keep("admin", &admin, now()).expect("a certificate").certificate, first.certificate);
}

#[test]
fn a_broken_authority_is_not_replaced_silently() {
    let dir = tempfile::tempdir().expect("a directory");
    Authority::open(dir.path(), &Profile::cluster(&[]), now()).expect("an authority");
    write_private(&dir.path().join("cluster-ca.crt"), b"garbage").expect("writes");
    let error = Authority::open(dir.path(), &Profile::cluster(&[]), now()).expect_err("refused").to_string();
    assert!(
        error.ends_with("is not a readable certificate; move it away and its successor is made at the next start"),
        "{error}"
    );
}

#[test]
fn a_kubeconfig_carries_everything_and_is_private() {
    let dir = tempfile::tempdir().expect("a directory");
    let client = Pair { certificate: "CERT".into(), key: api::Redacted::new("KEY".into()) };
    let config = Kubeconfig {
        server: "https://127.0.0.1:6443",
        authority: "CA",
        cluster: "windlass",
        user: "windlass \"admin\"",
        client: &client,
        contexts: &["windlass", "kind-management"],
    };
    expect![[r#"
        apiVersion: v1
        kind: Config
        clusters:
        - name: "windlass"
          cluster:
            server: "https://127.0.0.1:6443"
            certificate-authority-data: Q0E=
        users:
        - name: "windlass \"admin\""
          user:
            client-certificate-data: Q0VSVA==
            client-key-data: S0VZ
        contexts:
        - name: "windlass"
          context:
            cluster: "windlass"
            user: "windlass \"admin\""
        - name: "kind-management"
          context:
            cluster: "windlass"
            user: "windlass \"admin\""
        current-context: "windlass"
        preferences: {}
    "#]]
    .assert_eq(&config.render());
    config.write(&dir.path().join("kubeconfig")).expect("writes");
    assert_eq!(mode(&dir.path().join("kubeconfig")), 0o600);
    assert!(!format!("{config:?}").contains("KEY"));
}

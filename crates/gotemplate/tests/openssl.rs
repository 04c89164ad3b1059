//! What templates make of keys and certificates, read by OpenSSL, and the other way round. Where the program `openssl` is missing the
//! tests are ignored by name.

#![expect(clippy::unwrap_used, reason = "these are tests, in a program of their own")]

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use api::env::Entropy;
use expect_test::{Expect, expect};
use gotemplate::{Dialect, Limits, Offline, Run, Templates, Value};
use libtest_mimic::{Arguments, Trial};
use testkit::FixedClock;

/// The middle of a day far away: certificates must be valid then, and not today.
const DAY: &str = "2030-06-15T12:00:00Z";
const NOW: i64 = 1_907_755_200;

/// Keys are new in every run.
#[derive(Debug)]
struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        let file = fs::File::open("/dev/urandom");
        std::io::Read::read_exact(&mut file.unwrap(), bytes).unwrap();
    }
}

fn render(template: &str, data: &[(&str, &str)]) -> String {
    let data = data.iter().map(|(name, text)| ((*name).into(), Value::from(*text))).collect();
    let mut templates = Templates::new();
    templates.parse("t", template).unwrap();
    let clock = FixedClock::at(DAY);
    let host = Offline { clock: &clock, entropy: &Random, dialect: Dialect::Helm4 };
    let out = Run::new(&templates, &host, Limits::default()).execute("t", &Value::Map(data));
    String::from_utf8(out.unwrap_or_else(|error| panic!("{error}"))).unwrap()
}

/// Runs openssl in a directory; its output, errors included where it fails.
fn openssl(directory: &Path, arguments: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(arguments.split_whitespace()).current_dir(directory).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => text,
        false => format!("{text}{}failed: openssl {arguments}\n", String::from_utf8_lossy(&output.stderr)),
    }
}

/// Renders parts that are divided by `%`, each into a file of its own.
fn parts(template: &str, data: &[(&str, &str)], names: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let text = render(template, data);
    let parts: Vec<&str> = text.split('%').collect();
    assert_eq!(parts.len(), names.len(), "{text}");
    for (name, part) in names.iter().zip(parts) {
        fs::write(directory.path().join(name), part).unwrap();
    }
    directory
}

/// What `openssl x509 -text` says of a certificate, without the numbers that are random.
fn described(directory: &Path, file: &str) -> String {
    let text = openssl(directory, &format!("x509 -noout -text -nameopt RFC2253 -in {file}"));
    let hexadecimal = |line: &str| {
        let digits = |part: &str| part.len() <= 2 && part.chars().all(|c| c.is_ascii_hexdigit());
        let (line, colons) = (line.trim(), line.matches(':').count());
        colons > 0 && line.split(':').all(digits) && !line.starts_with("CA:")
    };
    let lines = text.lines().filter(|line| !hexadecimal(line)).map(|line| format!("{}\n", line.trim_end()));
    lines.collect::<String>()
}

fn check_certificate(template: &str, expected: Expect) {
    let directory = parts(template, &[], &["cert"]);
    expected.assert_eq(&described(directory.path(), "cert"));
}

fn an_authority() {
    check_certificate(
        r#"{{ (genCAWithKey "my-ca" 365 (genPrivateKey "ecdsa")).Cert }}"#,
        expect![[r#"
        Certificate:
            Data:
                Version: 3 (0x2)
                Serial Number:
                Signature Algorithm: ecdsa-with-SHA256
                Issuer: CN=my-ca
                Validity
                    Not Before: Jun 15 12:00:00 2030 GMT
                    Not After : Jun 15 12:00:00 2031 GMT
                Subject: CN=my-ca
                Subject Public Key Info:
                    Public Key Algorithm: id-ecPublicKey
                        Public-Key: (256 bit)
                        pub:
                        ASN1 OID: prime256v1
                        NIST CURVE: P-256
                X509v3 extensions:
                    X509v3 Key Usage: critical
                        Digital Signature, Key Encipherment, Certificate Sign
                    X509v3 Extended Key Usage:
                        TLS Web Server Authentication, TLS Web Client Authentication
                    X509v3 Basic Constraints: critical
                        CA:TRUE
                    X509v3 Subject Key Identifier:
            Signature Algorithm: ecdsa-with-SHA256
            Signature Value:
    "#]],
    );
}

fn a_certificate_of_its_own() {
    check_certificate(
        r#"{{ (genSelfSignedCert "example.com" (list "10.0.0.1" "::1") (list "a.example.com" "*.b") 30).Cert }}"#,
        expect![[r#"
        Certificate:
            Data:
                Version: 3 (0x2)
                Serial Number:
                Signature Algorithm: sha256WithRSAEncryption
                Issuer: CN=example.com
                Validity
                    Not Before: Jun 15 12:00:00 2030 GMT
                    Not After : Jul 15 12:00:00 2030 GMT
                Subject: CN=example.com
                Subject Public Key Info:
                    Public Key Algorithm: rsaEncryption
                        Public-Key: (2048 bit)
                        Modulus:
                        Exponent: 65537 (0x10001)
                X509v3 extensions:
                    X509v3 Key Usage: critical
                        Digital Signature, Key Encipherment
                    X509v3 Extended Key Usage:
                        TLS Web Server Authentication, TLS Web Client Authentication
                    X509v3 Basic Constraints: critical
                        CA:FALSE
                    X509v3 Subject Alternative Name:
                        DNS:a.example.com, DNS:*.b, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1
            Signature Algorithm: sha256WithRSAEncryption
            Signature Value:
    "#]],
    );
}

/// Every kind of key, as an authority's and under one: what was issued is valid at the time of the clock, for its names.
fn chains_verify() {
    for (authority, leaf) in [("rsa", "ecdsa"), ("ecdsa", "rsa"), ("ecdsa", "ed25519"), ("ed25519", "ecdsa")] {
        let template = r#"{{ $ca := genCAWithKey "ca" 10 (genPrivateKey .a) -}}
            {{ $leaf := genSignedCertWithKey "svc" (list "10.0.0.1") (list "svc.ns") 5 $ca (genPrivateKey .l) -}}
            {{ $ca.Cert }}%{{ $leaf.Cert }}%{{ $leaf.Key }}"#;
        let directory = parts(template, &[("a", authority), ("l", leaf)], &["ca", "cert", "key"]);
        for subject in ["-verify_hostname svc.ns", "-verify_ip 10.0.0.1"] {
            let verify = format!("verify -x509_strict -attime {NOW} -CAfile ca {subject} cert");
            assert_eq!(openssl(directory.path(), &verify), "cert: OK\n", "{authority} over {leaf}");
        }
        let late = openssl(directory.path(), &format!("verify -attime {} -CAfile ca cert", NOW + 6 * 86_400));
        assert!(late.contains("certificate has expired"), "{late}");
        let public = openssl(directory.path(), "x509 -noout -pubkey -in cert");
        assert_eq!(openssl(directory.path(), "pkey -pubout -in key"), public, "{authority} over {leaf}");
    }
}

fn keys_are_consistent() {
    for (kind, first, size) in [
        ("rsa", "-----BEGIN RSA PRIVATE KEY-----", "Private-Key: (4096 bit, 2 primes)"),
        ("ecdsa", "-----BEGIN EC PRIVATE KEY-----", "Private-Key: (256 bit)"),
        ("ed25519", "-----BEGIN PRIVATE KEY-----", "ED25519 Private-Key:"),
    ] {
        let directory = parts("{{ genPrivateKey .k }}", &[("k", kind)], &["key"]);
        let text = fs::read_to_string(directory.path().join("key")).unwrap();
        assert!(text.starts_with(first), "{text}");
        let shown = openssl(directory.path(), "pkey -noout -text -check -in key");
        assert!(shown.contains("Key is valid") && shown.contains(size), "{kind}: {shown}");
    }
}

/// An authority made by OpenSSL signs in a template: its key in PKCS #8, as OpenSSL 3 writes it.
fn foreign_authorities_sign() {
    for kind in ["rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256", "ed25519"] {
        let directory = tempfile::tempdir().unwrap();
        let made = format!(
            "req -x509 -newkey {kind} -nodes -keyout ca.key -out ca -days 36500 -subj /O=Org/CN=foreign -addext keyUsage=critical,keyCertSign"
        );
        openssl(directory.path(), &made);
        let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
        let template = r#"{{ $ca := buildCustomCert (b64enc .c) (b64enc .k) -}}
            {{ (genSignedCertWithKey "svc" nil (list "svc.ns") 5 $ca (genPrivateKey "ecdsa")).Cert }}"#;
        let certificate = render(template, &[("c", &read("ca")), ("k", &read("ca.key"))]);
        fs::write(directory.path().join("cert"), certificate).unwrap();
        let verified =
            openssl(directory.path(), &format!("verify -attime {NOW} -CAfile ca -verify_hostname svc.ns cert"));
        assert_eq!(verified, "cert: OK\n", "{kind}");
    }
}

/// AES-256 in CBC, the key cut or filled to 32 bytes, the vector first.
fn ciphers_agree() {
    let directory = tempfile::tempdir().unwrap();
    for text in ["x", "sixteen bytes ok", "longer than one block of it"] {
        let sealed = render(r#"{{ encryptAES "key" .t | b64dec | printf "%x" }}"#, &[("t", text)]);
        let (vector, body) = sealed.split_at(32);
        let bytes: Vec<u8> =
            (0..body.len() / 2).map(|at| u8::from_str_radix(&body[2 * at..2 * at + 2], 16).unwrap()).collect();
        fs::write(directory.path().join("sealed"), bytes).unwrap();
        let key = format!("{:0<64}", "6b6579");
        let opened = openssl(directory.path(), &format!("enc -d -aes-256-cbc -K {key} -iv {vector} -in sealed"));
        assert_eq!(opened, text);
        fs::write(directory.path().join("open"), text).unwrap();
        openssl(directory.path(), &format!("enc -aes-256-cbc -K {key} -iv {vector} -in open -out sealed"));
        let mut sealed: Vec<u8> =
            (0..16).map(|at| u8::from_str_radix(&vector[2 * at..2 * at + 2], 16).unwrap()).collect();
        sealed.extend(fs::read(directory.path().join("sealed")).unwrap());
        fs::write(directory.path().join("all"), sealed).unwrap();
        let sealed = openssl(directory.path(), "base64 -A -in all");
        assert_eq!(render(r#"{{ decryptAES "key" .s }}"#, &[("s", &sealed)]), text);
    }
}

const TESTS: &[(&str, fn())] = &[
    ("an_authority", an_authority),
    ("a_certificate_of_its_own", a_certificate_of_its_own),
    ("chains_verify", chains_verify),
    ("keys_are_consistent", keys_are_consistent),
    ("foreign_authorities_sign", foreign_authorities_sign),
    ("ciphers_agree", ciphers_agree),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let missing = Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err();
    let trial = |(name, test): &(&'static str, fn())| {
        let test = *test;
        Trial::test(*name, move || {
            test();
            Ok(())
        })
        .with_ignored_flag(missing)
    };
    libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect()).exit_code()
}

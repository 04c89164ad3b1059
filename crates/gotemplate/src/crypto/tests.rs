//! Known answers are those of Sprig; certificates are read back with a parser of their own.

use expect_test::expect;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::pem;
use crate::testing::{TestHost, render, render_each, render_with};

#[test]
fn hashes_are_lower_case_hexadecimal() {
    let template = "{{ sha1sum .s }} {{ sha256sum .s }} {{ sha512sum .s | trunc 16 }} {{ adler32sum .s }}";
    expect![[r#"
        "": da39a3ee5e6b4b0d3255bfef95601890afd80709 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 cf83e1357eefb8bd 1
        "hello world": 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 309ecc489c12d6eb 436929629"#]].assert_eq(&render_each(template, &["", "hello world"]));
}

#[test]
fn passwords_are_derived() {
    let template = r#"{{ derivePassword 1 .s "password" "user" "example.com" }}"#;
    expect![[r#"
        "long": ZedaFaxcZaso9*
        "pin": 6685
        "none": cannot find password template none"#]]
    .assert_eq(&render_each(template, &["long", "pin", "none"]));
}

#[test]
fn bcrypt_and_htpasswd_hash_with_cost_10() {
    let hash = render(r#"{{ bcrypt "secret" }}"#, "{}");
    assert!(hash.starts_with("$2a$10$") && bcrypt::verify("secret", &hash).unwrap(), "{hash}");
    let line = render(r#"{{ htpasswd "jo" "secret" }}"#, "{}");
    assert!(bcrypt::verify("secret", line.strip_prefix("jo:").unwrap()).unwrap());
    assert_eq!(render(r#"{{ htpasswd "a:b" "x" }}"#, "{}"), "invalid username: a:b");
    let long = render(r#"{{ bcrypt (repeat 73 "x") }}"#, "{}");
    assert_eq!(long, "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes");
}

#[test]
fn ciphers_open_what_they_sealed() {
    for text in ["x", "sixteen bytes ok", "longer than one block of it"] {
        let data = serde_json::json!({ "s": text }).to_string();
        assert_eq!(render(r#"{{ encryptAES "key" .s | decryptAES "key" }}"#, &data), text);
    }
    assert_eq!(render(r#"[{{ encryptAES "key" "" }}{{ decryptAES "key" "" }}]"#, "{}"), "[]");
    // Sealed by Sprig.
    let sealed = render(r#"{{ decryptAES "secretkey" "s4bIMR2JK1eMLV5AOe29rkUdqYmGAUaJFcAxieDsyOk=" }}"#, "{}");
    assert_eq!(sealed, "plaintext");
    let broken = ["****", "YWJj", "MDEyMzQ1Njc4OWFiY2RlZg==", "MDEyMzQ1Njc4OWFiY2RlZjA="];
    let errors = render_each(r#"{{ decryptAES "key" .s }}"#, &broken);
    expect![[r#"
        "****": illegal base64 data at input byte 0
        "YWJj": runtime error: slice bounds out of range [:16] with capacity 3
        "MDEyMzQ1Njc4OWFiY2RlZg==": runtime error: index out of range [-1]
        "MDEyMzQ1Njc4OWFiY2RlZjA=": crypto/cipher: input not full blocks"#]]
    .assert_eq(
        &errors.replace("template: t:1:3: executing \"t\" at <decryptAES \"key\" .s>: error calling decryptAES: ", ""),
    );
}

#[test]
fn random_bytes_have_limits() {
    assert_eq!(render("{{ randBytes 6 | len }}", "{}"), "8");
    expect![[r#"template: t:1:3: executing "t" at <randBytes -1>: error calling randBytes: runtime error: makeslice: len out of range"#]].assert_eq(&render("{{ randBytes -1 }}", "{}"));
    expect![[r#"template: t:1:3: executing "t" at <randBytes 1000000000000>: error calling randBytes: a text of 1000000000000 bytes is over the limit of 67108864 bytes"#]].assert_eq(&render("{{ randBytes 1000000000000 }}", "{}"));
}

#[test]
fn keys_are_made_and_read_again() {
    let template = r#"{{ $key := genPrivateKey .s }}{{ $key | splitList "\n" | first }} {{ (genCAWithKey "x" 1 $key).Key | eq $key }}"#;
    expect![[r#"
        "ecdsa": -----BEGIN EC PRIVATE KEY----- true
        "ed25519": -----BEGIN PRIVATE KEY----- true"#]]
    .assert_eq(&render_each(template, &["ecdsa", "ed25519"]));
    let odd = render_each("{{ genPrivateKey .s }}", &["dsa", "foo"]);
    expect![[r#"
        "dsa": template: t:1:3: executing "t" at <genPrivateKey .s>: error calling genPrivateKey: DSA keys are not supported: use "rsa", "ecdsa" or "ed25519"
        "foo": Unknown type foo"#]].assert_eq(&odd);
}

/// The certificates of a text, one after another.
fn verified_chain(authority: &str, leaf: &str) -> (Vec<u8>, Vec<u8>) {
    let authority = pem::decode(authority.as_bytes()).unwrap().der;
    let leaf = pem::decode(leaf.as_bytes()).unwrap().der;
    (authority, leaf)
}

fn describe(der: &[u8]) -> String {
    let (rest, certificate) = X509Certificate::from_der(der).unwrap();
    assert!(rest.is_empty());
    let validity = certificate.validity();
    let mut lines = vec![format!("{} by {}", certificate.subject(), certificate.issuer())];
    lines.push(format!("{} to {}", validity.not_before, validity.not_after));
    for extension in certificate.extensions() {
        let critical = if extension.critical { " critical" } else { "" };
        let value: String = extension.value.iter().map(|byte| format!("{byte:02x}")).collect();
        let value =
            if value.len() > 60 || matches!(value.get(..4), Some("0414" | "3016")) { "..".to_owned() } else { value };
        lines.push(format!("{}{critical} {value}", extension.oid));
    }
    lines.join("\n")
}

#[test]
fn an_authority_signs_certificates() {
    let template = r#"{{ $ca := genCAWithKey "my-ca" 3650 (genPrivateKey "ecdsa") }}{{ $ca.Cert }}%{{ (genSignedCertWithKey "svc *" (list "10.0.0.1" "::1") (list "svc.ns" "*.ns.svc") 30 $ca (genPrivateKey "ed25519")).Cert }}"#;
    let text = render(template, "{}");
    let (authority, leaf) = text.split_once('%').unwrap();
    let (authority, leaf) = verified_chain(authority, leaf);
    expect![[r#"
        CN=my-ca by CN=my-ca
        Nov 22 23:30:15 2026 +00:00 to Nov 19 23:30:15 2036 +00:00
        2.5.29.15 critical 030202a4
        2.5.29.37 301406082b0601050507030106082b06010505070302
        2.5.29.19 critical 30030101ff
        2.5.29.14 ..

        CN=svc * by CN=my-ca
        Nov 22 23:30:15 2026 +00:00 to Dec 22 23:30:15 2026 +00:00
        2.5.29.15 critical 030205a0
        2.5.29.37 301406082b0601050507030106082b06010505070302
        2.5.29.19 critical 3000
        2.5.29.35 ..
        2.5.29.17 .."#]]
    .assert_eq(&format!("{}\n\n{}", describe(&authority), describe(&leaf)));
}

#[test]
fn equal_entropy_makes_equal_certificates() {
    let template =
        r#"{{ $ca := genCA "ca" 365 }}{{ $ca.Cert }}{{ $ca.Key }}{{ (genSelfSignedCert "" nil (list "a.b") 1).Cert }}"#;
    let [first, again, other] = [5, 5, 6].map(|seed| render_with(&TestHost::seeded(seed), template, "{}"));
    assert!(first.contains("BEGIN RSA PRIVATE KEY"), "{first}");
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn wrong_parts_get_sprig_s_errors() {
    let templates = [
        r#"{{ genSelfSignedCert "x" (list "300.1.1.1") nil 1 }}"#,
        r#"{{ genSelfSignedCert "x" (list 1.5) nil 1 }}"#,
        r#"{{ genSelfSignedCertWithKey "x" nil (list "é") 1 (genPrivateKey "ecdsa") }}"#,
        r#"{{ genCAWithKey "x" 1 "nope" }}"#,
        r#"{{ genCAWithKey "x" 1 "-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n" }}"#,
        r#"{{ genCAWithKey "x" 1 "-----BEGIN FOO PRIVATE KEY-----\nAAAA\n-----END FOO PRIVATE KEY-----\n" }}"#,
        r#"{{ genSignedCert "x" nil nil 1 (dict "Cert" "") }}"#,
        r#"{{ buildCustomCert "*" "" }}"#,
        r#"{{ buildCustomCert "eA==" "eQ==" }}"#,
        r#"{{ $a := genCAWithKey "a" 1 (genPrivateKey "ecdsa") }}{{ genSignedCert "x" nil nil 1 (buildCustomCert (b64enc $a.Cert) (genPrivateKey "ecdsa" | b64enc)) }}"#,
    ];
    let lines: Vec<String> = templates.iter().map(|template| render(template, "{}")).collect();
    expect![[r#"
        template: t:1:3: executing "t" at <genSelfSignedCert "x" (list "300.1.1.1") nil 1>: error calling genSelfSignedCert: error parsing ip: 300.1.1.1
        template: t:1:3: executing "t" at <genSelfSignedCert "x" (list 1.5) nil 1>: error calling genSelfSignedCert: error parsing ip: 1.5 is not a string
        template: t:1:3: executing "t" at <genSelfSignedCertWithKey "x" nil (list "é") 1 (genPrivateKey "ecdsa")>: error calling genSelfSignedCertWithKey: error creating certificate: x509: "é" cannot be encoded as an IA5String
        template: t:1:3: executing "t" at <genCAWithKey "x" 1 "nope">: error calling genCAWithKey: parsing private key: no PEM data in input
        template: t:1:3: executing "t" at <genCAWithKey "x" 1 "-----BEGIN FOO-----\nAAAA\n-----END FOO-----\n">: error calling genCAWithKey: parsing private key: no private key data in PEM block of type FOO
        template: t:1:3: executing "t" at <genCAWithKey "x" 1 "-----BEGIN FOO PRIVATE KEY-----\nAAAA\n-----END FOO PRIVATE KEY-----\n">: error calling genCAWithKey: parsing private key: invalid private key type FOO
        template: t:1:44: executing "t" at <"">: wrong type for value; expected sprig.certificate; got map[string]interface {}
        template: t:1:3: executing "t" at <buildCustomCert "*" "">: error calling buildCustomCert: unable to decode base64 certificate
        template: t:1:3: executing "t" at <buildCustomCert "eA==" "eQ==">: error calling buildCustomCert: unable to decode certificate
        template: t:1:57: executing "t" at <genSignedCert "x" nil nil 1 (buildCustomCert (b64enc $a.Cert) (genPrivateKey "ecdsa" | b64enc))>: error calling genSignedCert: error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey"#]].assert_eq(&lines.join("\n"));
}

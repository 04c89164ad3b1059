//! X.509 certificates as Sprig makes them with Go's crypto/x509: the same extensions in the same order.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use super::{der, keys::Key, pem};
use crate::{print::quote, value::Value};

/// Sprig's `certificate`: both parts in PEM.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// What a certificate is made for.
pub(super) struct Request<'a> {
    pub(super) name: &'a [u8],
    pub(super) addresses: &'a [Value],
    pub(super) alternate_names: &'a [Value],
    pub(super) days: i64,
    pub(super) is_authority: bool,
}

/// Who signs.
pub(super) struct Issuer {
    subject: Vec<u8>,
    key_id: Vec<u8>,
    key: Key,
}

impl Issuer {
    /// The errors are Sprig's.
    pub(super) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, String> {
        let block = pem::decode(certificate).ok_or("unable to decode certificate")?;
        let parsed = parse(&block.der)
            .map_err(|error| format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))?;
        let key = Key::from_pem(key).map_err(|error| format!("error parsing private key: {error}"))?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public() {
            return Err(
                "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey".to_owned()
            );
        }
        let key_id = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
            _ => None,
        });
        Ok(Self { subject: parsed.subject().as_raw().to_vec(), key_id: key_id.unwrap_or_default(), key })
    }
}

pub(super) fn parse(der: &[u8]) -> Result<X509Certificate<'_>, String> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err("x509: trailing data".to_owned()),
        Err(_) => Err("x509: malformed certificate".to_owned()),
    }
}

/// Makes a certificate for `key`, signed by the issuer or by the key itself.
pub(super) fn create(
    request: &Request<'_>,
    key: &Key,
    issuer: Option<&Issuer>,
    host: &dyn crate::Host,
) -> Result<Certificate, String> {
    let addresses = request.addresses.iter().map(address).collect::<Result<Vec<_>, _>>()?;
    let names = request.alternate_names.iter().map(alternate_name).collect::<Result<Vec<_>, _>>()?;
    let mut serial = [0; 16];
    host.entropy().fill(&mut serial);
    let subject = subject(request.name)?;
    let signer = issuer.map_or(key, |issuer| &issuer.key);
    let issuer_name = issuer.map_or(&subject, |issuer| &issuer.subject);
    // An authority that issues under its own name needs no reference to itself.
    let authority_id = issuer.filter(|issuer| issuer.subject != subject).map(|issuer| &issuer.key_id[..]);
    let mut extensions = extensions(request.is_authority, key, authority_id.unwrap_or_default());
    extensions.extend(alternate_names(&names, &addresses, request.name.is_empty())?);
    let from = host.clock().now().as_second();
    // Go's durations end after 292 years, and go over.
    let lasts = request.days.wrapping_mul(86_400_000_000_000).div_euclid(1_000_000_000);
    let members = [
        der::tagged(0xa0, &der::integer(&[2])),
        der::integer(&serial),
        signer.signature_algorithm(),
        issuer_name.clone(),
        der::sequence(&[moment(from), moment(from.saturating_add(lasts))]),
        subject.clone(),
        key.public_info(),
        der::tagged(0xa3, &der::sequence(&extensions)),
    ];
    let body = der::sequence(&members);
    let signature = signer.sign(&body).map_err(|error| format!("error creating certificate: {error}"))?;
    let whole = der::sequence(&[body, signer.signature_algorithm(), der::bit_string(&signature)]);
    Ok(Certificate { certificate: pem::encode("CERTIFICATE", &whole), key: key.to_pem()? })
}

fn address(value: &Value) -> Result<Vec<u8>, String> {
    let Value::Text(text) = value else {
        return Err(format!("error parsing ip: {} is not a string", shown(value)));
    };
    let text = text.to_str();
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Ok(address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => {
            Ok(address.to_ipv4_mapped().map_or_else(|| address.octets().to_vec(), |address| address.octets().to_vec()))
        }
        Err(_) => Err(format!("error parsing ip: {text}")),
    }
}

fn alternate_name(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::Text(text) => Ok(text.as_bytes().to_vec()),
        other => Err(format!("error processing alternate dns name: {} is not a string", shown(other))),
    }
}

/// `%v`
fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&crate::print::print(value)).into_owned()
}

/// A distinguished name of only a common name, or of nothing.
fn subject(name: &[u8]) -> Result<Vec<u8>, String> {
    if name.is_empty() {
        return Ok(der::sequence(&[]));
    }
    if std::str::from_utf8(name).is_err() {
        return Err("error creating certificate: asn1: string not valid UTF-8".to_owned());
    }
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let tag = if name.iter().all(is_printable) { der::PRINTABLE_STRING } else { der::UTF8_STRING };
    let attribute = der::sequence(&[der::object_identifier("2.5.4.3"), der::tagged(tag, name)]);
    Ok(der::sequence(&[der::set(&[attribute])]))
}

fn extension(identifier: &str, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let mut members = vec![der::object_identifier(identifier)];
    if is_critical {
        members.push(der::tagged(der::BOOLEAN, &[0xff]));
    }
    members.push(der::tagged(der::OCTET_STRING, value));
    der::sequence(&members)
}

fn extensions(is_authority: bool, key: &Key, authority_id: &[u8]) -> Vec<Vec<u8>> {
    // Digital signature and key encipherment; of an authority also certificate signing.
    let usage: &[u8] = if is_authority { &[2, 0xa4] } else { &[5, 0xa0] };
    let purposes = [der::object_identifier("1.3.6.1.5.5.7.3.1"), der::object_identifier("1.3.6.1.5.5.7.3.2")];
    let constraints = if is_authority { vec![der::tagged(der::BOOLEAN, &[0xff])] } else { Vec::new() };
    let mut extensions = vec![
        extension("2.5.29.15", true, &der::tagged(der::BIT_STRING, usage)),
        extension("2.5.29.37", false, &der::sequence(&purposes)),
        extension("2.5.29.19", true, &der::sequence(&constraints)),
    ];
    if is_authority {
        // RFC 7093, method 1, as Go has it since 1.25.
        let id = &Sha256::digest(key.public())[..20];
        extensions.push(extension("2.5.29.14", false, &der::tagged(der::OCTET_STRING, id)));
    }
    if !authority_id.is_empty() {
        extensions.push(extension("2.5.29.35", false, &der::sequence(&[der::tagged(0x80, authority_id)])));
    }
    extensions
}

fn alternate_names(names: &[Vec<u8>], addresses: &[Vec<u8>], is_critical: bool) -> Result<Option<Vec<u8>>, String> {
    if names.is_empty() && addresses.is_empty() {
        return Ok(None);
    }
    if let Some(name) = names.iter().find(|name| !name.is_ascii()) {
        return Err(format!("error creating certificate: x509: {} cannot be encoded as an IA5String", quote(name)));
    }
    let names = names.iter().map(|name| der::tagged(0x82, name));
    let members: Vec<Vec<u8>> = names.chain(addresses.iter().map(|address| der::tagged(0x87, address))).collect();
    Ok(Some(extension("2.5.29.17", is_critical, &der::sequence(&members))))
}

/// A time in whole seconds: the short form between 1950 and 2049, as the standard demands.
fn moment(seconds: i64) -> Vec<u8> {
    let range = jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second();
    let at = jiff::Timestamp::from_second(seconds.clamp(*range.start(), *range.end())).unwrap_or_default();
    let long = at.strftime("%Y%m%d%H%M%SZ").to_string();
    let year: i64 = long[..long.len() - 11].parse().unwrap_or(0);
    if (1950..2050).contains(&year) {
        der::tagged(der::UTC_TIME, &long.as_bytes()[2..])
    } else {
        der::tagged(der::GENERALIZED_TIME, long.as_bytes())
    }
}

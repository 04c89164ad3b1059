//! What a certificate says, as far as the decision to keep or renew it needs. Pure.

use std::{collections::BTreeSet, net::IpAddr};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{
    extensions::{GeneralName, ParsedExtension},
    prelude::{FromDer, X509Certificate},
};

use super::Error;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) not_before: i64,
    pub(super) not_after: i64,
    pub(super) user: String,
    pub(super) group: Option<String>,
    pub(super) names: BTreeSet<String>,
    /// Of the name constraints.
    pub(super) permitted: BTreeSet<String>,
    pub(super) key_id: Vec<u8>,
    pub(super) issuer_key_id: Vec<u8>,
}

impl Facts {
    pub(super) fn of(pem: &str) -> Result<Self, Error> {
        let der = der(pem)?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|_| Error::Pem)?;
        let text = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| attribute.as_str().ok().map(String::from);
        let mut facts = Self {
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            user: parsed.subject().iter_common_name().filter_map(text).next().unwrap_or_default(),
            group: parsed.subject().iter_organization().filter_map(text).next(),
            ..Self::default()
        };
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => {
                    facts.names = names.general_names.iter().filter_map(name).collect();
                }
                ParsedExtension::NameConstraints(constraints) => {
                    let permitted = constraints.permitted_subtrees.iter().flatten();
                    facts.permitted = permitted.filter_map(|subtree| name(&subtree.base)).collect();
                }
                ParsedExtension::SubjectKeyIdentifier(id) => facts.key_id = id.0.to_vec(),
                ParsedExtension::AuthorityKeyIdentifier(issuer) => {
                    facts.issuer_key_id = issuer.key_identifier.as_ref().map(|id| id.0.to_vec()).unwrap_or_default();
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    /// Whether less than a third of its life is left.
    pub(super) fn is_old(&self, now: Timestamp) -> bool {
        let life = self.not_after - self.not_before;
        self.not_after - now.as_second() < life / 3 || now.as_second() < self.not_before
    }
}

pub(super) fn der(pem: &str) -> Result<Vec<u8>, Error> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map(|der| der.to_vec()).map_err(|_| Error::Pem)
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_string()),
        // An address, or an address and its mask.
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 | 8 => <[u8; 4]>::try_from(&bytes[..4]).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            16 | 32 => <[u8; 16]>::try_from(&bytes[..16]).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

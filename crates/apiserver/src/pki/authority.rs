//! A certificate authority that lives in a directory, and what it signs.

use std::{
    collections::BTreeSet,
    fmt,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use api::Redacted;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};

use super::{
    Error,
    files::{read, write_private},
    parse::{self, Facts},
};

const DAY_SECS: u64 = 24 * 3600;
const AUTHORITY_DAYS: u64 = 3650;
const CERTIFICATE_DAYS: u64 = 365;
/// Clocks of other machines may be slow.
const SKEW_SECS: i64 = 3600;
/// What every cluster's server answers to.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What an authority is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Names its files (`NAME-ca.crt`) and its subject.
    pub name: String,
    /// Host names (with everything below them) and addresses: the only ones that its certificates are worth anything for.
    pub permitted: BTreeSet<String>,
}

impl Profile {
    pub fn new(name: &str, permitted: &[String]) -> Self {
        Self { name: name.into(), permitted: permitted.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// The authority of a cluster: this machine's loopback names and the given ones.
    pub fn cluster(names: &[String]) -> Self {
        let loopback = LOOPBACK.map(String::from);
        Self::new("cluster", &[&loopback, names].concat())
    }
}

/// A certificate and its key, both PEM.
#[derive(Clone, Debug)]
pub struct Pair {
    pub certificate: String,
    pub key: Redacted<String>,
}

impl Pair {
    pub fn der(&self) -> Result<Vec<u8>, Error> {
        parse::der(&self.certificate)
    }
}

/// A certificate that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// For these host names and addresses.
    Server(BTreeSet<String>),
    /// For this user (common name) and group (organization).
    Client { user: String, group: Option<String> },
}

/// Signs. The private key stays in the directory.
pub struct Authority {
    dir: PathBuf,
    profile: Profile,
    certificate: String,
    facts: Facts,
    issuer: Issuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("dir", &self.dir).field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Authority {
    /// The authority that is kept in the directory. It is made when there is none, when it is about to expire, and when it
    /// may not certify all that the profile names: then whatever trusted the old one must be told about the new one.
    pub fn open(dir: &Path, profile: &Profile, now: Timestamp) -> Result<Self, Error> {
        let (certificate_path, key_path) = paths(dir, &format!("{}-ca", profile.name));
        let mut profile = profile.clone();
        if let (Some(certificate), Some(key)) = (read(&certificate_path)?, read(&key_path)?) {
            let unreadable = |path: &PathBuf, what| Error::Unreadable { path: path.clone(), what };
            let facts = Facts::of(&certificate).map_err(|_| unreadable(&certificate_path, "certificate"))?;
            let key = KeyPair::from_pem(&key).map_err(|_| unreadable(&key_path, "private key"))?;
            if !facts.is_old(now) && profile.permitted.is_subset(&facts.permitted) {
                profile.permitted.clone_from(&facts.permitted);
                let issuer = Issuer::new(parameters(&profile, now)?, key);
                return Ok(Self { dir: dir.to_path_buf(), profile, certificate, facts, issuer });
            }
            profile.permitted.extend(facts.permitted);
            tracing::warn!(authority = %profile.name, "certificate authority is made anew: clients need the new one");
        }
        let key = KeyPair::generate()?;
        let parameters = parameters(&profile, now)?;
        let certificate = parameters.self_signed(&key)?.pem();
        // The key first: a certificate without its key would look like an authority.
        write_private(&key_path, key.serialize_pem().as_bytes())?;
        write_private(&certificate_path, certificate.as_bytes())?;
        let facts = Facts::of(&certificate)?;
        Ok(Self { dir: dir.to_path_buf(), profile, certificate, facts, issuer: Issuer::new(parameters, key) })
    }

    /// PEM, for whoever is to trust this authority.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A fresh server certificate, kept nowhere.
    pub fn server(&self, names: &[String], now: Timestamp) -> Result<Pair, Error> {
        self.sign(&Wanted::Server(names.iter().cloned().collect()), now)
    }

    /// A fresh client certificate, kept nowhere.
    pub fn client(&self, user: &str, group: Option<&str>, now: Timestamp) -> Result<Pair, Error> {
        self.sign(&Wanted::Client { user: user.into(), group: group.map(String::from) }, now)
    }

    /// The certificate that is kept under that name. It is made anew when there is none, when it is for something else, of
    /// another authority, or in the last third of its life.
    pub fn keep(&self, stem: &str, wanted: &Wanted, now: Timestamp) -> Result<Pair, Error> {
        let (certificate_path, key_path) = paths(&self.dir, stem);
        if let (Some(certificate), Some(key)) = (read(&certificate_path)?, read(&key_path)?)
            && let (Ok(facts), Ok(pair)) = (Facts::of(&certificate), KeyPair::from_pem(&key))
            && self.is_current(&facts, wanted, now)
            && certificate_has_key(&certificate, &pair)
        {
            return Ok(Pair { certificate, key: Redacted::new(key) });
        }
        let pair = self.sign(wanted, now)?;
        write_private(&key_path, pair.key.reveal().as_bytes())?;
        write_private(&certificate_path, pair.certificate.as_bytes())?;
        Ok(pair)
    }

    fn is_current(&self, facts: &Facts, wanted: &Wanted, now: Timestamp) -> bool {
        let fits = match wanted {
            Wanted::Server(names) => facts.names == *names,
            Wanted::Client { user, group } => facts.user == *user && facts.group == *group && facts.names.is_empty(),
        };
        fits && !facts.is_old(now) && facts.issuer_key_id == self.facts.key_id
    }

    fn sign(&self, wanted: &Wanted, now: Timestamp) -> Result<Pair, Error> {
        let mut parameters = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        match wanted {
            Wanted::Server(names) => {
                subject.push(DnType::CommonName, "windlass-server");
                for name in names {
                    self.check_permitted(name)?;
                    parameters.subject_alt_names.push(alternative_name(name)?);
                }
                parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }
            Wanted::Client { user, group } => {
                if let Some(group) = group {
                    subject.push(DnType::OrganizationName, group.as_str());
                }
                subject.push(DnType::CommonName, user.as_str());
                parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            }
        }
        parameters.distinguished_name = subject;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.use_authority_key_identifier_extension = true;
        set_validity(&mut parameters, now, CERTIFICATE_DAYS);
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?.pem();
        Ok(Pair { certificate, key: Redacted::new(key.serialize_pem()) })
    }

    fn check_permitted(&self, name: &str) -> Result<(), Error> {
        let is_address = name.parse::<IpAddr>().is_ok();
        let below = |permitted: &String| !is_address && name.ends_with(&format!(".{permitted}"));
        if self.profile.permitted.iter().any(|permitted| name == permitted || below(permitted)) {
            return Ok(());
        }
        let permitted: Vec<&str> = self.profile.permitted.iter().map(String::as_str).collect();
        Err(Error::NotPermitted {
            authority: self.profile.name.clone(),
            name: name.to_string(),
            permitted: permitted.join(", "),
        })
    }
}

fn paths(dir: &Path, stem: &str) -> (PathBuf, PathBuf) {
    (dir.join(format!("{stem}.crt")), dir.join(format!("{stem}.key")))
}

/// A crash between the two files leaves a certificate of one key beside another key.
fn certificate_has_key(certificate: &str, key: &KeyPair) -> bool {
    let Ok(der) = parse::der(certificate) else { return false };
    let public = key.public_key_raw();
    der.windows(public.len()).any(|window| window == public)
}

fn parameters(profile: &Profile, now: Timestamp) -> Result<CertificateParams, Error> {
    let mut parameters = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, format!("windlass-{}-ca", profile.name));
    parameters.distinguished_name = subject;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut constraints = NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees: Vec::new() };
    let mut any_address = false;
    for name in &profile.permitted {
        constraints.permitted_subtrees.push(match name.parse::<IpAddr>() {
            Ok(address) => {
                any_address = true;
                GeneralSubtree::IpAddress(single_address(address))
            }
            Err(_) => GeneralSubtree::DnsName(host_name(name)?),
        });
    }
    if !any_address {
        // A kind of name that no constraint mentions is not constrained at all.
        constraints.excluded_subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])));
        constraints.excluded_subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])));
    }
    parameters.name_constraints = Some(constraints);
    set_validity(&mut parameters, now, AUTHORITY_DAYS);
    Ok(parameters)
}

fn single_address(address: IpAddr) -> CidrSubnet {
    match address {
        IpAddr::V4(address) => CidrSubnet::V4(address.octets(), [0xff; 4]),
        IpAddr::V6(address) => CidrSubnet::V6(address.octets(), [0xff; 16]),
    }
}

fn alternative_name(name: &str) -> Result<SanType, Error> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(SanType::IpAddress(address)),
        Err(_) => Ok(SanType::DnsName(host_name(name)?.try_into()?)),
    }
}

fn host_name(name: &str) -> Result<String, Error> {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let plain = name.len() <= 253 && labels.split('.').all(label);
    plain.then(|| name.to_string()).ok_or_else(|| Error::Name(name.to_string()))
}

fn set_validity(parameters: &mut CertificateParams, now: Timestamp, days: u64) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let since_epoch = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    parameters.not_before = epoch + since_epoch(now.as_second() - SKEW_SECS);
    parameters.not_after = epoch + since_epoch(now.as_second()) + Duration::from_secs(days * DAY_SECS);
}

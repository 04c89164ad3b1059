//! Who sent a request: by client certificate, by static token, by service account token, otherwise nobody.
//! A credential that is there but does not hold is an error, never "anonymous".

use api::{Redacted, status::Status};
use http::{HeaderMap, header::AUTHORIZATION};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::identity::{AUTHENTICATED, Identity, UNAUTHENTICATED};

/// The certificate that a client showed, in DER. The TLS listener sets it as a request extension after it verified the chain
/// to the client authority; nobody else may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerCertificate(pub std::sync::Arc<[u8]>);

/// A token that is not a JSON Web Token, and whom it stands for: the data directory's own credential.
#[derive(Clone, Debug)]
pub struct StaticToken {
    pub token: Redacted<String>,
    pub identity: Identity,
}

pub(crate) const CREDENTIAL_ID: &str = "authentication.kubernetes.io/credential-id";

/// Common name is the user, organizations are the groups. The chain was verified by the listener.
pub(crate) fn by_certificate(certificate: &PeerCertificate) -> Result<Identity, Status> {
    let (_, parsed) = X509Certificate::from_der(&certificate.0).map_err(|_| Status::unauthorized())?;
    let text = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| attribute.as_str().ok().map(String::from);
    let subject = parsed.subject();
    let user = subject.iter_common_name().filter_map(text).next().filter(|user| !user.is_empty());
    let groups: Vec<String> = subject.iter_organization().filter_map(text).collect();
    // These two are this server's to give.
    let groups = groups.into_iter().filter(|group| group != AUTHENTICATED && group != UNAUTHENTICATED);
    let mut identity = Identity::user(user.ok_or_else(Status::unauthorized)?, groups);
    identity.extra.insert(
        CREDENTIAL_ID.into(),
        vec![format!("X509SHA256={}", api::hex::encode(&Sha256::digest(&certificate.0)))],
    );
    Ok(identity)
}

/// The token of an `Authorization: Bearer` header; `None` when there is no such header or it is of another scheme.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The identity of a static token. Takes the same time whether and where a token differs.
pub(crate) fn by_static_token(known: &[StaticToken], token: &str) -> Option<Identity> {
    let offered = Sha256::digest(token);
    let mut found = None;
    for one in known {
        let expected = Sha256::digest(one.token.reveal());
        let difference = offered.iter().zip(expected.iter()).fold(0, |all, (a, b)| all | (a ^ b));
        if std::hint::black_box(difference) == 0 {
            found = Some(&one.identity);
        }
    }
    found.cloned()
}

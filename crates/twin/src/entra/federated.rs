//! Federated identity credentials: a token of a foreign issuer stands for an identity when issuer, subject and audience are
//! those of one of its credentials, to the letter, and the issuer's published keys verify it.

use jose::Jwks;
use serde_json::Value;

use super::{Entra, Error};
use crate::state::{Principal, Resource};

/// Clocks of issuers may differ by this much.
const SKEW_SECS: i64 = 300;

pub(crate) enum Verdict {
    Trusted,
    NeedKeys(String),
}

pub(crate) fn verify(
    entra: &Entra<'_>,
    principal: &Principal,
    assertion: &str,
    keys: Option<&Result<Jwks, String>>,
) -> Result<Verdict, Error> {
    let claims = jose::unverified_claims(assertion).map_err(|_| Error::malformed_assertion())?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    let (issuer, subject) = (text("iss"), text("sub"));
    check_match(entra, principal, issuer, subject, &audiences(&claims))?;
    let keys = match keys {
        None => return Ok(Verdict::NeedKeys(issuer.to_string())),
        Some(Err(_)) => return Err(Error::issuer_unreachable()),
        Some(Ok(keys)) => keys,
    };
    let verified = jose::verify(keys, assertion).map_err(|error| match error {
        jose::Error::UnknownKey(_) => Error::bad_signature("The key was not found."),
        jose::Error::Malformed(_) => Error::malformed_assertion(),
        _ => Error::bad_signature("The provided signature value did not match the expected signature value."),
    })?;
    check_times(entra, &verified)?;
    Ok(Verdict::Trusted)
}

fn audiences(claims: &Value) -> Vec<&str> {
    match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The refusal names the first part that no credential has: issuer, then subject, then audience.
fn check_match(
    entra: &Entra<'_>,
    principal: &Principal,
    issuer: &str,
    subject: &str,
    audiences: &[&str],
) -> Result<(), Error> {
    let credentials = credentials(entra, principal);
    if credentials.is_empty() {
        return Err(Error::no_federation(&principal.app_id, &principal.display_name));
    }
    let of_issuer: Vec<_> = credentials.into_iter().filter(|known| known.property_str("issuer") == issuer).collect();
    if of_issuer.is_empty() {
        return Err(Error::issuer(issuer));
    }
    let same = |known: &&&Resource| known.property_str("subject") == subject;
    let of_subject: Vec<_> = of_issuer.iter().filter(same).collect();
    if of_subject.is_empty() {
        let nearly = of_issuer.iter().any(|known| known.property_str("subject").eq_ignore_ascii_case(subject));
        return Err(if nearly { Error::subject_case(subject) } else { Error::subject(subject) });
    }
    let wanted = |known: &&&Resource| {
        let accepted = known.property("audiences").and_then(Value::as_array).into_iter().flatten();
        accepted.filter_map(Value::as_str).any(|audience| audiences.contains(&audience))
    };
    if !of_subject.iter().any(wanted) {
        return Err(Error::audience(audiences.first().copied().unwrap_or_default()));
    }
    Ok(())
}

fn credentials<'a>(entra: &Entra<'a>, principal: &Principal) -> Vec<&'a Resource> {
    let Some(identity) = &principal.identity else { return Vec::new() };
    let prefix = format!("{}/federatedidentitycredentials/", identity.to_lowercase());
    entra.state.resources(&prefix).collect()
}

fn check_times(entra: &Entra<'_>, claims: &Value) -> Result<(), Error> {
    let now = entra.now.as_second();
    let from = claims["nbf"].as_i64().or_else(|| claims["iat"].as_i64()).unwrap_or(0);
    let until = claims["exp"].as_i64().unwrap_or(0);
    if until + SKEW_SECS <= now || from > now + SKEW_SECS {
        return Err(Error::not_in_time(entra.now, from, until));
    }
    Ok(())
}

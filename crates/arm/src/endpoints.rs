//! Where Azure is: the public cloud unless a setting says otherwise. Only https, and never a path or credentials in a URL.

use http::{Uri, uri::Authority};

/// The three addresses that the Azure Service Operator's settings name too (`AZURE_RESOURCE_MANAGER_ENDPOINT`,
/// `AZURE_AUTHORITY_HOST`, `AZURE_RESOURCE_MANAGER_AUDIENCE`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    management: String,
    authority: String,
    audience: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{setting} is {value:?}: expected an https URL with a host and nothing behind it, like https://management.azure.com"
)]
pub struct InvalidEndpoint {
    pub setting: &'static str,
    pub value: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            management: "https://management.azure.com".into(),
            authority: "https://login.microsoftonline.com".into(),
            audience: "https://management.azure.com/".into(),
        }
    }
}

impl Endpoints {
    /// Addresses of another cloud. The audience is taken as it is: tokens are asked for `{audience}/.default`, and a trailing
    /// slash is part of the audience that Entra then writes into the token.
    pub fn new(management: &str, authority: &str, audience: &str) -> Result<Self, InvalidEndpoint> {
        Ok(Self {
            management: origin("the management endpoint", management)?,
            authority: origin("the login authority", authority)?,
            audience: match audience.starts_with("https://") {
                true => audience.to_string(),
                false => return Err(InvalidEndpoint { setting: "the audience", value: audience.to_string() }),
            },
        })
    }

    pub fn management(&self) -> &str {
        &self.management
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.audience)
    }

    /// Whether a URL that Azure handed out leads back to the management endpoint. Poll and page URLs are followed with a
    /// token in the header, and they also come out of annotations that a user can write.
    pub(crate) fn is_management(&self, url: &str) -> bool {
        let (Ok(url), Ok(own)) = (url.parse::<Uri>(), self.management.parse::<Uri>()) else { return false };
        let same = |a: &Authority, b: &Authority| {
            a.host().eq_ignore_ascii_case(b.host())
                && a.port_u16().unwrap_or(443) == b.port_u16().unwrap_or(443)
                && !a.as_str().contains('@')
        };
        url.scheme_str() == Some("https")
            && matches!((url.authority(), own.authority()), (Some(a), Some(b)) if same(a, b))
    }
}

fn origin(setting: &'static str, value: &str) -> Result<String, InvalidEndpoint> {
    let invalid = || InvalidEndpoint { setting, value: value.to_string() };
    let uri: Uri = value.parse().map_err(|_| invalid())?;
    let authority = uri.authority().ok_or_else(invalid)?;
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
    if uri.scheme_str() != Some("https") || !bare {
        return Err(invalid());
    }
    Ok(format!("https://{authority}"))
}

//! Why a pass cannot go on: what the Ready condition will say, and when to look again.

use std::time::Duration;

use actions::{ArmError, Requeue};
use api::Class;

use crate::{names::reason, observed::Query};

/// Severity of a Ready condition that is not True.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Info,
    Warning,
    Error,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "Info",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

/// A Ready condition that says what is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub severity: Severity,
    pub reason: String,
    pub message: String,
    pub requeue: Requeue,
}

/// Why a step has no result: something is to be asked first, or it cannot go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stop {
    Need(Vec<Query>),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Problem {
    /// Goes away when something else changes or with time.
    pub fn warning(reason: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            reason: reason.to_string(),
            message: message.into(),
            requeue: Requeue::Backoff,
        }
    }

    /// Only a change of the object helps.
    pub fn fatal(reason: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            reason: reason.to_string(),
            message: message.into(),
            requeue: Requeue::OnChange,
        }
    }

    /// Upstream's classification of what ARM (or Entra ID, or the way there) answered.
    pub fn from_arm(error: &ArmError) -> Self {
        let code = if error.code.is_empty() { reason::UNKNOWN_ERROR } else { &error.code };
        let mut message = format!("{code}: {}", error.message.trim());
        if !error.correlation_id.is_empty() {
            message += &format!("{CORRELATION}{})", error.correlation_id);
        }
        match retry(error) {
            Retry::Never => Self::fatal(code, message),
            Retry::Normal => Self { requeue: requeue(error), ..Self::warning(code, message) },
            Retry::VerySlow => Self { requeue: Requeue::After(VERY_SLOW), ..Self::warning(code, message) },
        }
    }
}

/// What stands before the correlation id in a message: the one part that differs from retry to retry.
pub(crate) const CORRELATION: &str = " (correlation id ";

/// A lock of a scope rarely goes away within minutes.
const VERY_SLOW: Duration = Duration::from_secs(900);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Retry {
    Never,
    Normal,
    VerySlow,
}

fn requeue(error: &ArmError) -> Requeue {
    match error.class() {
        Class::Throttled { after } => Requeue::After(after),
        _ => Requeue::Backoff,
    }
}

const RETRYABLE: [&str; 18] = [
    "AnotherOperationInProgress",
    "AuthorizationFailed",
    "AllocationFailed",
    "Conflict",
    "FailedIdentityOperation",
    "InvalidResourceReference",
    "InvalidSubscriptionRegistrationState",
    "LinkedAuthorizationFailed",
    "MissingRegistrationForLocation",
    "MissingSubscriptionRegistration",
    "NoRegisteredProviderFound",
    "NotFound",
    "ParentResourceNotFound",
    "PrincipalNotFound",
    "ResourceGroupNotFound",
    "ResourceNotFound",
    "ResourceQuotaExceeded",
    "SubscriptionNotRegistered",
];

const FATAL: [&str; 24] = [
    "BadRequestFormat",
    "BadRequest",
    "PublicIpForGatewayIsRequired",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidResourceGroupLocation",
    "InvalidResourceType",
    "InvalidRequestContent",
    "InvalidTemplate",
    "InvalidValuesForRequestParameters",
    "InvalidGatewaySkuProvidedForGatewayVpnType",
    "InvalidGatewaySize",
    "LocationRequired",
    "MethodNotAllowed",
    "MissingRequiredParameter",
    "PasswordTooLong",
    "PrivateIPAddressInReservedRange",
    "PrivateIPAddressNotInSubnet",
    "PropertyChangeNotAllowed",
    "RegionIsOfferRestricted",
    "RequestDisallowedByPolicy",
    "ReservedResourceName",
    "SkuNotAvailable",
    "SubscriptionNotFound",
];

/// A pool that is ahead of its cluster: goes away when the cluster has been upgraded. Upstream stops here until the pool is
/// edited again, although both are often changed at once.
const OTHERS_TURN: &str = "NodePoolMcVersionIncompatible";

/// By error code first; an unknown code by HTTP status, where only 400 is fatal.
fn retry(error: &ArmError) -> Retry {
    let code = error.code.as_str();
    if code == "ScopeLocked" {
        Retry::VerySlow
    } else if RETRYABLE.contains(&code) || code == OTHERS_TURN {
        Retry::Normal
    } else if FATAL.contains(&code) || (!code.is_empty() && error.status == 400 && !code.starts_with("AADSTS")) {
        Retry::Never
    } else {
        Retry::Normal
    }
}

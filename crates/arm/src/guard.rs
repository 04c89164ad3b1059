//! What may be changed: live Azure is read-only until a person names the subscription. The check is on the request, before
//! any byte leaves, so that no controller can forget it.

use std::collections::BTreeSet;

use actions::{ArmError, ArmMethod, ArmRequest};

/// `--allow-writes SUBSCRIPTION` and `--allow-deletes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Subscription ids, lower case. `None` means every one: right for the twin only.
    allow_writes: Option<BTreeSet<String>>,
    allow_deletes: bool,
}

impl Default for Guard {
    /// Reads only.
    fn default() -> Self {
        Self { allow_writes: Some(BTreeSet::new()), allow_deletes: false }
    }
}

impl Guard {
    /// Nothing is refused. For the twin.
    pub fn unrestricted() -> Self {
        Self { allow_writes: None, allow_deletes: true }
    }

    /// Reads only, until subscriptions are named.
    pub fn new<S: AsRef<str>>(allow_writes: impl IntoIterator<Item = S>, allow_deletes: bool) -> Self {
        let subscriptions = allow_writes.into_iter().map(|id| id.as_ref().to_ascii_lowercase()).collect();
        Self { allow_writes: Some(subscriptions), allow_deletes }
    }

    pub(crate) fn check(&self, request: &ArmRequest) -> Result<(), ArmError> {
        let last = request.id.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let reads = match request.method {
            // Actions that only answer, by Azure's naming: listKeys, listClusterUserCredential, checkNameAvailability.
            ArmMethod::Post => last.starts_with("list") || last.starts_with("check"),
            method => !method.writes(),
        };
        let Some(allowed) = self.allow_writes.as_ref().filter(|_| !reads) else { return Ok(()) };
        let subscription = subscription(&request.id).unwrap_or_default();
        if !allowed.contains(&subscription) {
            let flag = if subscription.is_empty() {
                "writes outside of a subscription are never allowed".to_string()
            } else {
                format!("to allow writes there, start with --allow-writes {subscription}")
            };
            return Err(refusal("WritesNotAllowed", request, &flag));
        }
        let deletes = request.method == ArmMethod::Delete || last == "purge";
        if deletes && !self.allow_deletes {
            return Err(refusal("DeletesNotAllowed", request, "to allow deletions, start with --allow-deletes"));
        }
        Ok(())
    }
}

fn refusal(code: &str, request: &ArmRequest, next: &str) -> ArmError {
    ArmError {
        status: 403,
        code: code.into(),
        message: format!("Windlass did not send {} {} to live Azure: {next}", request.method, request.id),
        retry_after_secs: None,
        correlation_id: String::new(),
    }
}

/// The subscription that an id belongs to, lower case.
fn subscription(id: &str) -> Option<String> {
    let mut segments = id.split('/').skip(1);
    let first = segments.next()?;
    first.eq_ignore_ascii_case("subscriptions").then(|| segments.next().map(str::to_ascii_lowercase))?
}

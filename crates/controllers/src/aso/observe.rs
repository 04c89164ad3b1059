//! Answering what decide asks. An answer of Azure, good or bad, is an observation; only a failure of the Kubernetes API ends
//! the pass.

use actions::{ArmError, ArmRequest, ArmResponse};
use api::{
    Redacted,
    names::{GroupVersionKind, ObjectRef},
};
use arm::Credential;
use aso::{Env, Observed, Progress, Query, credential};

use super::Context;
use crate::cluster::Error;

pub(super) async fn answer(context: &Context, observed: &mut Observed, env: &Env, query: Query) -> Result<(), Error> {
    match query {
        Query::Object(target) => {
            let object = context.cluster.get(&target).await?;
            observed.objects.insert(target, object);
        }
        Query::Secret { namespace, name } => {
            let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), &namespace, &name);
            let secret = context.cluster.get(&target).await?.map(Redacted::new);
            observed.secrets.insert((namespace, name), secret);
        }
        Query::Arm(request) => {
            let answer = send(context, observed, env, &request).await?;
            observed.arm.push((request, answer));
        }
        Query::Poll(operation) => {
            let progress = match credential(context, observed, env).await? {
                Ok(credential) => context.arm.poll(&credential, &operation).await.map(|poll| match poll {
                    arm::Poll::InProgress { retry_after_secs, operation } => {
                        Progress::InProgress { operation, retry_after_secs }
                    }
                    arm::Poll::Done(_) => Progress::Done,
                }),
                Err(error) => Err(error),
            };
            observed.polls.push((operation, progress));
        }
    }
    Ok(())
}

/// One request with the object's credential.
pub(super) async fn send(
    context: &Context,
    observed: &Observed,
    env: &Env,
    request: &ArmRequest,
) -> Result<Result<ArmResponse, ArmError>, Error> {
    match credential(context, observed, env).await? {
        Ok(credential) => Ok(context.arm.send(&credential, request).await),
        Err(error) => Ok(Err(error)),
    }
}

/// The credential as the ARM client takes it. The pure core has resolved it before it asked for anything of Azure.
async fn credential(context: &Context, observed: &Observed, env: &Env) -> Result<Result<Credential, ArmError>, Error> {
    let found = match credential::resolve(observed, env) {
        Ok(found) => found,
        Err(_) => return Ok(Err(without_credential())),
    };
    let (tenant, client_id) = (found.tenant, found.client_id);
    Ok(Ok(match found.mode {
        credential::Mode::ClientSecret(secret) => Credential::ClientSecret { tenant, client_id, secret },
        credential::Mode::WorkloadIdentity => {
            Credential::WorkloadIdentity { tenant, client_id, token: context.identity.token().await? }
        }
        credential::Mode::ClientCertificate { certificate, .. } => {
            Credential::ClientCertificate { tenant, client_id, certificate }
        }
        credential::Mode::PodIdentity => Credential::ManagedIdentity { client_id: Some(client_id) },
    }))
}

fn without_credential() -> ArmError {
    ArmError {
        status: 0,
        code: "CredentialUnresolved".into(),
        message: "a request to Azure was asked for before the credential was resolved".into(),
        retry_after_secs: None,
        correlation_id: String::new(),
    }
}

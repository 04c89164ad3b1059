//! A twin that believes strangers, for plans over an Azure that nobody has seen.

use std::sync::Arc;

use serde_json::Value;
use store::{Memory, Store};

use super::{FixedClock, Lab, OWNER};
use crate::Strangers;

const STRANGER: &str = "99999999-9999-9999-9999-999999999999";
const ELSEWHERE: &str = "88888888-8888-8888-8888-888888888888";

async fn believing() -> Lab {
    let space = Memory::new().space("twin").expect("a space");
    let believe = |config: &mut crate::Config| config.strangers = Strangers::Believed;
    Lab::configured(space, Arc::new(FixedClock::default()), 1, believe).await
}

/// Signs in at that tenant with a secret that nobody can know.
async fn sign_in(lab: &Lab, tenant: &str, client_id: &str) -> (u16, Value) {
    let scope = "https%3A%2F%2Fmanagement.azure.com%2F%2F.default";
    let body = format!("grant_type=client_credentials&client_id={client_id}&client_secret=any&scope={scope}");
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let answer = lab.send("login.microsoftonline.com", "POST", &path, &[], &body).await;
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
}

async fn make_group(lab: &Lab, token: &str) -> u16 {
    let path = format!("/subscriptions/{ELSEWHERE}/resourceGroups/rg1?api-version=2020-06-01");
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = lab.send("management.azure.com", "PUT", &path, &headers, r#"{"location": "westus3"}"#).await;
    answer.status().as_u16()
}

#[tokio::test]
async fn an_application_that_nobody_knows_may_do_everything_anywhere() {
    let lab = believing().await;
    let (status, body) = sign_in(&lab, ELSEWHERE, STRANGER).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(make_group(&lab, body["access_token"].as_str().unwrap_or_default()).await, 201);
    assert_eq!(lab.twin.believed(), [STRANGER], "and it is told who was believed");
}

#[tokio::test]
async fn who_is_known_is_held_to_what_is_known() {
    let lab = believing().await;
    let (status, body) = sign_in(&lab, super::TENANT, OWNER).await;
    assert_eq!((status, &body["error"]), (401, &Value::from("invalid_client")), "a wrong secret stays wrong");
    let (status, body) = sign_in(&lab, ELSEWHERE, OWNER).await;
    assert_eq!((status, &body["error"]), (400, &Value::from("invalid_request")), "and so does a wrong tenant");
    assert!(lab.twin.believed().is_empty());
}

#[tokio::test]
async fn azure_believes_nobody() {
    let lab = Lab::new().await;
    let (status, _) = sign_in(&lab, super::TENANT, STRANGER).await;
    assert_eq!(status, 400);
    assert!(lab.twin.believed().is_empty());
}

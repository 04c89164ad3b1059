use expect_test::expect;

use super::Lab;
use crate::{Fault, FaultTime, Rule};

fn rule(method: &str, when: FaultTime, fault: Fault) -> Rule {
    Rule { method: method.into(), id_contains: "rg1".into(), when, fault }
}

#[tokio::test]
async fn failures_before_and_after_execution() {
    let mut lab = Lab::new().await;
    lab.faults.push(rule("PUT", FaultTime::Before, Fault::throttled(17)));
    lab.faults.push(rule("PUT", FaultTime::Before, Fault::quota("Too many groups.")));
    lab.faults.push(rule("PUT", FaultTime::After, Fault::server_error()));
    let put = r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#;
    let get = "GET {sub}/resourceGroups/rg1?api-version=2020-06-01";
    let said = lab.run(&[put, get, put, put, get, put].join("\n")).await;
    expect![[r#"
        PUT {sub}/resourceGroups/rg1 -> 429 [retry-after-ms: 21] {"error":{"code":"TooManyRequests","message":"The request is being throttled as the limit has been reached for operation type."}}
        GET {sub}/resourceGroups/rg1 -> 404 {"error":{"code":"ResourceGroupNotFound","message":"Resource group 'rg1' could not be found."}}
        PUT {sub}/resourceGroups/rg1 -> 409 {"error":{"code":"QuotaExceeded","message":"Too many groups."}}
        PUT {sub}/resourceGroups/rg1 -> 500 {"error":{"code":"InternalServerError","message":"Encountered internal server error. Please try again."}}
        GET {sub}/resourceGroups/rg1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
        PUT {sub}/resourceGroups/rg1 -> 200 {"id":"/subscriptions/SUB/resourceGroups/rg1","location":"westus3","name":"rg1","properties":{"provisioningState":"Succeeded"},"type":"Microsoft.Resources/resourceGroups"}
    "#]].assert_eq(&said);
}

#[tokio::test]
async fn an_operation_that_ends_badly() {
    let mut lab = Lab::new().await;
    let failure = Fault::FailOperation { code: "AllocationFailed".into(), message: "No capacity.".into() };
    lab.run(r#"PUT {sub}/resourceGroups/rg1?api-version=2020-06-01 {"location": "westus3"}"#).await;
    lab.faults.push(rule("PUT", FaultTime::Before, failure));
    let put = r#"PUT {sub}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1?api-version=2024-01-01 {"location": "westus3", "sku": {"name": "Standard"}}"#;
    let said = lab.run(&format!("{put}\nwait 40\nGET {{sub}}/resourceGroups/rg1/providers/Microsoft.EventHub/namespaces/eh-first1?api-version=2024-01-01")).await;
    assert!(
        said.contains(r#""provisioningState":"Creating""#) && said.contains(r#""provisioningState":"Failed""#),
        "{said}"
    );
}

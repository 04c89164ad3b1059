use expect_test::expect;

use super::Lab;

#[tokio::test]
async fn look_ups_of_az_role_assignment_create() {
    let mut lab = Lab::new().await;
    lab.identity("akspe").await;
    let (client, principal) = (lab.property("akspe", "clientId"), lab.property("akspe", "principalId"));
    let said = lab
        .run(&format!(
            r#"
            graph: GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{principal}')
            graph: POST /v1.0/directoryObjects/getByIds {{"ids": ["{principal}", "00000000-0000-0000-0000-000000000000"], "types": ["servicePrincipal"]}}
            graph: GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '{client}')
            graph: GET /v1.0/servicePrincipals/{principal}
            graph: GET /v1.0/servicePrincipals/{client}
            graph: GET /v1.0/servicePrincipals?$filter=startswith(displayName,'a')
            graph: GET /v1.0/me
            "#
        ))
        .await;
    let said = said.replace(&client, "CLIENT").replace(&principal, "PRINCIPAL");
    expect![[]].assert_eq(&said);
}

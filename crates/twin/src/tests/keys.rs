//! Keys of storage accounts and of Event Hubs, and what services fill in.

use serde_json::Value;

use super::{Lab, SUB};

const ACCOUNT: &str = "rg1/providers/Microsoft.Storage/storageAccounts/stor1";
const NAMESPACE: &str = "rg1/providers/Microsoft.EventHub/namespaces/eh-first1";

impl Lab {
    async fn ask(&mut self, method: &str, of: &str, version: &str, body: &str) -> (u16, Value) {
        let token = format!("Bearer {}", self.token("https://management.azure.com/").await);
        let target = format!("/subscriptions/{SUB}/resourceGroups/{of}?api-version={version}");
        let answer = self.send("management.azure.com", method, &target, &[("authorization", &token)], body).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    async fn with_account(&mut self) {
        self.ask("PUT", "rg1", "2020-06-01", r#"{"location": "westus2"}"#).await;
        let body = r#"{"location": "westus2", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}"#;
        assert_eq!(self.ask("PUT", ACCOUNT, "2023-01-01", body).await.0, 202);
        self.clock.advance(std::time::Duration::from_millis(40));
    }

    async fn storage_keys(&mut self) -> [String; 2] {
        let (status, answer) = self.ask("POST", &format!("{ACCOUNT}/listKeys"), "2023-01-01", "").await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(
            (&answer["keys"][0]["keyName"], &answer["keys"][1]["permissions"]),
            (&"key1".into(), &"FULL".into())
        );
        [0, 1].map(|index| answer["keys"][index]["value"].as_str().expect("a key").to_string())
    }
}

#[tokio::test]
async fn keys_of_an_account_stay_until_they_are_made_anew() {
    let mut lab = Lab::new().await;
    lab.with_account().await;
    let first = lab.storage_keys().await;
    assert_eq!((first[0].len(), first[0] == first[1]), (88, false));

    let mut again = Lab::over(lab.space.clone(), lab.clock.clone(), 7).await;
    assert_eq!(again.storage_keys().await, first, "after a restart");

    let anew = format!("{ACCOUNT}/regenerateKey");
    assert_eq!(lab.ask("POST", &anew, "2023-01-01", r#"{"keyName": "key2"}"#).await.0, 200);
    let second = lab.storage_keys().await;
    assert_eq!((second[0] == first[0], second[1] == first[1]), (true, false));
    let (status, answer) = lab.ask("POST", &anew, "2023-01-01", r#"{"keyName": "key9"}"#).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &"BadRequest".into()));

    let tags = r#"{"tags": {"a": "b"}}"#;
    assert_eq!(lab.ask("PATCH", ACCOUNT, "2023-01-01", tags).await.0, 200);
    assert_eq!(lab.storage_keys().await, second, "a change of the account is none of its keys");

    assert_eq!(lab.ask("DELETE", ACCOUNT, "2023-01-01", "").await.0, 200);
    assert_eq!(lab.ask("POST", &format!("{ACCOUNT}/listKeys"), "2023-01-01", "").await.0, 404);
    lab.with_account().await;
    assert_ne!(lab.storage_keys().await[0], first[0], "another account of the same name");
}

#[tokio::test]
async fn an_account_has_what_azure_fills_in() {
    let mut lab = Lab::new().await;
    lab.with_account().await;
    let (_, account) = lab.ask("GET", ACCOUNT, "2021-04-01", "").await;
    // The members that the recording Test_Storage_StorageAccount_CRUD has for the same request.
    let mut names: Vec<&String> = account["properties"].as_object().expect("properties").keys().collect();
    names.sort();
    let recorded = [
        "accessTier",
        "creationTime",
        "encryption",
        "keyCreationTime",
        "networkAcls",
        "primaryEndpoints",
        "primaryLocation",
        "privateEndpointConnections",
        "provisioningState",
        "statusOfPrimary",
        "supportsHttpsTrafficOnly",
    ];
    assert_eq!(names, recorded);
    assert_eq!(account["sku"]["tier"], "Standard");
    let endpoints = &account["properties"]["primaryEndpoints"];
    assert_eq!(endpoints["web"], "https://stor1.z5.web.core.windows.net/");
    assert_eq!(endpoints["blob"], "https://stor1.blob.core.windows.net/");
}

#[tokio::test]
async fn a_database_server_is_made_with_its_host_name_and_without_its_password() {
    let server = "rg1/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-first1";
    let mut lab = Lab::new().await;
    lab.ask("PUT", "rg1", "2020-06-01", r#"{"location": "westus2"}"#).await;
    let body = r#"{
        "location": "westus2", "sku": {"name": "Standard_D4s_v3", "tier": "GeneralPurpose"},
        "properties": {"version": "16", "administratorLogin": "me", "administratorLoginPassword": "hidden-1"}
    }"#;
    assert_eq!(lab.ask("PUT", server, "2024-08-01", body).await.0, 202);
    lab.clock.advance(std::time::Duration::from_millis(40));
    let (status, shown) = lab.ask("GET", server, "2024-08-01", "").await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!(shown["properties"]["fullyQualifiedDomainName"], "pg-first1.postgres.database.azure.com");
    assert!(!shown.to_string().contains("hidden-1"), "{shown}");
    let database = format!("{server}/databases/db1");
    assert_eq!(lab.ask("PUT", &database, "2024-08-01", r#"{"properties": {"charset": "utf8"}}"#).await.0, 202);
    assert_eq!(lab.ask("GET", &database, "2024-08-01", "").await.1["properties"]["charset"], "utf8");
}

#[tokio::test]
async fn rules_of_event_hubs_have_connection_strings() {
    let mut lab = Lab::new().await;
    lab.ask("PUT", "rg1", "2020-06-01", r#"{"location": "westus2"}"#).await;
    let body = r#"{"location": "westus2", "sku": {"name": "Standard"}}"#;
    assert_eq!(lab.ask("PUT", NAMESPACE, "2024-01-01", body).await.0, 201);
    lab.clock.advance(std::time::Duration::from_millis(40));
    let rule = format!("{NAMESPACE}/eventhubs/hub1/authorizationRules/send");
    let rights = r#"{"properties": {"rights": ["Send"]}}"#;
    let made = lab.ask("PUT", &format!("{NAMESPACE}/eventhubs/hub1"), "2024-01-01", "{}").await;
    assert_eq!(made.0, 200, "{}", made.1);
    assert_eq!(lab.ask("PUT", &rule, "2024-01-01", rights).await.0, 200);

    let root = format!("{NAMESPACE}/authorizationRules/RootManageSharedAccessKey");
    assert_eq!(lab.ask("GET", &root, "2024-01-01", "").await.0, 200, "it comes with the namespace");
    let (_, keys) = lab.ask("POST", &format!("{root}/listKeys"), "2024-01-01", "").await;
    let key = keys["primaryKey"].as_str().expect("a key");
    assert_eq!(
        keys["primaryConnectionString"],
        format!(
            "Endpoint=sb://eh-first1.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey={key}"
        )
    );
    let (_, of_hub) = lab.ask("POST", &format!("{rule}/listKeys"), "2024-01-01", "").await;
    assert!(of_hub["secondaryConnectionString"].as_str().is_some_and(|text| text.ends_with(";EntityPath=hub1")));
    assert_ne!(of_hub["primaryKey"], keys["primaryKey"]);

    let anew = format!("{rule}/regenerateKeys");
    let (_, after) = lab.ask("POST", &anew, "2024-01-01", r#"{"keyType": "PrimaryKey"}"#).await;
    assert_ne!(after["primaryKey"], of_hub["primaryKey"]);
    assert_eq!(after["secondaryKey"], of_hub["secondaryKey"]);
    let own = r#"{"keyType": "PrimaryKey", "key": "mine"}"#;
    assert_eq!(lab.ask("POST", &anew, "2024-01-01", own).await.0, 501, "refused by name");
}

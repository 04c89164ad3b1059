//! The commands of the workshop's steps 1 and 2, and the one that looks at Sample 2's group, by the number of their block in
//! workshop.toml. Where the text lies beside the checkout, a test holds them to it, word for word.

/// The block of that number.
///
/// # Panics
/// When it is not one of these.
pub(super) fn block(number: usize) -> &'static str {
    BLOCKS.iter().find(|(of, _)| *of == number).map(|(_, text)| *text).expect("a block of steps 1 and 2")
}

pub(super) const BLOCKS: &[(usize, &str)] = &[
    (1, "mkdir aks-labs\ncd aks-labs"),
    (
        2,
        r#"cat <<EOF> .envrc
# Environment variables
export AZURE_SUBSCRIPTION_ID=$(az account show --query id -o tsv)
export AZURE_TENANT_ID=$(az account show --query tenantId -o tsv)

# AKS
export AKS_CLUSTER_NAME="aks-labs"
export RESOURCE_GROUP="rg-aks-labs"
export LOCATION="westus3"
export MANAGED_IDENTITY_NAME="akspe"
EOF"#,
    ),
    (3, "source .envrc"),
    (4, "# Create resource group\naz group create --name ${RESOURCE_GROUP} --location ${LOCATION}"),
    (
        5,
        r"az aks create \
  --name ${AKS_CLUSTER_NAME} \
  --resource-group ${RESOURCE_GROUP} \
  --enable-managed-identity \
  --node-count 3 \
  --generate-ssh-keys \
  --enable-oidc-issuer \
  --enable-workload-identity",
    ),
    (
        6,
        r"az aks get-credentials \
  --name ${AKS_CLUSTER_NAME} \
  --resource-group ${RESOURCE_GROUP} \
  --file aks-labs.config",
    ),
    (7, "export KUBECONFIG=$PWD/aks-labs.config"),
    (
        8,
        r#"export AKS_OIDC_ISSUER_URL=$(az aks show \
  --resource-group ${RESOURCE_GROUP} \
  --name ${AKS_CLUSTER_NAME} \
  --query "oidcIssuerProfile.issuerUrl" \
  -o tsv)

az identity create \
  --name "${MANAGED_IDENTITY_NAME}" \
  --resource-group "${RESOURCE_GROUP}" \
  --location "${LOCATION}""#,
    ),
    (
        9,
        r#"export AZURE_CLIENT_ID=$(az identity show \
  --name "${MANAGED_IDENTITY_NAME}" \
  --resource-group "${RESOURCE_GROUP}" \
  --query "clientId" -o tsv)

export PRINCIPAL_ID=$(az identity show \
  --name "${MANAGED_IDENTITY_NAME}" \
  --resource-group "${RESOURCE_GROUP}" \
  --query "principalId" -o tsv)"#,
    ),
    (
        10,
        r#"echo "AZURE_SUBSCRIPTION_ID: $AZURE_SUBSCRIPTION_ID"
echo "AZURE_TENANT_ID: $AZURE_TENANT_ID"
echo "AZURE_CLIENT_ID: $AZURE_CLIENT_ID"
echo "PRINCIPAL_ID: $PRINCIPAL_ID""#,
    ),
    (
        11,
        r"echo export AKS_OIDC_ISSUER_URL=${AKS_OIDC_ISSUER_URL} >> .envrc
echo export AZURE_CLIENT_ID=${AZURE_CLIENT_ID} >> .envrc
echo export PRINCIPAL_ID=${PRINCIPAL_ID} >>  .envrc",
    ),
    (
        12,
        r#"az role assignment create \
  --assignee "${PRINCIPAL_ID}" \
  --role "Contributor" \
  --scope "/subscriptions/${AZURE_SUBSCRIPTION_ID}"

az role assignment create \
  --assignee "${PRINCIPAL_ID}" \
  --role "Managed Identity Operator" \
  --scope "/subscriptions/${AZURE_SUBSCRIPTION_ID}/resourceGroups/${IDENTITY_RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${IDENTITY_NAME}""#,
    ),
    (
        13,
        r#"az identity federated-credential create \
  --name "aks-labs-capz-manager-credential" \
  --identity-name "${MANAGED_IDENTITY_NAME}" \
  --resource-group "${RESOURCE_GROUP}" \
  --issuer "${AKS_OIDC_ISSUER_URL}" \
  --subject "system:serviceaccount:azure-infrastructure-system:capz-manager" \
  --audiences "api://AzureADTokenExchange""#,
    ),
    (
        14,
        r#"az identity federated-credential create \
  --name "serviceoperator" \
  --identity-name "${MANAGED_IDENTITY_NAME}" \
  --resource-group "${RESOURCE_GROUP}" \
  --issuer "${AKS_OIDC_ISSUER_URL}" \
  --subject "system:serviceaccount:azure-infrastructure-system:azureserviceoperator-default" \
  --audiences "api://AzureADTokenExchange""#,
    ),
    (49, "az group show -n my-rg-dev-app"),
];

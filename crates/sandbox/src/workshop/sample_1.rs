//! Sample 1: the Application of an AKS cluster, as the text's heredoc writes it once its variables are filled in.

use super::DEV_LOCATION;

pub const PATH: &str = "samples/sample-1/aks-argo-application.yaml";
/// `DEV_CLUSTER_NAME` of the text.
pub const CLUSTER: &str = "dev-cluster";

pub fn text(subscription_id: &str, tenant_id: &str, client_id: &str) -> String {
    format!(
        r#"apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: "{CLUSTER}"
  namespace: argocd
spec:
  project: default
  destination:
    namespace: default
    server: https://kubernetes.default.svc
  source:
    repoURL: 'https://mboersma.github.io/cluster-api-charts'
    chart: azure-aks-aso
    targetRevision: v0.4.2
    helm:
      valuesObject:
        clusterName: "{CLUSTER}"
        location: "{DEV_LOCATION}"
        subscriptionID: "{subscription_id}"
        clientID: "{client_id}"
        tenantID: "{tenant_id}"
        authMode: "workloadidentity"
        kubernetesVersion: v1.30.10
        clusterNetwork: "overlay"
        managedMachinePoolSpecs:
          pool0:
            count: 1
            enableAutoScaling: true
            enableEncryptionAtHost: false
            enableFIPS: false
            enableNodePublicIP: false
            enableUltraSSD: false
            maxCount: 3
            minCount: 1
            mode: System
            osSKU: AzureLinux
            vmSize: Standard_DS2_v2
            type: VirtualMachineScaleSets
  syncPolicy:
    automated:
      prune: true
      selfHeal: true
    syncOptions:
      - CreateNamespace=true
    retry:
      limit: -1
      backoff:
        duration: 5s
        factor: 2
        maxDuration: 10m
"#
    )
}

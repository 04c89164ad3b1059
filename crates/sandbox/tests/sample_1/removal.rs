//! Deletion: with and without Argo CD's finalizer, and where what it needs is gone before it.

use api::names::ObjectRef;
use expect_test::expect;

use crate::{
    report,
    world::{cluster, named, with_world},
};

#[test]
fn an_application_with_its_finalizer_takes_everything_along() {
    with_world(async |world| {
        world.commit_sample(true);
        world.rests().await;
        world.platform.twin().clear_request_log();
        world.commit_nothing();
        world
            .is(expect![[r#"
                no Application
                DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 202
                DELETE dev-cluster 2020-06-01 -> 202
                DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 404 ResourceGroupNotFound
                DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 404 ResourceGroupNotFound
            "#]])
            .await;
        world.is_silent().await;
    });
}

/// D24: the Application goes and what it made stays.
#[test]
fn an_application_without_leaves_everything_as_it_is() {
    with_world(async |world| {
        world.commit_sample(false);
        world.rests().await;
        world.platform.twin().clear_request_log();
        world.commit_nothing();
        world
            .is(expect![[r#"
                no Application
                Cluster/dev-cluster: Provisioned, Ready=True 
                MachinePool/dev-cluster-pool0: Running, Ready=True, 1/1 replicas
                MachinePool/dev-cluster-pool1: Running, Ready=True, 1/1 replicas
                AzureASOManagedControlPlane/dev-cluster: Ready=True, v1.30.10
                ResourceGroup/dev-cluster: Ready=True Succeeded
                ManagedCluster/dev-cluster: Ready=True Succeeded
                ManagedClustersAgentPool/dev-cluster-pool0: Ready=True Succeeded
                ManagedClustersAgentPool/dev-cluster-pool1: Ready=True Succeeded
                node of pool0: v1.30.10
                node of pool1: v1.30.10
            "#]])
            .await;
        world.is_silent().await;

        // Whoever then deletes the Cluster has it all deleted.
        world.delete(&cluster()).await;
        world.is(expect![[r#"
            no Application
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 202
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 404 ResourceNotFound
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 404 ResourceNotFound
            DELETE dev-cluster 2020-06-01 -> 202
        "#]]).await;
        world.is_silent().await;
    });
}

#[test]
fn a_credential_that_is_gone_first_is_what_deletion_waits_for() {
    with_world(async |world| {
        world.commit_sample(false);
        world.rests().await;
        world.platform.twin().clear_request_log();
        // Without the Application, which would bring it back.
        world.commit_nothing();
        world.rests().await;
        world.delete(&named("v1", "Secret", "aso-credentials")).await;
        world.delete(&cluster()).await;
        world
            .is(expect![[r#"
            no Application
            Cluster/dev-cluster: Deleting, Ready=False SecretNotFound, being deleted
            AzureASOManagedControlPlane/dev-cluster: Ready=False Deleting, v1.30.10, being deleted
            ResourceGroup/dev-cluster: Ready=False SecretNotFound
            ManagedCluster/dev-cluster: Ready=False SecretNotFound, being deleted
            ManagedClustersAgentPool/dev-cluster-pool0: Ready=False SecretNotFound
            ManagedClustersAgentPool/dev-cluster-pool1: Ready=False SecretNotFound
            node of pool0: v1.30.10
            node of pool1: v1.30.10
        "#]])
            .await;
        expect![[r#"
            Cluster/dev-cluster -n default: Deleting=True WaitingForControlPlaneDeletion
              Waiting for AzureASOManagedControlPlane to be deleted
            AzureASOManagedControlPlane/dev-cluster -n default: Ready=False Deleting
              Waiting for ManagedCluster/dev-cluster to be deleted; SecretNotFound: default/aso-credentials does not exist (credential secret not found: secrets "aso-credentials" not found)
            ManagedCluster/dev-cluster -n default: Ready=False SecretNotFound
              default/aso-credentials does not exist (credential secret not found: secrets "aso-credentials" not found)
            next: create the Secret that the message names, in the namespace of the object
        "#]]
        .assert_eq(&report::why_of(world, &cluster()).await);

        world.apply(world.credential()).await;
        world.is(expect![[r#"
            no Application
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 202
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 404 ResourceNotFound
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 404 ResourceNotFound
            DELETE dev-cluster 2020-06-01 -> 202
        "#]]).await;
        world.is_silent().await;
    });
}

/// Upstream the credential goes with the namespace's other Secrets, and the cluster can never be deleted.
#[test]
fn a_namespace_that_is_deleted_takes_its_cluster_along_and_its_credential_last() {
    with_world(async |world| {
        world.commit_sample(false);
        world.edit("namespace: default", "namespace: team");
        world.rests().await;
        world.platform.twin().clear_request_log();
        world.commit_nothing();
        world.rests().await;
        let team = ObjectRef { namespace: String::new(), ..named("v1", "Namespace", "team") };
        world.delete(&team).await;
        world.is(expect![[r#"
            no Application
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 202
            DELETE dev-cluster 2020-06-01 -> 202
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 404 ResourceGroupNotFound
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 404 ResourceGroupNotFound
        "#]]).await;
        assert_eq!(world.get(&team).await, None, "the namespace is gone");
        world.is_silent().await;
    });
}

/// A cluster that does not answer is no reason to keep it: its nodes are not asked for while it is deleted.
#[test]
fn a_cluster_that_does_not_answer_is_deleted_all_the_same() {
    with_world(async |world| {
        world.commit_sample(true);
        world.rests().await;
        world.stop_cluster().await;
        world.platform.twin().clear_request_log();
        world.commit_nothing();
        world.is(expect![[r#"
            no Application
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster 2023-10-01 -> 202
            DELETE dev-cluster 2020-06-01 -> 202
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool0 2023-10-01 -> 404 ResourceGroupNotFound
            DELETE dev-cluster/providers/Microsoft.ContainerService/managedClusters/dev-cluster/agentPools/pool1 2023-10-01 -> 404 ResourceGroupNotFound
        "#]]).await;
        world.is_silent().await;
    });
}

//! Sample 1 with some freedom: the Application of an AKS cluster and its pools.

use sandbox::workshop::sample_1::{self, CLUSTER};

use super::VERSIONS;
use crate::base::{SUBSCRIPTION, TENANT};

/// What the text's autoscaler may do to pool0.
pub(crate) const MOST: u64 = 3;
/// What the autoscaler of pool2 may do, where it has one.
const POOL_2: (u64, u64) = (1, 5);
const TEAM: &str = "team";

/// One state of Sample 1's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The same in the whole run: whether it has a namespace of its own.
    pub(crate) team: bool,
    /// Whether the Application takes along what it made.
    pub(crate) finalizer: bool,
    /// Of [`VERSIONS`]; it never falls, which Azure would refuse.
    pub(crate) version: usize,
    /// The autoscaler's lower bound of pool0, from 1 to [`MOST`].
    pub(crate) least: u64,
    /// The pool that the chart makes where nobody says otherwise.
    pub(crate) second: bool,
    pub(crate) third: Option<Pool>,
    /// Git says nothing of it any more, and what was made stays: there was no finalizer.
    pub(crate) left: bool,
}

/// A pool that the text does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    pub(crate) count: u64,
    /// By an autoscaler.
    pub(crate) scaled: bool,
}

impl Sample {
    /// As in the text.
    pub(crate) const TEXT: Self =
        Self { team: false, finalizer: false, version: 0, least: 1, second: true, third: None, left: false };
    pub(crate) const WHOLE: Self = Self { third: Some(Pool { count: 1, scaled: false }), ..Self::TEXT };

    pub(crate) fn namespace(&self) -> &'static str {
        if self.team { TEAM } else { "default" }
    }

    pub(crate) fn kubernetes_version(&self) -> &'static str {
        VERSIONS[self.version.min(VERSIONS.len() - 1)]
    }

    pub(crate) fn yaml(&self, client_id: &str) -> String {
        let text = sample_1::text(SUBSCRIPTION, TENANT, client_id);
        let pools = "        managedMachinePoolSpecs:\n";
        let more = format!("{pools}{}{}", self.second_yaml(), self.third_yaml());
        let finalizer = "  namespace: argocd\n";
        let with = format!("{finalizer}  finalizers: [resources-finalizer.argocd.argoproj.io]\n");
        [
            ("v1.30.10", format!("v{}", self.kubernetes_version())),
            // Azure refuses a new pool with less than its autoscaler's lower bound.
            ("count: 1", format!("count: {}", self.least)),
            ("minCount: 1", format!("minCount: {}", self.least)),
            ("namespace: default", format!("namespace: {}", self.namespace())),
            (pools, more),
            (finalizer, if self.finalizer { with } else { finalizer.into() }),
        ]
        .iter()
        .fold(text, |text, (from, to)| text.replacen(from, to, 1))
    }

    fn second_yaml(&self) -> &'static str {
        if self.second { "" } else { "          pool1: null\n" }
    }

    fn third_yaml(&self) -> String {
        let Some(Pool { count, scaled }) = self.third else { return String::new() };
        let (least, most) = POOL_2;
        let scaling = format!(
            "            enableAutoScaling: true\n            minCount: {least}\n            maxCount: {most}\n"
        );
        format!(
            "          pool2:\n            mode: User\n            count: {count}\n            vmSize: Standard_D4s_v5\n            \
             osSKU: AzureLinux\n            type: VirtualMachineScaleSets\n{}",
            if scaled { scaling } else { String::new() }
        )
    }

    /// Its pools, each with the least and the most nodes that it may have.
    pub(crate) fn pools(&self) -> Vec<(&'static str, u64, u64)> {
        let third = self.third.map(|pool| match pool.scaled {
            true => ("pool2", POOL_2.0, POOL_2.1),
            false => ("pool2", pool.count, pool.count),
        });
        // The chart gives its second pool one node, which its autoscaler may take away.
        let second = self.second.then_some(("pool1", 0, MOST));
        [Some(("pool0", self.least, MOST)), second, third].into_iter().flatten().collect()
    }

    /// The ids that Azure has then, in lower case.
    pub(super) fn resources(&self) -> Vec<String> {
        let groups = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups");
        let cluster = format!("{groups}/{CLUSTER}/providers/microsoft.containerservice/managedclusters/{CLUSTER}");
        let nodes = format!("{groups}/mc_{CLUSTER}_{CLUSTER}_eastus");
        let kubelet = format!("{nodes}/providers/microsoft.managedidentity/userassignedidentities/{CLUSTER}-agentpool");
        let pools = self.pools().into_iter().map(|(pool, ..)| format!("{cluster}/agentpools/{pool}"));
        pools.chain([format!("{groups}/{CLUSTER}"), cluster.clone(), nodes, kubelet]).collect()
    }
}

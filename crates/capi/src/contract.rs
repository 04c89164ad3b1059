//! Which version of a provider's kind a reference names: that of the CustomResourceDefinition's contract label.
//!
//! Upstream rewrites every reference to the newest version of the label. Here a reference that names any version of the label
//! stays as its author wrote it, so that Git and the cluster do not disagree for ever.

use std::collections::BTreeMap;

const LABEL: &str = "cluster.x-k8s.io/v1beta1";

/// The name of the definition of a kind, as Cluster API guesses it: English plurals.
pub(crate) fn definition_name(group: &str, kind: &str) -> String {
    let lower = kind.to_ascii_lowercase();
    let vowel = |letter: Option<char>| matches!(letter, Some('a' | 'e' | 'i' | 'o' | 'u'));
    let plural = if let Some(stem) = lower.strip_suffix('y').filter(|stem| !vowel(stem.chars().last())) {
        format!("{stem}ies")
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|end| lower.ends_with(end)) {
        format!("{lower}es")
    } else {
        format!("{lower}s")
    };
    format!("{plural}.{group}")
}

/// The version to use instead of `version`: itself when the label has it, else the newest of the label.
pub(crate) fn choose(definition: &str, labels: &BTreeMap<String, String>, version: &str) -> Result<String, String> {
    let list = labels.get(LABEL).map(String::as_str).unwrap_or_default();
    let mut versions: Vec<&str> = list.split('_').filter(|each| !each.is_empty()).collect();
    if versions.contains(&version) {
        return Ok(version.to_string());
    }
    versions.sort_by_key(|each| priority(each));
    versions.last().map(ToString::to_string).ok_or_else(|| {
        format!(
            "cannot find any versions matching contract \"{LABEL}\" for CRD {definition} as contract version label(s) are either missing or empty (see https://cluster-api.sigs.k8s.io/developer/providers/contracts.html#api-version-labels)"
        )
    })
}

/// Kubernetes' order of versions: stable before beta before alpha, then by number; anything else is older.
fn priority(version: &str) -> (u8, u32, u32) {
    let parse = || {
        let rest = version.strip_prefix('v')?;
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let major: u32 = rest[..digits].parse().ok()?;
        let stage = &rest[digits..];
        if stage.is_empty() {
            return Some((3, major, 0));
        }
        let (rank, number) = match stage.strip_prefix("beta") {
            Some(number) => (2, number),
            None => (1, stage.strip_prefix("alpha")?),
        };
        Some((rank, major, number.parse().ok()?))
    };
    parse().unwrap_or((0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_by_english_plurals() {
        let names = ["AzureASOManagedCluster", "AzureClusterIdentity", "HelmChartProxy", "ClusterClass", "Gateway"];
        let names: Vec<String> = names.iter().map(|kind| definition_name("g", kind)).collect();
        let wanted = [
            "azureasomanagedclusters.g",
            "azureclusteridentities.g",
            "helmchartproxies.g",
            "clusterclasses.g",
            "gateways.g",
        ];
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_reference_keeps_a_version_of_the_contract_and_takes_the_newest_otherwise() {
        let labels = |list: &str| BTreeMap::from([(LABEL.to_string(), list.to_string())]);
        assert_eq!(choose("d", &labels("v1alpha1_v1beta1"), "v1alpha1"), Ok("v1alpha1".into()));
        assert_eq!(choose("d", &labels("v1beta2_v1_v1alpha3"), "v1alpha1"), Ok("v1".into()));
        assert_eq!(choose("d", &labels("v1alpha1_v1beta1_v1beta2"), "v2"), Ok("v1beta2".into()));
        assert!(choose("d", &BTreeMap::new(), "v1").is_err_and(|text| text.contains("for CRD d as contract version")));
    }
}

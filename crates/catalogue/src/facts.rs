//! What Azure's type data lacks, per resource type: the name of the Kubernetes kind, flattening, references, secrets,
//! create-only properties, status codes. Kept by hand in `data/facts.toml`; every entry is a fact of Azure Service
//! Operator's or of Azure's published contracts.
//!
//! Paths are those of the ARM body: `properties.networkAcls.virtualNetworkRules[].id`, with `[]` for the items of a list
//! and `{}` for the values of a dictionary.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Facts {
    /// `Microsoft.KeyVault/vaults`
    pub arm: String,
    pub kind: String,
    /// Lower-case plural; empty means `kind` in lower case with the usual English plural.
    pub plural: String,
    /// The ARM api-versions that are served as Kubernetes versions.
    pub versions: Vec<String>,
    /// `group/Kind` of the parent, `any` for extension resources, `none` for what has no owner.
    pub owner: String,
    /// Objects whose members ASO lifts into the object around them.
    pub flatten: Vec<String>,
    /// The same, in the status only.
    pub flatten_status: Vec<String>,
    /// Strings that are ARM ids: they become `<name>Reference {group, kind, name, armId}`.
    pub references: Vec<String>,
    /// Names that a reference may use instead of an id (`wellKnownName: Contributor`), and what they stand for.
    pub well_known: BTreeMap<String, BTreeMap<String, String>>,
    /// Properties with a `<name>FromConfig {name, key}` beside them.
    pub config_map_inputs: Vec<String>,
    /// Secrets: `{name, key}` of a Kubernetes Secret in the spec, never in the status.
    pub secrets: Vec<String>,
    /// Our extension: a secret that may also stand in the object literally. A finding says so.
    pub literal_secrets: Vec<String>,
    /// Never returned by a GET, beyond what the type data marks.
    pub write_only: Vec<String>,
    /// A change needs a new resource.
    pub create_only: Vec<String>,
    /// Values of an enum that only ASO knows and acts on, never sent to Azure.
    pub operator_values: BTreeMap<String, Vec<String>>,
    /// `operatorSpec.secrets` members.
    pub operator_secrets: Vec<String>,
    /// `operatorSpec.configMaps` members and the status field that each exports.
    pub operator_config_maps: BTreeMap<String, String>,
    /// Status fields of further `operatorSpec.secrets` members; what is in neither table needs a request to Azure.
    pub export_paths: BTreeMap<String, String>,
    /// Further `operatorSpec.secrets` members, and where a POST action answers with each.
    pub secret_actions: BTreeMap<String, SecretAction>,
    /// Lists and dictionaries that a spec leaves out are sent as `null`, as upstream does for this group.
    pub explicit_collections: bool,
    /// Names of those that are sent empty instead, wherever they are: absent means "none" for them.
    pub explicit_empty_collections: Vec<String>,
    /// Lists whose items are child resources, too, and the property that names them: items that the body does not have
    /// belong to somebody else.
    pub child_lists: BTreeMap<String, String>,
    /// Properties that are Azure's own business while the boolean beside them is true.
    pub left_to_azure: BTreeMap<String, String>,
    /// A part of its owner: Azure refuses to touch it while the owner is being worked on, deletes it with the owner, and
    /// shows it in the owner.
    pub part_of_owner: bool,
    pub naming: Naming,
    /// The DNS suffix under which the name must be unique in all of Azure.
    pub global_name: Option<String>,
    /// How the verbs of the type answer.
    pub operations: Operations,
    /// Why real ASO has no such kind: set for our own extensions only.
    pub extension: Option<String>,
}

/// A POST to `{resource}/{action}`, and the string of its answer that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct SecretAction {
    /// `listKeys`, also of a child resource: `authorizationRules/RootManageSharedAccessKey/listKeys`
    pub action: String,
    /// A JSON pointer into the answer: `/keys/0/value`
    pub at: String,
    /// The answer has it in base64, of which a Secret needs no second layer.
    pub encoded: bool,
}

/// How `azureName` defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Naming {
    /// `metadata.name`
    #[default]
    MetadataName,
    /// A UUID (version 5) of name, namespace and owner: role assignments.
    Uuid,
}

/// Status codes and long-running operations, as Azure's own SDKs accept them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Operations {
    /// Status codes of a successful PUT; empty when unknown.
    pub put: Vec<u16>,
    pub put_long_running: bool,
    pub delete: Vec<u16>,
    pub delete_long_running: bool,
    /// Azure has no DELETE for it: it goes with its parent.
    pub no_delete: bool,
}

/// Who owns an object of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    None,
    /// Any Azure object, named with group and kind.
    Any,
    Kind {
        group: String,
        kind: String,
    },
}

impl Facts {
    /// `any`, `none`, or `group/Kind`; what is not readable counts as `none`.
    pub fn owner(&self) -> Owner {
        match self.owner.split_once('/') {
            Some((group, kind)) => Owner::Kind { group: group.into(), kind: kind.into() },
            None if self.owner == "any" => Owner::Any,
            None => Owner::None,
        }
    }

    /// The resource's name in URLs of the Kubernetes API.
    pub fn plural(&self) -> String {
        if !self.plural.is_empty() {
            return self.plural.clone();
        }
        let lower = self.kind.to_lowercase();
        match lower.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
            _ if lower.ends_with(['s', 'x']) => format!("{lower}es"),
            _ => format!("{lower}s"),
        }
    }

    /// Whether the path is one of those listed.
    pub fn lists(list: &[String], path: &str) -> bool {
        list.iter().any(|entry| entry == path)
    }

    /// A GET does not return it, or it must not be shown.
    pub fn is_secret(&self, path: &str) -> bool {
        Self::lists(&self.secrets, path) || Self::lists(&self.literal_secrets, path)
    }
}

/// `Microsoft.KeyVault/vaults` -> `keyvault.azure.com`
pub fn group_of(arm_type: &str) -> String {
    let provider = arm_type.split('/').next().unwrap_or_default().to_lowercase();
    format!("{}.azure.com", provider.strip_prefix("microsoft.").unwrap_or(&provider))
}

/// Both spellings of an ARM api-version as a Kubernetes version: `v1api20210401preview`, `v20210401preview`.
pub fn kubernetes_versions(api_version: &str) -> [String; 2] {
    let compact = api_version.replace('-', "");
    [format!("v1api{compact}"), format!("v{compact}")]
}

/// The ARM api-version without dashes that a Kubernetes version means, in either spelling; storage versions included.
pub fn compact_version(kubernetes_version: &str) -> Option<&str> {
    let rest = kubernetes_version.strip_prefix("v1api").or_else(|| kubernetes_version.strip_prefix('v'))?;
    let rest = rest.strip_suffix("storage").unwrap_or(rest);
    let date = rest.get(..8)?;
    date.bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)
}

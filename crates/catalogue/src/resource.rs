//! The catalogue itself: resource types by ARM name and by Kubernetes kind.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use regex::Regex;

use crate::{
    Function, Node, TypeRef,
    facts::{Facts, Owner, compact_version, group_of, kubernetes_versions},
    project::Levels,
};

/// Where resources of a type may be, as Azure's bit mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(pub u8);

impl Scopes {
    pub fn tenant(self) -> bool {
        self.0 & 1 != 0
    }
    pub fn management_group(self) -> bool {
        self.0 & 2 != 0
    }
    pub fn subscription(self) -> bool {
        self.0 & 4 != 0
    }
    pub fn resource_group(self) -> bool {
        self.0 & 8 != 0
    }
    /// Below any other resource: `{scope}/providers/...`.
    pub fn extension(self) -> bool {
        self.0 & 16 != 0
    }
}

/// A resource type at one api-version, as the type data has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// `Microsoft.KeyVault/vaults`, in Azure's own casing.
    pub arm_type: Arc<str>,
    pub api_version: Arc<str>,
    pub readable: Scopes,
    /// Empty for types that cannot be written.
    pub writable: Scopes,
    /// The body without `id`, `name`, `type` and `apiVersion`, which every resource has.
    pub body: TypeRef,
    /// The type of the name: its lengths, pattern, or the only name there is.
    pub name: Option<TypeRef>,
    /// POST actions with a response schema.
    pub functions: Vec<Function>,
}

/// A resource type at one api-version, with its facts where it is a Kubernetes kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    pub of: Type,
    /// `keyvault.azure.com`
    pub group: String,
    /// `None` for types that are known to Azure's side only.
    pub facts: Option<Arc<Facts>>,
}

impl std::ops::Deref for ResourceType {
    type Target = Type;

    fn deref(&self) -> &Type {
        &self.of
    }
}

impl ResourceType {
    pub fn kind(&self) -> Option<&str> {
        self.facts.as_ref().map(|facts| facts.kind.as_str())
    }

    pub fn plural(&self) -> Option<String> {
        self.facts.as_ref().map(|facts| facts.plural())
    }

    pub fn owner(&self) -> Owner {
        self.facts.as_ref().map_or(Owner::None, |facts| facts.owner())
    }

    /// `v1api20210401preview`, `v20210401preview`
    pub fn kubernetes_versions(&self) -> [String; 2] {
        kubernetes_versions(&self.api_version)
    }

    /// `Microsoft.KeyVault/vaults` for `Microsoft.KeyVault/vaults/secrets`; `None` for a top-level type.
    pub fn parent(&self) -> Option<&str> {
        let (parent, _) = self.arm_type.rsplit_once('/')?;
        parent.contains('/').then_some(parent)
    }

    /// The last segment of the type's name as it stands in ids: `secrets`.
    pub fn segment(&self) -> &str {
        self.arm_type.rsplit('/').next().unwrap_or_default()
    }
}

/// Azure's resource types. Immutable; built in ([`crate::builtin`]) or loaded by a user.
#[derive(Debug, Default)]
pub struct Catalogue {
    nodes: Vec<Node>,
    types: Vec<Type>,
    resources: Vec<ResourceType>,
    facts: Vec<Arc<Facts>>,
    /// By lower-case type name, in order of api-version.
    by_arm: BTreeMap<String, Vec<usize>>,
    /// By group and kind: indices of `facts`. The kind of an extension is another than that of its group's kinds.
    by_kind: BTreeMap<(String, String), usize>,
    /// Compiled patterns, as they are first needed.
    patterns: RwLock<BTreeMap<Arc<str>, Option<Regex>>>,
    /// Levels of objects, as walks along data first come by.
    pub(crate) levels: Levels,
}

impl Catalogue {
    pub(crate) fn new(nodes: Vec<Node>, types: Vec<Type>, facts: Vec<Facts>) -> Self {
        let facts: Vec<Arc<Facts>> = facts.into_iter().map(Arc::new).collect();
        let by_type: BTreeMap<String, Arc<Facts>> =
            facts.iter().map(|facts| (facts.arm.to_lowercase(), facts.clone())).collect();
        let mut catalogue = Self { nodes, facts, ..Self::default() };
        for (index, of) in types.iter().enumerate() {
            let lower = of.arm_type.to_lowercase();
            catalogue.resources.push(ResourceType {
                of: of.clone(),
                group: group_of(&of.arm_type),
                facts: by_type.get(&lower).cloned(),
            });
            catalogue.by_arm.entry(lower).or_default().push(index);
        }
        for (index, facts) in catalogue.facts.iter().enumerate() {
            catalogue.by_kind.insert((group_of(&facts.arm), facts.kind.clone()), index);
        }
        catalogue.types = types;
        catalogue
    }

    pub fn node(&self, of: TypeRef) -> &Node {
        self.nodes.get(of.0 as usize).unwrap_or(&Node::Any)
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// Facts of every Kubernetes kind, in the order of the data file.
    pub fn all_facts(&self) -> impl Iterator<Item = &Facts> {
        self.facts.iter().map(AsRef::as_ref)
    }

    /// Facts of one Kubernetes kind.
    pub fn facts(&self, group: &str, kind: &str) -> Option<&Arc<Facts>> {
        self.by_kind.get(&(group.to_string(), kind.to_string())).map(|index| &self.facts[*index])
    }

    /// Every kind of Kubernetes as (group, facts).
    pub fn kinds(&self) -> impl Iterator<Item = (String, &Facts)> {
        self.facts.iter().map(|facts| (group_of(&facts.arm), facts.as_ref()))
    }

    /// By Kubernetes names; the version in either spelling (`v1api20200601`, `v20200601`), or the storage version.
    pub fn resource_by_kind(&self, group: &str, version: &str, kind: &str) -> Option<&ResourceType> {
        let facts = self.facts(group, kind)?;
        let wanted = compact_version(version)?;
        let api_version = facts.versions.iter().find(|served| served.replace('-', "") == wanted)?;
        self.resource_by_arm(&facts.arm, api_version)
    }

    /// By ARM type and api-version, both in any casing.
    pub fn resource_by_arm(&self, arm_type: &str, api_version: &str) -> Option<&ResourceType> {
        let indices = self.by_arm.get(&arm_type.to_lowercase())?;
        let mut candidates = indices.iter().map(|index| &self.resources[*index]);
        candidates.find(|resource| resource.api_version.eq_ignore_ascii_case(api_version))
    }

    /// Every version of a type, oldest first.
    pub fn resources_by_arm(&self, arm_type: &str) -> impl Iterator<Item = &ResourceType> {
        let indices = self.by_arm.get(&arm_type.to_lowercase());
        indices.into_iter().flatten().map(|index| &self.resources[*index])
    }

    /// The api-versions of a type, oldest first; empty for an unknown type.
    pub fn api_versions(&self, arm_type: &str) -> Vec<&str> {
        self.resources_by_arm(arm_type).map(|resource| resource.of.api_version.as_ref()).collect()
    }

    /// The type names of a provider (`Microsoft.KeyVault`, in any casing), in Azure's casing, sorted.
    pub fn resource_types(&self, provider: &str) -> Vec<&str> {
        let prefix = format!("{}/", provider.to_lowercase());
        let of_provider = self.by_arm.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        of_provider.map(|(_, indices)| self.types[indices[0]].arm_type.as_ref()).collect()
    }

    /// The providers, in Azure's casing, sorted.
    pub fn providers(&self) -> Vec<&str> {
        let mut providers: Vec<&str> =
            self.types.iter().filter_map(|of| of.arm_type.split('/').next()).collect::<Vec<_>>();
        providers.sort_unstable();
        providers.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        providers
    }

    /// The compiled pattern; `None` for one that RE2-like engines cannot run.
    pub(crate) fn pattern(&self, pattern: &Arc<str>) -> Option<Regex> {
        let known = self.patterns.read().ok().and_then(|patterns| patterns.get(pattern).cloned());
        known.unwrap_or_else(|| {
            let compiled = Regex::new(pattern).ok();
            if let Ok(mut patterns) = self.patterns.write() {
                patterns.insert(pattern.clone(), compiled.clone());
            }
            compiled
        })
    }

    /// Whether the type exists in any api-version.
    pub fn knows(&self, arm_type: &str) -> bool {
        self.by_arm.contains_key(&arm_type.to_lowercase())
    }
}

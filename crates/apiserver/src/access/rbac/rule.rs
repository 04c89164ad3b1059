//! One policy rule: what it allows, and whether it covers another one. Matching follows upstream's `rbac/v1` helpers, so that
//! a rule grants here exactly what it grants there (`pods/*` grants nothing, `*/scale` and `*` do). Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::rest::RequestInfo;

const ALL: &str = "*";

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rule {
    pub(crate) verbs: Vec<String>,
    pub(crate) api_groups: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) resource_names: Vec<String>,
    pub(crate) non_resource_urls: Vec<String>,
}

/// As it is stored: a list may be absent or null, but a list of anything else than texts makes the rule unreadable.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    verbs: Option<Vec<String>>,
    api_groups: Option<Vec<String>>,
    resources: Option<Vec<String>>,
    resource_names: Option<Vec<String>>,
    #[serde(rename = "nonResourceURLs")]
    non_resource_urls: Option<Vec<String>>,
}

impl Rule {
    /// `None` for what cannot be read in full: half a rule could grant more than the whole one.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        let wire = Wire::deserialize(value).ok()?;
        Some(Self {
            verbs: wire.verbs.unwrap_or_default(),
            api_groups: wire.api_groups.unwrap_or_default(),
            resources: wire.resources.unwrap_or_default(),
            resource_names: wire.resource_names.unwrap_or_default(),
            non_resource_urls: wire.non_resource_urls.unwrap_or_default(),
        })
    }

    pub(crate) fn parse_all(list: &Value) -> Vec<Self> {
        list.as_array().map(|rules| rules.iter().filter_map(Self::parse).collect()).unwrap_or_default()
    }

    /// Everything on resources, or everything on other paths.
    pub(crate) fn everything() -> [Self; 2] {
        let all = || vec![ALL.to_string()];
        [
            Self { verbs: all(), api_groups: all(), resources: all(), ..Self::default() },
            Self { verbs: all(), non_resource_urls: all(), ..Self::default() },
        ]
    }

    pub(crate) fn allows(&self, request: &RequestInfo) -> bool {
        if !has(&self.verbs, &request.verb) {
            return false;
        }
        if !request.is_resource {
            return self.non_resource_urls.iter().any(|pattern| path_matches(pattern, &request.path));
        }
        has(&self.api_groups, &request.group)
            && self.resources.iter().any(|own| resource_matches(own, &request.resource, &request.subresource))
            && (self.resource_names.is_empty() || self.resource_names.contains(&request.name))
    }

    /// Whether everything that the atomic `other` allows is allowed by this rule alone.
    fn covers(&self, other: &Self) -> bool {
        let names = self.resource_names.is_empty()
            || (!other.resource_names.is_empty() && contains_all(&self.resource_names, &other.resource_names));
        (self.verbs.iter().any(|verb| verb == ALL) || contains_all(&self.verbs, &other.verbs))
            && (self.api_groups.iter().any(|group| group == ALL) || contains_all(&self.api_groups, &other.api_groups))
            && other.resources.iter().all(|resource| resource_covered(&self.resources, resource))
            && other.non_resource_urls.iter().all(|url| url_covered(&self.non_resource_urls, url))
            && names
    }

    /// One verb on one resource (of one name) or one path each.
    fn atoms(&self) -> Vec<Self> {
        let mut atoms = Vec::new();
        let one = |text: &String| vec![text.clone()];
        for verb in &self.verbs {
            for url in &self.non_resource_urls {
                atoms.push(Self { verbs: one(verb), non_resource_urls: one(url), ..Self::default() });
            }
            for group in &self.api_groups {
                for resource in &self.resources {
                    let atom =
                        Self { verbs: one(verb), api_groups: one(group), resources: one(resource), ..Self::default() };
                    if self.resource_names.is_empty() {
                        atoms.push(atom);
                        continue;
                    }
                    let named = |name| Self { resource_names: one(name), ..atom.clone() };
                    atoms.extend(self.resource_names.iter().map(named));
                }
            }
        }
        atoms
    }

    /// `{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`, as upstream's escalation message has it.
    fn describe(&self) -> String {
        let parts = [
            ("APIGroups", &self.api_groups),
            ("Resources", &self.resources),
            ("NonResourceURLs", &self.non_resource_urls),
            ("ResourceNames", &self.resource_names),
            ("Verbs", &self.verbs),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(name, list)| format!("{name}:{}", quoted(list)))
            .collect();
        format!("{{{}}}", parts.join(", "))
    }

    /// As it is stored.
    pub(crate) fn to_value(&self) -> Value {
        let mut rule = self.resource_rule();
        if !self.non_resource_urls.is_empty() {
            rule["nonResourceURLs"] = json!(self.non_resource_urls);
        }
        rule
    }

    /// As a rule of SelfSubjectRulesReview.
    pub(crate) fn resource_rule(&self) -> Value {
        let mut rule = json!({"verbs": self.verbs});
        for (field, list) in
            [("apiGroups", &self.api_groups), ("resources", &self.resources), ("resourceNames", &self.resource_names)]
        {
            if !list.is_empty() {
                rule[field] = json!(list);
            }
        }
        rule
    }
}

/// What of `wanted` nobody of `owned` covers, one line per kind of right, sorted; empty when everything is covered.
pub(crate) fn missing(owned: &[&Rule], wanted: &[Rule]) -> Vec<String> {
    let uncovered: Vec<Rule> =
        wanted.iter().flat_map(Rule::atoms).filter(|atom| !owned.iter().any(|rule| rule.covers(atom))).collect();
    let lines: BTreeSet<String> = compact(uncovered).iter().map(Rule::describe).collect();
    lines.into_iter().collect()
}

/// Puts the verbs of atoms that differ in nothing else together, in the order of their first appearance.
fn compact(atoms: Vec<Rule>) -> Vec<Rule> {
    let mut compacted: Vec<Rule> = Vec::new();
    for atom in atoms {
        let same = |rule: &&mut Rule| {
            atom.non_resource_urls.is_empty()
                && (&rule.api_groups, &rule.resources, &rule.resource_names, &rule.non_resource_urls)
                    == (&atom.api_groups, &atom.resources, &atom.resource_names, &atom.non_resource_urls)
        };
        match compacted.iter_mut().find(same) {
            Some(rule) => rule.verbs.extend(atom.verbs),
            None => compacted.push(atom),
        }
    }
    compacted
}

/// `["a" "b"]`, Go's `%q` of a list.
pub(crate) fn quoted(list: &[String]) -> String {
    let quoted: Vec<String> = list.iter().map(|text| format!("{text:?}")).collect();
    format!("[{}]", quoted.join(" "))
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|own| own == ALL || own == wanted)
}

fn contains_all(list: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|one| list.contains(one))
}

fn resource_matches(own: &str, resource: &str, subresource: &str) -> bool {
    if own == ALL {
        return true;
    }
    if subresource.is_empty() {
        return own == resource;
    }
    match own.split_once('/') {
        Some((parent, child)) => child == subresource && (parent == ALL || parent == resource),
        None => false,
    }
}

fn resource_covered(owned: &[String], wanted: &str) -> bool {
    let any_parent = wanted.split_once('/').map(|(_, child)| format!("*/{child}"));
    owned.iter().any(|own| own == ALL || own == wanted || Some(own) == any_parent.as_ref())
}

fn path_matches(pattern: &str, path: &str) -> bool {
    pattern == ALL || pattern == path || (pattern.ends_with('*') && path.starts_with(pattern.trim_end_matches('*')))
}

fn url_covered(owned: &[String], wanted: &str) -> bool {
    owned.iter().any(|own| path_matches(own, wanted))
}

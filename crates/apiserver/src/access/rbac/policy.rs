//! Roles and bindings of one moment, compiled: which rules apply to whom and where. Pure; the cache around it is
//! [`super::Authorizer`].

use std::collections::{BTreeMap, BTreeSet};

use api::ObjectExt;
use serde_json::Value;

use super::rule::Rule;
use crate::access::identity::{Identity, service_account_user};

/// The stored RBAC objects of one moment.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) roles: Vec<Value>,
    pub(crate) cluster_roles: Vec<Value>,
    pub(crate) role_bindings: Vec<Value>,
    pub(crate) cluster_role_bindings: Vec<Value>,
}

#[derive(Debug, Default)]
pub(crate) struct Policy {
    cluster_roles: BTreeMap<String, Vec<Rule>>,
    /// By namespace and name.
    roles: BTreeMap<(String, String), Vec<Rule>>,
    cluster_bindings: Vec<Binding>,
    bindings: BTreeMap<String, Vec<Binding>>,
}

#[derive(Debug)]
struct Binding {
    role: RoleRef,
    subjects: Vec<Subject>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoleRef {
    pub(crate) cluster: bool,
    pub(crate) name: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Subject {
    User(String),
    Group(String),
}

impl RoleRef {
    /// Out of a binding; `None` for a reference to anything but a role.
    pub(crate) fn of(binding: &Value) -> Option<Self> {
        let role = binding.get("roleRef")?;
        let cluster = match role.get("kind")?.as_str()? {
            "ClusterRole" => true,
            "Role" => false,
            _ => return None,
        };
        Some(Self { cluster, name: role.get("name")?.as_str()?.to_string() })
    }

    /// As upstream names a role that is not there.
    pub(crate) fn not_found(&self) -> String {
        let kind = if self.cluster { "clusterrole" } else { "role" };
        format!("{kind}.rbac.authorization.k8s.io {:?} not found", self.name)
    }
}

impl Binding {
    fn parse(object: &Value) -> Option<Self> {
        let subjects = object.get("subjects").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let namespace = object.namespace().unwrap_or_default();
        Some(Self {
            role: RoleRef::of(object)?,
            subjects: subjects.iter().filter_map(|subject| Subject::parse(subject, namespace)).collect(),
        })
    }

    fn applies_to(&self, identity: &Identity) -> bool {
        self.subjects.iter().any(|subject| match subject {
            Subject::User(user) => *user == identity.user,
            Subject::Group(group) => identity.is_in(group),
        })
    }
}

impl Subject {
    fn parse(subject: &Value, namespace: &str) -> Option<Self> {
        let name = subject.get("name")?.as_str()?;
        match subject.get("kind")?.as_str()? {
            "User" => Some(Self::User(name.to_string())),
            "Group" => Some(Self::Group(name.to_string())),
            "ServiceAccount" => {
                let own = subject.get("namespace").and_then(Value::as_str).filter(|own| !own.is_empty());
                let namespace = own.unwrap_or(namespace);
                // A cluster-wide binding has no namespace to fall back to: such a subject is nobody.
                (!namespace.is_empty()).then(|| Self::User(service_account_user(namespace, name)))
            }
            _ => None,
        }
    }
}

impl Policy {
    pub(crate) fn compile(stored: &Stored) -> Self {
        let mut policy = Self {
            cluster_roles: compile_cluster_roles(&stored.cluster_roles),
            cluster_bindings: stored.cluster_role_bindings.iter().filter_map(Binding::parse).collect(),
            ..Self::default()
        };
        for role in &stored.roles {
            if let (Some(namespace), Some(name)) = (role.namespace(), role.name()) {
                policy.roles.insert((namespace.to_string(), name.to_string()), Rule::parse_all(&role["rules"]));
            }
        }
        for object in &stored.role_bindings {
            if let (Some(namespace), Some(binding)) = (object.namespace(), Binding::parse(object)) {
                policy.bindings.entry(namespace.to_string()).or_default().push(binding);
            }
        }
        policy
    }

    /// Calls `visit` with every rule that applies to the identity, cluster-wide and (when a namespace is given) there, until
    /// it returns false. Returns what could not be resolved on the way.
    pub(crate) fn visit<'a>(
        &'a self,
        identity: &Identity,
        namespace: &str,
        mut visit: impl FnMut(&'a Rule) -> bool,
    ) -> Vec<String> {
        let mut errors = Vec::new();
        let local = self.bindings.get(namespace).filter(|_| !namespace.is_empty());
        for binding in self.cluster_bindings.iter().chain(local.into_iter().flatten()) {
            if !binding.applies_to(identity) {
                continue;
            }
            match self.rules(&binding.role, namespace) {
                None => errors.push(binding.role.not_found()),
                Some(rules) => {
                    for rule in rules {
                        if !visit(rule) {
                            return errors;
                        }
                    }
                }
            }
        }
        errors
    }

    /// Every rule that applies, and what could not be resolved.
    pub(crate) fn rules_for<'a>(&'a self, identity: &Identity, namespace: &str) -> (Vec<&'a Rule>, Vec<String>) {
        let mut rules = Vec::new();
        let errors = self.visit(identity, namespace, |rule| {
            rules.push(rule);
            true
        });
        (rules, errors)
    }

    pub(crate) fn rules(&self, role: &RoleRef, namespace: &str) -> Option<&[Rule]> {
        if role.cluster {
            return self.cluster_roles.get(&role.name).map(Vec::as_slice);
        }
        self.roles.get(&(namespace.to_string(), role.name.clone())).map(Vec::as_slice)
    }
}

/// Rules by name. What an aggregated role grants is worked out here and now, from the roles that its selectors choose; the
/// `rules` that are stored in it are for people to read.
fn compile_cluster_roles(objects: &[Value]) -> BTreeMap<String, Vec<Rule>> {
    let by_name: BTreeMap<&str, &Value> = objects.iter().filter_map(|role| Some((role.name()?, role))).collect();
    by_name.keys().map(|name| (name.to_string(), aggregate(name, &by_name))).collect()
}

/// The rules of one cluster role, aggregated through any number of levels.
pub(crate) fn aggregate(name: &str, roles: &BTreeMap<&str, &Value>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        let Some((&name, role)) = roles.get_key_value(name) else { continue };
        if !seen.insert(name) {
            continue;
        }
        let Some(selectors) = role.pointer("/aggregationRule/clusterRoleSelectors").and_then(Value::as_array) else {
            for rule in Rule::parse_all(&role["rules"]) {
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
            continue;
        };
        let chosen = |role: &Value| selectors.iter().any(|selector| selects(selector, role));
        open.extend(roles.iter().rev().filter(|(_, role)| chosen(role)).map(|(name, _)| *name));
    }
    rules
}

/// Aggregated roles whose stored `rules` do not say what they grant, with the rules that do.
pub(crate) fn outdated(roles: &[Value]) -> Vec<(String, Vec<Value>)> {
    let by_name: BTreeMap<&str, &Value> = roles.iter().filter_map(|role| Some((role.name()?, role))).collect();
    let aggregated = by_name.iter().filter(|(_, role)| role.pointer("/aggregationRule/clusterRoleSelectors").is_some());
    let differing = aggregated.filter_map(|(name, role)| {
        let rules = aggregate(name, &by_name);
        let differs = rules != Rule::parse_all(&role["rules"]) && role.deletion_timestamp().is_none();
        differs.then(|| (name.to_string(), rules.iter().map(Rule::to_value).collect()))
    });
    differing.collect()
}

/// Whether a `LabelSelector` chooses the object. A selector that cannot be read chooses nothing.
fn selects(selector: &Value, object: &Value) -> bool {
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    labels.is_none_or(|labels| labels.iter().all(|(key, value)| object.label(key) == value.as_str()))
        && expressions.is_none_or(|all| all.iter().all(|one| expression_holds(one, object) == Some(true)))
}

fn expression_holds(expression: &Value, object: &Value) -> Option<bool> {
    let label = object.label(expression.get("key")?.as_str()?);
    let listed = || {
        let values = expression.get("values")?.as_array()?;
        Some(values.iter().any(|value| value.as_str().is_some() && value.as_str() == label))
    };
    match expression.get("operator")?.as_str()? {
        "In" => listed(),
        "NotIn" => listed().map(|listed| !listed),
        "Exists" => Some(label.is_some()),
        "DoesNotExist" => Some(label.is_none()),
        _ => None,
    }
}

//! Helm 4's tree of failures, out of the flat list of ours: what one subschema says of one value stands together, references and
//! `allOf` get a line of their own, and a wrong type hides what else a subschema says.

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};

use super::words;

struct Node {
    at: String,
    text: String,
    rank: u8,
    below: Vec<Node>,
}

/// An error on its way down: the part of the schema that is left between here and its keyword.
struct Descent<'e, 'v> {
    error: &'e ValidationError<'v>,
    path: Vec<String>,
    /// Parts of the value's path that lead to where the descent is.
    depth: usize,
}

const GROUP: &str = "validation failed";

/// The lines below the chart's name.
pub(super) fn lines(errors: &[ValidationError<'_>]) -> String {
    let descents = errors.iter().map(|error| descend(error, 0, 0)).collect();
    let mut out = String::new();
    for node in subschema(descents) {
        write(&node, 0, &mut out);
    }
    out
}

fn descend<'e, 'v>(error: &'e ValidationError<'v>, skip: usize, depth: usize) -> Descent<'e, 'v> {
    let path = error.evaluation_path().as_str().split('/').skip(1 + skip).map(str::to_owned).collect();
    Descent { error, path, depth }
}

/// The pointer to the value, of so many parts.
fn pointer(error: &ValidationError<'_>, depth: usize) -> String {
    error.instance_path().as_str().split('/').skip(1).take(depth).map(|part| format!("/{part}")).collect()
}

/// What one subschema says of one value.
fn subschema(descents: Vec<Descent<'_, '_>>) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut below: Vec<(Vec<String>, Vec<Descent<'_, '_>>)> = Vec::new();
    for descent in descents {
        if descent.path.len() <= 1 {
            leaf(descent, &mut nodes);
            continue;
        }
        let taken = if has_operand(&descent.path) { 2 } else { 1 };
        let (step, rest) = (descent.path[..taken].to_vec(), descent.path[taken..].to_vec());
        let depth = descent.depth + usize::from(enters(&step[0]));
        // Items share a keyword: the value's path tells them apart.
        let mut key = step.clone();
        key.push(pointer(descent.error, depth));
        let next = Descent { path: rest, depth, ..descent };
        match below.iter_mut().find(|(known, _)| *known == key) {
            Some((_, descents)) => descents.push(next),
            None => below.push((key, vec![next])),
        }
    }
    let mut all_of: Option<usize> = None;
    for (key, descents) in below {
        let at = descents.first().map(|descent| pointer(descent.error, descent.depth)).unwrap_or_default();
        let inner = subschema(descents);
        match key[0].as_str() {
            "$ref" | "$dynamicRef" | "$recursiveRef" if inner.len() == 1 => nodes.extend(inner),
            "$ref" | "$dynamicRef" | "$recursiveRef" => nodes.push(group(at, inner, 9)),
            "allOf" => {
                let parent = *all_of.get_or_insert_with(|| {
                    nodes.push(Node { at: at.clone(), text: "'allOf' failed".to_owned(), rank: 11, below: Vec::new() });
                    nodes.len() - 1
                });
                nodes[parent].below.push(whole(at, inner, 0));
            }
            keyword => nodes.push(whole(at, inner, if enters(keyword) { 5 } else { 14 })),
        }
    }
    if let Some(hiding) = nodes.iter().position(|node| node.rank == 0) {
        nodes.swap(0, hiding);
        nodes.truncate(1);
    }
    nodes.sort_by(|a, b| {
        (a.rank, if a.rank == 5 { &a.at } else { "" }).cmp(&(b.rank, if b.rank == 5 { &b.at } else { "" }))
    });
    nodes
}

/// One failure, or the group of them.
fn whole(at: String, mut nodes: Vec<Node>, rank: u8) -> Node {
    match nodes.pop() {
        Some(mut one) if nodes.is_empty() => {
            one.rank = rank;
            one
        }
        Some(last) => {
            nodes.push(last);
            group(at, nodes, rank)
        }
        None => group(at, nodes, rank),
    }
}

fn group(at: String, below: Vec<Node>, rank: u8) -> Node {
    Node { at, text: GROUP.to_owned(), rank, below }
}

fn leaf(descent: Descent<'_, '_>, nodes: &mut Vec<Node>) {
    let error = descent.error;
    let at = error.instance_path().to_string();
    let rank = rank(error.kind());
    if let Kind::Required { property } = error.kind() {
        let name = words::quoted(property.as_str().unwrap_or_default());
        match nodes.iter_mut().find(|node| node.rank == rank && node.text.starts_with("missing propert")) {
            Some(node) => {
                let names = node.text.trim_start_matches("missing property ").trim_start_matches("missing properties ");
                node.text = format!("missing properties {names}, {name}");
            }
            None => nodes.push(Node { at, text: format!("missing property {name}"), rank, below: Vec::new() }),
        }
        return;
    }
    let skip = error.evaluation_path().as_str().split('/').skip(1).count() + 1;
    let depth = error.instance_path().as_str().split('/').skip(1).count();
    let branches: &[Vec<ValidationError<'_>>] = match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => context,
        _ => &[],
    };
    let branch = |errors: &Vec<ValidationError<'_>>| {
        let descents = errors.iter().map(|error| descend(error, skip, depth)).collect();
        whole(at.clone(), subschema(descents), 0)
    };
    let below = branches.iter().map(branch).collect();
    nodes.push(Node { at, text: words::helm4(error), rank, below });
}

/// Keywords that are followed by a name or an index.
fn has_operand(path: &[String]) -> bool {
    match path[0].as_str() {
        "properties" | "patternProperties" | "dependencies" | "dependentSchemas" | "allOf" | "anyOf" | "oneOf"
        | "prefixItems" => true,
        "items" => path[1].bytes().all(|byte| byte.is_ascii_digit()) && path.len() > 2,
        _ => false,
    }
}

/// Keywords whose schema is about a part of the value.
fn enters(keyword: &str) -> bool {
    matches!(
        keyword,
        "properties"
            | "patternProperties"
            | "additionalProperties"
            | "items"
            | "prefixItems"
            | "additionalItems"
            | "unevaluatedProperties"
            | "unevaluatedItems"
            | "contains"
    )
}

/// The order in which Helm's library looks; 0 ends a subschema.
fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Type { .. } | Kind::Constant { .. } | Kind::Enum { .. } | Kind::Format { .. } | Kind::FalseSchema => 0,
        Kind::MinProperties { .. } | Kind::MinItems { .. } | Kind::MinLength { .. } | Kind::Minimum { .. } => 1,
        Kind::MaxProperties { .. } | Kind::MaxItems { .. } | Kind::MaxLength { .. } | Kind::Maximum { .. } => 2,
        Kind::Required { .. } | Kind::UniqueItems | Kind::Pattern { .. } | Kind::ExclusiveMinimum { .. } => 3,
        Kind::ExclusiveMaximum { .. } => 4,
        Kind::AdditionalProperties { .. } | Kind::AdditionalItems { .. } | Kind::MultipleOf { .. } => 6,
        Kind::PropertyNames { .. } | Kind::Contains => 7,
        Kind::Not { .. } => 10,
        Kind::AnyOf { .. } => 12,
        Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => 13,
        _ => 15,
    }
}

fn write(node: &Node, indent: usize, out: &mut String) {
    out.push_str(&"  ".repeat(indent));
    out.push_str(&format!("- at {}: {}\n", words::quoted(&node.at), node.text));
    for below in &node.below {
        write(below, indent + 1, out);
    }
}

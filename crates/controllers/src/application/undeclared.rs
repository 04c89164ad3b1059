//! Fields that the kind does not have. Server-side apply refuses them; Argo CD, which applies as kubectl does on the client,
//! has them dropped. Here they are dropped too, each with a warning: the refusal names them, they are taken out, and the
//! apply is sent once more. Wording follows structured-merge-diff.

use serde_json::Value;

pub(super) const REFUSAL: &str = ": field not declared in schema";

/// One step of a path of structured-merge-diff: `.name`, `[0]`, `[name="x"]`.
#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    Index(usize),
    Keys(Vec<(String, Value)>),
}

/// Takes out what the refusal names and returns the paths as warnings name them; empty when the refusal is about something
/// else, or names what is not there.
pub(super) fn drop_undeclared(object: &mut Value, refusal: &str) -> Vec<String> {
    let mut dropped = Vec::new();
    for line in refusal.lines().filter_map(|line| line.split(REFUSAL).next().filter(|_| line.contains(REFUSAL))) {
        // The path is the last word: `failed to create typed patch object (ns/name; v1, Kind=X): .spec.owner.kind`.
        let Some(start) =
            line.find(": .").map(|at| at + 2).or_else(|| line.find('.').filter(|at| line[..*at].trim().is_empty()))
        else {
            continue;
        };
        let path = line[start..].trim();
        if let Some(steps) = parse(path)
            && remove(object, &steps)
        {
            dropped.push(path.trim_start_matches('.').to_string());
        }
    }
    dropped
}

fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(Step::Field(after[..end].to_string()));
            rest = &after[end..];
        } else {
            let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(match inside.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Keys(inside.split(',').map(key).collect::<Option<_>>()?),
            });
            rest = after;
        }
    }
    Some(steps)
}

fn key(text: &str) -> Option<(String, Value)> {
    let (name, value) = text.split_once('=')?;
    Some((name.to_string(), serde_json::from_str(value).ok()?))
}

fn remove(object: &mut Value, steps: &[Step]) -> bool {
    let Some((Step::Field(last), parents)) = steps.split_last() else { return false };
    let mut at = object;
    for step in parents {
        let next = match step {
            Step::Field(name) => at.get_mut(name),
            Step::Index(index) => at.get_mut(index),
            Step::Keys(keys) => {
                let items = at.as_array_mut();
                items.and_then(|items| {
                    items.iter_mut().find(|item| keys.iter().all(|(name, value)| item.get(name) == Some(value)))
                })
            }
        };
        let Some(next) = next else { return false };
        at = next;
    }
    at.as_object_mut().is_some_and(|map| map.remove(last).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::drop_undeclared;

    #[test]
    fn the_named_field_goes_and_nothing_else() {
        let mut object = json!({"spec": {"owner": {"name": "rg", "kind": "ResourceGroup"}}});
        let refusal = "failed to create typed patch object (ns/x; keyvault.azure.com/v1, Kind=Vault): .spec.owner.kind: field not declared in schema";
        assert_eq!(drop_undeclared(&mut object, refusal), ["spec.owner.kind"]);
        assert_eq!(object, json!({"spec": {"owner": {"name": "rg"}}}));
        assert!(drop_undeclared(&mut object, refusal).is_empty(), "it is gone already");
        assert!(drop_undeclared(&mut object, "some other error").is_empty());
    }

    #[test]
    fn several_fields_and_elements_of_lists() {
        let mut object = json!({"spec": {"a": 1, "containers": [{"name": "x", "b": 2}], "list": [{"c": 3}]}});
        let refusal = "failed to create typed patch object (ns/x; v1, Kind=Pod): errors:\n  .spec.a: field not declared in schema\n  \
                       .spec.containers[name=\"x\"].b: field not declared in schema\n  .spec.list[0].c: field not declared in schema";
        assert_eq!(
            drop_undeclared(&mut object, refusal),
            ["spec.a", "spec.containers[name=\"x\"].b", "spec.list[0].c"]
        );
        assert_eq!(object, json!({"spec": {"containers": [{"name": "x"}], "list": [{}]}}));
    }
}

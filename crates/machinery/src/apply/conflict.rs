//! A conflict of server-side apply: a field to be changed that another manager owns. Wording is upstream's; kubectl prints
//! it and users search for it.

use std::collections::BTreeMap;

use api::status::{Cause, Status};

use super::{
    managed::{Identity, Operation},
    path::{Path, print},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conflict {
    pub manager: Identity,
    pub path: Path,
}

/// 409 with one cause per field.
pub(super) fn status(conflicts: &[Conflict]) -> Status {
    let causes = conflicts.iter().map(|conflict| Cause {
        reason: "FieldManagerConflict".into(),
        message: format!("conflict with {}", describe(&conflict.manager)),
        field: print(&conflict.path),
    });
    Status::failure(409, "Conflict", message(conflicts)).with_causes(causes.collect())
}

fn message(conflicts: &[Conflict]) -> String {
    if let [only] = conflicts {
        let (manager, path) = (describe(&only.manager), print(&only.path));
        return format!("Apply failed with 1 conflict: conflict with {manager}: {path}");
    }
    let mut by_manager: BTreeMap<&Identity, Vec<String>> = BTreeMap::new();
    for conflict in conflicts {
        by_manager.entry(&conflict.manager).or_default().push(print(&conflict.path));
    }
    let mut lines = Vec::new();
    for (manager, paths) in by_manager {
        lines.push(format!("conflicts with {}:", describe(manager)));
        lines.extend(paths.into_iter().map(|path| format!("- {path}")));
    }
    format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
}

/// `"kubectl-client-side-apply" using apps/v1`, `"argocd" with subresource "status"`.
fn describe(manager: &Identity) -> String {
    let mut text = format!("{:?}", manager.manager);
    if !manager.subresource.is_empty() {
        text = format!("{text} with subresource {:?}", manager.subresource);
    }
    match manager.operation {
        Operation::Apply => text,
        Operation::Update => format!("{text} using {}", manager.api_version),
    }
}

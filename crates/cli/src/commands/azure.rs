//! `windlass azure twin|resources|types`: the twin alone, what it holds, and what it knows.

mod twin_alone;

use std::sync::Arc;

use serde::Serialize;

use crate::{
    args,
    data_dir::{self, DataDir},
    error::{Context, Error},
    exit::Exit,
    output, process,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    id: String,
    r#type: String,
    provisioning_state: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    r#type: String,
    /// `schema`, `lifecycle` or `behaviour`.
    fidelity: String,
    evidence: String,
    api_versions: Vec<String>,
}

pub(super) fn run(arguments: &args::Azure) -> Result<Exit, Error> {
    match arguments {
        args::Azure::Twin(twin) => twin_alone::run(twin),
        args::Azure::Resources { data_dir, output } => {
            let root = process::data_dir(data_dir.as_deref())?;
            let resources = super::runtime()?.block_on(resources(&DataDir::existing(&root)?))?;
            show_resources(&resources, *output)
        }
        args::Azure::Types { output } => show_types(*output),
    }
}

/// Reads a copy of the state: the directory must not be in use.
async fn resources(directory: &DataDir) -> Result<Vec<Resource>, Error> {
    let copy = store::Memory::load(&directory.store()).map_err(|error| {
        data_dir::store_error(format!("the state of {} cannot be read", directory.root().display()), &error)
    })?;
    let (keys, azure) = (directory.keys()?, directory.azure(&process::SystemEntropy)?);
    let (clock, entropy) = (Arc::new(process::SystemClock), Arc::new(process::SystemEntropy));
    let hash_key = directory.hash_key(&process::SystemEntropy)?;
    let options = sandbox::Options { hash_key, ..sandbox::Options::unreached(copy, clock, entropy, keys, azure) };
    let twin = sandbox::open_twin(&options).await.context("the twin cannot be read")?;
    let resource = |found: twin::ResourceView| Resource {
        id: found.id,
        r#type: found.kind,
        provisioning_state: found.provisioning_state,
    };
    Ok(twin.resources().into_iter().map(resource).collect())
}

fn show_resources(resources: &[Resource], format: output::Format) -> Result<Exit, Error> {
    if !output::structured(format, &resources)? {
        let row = |resource: &Resource| {
            vec![
                resource.r#type.clone(),
                resource.provisioning_state.clone().unwrap_or("-".into()),
                resource.id.clone(),
            ]
        };
        output::data(&output::table(&["TYPE", "STATE", "ID"], &resources.iter().map(row).collect::<Vec<_>>()));
    }
    Ok(Exit::Ok)
}

/// Types that the table does not name live by their schema and the lifecycle that all types share.
fn show_types(format: output::Format) -> Result<Exit, Error> {
    let catalogue = catalogue::builtin();
    let known = twin::fidelity();
    let names = catalogue.providers().into_iter().flat_map(|provider| catalogue.resource_types(provider));
    let describe = |name: &str| {
        let row = known.iter().find(|row| row.resource_type.eq_ignore_ascii_case(name));
        Type {
            r#type: name.to_string(),
            fidelity: row.map_or("lifecycle".to_string(), |row| row.level.as_str().to_string()),
            evidence: row.map(|row| row.evidence.to_string()).unwrap_or_default(),
            api_versions: catalogue.api_versions(name).into_iter().map(str::to_string).collect(),
        }
    };
    let types: Vec<Type> = names.map(describe).collect();
    if !output::structured(format, &types)? {
        let latest = |found: &Type| found.api_versions.last().cloned().unwrap_or_default();
        let row = |found: &Type| vec![found.r#type.clone(), found.fidelity.clone(), latest(found)];
        output::data(&output::table(&["TYPE", "FIDELITY", "LATEST"], &types.iter().map(row).collect::<Vec<_>>()));
    }
    Ok(Exit::Ok)
}

//! What `helm template` has and this has not, by name, with what to do instead.

use crate::{
    args::{self, RenderFormat},
    error::Error,
};

pub(super) fn check(arguments: &args::Render) -> Result<(), Error> {
    let (from, helm) = (&arguments.from, &arguments.of_helm);
    let output_dir = arguments.shown.output_dir.is_some();
    let refusals = [
        (
            from.dependency_update,
            "--dependency-update is not supported: a render changes no files",
            "run `helm dependency build` once; charts in charts/ are used as they are",
        ),
        (
            from.post_renderer.is_some() || !from.post_renderer_args.is_empty(),
            "--post-renderer is not supported: a render runs no program",
            "pipe the output instead: `windlass render ... | my-renderer`",
        ),
        (
            from.verify,
            "--verify is not supported: provenance files are not checked",
            "digests of repositories and registries are always checked",
        ),
        (
            helm.validate || helm.dry_run.as_deref() == Some("server"),
            "--dry-run=server and --validate are not supported: a render asks no cluster",
            "apply the output with `kubectl apply --dry-run=server -f -`",
        ),
        (
            helm.enable_dns,
            "--enable-dns is not supported: a render asks no name server",
            "without it getHostByName gives an empty text, as helm does; put the address into the values",
        ),
        (
            helm.insecure_skip_tls_verify,
            "--insecure-skip-tls-verify is not supported: certificates are always checked",
            "trust the server's authority with --ca-file FILE",
        ),
        (
            helm.registry_config.is_some(),
            "--registry-config is not supported: helm's credentials are not read",
            "use --username and --password, or WINDLASS_CHART_USERNAME and WINDLASS_CHART_PASSWORD",
        ),
        (
            helm.repository_config.is_some(),
            "--repository-config is not supported: names of `helm repo add` are not known",
            "name the repository with --repo URL",
        ),
        (
            helm.debug,
            "--debug is not supported: what is no YAML is not printed",
            "-v logs more; errors name the template's line",
        ),
        (
            output_dir && (arguments.unused || arguments.output != RenderFormat::Yaml),
            "--output-dir goes with manifests only, not with -o json or --unused",
            "leave one of the flags away",
        ),
    ];
    if let Some((_, what, instead)) = refusals.iter().find(|(given, ..)| *given) {
        return Err(Error::usage(*what).hint(*instead));
    }
    match helm.dry_run.as_deref() {
        None | Some("client" | "none" | "true" | "false" | "unset") => Ok(()),
        Some(other) => Err(Error::usage(format!("--dry-run is client or server, not {other}"))),
    }
}

//! Bad input: each case says what is wrong, and the rest goes on where it goes on in Argo CD.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{
    World,
    sync::{automated, config},
};
use crate::SourceFailureKind;

fn check_spec(spec: Value, expected: Expect) {
    let mut world = World::new(spec);
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.pass();
    assert!(!world.pass().contains('!'), "a refusal is written once");
    expected.assert_eq(&format!("{}\n{}", world.line(), world.conditions()));
}

#[test]
fn specs_that_are_not_supported_are_refused_by_name() {
    check_spec(
        json!({"project": "team"}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: Application referencing project team which does not exist
    "#]],
    );
    check_spec(
        json!({"destination": {"server": "https://other:6443"}}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: error getting cluster by server "https://other:6443": cluster "https://other:6443" not found; the only destination is https://kubernetes.default.svc
    "#]],
    );
    check_spec(
        json!({"destination": {"server": null, "name": "aks"}}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: there are no clusters with this name: aks
    "#]],
    );
    check_spec(
        json!({"destination": {"server": null}}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: Destination server missing from app spec
    "#]],
    );
    check_spec(
        json!({"source": {"path": null}}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: spec.source.repoURL and either spec.source.path or spec.source.chart are required
    "#]],
    );
    check_spec(
        json!({"source": {"chart": "azure-aks-aso", "path": null, "helm": {"version": "v2", "valueFiles": ["https://x/v.yaml"]}}}),
        expect![[r#"
            Unknown Unknown -: -
            InvalidSpecError: spec.source.helm.valueFiles: "https://x/v.yaml" is not supported yet: files are read from the source, not by URL
            InvalidSpecError: spec.source.helm.version: helm version 'v2' is not supported
        "#]],
    );
    check_spec(
        json!({"source": {"kustomize": {"namePrefix": "x"}, "plugin": {"name": "p"}}}),
        expect![[r#"
            Unknown Unknown -: -
            InvalidSpecError: spec.source.kustomize is not supported yet: kustomizations are not built; use a Helm chart or plain manifests in spec.source.path
            InvalidSpecError: spec.source.plugin is not supported yet: config management plugins are not run; use a Helm chart or plain manifests in spec.source.path
        "#]],
    );
    check_spec(
        json!({"source": {"path": "../up"}}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: app path outside root: spec.source.path "../up" must not contain `..`
    "#]],
    );
    check_spec(
        json!({"sources": [{"repoURL": "x", "path": "y"}]}),
        expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: spec.sources is not supported yet: use one spec.source
    "#]],
    );
}

#[test]
fn a_refused_spec_ends_a_waiting_operation() {
    let mut world = World::new(json!({"project": "team"}));
    world.edit_app(|app| app["operation"] = json!({"sync": {}}));
    world.pass();
    expect!["Unknown Unknown Error: InvalidSpecError: Application referencing project team which does not exist"]
        .assert_eq(&world.line());
    assert!(world.app().get("operation").is_none());
}

#[test]
fn sources_that_fail_say_why() {
    for (kind, expected) in [
        (
            SourceFailureKind::Denied,
            expect![[r#"
            ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.test/r.git says no
        "#]],
        ),
        (
            SourceFailureKind::Unreachable,
            expect![[r#"
            ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = failed to list refs: repository https://git.test/r.git says no
        "#]],
        ),
        (
            SourceFailureKind::RevisionMissing,
            expect![[r#"
            ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = unable to resolve 'main' to a commit SHA: repository https://git.test/r.git says no
        "#]],
        ),
        (
            SourceFailureKind::NotAllowed,
            expect![[r#"
            ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = repository https://git.test/r.git says no
        "#]],
        ),
    ] {
        let mut world = World::new(automated());
        world.failure = Some(kind);
        world.pass();
        expected.assert_eq(&world.conditions());
    }
}

#[test]
fn a_broken_file_stops_the_application_and_says_which() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.pass();
    world.commit(&[
        ("samples/a.yaml", &config("a", "two")),
        ("samples/bad.yaml", "apiVersion: v1\nkind: Secret\nmetadata: [\n"),
    ]);
    world.sleep(180);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00002
        ? kind ConfigMap
        ? live ConfigMap/a
        ! patch Application: comparison changed
        = Unknown Healthy Succeeded: successfully synced (all tasks run) | after 120s
    "#]]
    .assert_eq(&world.pass());
    expect![[r#"
        ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = FailedPrecondition desc = Failed to unmarshal "bad.yaml": failed to unmarshal manifest: document 1: error converting YAML to JSON: yaml: unclosed bracket '[' at line 3, column 11
    "#]].assert_eq(&world.conditions());
    assert!(!world.pass().contains('!'));
}

#[test]
fn an_unknown_kind_fails_the_sync_and_names_the_object() {
    let mut world = World::new(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}}}));
    let secret = "apiVersion: keyvault.azure.com/v1api20210401preview\nkind: Secret\nmetadata: {name: app-secret}\n";
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/s.yaml", secret)]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ConfigMap
        ? kind Secret
        ? tracked by app
        ? live ConfigMap/a
        ! patch Application: automated sync: OutOfSync
        ! patch Application: operation finished
        = OutOfSync Missing Failed: one or more synchronization tasks are not valid: The Kubernetes API could not find keyvault.azure.com/Secret for requested resource dest/app-secret. Make sure the "Secret" CRD is installed on the destination cluster. | after 120s
    "#]].assert_eq(&world.pass());
    expect![[r#"[{"health":{"status":"Missing"},"kind":"ConfigMap","name":"a","namespace":"dest","status":"OutOfSync","version":"v1"},{"group":"keyvault.azure.com","health":{"status":"Missing"},"kind":"Secret","name":"app-secret","namespace":"dest","status":"OutOfSync","version":"v1api20210401preview"}]"#]].assert_eq(&world.app()["status"]["resources"].to_string());
}

#[test]
fn a_plan_leaves_unknown_kinds_out_and_goes_on() {
    let mut world = World::new(automated());
    world.plans = true;
    let secret = "apiVersion: keyvault.azure.com/v1api20210401preview\nkind: Secret\nmetadata: {name: app-secret}\n";
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/s.yaml", secret)]);
    world.pass();
    expect![[r#"
        Synced Healthy Succeeded: successfully synced (all tasks run)
        ExcludedResourceWarning: Resource keyvault.azure.com/Secret app-secret is left out: the kind is not served
    "#]]
    .assert_eq(&format!("{}\n{}", world.line(), world.conditions()));
}

#[test]
fn a_missing_kind_may_be_skipped_by_option() {
    let mut world = World::new(
        json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}, "syncOptions": ["SkipDryRunOnMissingResource=true"]}}),
    );
    world.commit(&[
        ("samples/a.yaml", &config("a", "one")),
        ("samples/s.yaml", "apiVersion: x.io/v1\nkind: X\nmetadata: {name: x}\n"),
    ]);
    expect![[r#"
        ? live AppProject/default
        ? resolve main
        ? tree samples@a00001
        ? kind ConfigMap
        ? kind X
        ? tracked by app
        ? live ConfigMap/a
        ! patch Application: automated sync: OutOfSync
        ! apply ConfigMap/a: in Git and not in the cluster
        ! apply X/x: in Git and not in the cluster
          refused: the server could not find the requested resource
        ? dry run ConfigMap/a
        ! patch Application: operation finished
        = OutOfSync Healthy Failed: one or more objects failed to apply, reason: the server could not find the requested resource | after 120s
    "#]].assert_eq(&world.pass());
}

#[test]
fn an_unknown_field_is_pruned_with_a_warning() {
    let mut world = World::new(automated());
    world.prunes.push(("ResourceGroup", "owner"));
    world.commit(&[("samples/rg.yaml", super::sync::RG)]);
    world.pass();
    expect![[r#"
        UnknownFieldWarning: ResourceGroup/rg-dev-app -n dest: unknown field "spec.owner"
    "#]]
    .assert_eq(&world.conditions());
    expect![[r#""resourcegroup.resources.azure.com/rg-dev-app created. Warning: unknown field \"spec.owner\"""#]]
        .assert_eq(&world.app()["status"]["operationState"]["syncResult"]["resources"][0]["message"].to_string());
}

#[test]
fn hooks_of_deletion_and_options_warn() {
    let mut world =
        World::new(json!({"syncPolicy": {"automated": {}, "retry": {"limit": 0}, "syncOptions": ["Replace=true"]},
        "ignoreDifferences": [{"kind": "*", "jqPathExpressions": [".x"]}]}));
    let hook =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h, annotations: {argocd.argoproj.io/hook: PostDelete}}\n";
    let skipped =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: skipped, annotations: {argocd.argoproj.io/hook: Skip}}\n";
    world.commit(&[("samples/a.yaml", &[config("a", "one"), hook.into(), skipped.into()].join("---\n"))]);
    world.pass();
    expect![[r#"
        Synced Healthy Succeeded: successfully synced (all tasks run)
        UnsupportedOptionWarning: annotation argocd.argoproj.io/hook: PostDelete of ConfigMap/h has no effect: hooks of deletion are not run
        UnsupportedOptionWarning: spec.ignoreDifferences[0].jqPathExpressions is not supported and has no effect; use jsonPointers
        UnsupportedOptionWarning: sync option Replace=true in spec.syncPolicy.syncOptions is not supported and has no effect
    "#]].assert_eq(&format!("{}\n{}", world.line(), world.conditions()));
}

#[test]
fn repeated_objects_are_named_and_the_last_wins() {
    let mut world = World::new(automated());
    world.commit(&[("samples/a.yaml", &config("a", "one")), ("samples/b.yaml", &config("a", "two"))]);
    world.pass();
    expect![[r#"
        RepeatedResourceWarning: Resource /ConfigMap/dest/a appeared 2 times among application resources.
    "#]]
    .assert_eq(&world.conditions());
}

#[test]
fn a_restrictive_default_project_is_honoured_or_refused() {
    let project = |spec: Value| {
        let mut world = World::new(automated());
        world.put(json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "default", "namespace": "argocd"}, "spec": spec}));
        world.commit(&[("samples/a.yaml", &config("a", "one"))]);
        world.pass();
        format!("{}\n{}", world.line(), world.conditions())
    };
    let open = json!({"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}], "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]});
    expect![[r#"
        Synced Healthy Succeeded: successfully synced (all tasks run)
    "#]]
    .assert_eq(&project(open));
    expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: application destination server 'https://kubernetes.default.svc' and namespace 'dest' do not match any of the allowed destinations in project 'default'
        InvalidSpecError: application repo https://git.test/r.git is not permitted in project 'default'
    "#]].assert_eq(&project(
        json!({"sourceRepos": ["*", "!https://git.test/*"], "destinations": [{"server": "*", "namespace": "prod-*"}]}),
    ));
    expect![[r#"
        Unknown Unknown -: -
        InvalidSpecError: AppProject default: spec.syncWindows is not supported yet; remove it to let Applications sync
    "#]].assert_eq(&project(json!({"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}], "syncWindows": [{"kind": "deny"}]})));
}

#[test]
fn a_project_that_may_not_be_read_may_restrict() {
    let mut world = World::new(automated());
    world.project_denied = true;
    world.commit(&[("samples/a.yaml", &config("a", "one"))]);
    world.pass();
    expect![[r#"
        UnknownError: AppProject default cannot be read: appprojects.argoproj.io "default" is forbidden: no
    "#]]
    .assert_eq(&world.conditions());
}

#[test]
fn outside_of_the_control_namespace_a_project_must_allow_it() {
    let spec = crate::validate::validate;
    let object = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a", "namespace": "team"},
        "spec": {"project": "default", "source": {"repoURL": "u", "path": "p"}, "destination": {"name": "in-cluster"}}});
    let app = serde_json::from_value(object.clone()).unwrap();
    let env = crate::Env {
        now: jiff::Timestamp::UNIX_EPOCH,
        control_namespace: "argocd".into(),
        skip_unserved_kinds: false,
        track_values: false,
        polling: crate::Polling::default(),
    };
    let refused = spec(&object, &app, None, &env).unwrap_err();
    expect!["application 'a' in namespace 'team' is not permitted to use project 'default': list the namespace in spec.sourceNamespaces of the AppProject"].assert_eq(&refused[0].1);
    let project = json!({"spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}], "sourceNamespaces": ["te*"]}});
    assert_eq!(spec(&object, &app, Some(&project), &env).unwrap().instance, "team_a");
}

#[test]
fn no_application_however_odd_is_a_panic() {
    for odd in [
        json!({"spec": {"source": "text"}}),
        json!({"spec": null}),
        json!({"spec": {"syncPolicy": {"retry": {"limit": "x"}}}}),
        json!({"status": {"operationState": []}}),
    ] {
        let mut world = World::new(json!({}));
        world.edit_app(|app| super::world::merge(app, &odd));
        world.pass();
        assert!(!world.pass().contains('!'), "{odd}: {}", world.conditions());
    }
    let env = crate::Env {
        now: jiff::Timestamp::UNIX_EPOCH,
        control_namespace: String::new(),
        skip_unserved_kinds: false,
        track_values: false,
        polling: crate::Polling::default(),
    };
    for object in [Value::Null, json!([]), json!({}), json!({"metadata": 1})] {
        crate::decide(&crate::Observed { application: object, ..crate::Observed::default() }, &env);
    }
}

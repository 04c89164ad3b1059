//! The whole of an Application's pass as one total function: ask, compare, start or carry on a sync, write the status.
//!
//! Flow: deletion first; then the spec; then the comparison, which costs queries; then the operation slot. Each round ends with
//! queries, with actions and a wish to be asked again, or with the last write of the pass.
//!
//! Guarantees: no write when nothing changed; the first write of a sync records the request and everything it will touch before
//! anything is touched; the last one carries result, history and the new comparison together.

use std::time::Duration;

use actions::{Action, Decision, Outcome, Requeue};
use api::{
    ObjectExt,
    argoproj::{self, Application, Operation, REFRESH_ANNOTATION, Status},
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::Value;

use crate::{
    autosync::{Automation, automate},
    compare::{self, Against, Comparison, source::is_fixed},
    deletion,
    observed::{Env, Observed, Query},
    operation::{self, Step},
    recorded,
    status::{self, Slot},
    validate::{self, Finding, INVALID_SPEC, Validated},
    warnings::warnings,
};

/// The alpha annotation that takes an Application out of processing.
const SKIP_RECONCILE: &str = "argocd.argoproj.io/skip-reconcile";

/// What to look at, or what to do, for the Application in `observed`.
pub fn decide(observed: &Observed, env: &Env) -> Decision<Query> {
    let object = &observed.application;
    let app = match serde_json::from_value::<Application>(object.clone()) {
        Ok(app) => app,
        Err(error) => return unreadable(object, &error.to_string(), env),
    };
    if object.deletion_timestamp().is_some() {
        return deletion::decide(observed, &app, env);
    }
    if object.annotation(SKIP_RECONCILE) == Some("true") {
        return Decision::Do(Outcome::settled());
    }
    let project = project_reference(env);
    let Some(project) = observed.live.get(&project) else { return Decision::Need(vec![Query::Live(project)]) };
    let project = match project {
        Ok(project) => project.as_ref(),
        // What may not be read may restrict: to go on would be to ignore it.
        Err(status) => {
            let message = format!("AppProject default cannot be read: {}", status.message);
            return refuse(observed, &app, &[("UnknownError", message)], env);
        }
    };
    match validate::validate(object, &app, project, env) {
        Ok(spec) => pass(observed, &app, &spec, env),
        Err(findings) => refuse(observed, &app, &findings, env),
    }
}

fn project_reference(env: &Env) -> ObjectRef {
    let gvk = GroupVersionKind::new(argoproj::GROUP, argoproj::VERSION, "AppProject");
    ObjectRef::new(&gvk, env.control_namespace.clone(), "default")
}

/// An Application whose fields have wrong types: only possible where our definition is not the one that is installed.
fn unreadable(object: &Value, error: &str, env: &Env) -> Decision<Query> {
    let findings = [(INVALID_SPEC, format!("the Application cannot be read: {error}"))];
    let mut status = Status::default();
    status.sync.get_or_insert_default().status = "Unknown".into();
    status::set_conditions(&mut status.conditions, &findings, env.now);
    let known = object.pointer("/status/conditions/0/message").and_then(Value::as_str);
    if known == Some(findings[0].1.as_str()) {
        return Decision::Do(Outcome::settled());
    }
    let write = status::write(object, status, Slot::Keep, env.now, "the spec cannot be read");
    Decision::Do(Outcome::done(write.into_iter().collect(), Requeue::OnChange))
}

/// The spec is refused: say so, and end an operation that waits for it.
fn refuse(observed: &Observed, app: &Application, findings: &[Finding], env: &Env) -> Decision<Query> {
    let mut status = status::refused(app, findings, env.now);
    let mut slot = Slot::Keep;
    let mut requeue = Requeue::OnChange;
    if let Some(operation) = &app.operation {
        let mut app = app.clone();
        if !operation::is_in_progress(&app) {
            app.status.operation_state = Some(operation::started(operation, env.now));
        }
        let text = findings.iter().map(|(kind, message)| format!("{kind}: {message}")).collect::<Vec<_>>().join(";");
        match operation::look(observed, &app, Err(&text), None, env.now) {
            Step::Running(state, wait) => {
                status.operation_state = Some(*state);
                requeue = Requeue::After(wait);
            }
            Step::Finished(state) => {
                status.operation_state = Some(*state);
                slot = Slot::Clear;
            }
            // Without a spec there is nothing to look up and nothing to do.
            Step::Need(_) | Step::Act(_) => {}
        }
    }
    let write = status::write(&observed.application, status, slot, env.now, "spec refused");
    Decision::Do(Outcome::done(write.into_iter().collect(), requeue))
}

fn pass(observed: &Observed, app: &Application, spec: &Validated, env: &Env) -> Decision<Query> {
    let against = Against { source: spec.source.clone(), revision: revision(observed, app, spec, env) };
    let comparison = match compare::compare(observed, app, spec, &against) {
        Err(queries) => return Decision::Need(queries),
        Ok(comparison) => comparison,
    };
    let verdict = compare::verdict(&comparison, app);
    let mut findings = comparison.findings.clone();
    findings.extend(warnings(app, spec, &comparison));
    match &app.operation {
        Some(operation) => operate(observed, app, spec, env, operation, &comparison, &findings),
        None => {
            let automation = automate(app, spec, &comparison, &verdict, env.now);
            if let Automation::Refused(message) = &automation {
                findings.push(("SyncError", message.clone()));
            }
            let status = status::compared(app, &comparison, verdict, &findings, &env.control_namespace, env.now);
            begin(observed, env, automation, status)
        }
    }
}

/// The revision to compare with: what the spec names when its source has to be asked, else the one of the last comparison.
fn revision(observed: &Observed, app: &Application, spec: &Validated, env: &Env) -> String {
    let source = &spec.source;
    let named = if source.target_revision.is_empty() { "HEAD".to_string() } else { source.target_revision.clone() };
    let refresh = observed.application.annotation(REFRESH_ANNOTATION).is_some();
    // Once the source was asked in this pass, its answer holds for the rest of it.
    let asked = if source.chart.is_empty() {
        observed.resolved.contains_key(&(source.repo_url.clone(), named.clone()))
    } else {
        observed.versions.contains_key(&(source.repo_url.clone(), source.chart.clone()))
    };
    if refresh || asked || env.polling.is_due(env.now) {
        return named;
    }
    let last = app.status.sync.as_ref().filter(|sync| recorded::is(sync.compared_to.source.as_ref(), source));
    last.map(|sync| sync.revision.clone()).filter(|revision| is_fixed(source, revision)).unwrap_or(named)
}

/// No operation is there: write the comparison, and start a sync with the same write where automation wants one.
fn begin(observed: &Observed, env: &Env, automation: Automation, mut status: Status) -> Decision<Query> {
    let object = &observed.application;
    match automation {
        Automation::Start(operation) => {
            status.operation_state = Some(operation::started(&operation, env.now));
            let write = status::write(object, status, Slot::Set(operation), env.now, "automated sync: OutOfSync");
            Decision::Do(Outcome::again(write.into_iter().collect()))
        }
        Automation::After(wait) => end(observed, env, status, Slot::Keep, Some(wait)),
        Automation::Nothing | Automation::Refused(_) => end(observed, env, status, Slot::Keep, None),
    }
}

fn operate(
    observed: &Observed,
    app: &Application,
    spec: &Validated,
    env: &Env,
    operation: &Operation,
    comparison: &Comparison,
    findings: &[Finding],
) -> Decision<Query> {
    let compared = |app: &Application| {
        let verdict = compare::verdict(comparison, app);
        status::compared(app, comparison, verdict, findings, &env.control_namespace, env.now)
    };
    if !operation::is_in_progress(app) {
        let mut status = compared(app);
        status.operation_state = Some(operation::started(operation, env.now));
        let write = status::write(&observed.application, status, Slot::Keep, env.now, "operation requested");
        return Decision::Do(Outcome::again(write.into_iter().collect()));
    }
    match operation::look(observed, app, Ok(spec), Some(comparison), env.now) {
        Step::Need(queries) => Decision::Need(queries),
        Step::Act(actions) => Decision::Do(Outcome::again(actions)),
        Step::Running(state, wait) => {
            let mut status = compared(app);
            status.operation_state = Some(*state);
            end(observed, env, status, Slot::Keep, Some(wait))
        }
        Step::Finished(state) => {
            let mut app = app.clone();
            app.status.history = operation::record(&app, &state, env.now);
            app.status.operation_state = Some(*state);
            end(observed, env, compared(&app), Slot::Clear, None)
        }
    }
}

/// The last write of a pass, if there is anything to write, and when to look again.
fn end(observed: &Observed, env: &Env, status: Status, slot: Slot, wait: Option<Duration>) -> Decision<Query> {
    let reason = match &slot {
        Slot::Clear => "operation finished",
        Slot::Keep | Slot::Set(_) => "comparison changed",
    };
    let write: Vec<Action> = status::write(&observed.application, status, slot, env.now, reason).into_iter().collect();
    let soonest = [wait, env.polling.next(env.now)].into_iter().flatten().min();
    Decision::Do(Outcome::done(write, soonest.map_or(Requeue::OnChange, Requeue::After)))
}

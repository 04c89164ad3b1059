//! Everything that is said about a broken input, as text.

use actions::Finding;
use api::{condition, names::ObjectRef, text};
use controllers::why::why;
use sandbox::plan::Plan;
use serde_json::Value;

use crate::{
    support::stable,
    world::{self, Over, World, application},
};

/// `kubectl describe` of the Application and of Sample 2's objects, `why` of the Application, and the plan.
pub(crate) async fn of(world: &World, over: Over) -> String {
    let app = world.get(&application()).await.unwrap_or_default();
    let mut out = describe_application(&app);
    for target in [world::group(), world::vault(), world::secret()] {
        out += &describe_object(&target, world.get(&target).await.as_ref());
    }
    out += "--- why\n";
    let chain = why(&world.platform.admin(), &application()).await.expect("why answers");
    for cause in &chain.causes {
        out += &format!("{}: {}\n  {}\n", cause.subject, cause.says, cause.message);
    }
    out += &format!("next: {}\n", chain.next_step);
    if let Some(plan) = world.plan(over) {
        out += &describe_plan(&plan, world.good_plan());
    }
    stable(world.identity(), &out)
}

fn items<'a>(object: &'a Value, at: &str) -> impl Iterator<Item = &'a Value> {
    object.pointer(at).and_then(Value::as_array).into_iter().flatten()
}

fn describe_application(app: &Value) -> String {
    let mut out =
        format!("Application: {}, {}\n", text(app, "/status/sync/status"), text(app, "/status/health/status"));
    for condition in items(app, "/status/conditions") {
        out += &format!("  {}: {}\n", text(condition, "/type"), text(condition, "/message"));
    }
    let state = "/status/operationState";
    if !text(app, &format!("{state}/phase")).is_empty() {
        let (phase, message) = (text(app, &format!("{state}/phase")), text(app, &format!("{state}/message")));
        out += &format!("  operation {phase}: {message}\n");
    }
    for result in items(app, "/status/operationState/syncResult/resources") {
        let (kind, name) = (text(result, "/kind"), text(result, "/name"));
        out += &format!("    {kind}/{name} {}: {}\n", text(result, "/status"), text(result, "/message"));
    }
    out
}

fn describe_object(target: &ObjectRef, object: Option<&Value>) -> String {
    let name = format!("{}/{}", target.kind, target.name);
    let Some(object) = object else { return format!("{name}: not there\n") };
    let Some(ready) = condition::find(object, "Ready") else { return format!("{name}: no Ready condition\n") };
    let (status, severity) = (text(ready, "/status"), text(ready, "/severity"));
    let says = format!("{name}: Ready={status} {severity} {}", text(ready, "/reason")).replace("  ", " ");
    match text(ready, "/message") {
        "" => format!("{says}\n"),
        message => format!("{says}\n  {message}\n"),
    }
}

/// What the plan says beyond what it says about the sample as it should be.
fn describe_plan(plan: &Plan, good: &Plan) -> String {
    let mut out = format!("--- plan{}\n", if plan.partial { " (partial)" } else { "" });
    for app in &plan.applications {
        out += &format!("Application {}: {}, {}\n", app.name, app.sync, app.health);
        for message in &app.messages {
            out += &format!("  {message}\n");
        }
    }
    for left_out in &plan.not_planned {
        let object = left_out.object.as_ref().map(ObjectRef::to_string).unwrap_or_default();
        out += &format!("not planned: {} {object}: {}\n", left_out.file, left_out.why);
    }
    for request in plan.azure.iter().filter(|request| request.outcome.status >= 400) {
        let outcome = &request.outcome;
        out += &format!("refused: {} {}: {} {}\n", request.method.as_str(), request.id, outcome.status, outcome.error);
    }
    // What is said about every Application of the workshop is not news here.
    let usual = |code: &str| ["DefaultProject", "UnknownFieldWarning"].contains(&code);
    let news = |finding: &&Finding| !good.findings.contains(finding) && !usual(&finding.code);
    for finding in plan.findings.iter().filter(news) {
        out += &describe_finding(finding);
    }
    out
}

fn describe_finding(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ObjectRef::to_string).unwrap_or_default();
    let Finding { severity, code, field, message, fix, .. } = finding;
    format!("{severity:?} {code} {object} {field}: {message}\n  fix: {fix}\n").replace(" : ", ": ")
}

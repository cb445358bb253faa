//! Asking a person before a write is kept.
//!
//! Three ways, best first: the client is asked for a form in its next call (2026-07-28), it is
//! asked while the call runs (older clients that declared elicitation), or the person is sent to
//! where they can decide. There is no tool and no argument that confirms.

use std::collections::BTreeMap;
use std::time::Duration;

use kernel::RequestContext as Request;
use rmcp::RoleServer;
use rmcp::model::{
    CallToolResponse, CallToolResult, ElicitRequest, ElicitRequestParams, ElicitationAction,
    ElicitationSchema, ErrorData, InputRequest, InputRequests, InputRequiredResult, InputResponses,
    ProtocolVersion,
};
use rmcp::service::RequestContext;
use serde_json::Value;
use toolkit::{Decision, HeldCall, Outcome, ToolCall};

use super::result;
use crate::App;

/// The name of the question, and of its one field.
const CONFIRM: &str = "confirm";
/// How long a person may take over a form while the call waits.
const PATIENCE: Duration = Duration::from_secs(300);

/// Ask about a write that was just held.
pub(super) async fn ask(
    app: &App,
    request: &Request,
    call: &ToolCall,
    (held, receipt_id, cx): (&HeldCall, &str, &RequestContext<RoleServer>),
) -> Result<CallToolResponse, ErrorData> {
    let elicits = cx.client_capabilities().and_then(|it| it.elicitation);
    let forms = elicits.is_some_and(|it| it.form.is_some() || it.url.is_none());
    let stateless = cx
        .protocol_version()
        .is_some_and(|it| it.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
    match (forms, stateless) {
        (true, true) => form_to_fill(app, held, sealed(app, request, call, &held.id)),
        (true, false) => while_waiting(app, request, (held, receipt_id, cx)).await,
        (false, _) => Ok(result::held(app, held, receipt_id).into()),
    }
}

/// A client came back with a sealed state and, perhaps, its person's answer.
pub(super) async fn answered(
    app: &App,
    request: &Request,
    call: &ToolCall,
    (state, answers): (&str, Option<&InputResponses>),
) -> Result<CallToolResponse, ErrorData> {
    let held_id = app
        .sealer
        .open_sealed(state, &bound_to(request, call))
        .map_err(|it| ErrorData::invalid_params(it.to_string(), None))?;
    let answer = answers.and_then(|it| it.get(CONFIRM));
    let decision = match answer.map(|it| (it["action"].as_str(), it)) {
        Some((Some("accept"), it)) if it["content"][CONFIRM] == true => Decision::Confirm,
        Some((Some("accept" | "decline" | "cancel"), _)) => Decision::Decline,
        // No usable answer: ask again.
        _ => {
            return match app.executor.held(request, &held_id).await {
                Ok(held) => form_to_fill(app, &held, state.to_owned()),
                Err(error) => Ok(result::failed(&error, &request.request_id).into()),
            };
        }
    };
    Ok(decide(app, request, (&held_id, &call.name), decision).await.into())
}

async fn decide(
    app: &App,
    request: &Request,
    (held_id, tool): (&str, &str),
    decision: Decision,
) -> CallToolResult {
    match app.executor.decide(request, held_id, decision).await {
        Ok(Outcome::Done { output, receipt_id }) => result::done(app, tool, output, &receipt_id),
        Ok(Outcome::Held { held, .. }) => result::declined(&held.id),
        Err(error) => result::failed(&error, &request.request_id),
    }
}

/// Ask the client for its person's answer, with a state that only this call can bring back.
fn form_to_fill(app: &App, held: &HeldCall, state: String) -> Result<CallToolResponse, ErrorData> {
    let asked = InputRequest::Elicitation(ElicitRequest::new(form(app, held)?));
    let requests: InputRequests = BTreeMap::from([(CONFIRM.to_owned(), asked)]);
    let meta = result::meta(None);
    Ok(InputRequiredResult::new(Some(requests), Some(state)).with_meta(meta).into())
}

/// Ask while the call runs; a client that cannot after all leaves the write waiting.
async fn while_waiting(
    app: &App,
    request: &Request,
    (held, receipt_id, cx): (&HeldCall, &str, &RequestContext<RoleServer>),
) -> Result<CallToolResponse, ErrorData> {
    let asked = cx.peer.create_elicitation_with_timeout(form(app, held)?, Some(PATIENCE)).await;
    let decision = match asked {
        Ok(it) if it.action == ElicitationAction::Accept => match it.content {
            Some(content) if content[CONFIRM] == true => Decision::Confirm,
            _ => Decision::Decline,
        },
        Ok(it) if it.action == ElicitationAction::Decline => Decision::Decline,
        Ok(_) | Err(_) => return Ok(result::held(app, held, receipt_id).into()),
    };
    Ok(decide(app, request, (&held.id, &held.tool), decision).await.into())
}

fn form(app: &App, held: &HeldCall) -> Result<ElicitRequestParams, ErrorData> {
    let field = ElicitationSchema::builder()
        .required_bool_with(CONFIRM, |it| it.title("Keep this change").with_default(false))
        .build()
        .map_err(|it| ErrorData::internal_error(it, None))?;
    Ok(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: result::question(app, held),
        requested_schema: field,
    })
}

fn sealed(app: &App, request: &Request, call: &ToolCall, held_id: &str) -> String {
    app.sealer.seal(held_id, &bound_to(request, call))
}

/// Who asked for what: a state cannot be carried to another person or other arguments.
fn bound_to(request: &Request, call: &ToolCall) -> String {
    let who = &request.principal;
    format!("{}\n{}\n{}\n{}", who.tenant, who.user, call.name, sorted(&call.arguments))
}

/// JSON with its keys sorted: clients may send them in another order the second time.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let by_name: BTreeMap<&String, Value> =
                members.iter().map(|(name, member)| (name, sorted(member))).collect();
            by_name.into_iter().map(|(name, member)| (name.clone(), member)).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

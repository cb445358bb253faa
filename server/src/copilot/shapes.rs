//! The request shapes of `POST /copilot`, told apart by their keys and read into one [`Ask`].

use kernel::{Error, Result};
use orchestrator::Intent;
use serde_json::{Map, Value, json};
use toolkit::Decision;

/// What a client asks for, whichever shape it used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ask {
    pub(super) dialect: Dialect,
    pub(super) thread_id: Option<String>,
    pub(super) run_id: Option<String>,
    pub(super) workspace: Option<String>,
    pub(super) message: String,
    pub(super) intent: Option<Intent>,
    /// What the page shows: an object.
    pub(super) page: Value,
    /// What a person decided about writes that wait.
    pub(super) decisions: Vec<(String, Decision)>,
    pub(super) language: Option<String>,
}

impl Ask {
    /// Refuse what no turn can begin with.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field.
    pub(super) fn checked(self) -> Result<Self> {
        if self.message.chars().count() > LONGEST_MESSAGE {
            let reason = format!(
                "is longer than {LONGEST_MESSAGE} characters: shorten it, or add the text as a \
                 document"
            );
            return Err(Error::invalid("message", reason));
        }
        let silent = self.message.trim().is_empty();
        if silent && self.intent.is_none() && self.decisions.is_empty() {
            return Err(Error::invalid("message", "is empty: ask something"));
        }
        for (field, id) in [("threadId", &self.thread_id), ("runId", &self.run_id)] {
            if id.as_ref().is_some_and(|it| !is_id(it)) {
                let reason = "must be 1 to 100 of A-Z, a-z, 0-9, `_`, `-`, `.`";
                return Err(Error::invalid(field, reason));
            }
        }
        Ok(self)
    }
}

fn is_id(text: &str) -> bool {
    let fits = |it: u8| it.is_ascii_alphanumeric() || b"_-.".contains(&it);
    (1..=100).contains(&text.len()) && text.bytes().all(fits)
}

/// Which shape a client used, and so how it expects to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// AG-UI's `RunAgentInput`: a stream, unless JSON is asked for.
    AgUi,
    /// `{workspace, message, context}` or `{intent, args}`: JSON, unless a stream is asked for.
    Plain,
}

/// What a request body asks the door to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Request {
    Run(Box<Ask>),
    /// CopilotKit's `info`.
    Info,
    /// CopilotKit's `agent/stop`.
    Stop {
        run_id: String,
    },
}

/// A message longer than this is refused.
const LONGEST_MESSAGE: usize = 8_000;

/// Read a body.
///
/// # Errors
/// [`Error::Invalid`] naming the field, or listing the four shapes when none fits.
pub(super) fn read(body: &Value) -> Result<Request> {
    let Some(object) = body.as_object() else { return Err(no_shape()) };
    if let Some(method) = object.get("method") {
        return read_envelope(method, object);
    }
    let ask = if object.contains_key("threadId") && object.contains_key("runId") {
        read_agui(object)?
    } else if object.contains_key("message") || object.contains_key("intent") {
        read_plain(object)?
    } else {
        return Err(no_shape());
    };
    Ok(Request::Run(Box::new(ask.checked()?)))
}

fn no_shape() -> Error {
    Error::invalid(
        "body",
        "fits none of the four shapes: {\"threadId\", \"runId\", \"messages\"} (AG-UI), \
         {\"workspace\", \"message\", \"context\"}, {\"intent\", \"args\"}, or \
         {\"method\", \"params\", \"body\"} (CopilotKit)",
    )
}

fn read_envelope(method: &Value, object: &Map<String, Value>) -> Result<Request> {
    match method.as_str() {
        Some("info") => Ok(Request::Info),
        Some("agent/run" | "agent/connect") => match object.get("body") {
            Some(body) if body.get("method").is_none() => read(body),
            _ => Err(Error::invalid("body", "must be AG-UI's RunAgentInput")),
        },
        Some("agent/stop") => {
            let run_id = object.get("body").and_then(|it| it["runId"].as_str());
            let run_id =
                run_id.or_else(|| object.get("params").and_then(|it| it["runId"].as_str()));
            let missing = || Error::invalid("params.runId", "is required: the run to stop");
            Ok(Request::Stop { run_id: run_id.ok_or_else(missing)?.to_owned() })
        }
        _ => Err(Error::invalid(
            "method",
            "must be `info`, `agent/run`, `agent/connect` or `agent/stop`",
        )),
    }
}

fn read_agui(object: &Map<String, Value>) -> Result<Ask> {
    let mine = object.get("forwardedProps").map(|it| &it["qm"]).unwrap_or(&Value::Null);
    let messages = object.get("messages").and_then(Value::as_array);
    let last = messages.and_then(|it| it.iter().rev().find(|it| it["role"] == "user"));
    let intent = text(mine, "intent")
        .map(|name| Intent { name, args: mine.get("args").cloned().unwrap_or_default() });
    Ok(Ask {
        dialect: Dialect::AgUi,
        thread_id: string(object, "threadId")?,
        run_id: string(object, "runId")?,
        workspace: text(mine, "workspace"),
        message: match &intent {
            Some(_) => String::new(),
            None => last.map(|it| content(&it["content"])).unwrap_or_default(),
        },
        intent,
        page: page(object.get("context").unwrap_or(&Value::Null)),
        decisions: decisions(object.get("resume"))?,
        language: text(mine, "lang"),
    })
}

fn read_plain(object: &Map<String, Value>) -> Result<Ask> {
    let args = object.get("args").cloned().unwrap_or_else(|| json!({}));
    if !args.is_object() {
        return Err(Error::invalid("args", "must be an object of the intent's arguments"));
    }
    let intent = string(object, "intent")?.map(|name| Intent { name, args });
    Ok(Ask {
        dialect: Dialect::Plain,
        thread_id: string(object, "thread_id")?.or(string(object, "threadId")?),
        run_id: string(object, "run_id")?,
        workspace: string(object, "workspace")?,
        message: string(object, "message")?.unwrap_or_default(),
        intent,
        page: page(object.get("context").unwrap_or(&Value::Null)),
        decisions: Vec::new(),
        language: string(object, "lang")?,
    })
}

fn decisions(resume: Option<&Value>) -> Result<Vec<(String, Decision)>> {
    let Some(items) = resume.and_then(Value::as_array) else { return Ok(Vec::new()) };
    items
        .iter()
        .map(|item| {
            let id = item["interruptId"].as_str().ok_or_else(|| {
                Error::invalid("resume.interruptId", "is required: the interrupt being answered")
            })?;
            let approved = item["status"] == "resolved" && item["payload"]["approved"] == true;
            let decision = if approved { Decision::Confirm } else { Decision::Decline };
            Ok((id.to_owned(), decision))
        })
        .collect()
}

/// What the page shows: an object as it is, or AG-UI's list of described values merged into one.
fn page(context: &Value) -> Value {
    match context {
        Value::Object(_) => context.clone(),
        Value::Array(items) => {
            let mut merged = Map::new();
            for item in items {
                let Some(text) = item["value"].as_str() else { continue };
                if let Ok(Value::Object(object)) = serde_json::from_str(text) {
                    merged.extend(object);
                }
            }
            Value::Object(merged)
        }
        _ => json!({}),
    }
}

fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|it| it["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn text(object: &Value, key: &str) -> Option<String> {
    object[key].as_str().filter(|it| !it.is_empty()).map(str::to_owned)
}

fn string(object: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::invalid(key, "must be a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(body: &Value) -> Ask {
        match read(body).unwrap() {
            Request::Run(ask) => *ask,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn four_shapes_are_told_apart() {
        let agui = ask(&json!({ "threadId": "t1", "runId": "r1", "tools": [], "state": {},
            "messages": [{ "id": "1", "role": "user", "content": [{ "type": "text", "text": "hi" }] }],
            "context": [{ "description": "page", "value": "{\"lot\":\"L1\"}" }] }));
        assert_eq!((agui.message.as_str(), &agui.page), ("hi", &json!({ "lot": "L1" })));
        let plain =
            ask(&json!({ "workspace": "fsq", "message": "hi", "context": { "lot": "L1" } }));
        assert_eq!((plain.dialect, plain.workspace.as_deref()), (Dialect::Plain, Some("fsq")));
        let button = ask(&json!({ "intent": "fsq_trace_lot", "args": { "lot": "L1" } }));
        assert_eq!(button.intent.unwrap().args, json!({ "lot": "L1" }));
        let kit = ask(&json!({ "method": "agent/run", "body": { "threadId": "t", "runId": "r",
            "messages": [{ "id": "1", "role": "user", "content": "hi" }] } }));
        assert_eq!(kit.dialect, Dialect::AgUi);
        assert_eq!(read(&json!({ "method": "info" })).unwrap(), Request::Info);
    }

    #[test]
    fn other_bodies_are_refused_with_the_field_at_fault() {
        for (body, expected) in [
            (json!([]), "fits none of the four shapes"),
            (json!({ "text": "hi" }), "fits none of the four shapes"),
            (json!({ "message": 7 }), "`message` must be a string"),
            (json!({ "message": " " }), "`message` is empty"),
            (json!({ "intent": "x", "args": [] }), "`args` must be an object"),
            (
                json!({ "threadId": "a b", "runId": "r", "messages": [
                { "role": "user", "content": "x" }] }),
                "`threadId` must be",
            ),
            (json!({ "message": "x".repeat(8001) }), "`message` is longer than 8000"),
            (json!({ "method": "drop" }), "`method` must be"),
        ] {
            let text = read(&body).unwrap_err().to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn only_an_approved_resolution_confirms() {
        let body = |item: Value| json!({ "threadId": "t", "runId": "r", "resume": [item] });
        let decision = |item| ask(&body(item)).decisions[0].1;
        assert_eq!(
            decision(
                json!({ "interruptId": "h", "status": "resolved", "payload": { "approved": true } })
            ),
            Decision::Confirm
        );
        for item in [
            json!({ "interruptId": "h", "status": "resolved", "payload": { "approved": "true" } }),
            json!({ "interruptId": "h", "status": "resolved" }),
            json!({ "interruptId": "h", "status": "cancelled", "payload": { "approved": true } }),
        ] {
            assert_eq!(decision(item), Decision::Decline);
        }
    }
}

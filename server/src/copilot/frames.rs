//! Turn events as AG-UI 1.0 frames.
//!
//! Rendering is a fold from the first event, so frame N of a run is the same frame whenever it is
//! rendered: that is what makes a stream resumable by its number. The protocol's objects are
//! closed and take no `null`: our own words live in `metadata`, `CUSTOM` and `result`.

use orchestrator::{Decided, Ending, Start, Turn, TurnEvent};
use serde_json::{Value, json};
use toolkit::{HeldCall, ToolCall};

use super::reply;

/// Renders a run's events in order.
#[derive(Default)]
pub(super) struct Frames {
    turn: Turn,
    /// A text message has begun and not ended.
    speaking: bool,
}

impl Frames {
    /// The frames of the next event: none, one or several.
    pub(super) fn render(&mut self, event: &TurnEvent) -> Vec<Value> {
        self.turn.apply(event);
        match event {
            TurnEvent::Started(start) => vec![json!({ "type": "RUN_STARTED",
                "threadId": start.thread_id, "runId": start.run_id })],
            TurnEvent::Planned { planner, .. } => {
                let step = format!("plan:{planner}");
                vec![
                    json!({ "type": "STEP_STARTED", "stepName": step }),
                    json!({ "type": "STEP_FINISHED", "stepName": step }),
                ]
            }
            TurnEvent::Notice { code, text } => vec![custom(
                "qm.notice",
                &json!({
                "code": code, "text": text }),
            )],
            TurnEvent::ToolStarted { call, title } => self.tool_started(call, title),
            TurnEvent::ToolFinished { call_id, output, receipt_id } => {
                vec![self.tool_result(call_id, output, Some(receipt_id))]
            }
            TurnEvent::ToolFailed { call_id, problem } => {
                vec![self.tool_result(call_id, &json!(problem), None)]
            }
            TurnEvent::ToolHeld { .. } => Vec::new(),
            TurnEvent::Decided(decided) => self.decided(decided),
            TurnEvent::TextDelta { text } => self.speak(text),
            TurnEvent::Answered(answer) => {
                let mut frames = self.fall_silent(&json!({
                    "qm.citations": answer.citations }));
                if !answer.actions.is_empty() {
                    frames.push(custom("qm.suggestions", &json!(answer.actions)));
                }
                frames
            }
            TurnEvent::Finished { ending } => self.finished(*ending),
            TurnEvent::Failed { problem } => {
                let mut frames = self.fall_silent(&json!({}));
                frames.push(json!({ "type": "RUN_ERROR", "message": problem.detail,
                    "code": problem.r#type.trim_start_matches("/problems/") }));
                frames
            }
        }
    }

    fn start(&self) -> (&str, &str) {
        let start: Option<&Start> = self.turn.start.as_ref();
        start.map_or(("", ""), |it| (it.thread_id.as_str(), it.run_id.as_str()))
    }

    fn tool_call_id(&self, call_id: &str) -> String {
        format!("{}:{call_id}", self.start().1)
    }

    fn tool_started(&self, call: &ToolCall, title: &str) -> Vec<Value> {
        let id = self.tool_call_id(&call.id);
        vec![
            json!({ "type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": call.name,
                "metadata": { "qm.title": title } }),
            json!({ "type": "TOOL_CALL_ARGS", "toolCallId": id,
                "delta": call.arguments.to_string() }),
            json!({ "type": "TOOL_CALL_END", "toolCallId": id }),
        ]
    }

    fn tool_result(&self, call_id: &str, content: &Value, receipt: Option<&String>) -> Value {
        let id = self.tool_call_id(call_id);
        let mut frame = json!({ "type": "TOOL_CALL_RESULT", "messageId": format!("{id}:result"),
            "toolCallId": id, "role": "tool", "content": content.to_string() });
        if let Some(receipt) = receipt {
            frame["metadata"] = json!({ "qm.receipt": format!("/receipts/{receipt}") });
        }
        frame
    }

    /// A resumed run answers the call of the run that was interrupted, and no other.
    fn decided(&self, decided: &Decided) -> Vec<Value> {
        let Some(id) = &decided.tool_call_id else { return Vec::new() };
        let content = match (&decided.problem, &decided.output) {
            (Some(problem), _) => json!(problem),
            (None, Some(output)) => output.clone(),
            (None, None) => json!({ "declined": true }),
        };
        vec![json!({ "type": "TOOL_CALL_RESULT", "messageId": format!("{id}:result"),
            "toolCallId": id, "role": "tool", "content": content.to_string() })]
    }

    fn message_id(&self) -> String {
        format!("{}:answer", self.start().1)
    }

    fn speak(&mut self, text: &str) -> Vec<Value> {
        let id = self.message_id();
        let mut frames = Vec::new();
        if !self.speaking {
            self.speaking = true;
            frames.push(json!({ "type": "TEXT_MESSAGE_START", "messageId": id,
                "role": "assistant" }));
        }
        if !text.is_empty() {
            frames.push(json!({ "type": "TEXT_MESSAGE_CONTENT", "messageId": id, "delta": text }));
        }
        frames
    }

    fn fall_silent(&mut self, metadata: &Value) -> Vec<Value> {
        if !std::mem::take(&mut self.speaking) {
            return Vec::new();
        }
        let id = self.message_id();
        vec![json!({ "type": "TEXT_MESSAGE_END", "messageId": id, "metadata": metadata })]
    }

    fn finished(&mut self, ending: Ending) -> Vec<Value> {
        let mut frames = self.fall_silent(&json!({}));
        let outcome = match ending {
            Ending::Answered => json!({ "type": "success" }),
            Ending::Cancelled => json!({ "type": "cancelled" }),
            Ending::Waiting => {
                frames.push(json!({ "type": "STATE_SNAPSHOT", "snapshot": {} }));
                frames.push(json!({ "type": "MESSAGES_SNAPSHOT", "messages": self.messages() }));
                let interrupts: Vec<Value> =
                    self.turn.held().map(|it| self.interrupt(it)).collect();
                json!({ "type": "interrupt", "interrupts": interrupts })
            }
        };
        let (thread_id, run_id) = self.start();
        frames.push(json!({ "type": "RUN_FINISHED", "threadId": thread_id, "runId": run_id,
            "outcome": outcome, "result": reply::json(&self.turn) }));
        frames
    }

    fn interrupt(&self, held: &HeldCall) -> Value {
        let proposed_by = self
            .turn
            .calls
            .iter()
            .find(|it| it.call.name == held.tool && it.call.arguments == held.arguments);
        let call_id = proposed_by.map_or("", |it| it.call.id.as_str());
        json!({
            "id": held.id,
            "reason": "tool_call",
            "message": proposed_by.map_or(held.tool.as_str(), |it| it.title.as_str()),
            "toolCallId": self.tool_call_id(call_id),
            "responseSchema": { "type": "object", "required": ["approved"],
                "properties": { "approved": { "type": "boolean" } } },
            "expiresAt": held.expires_at.to_rfc3339(),
            "metadata": { "qm.preview": held.preview, "qm.tool": held.tool,
                "qm.arguments": held.arguments },
        })
    }

    fn messages(&self) -> Vec<Value> {
        let mut messages = Vec::new();
        let run_id = self.start().1;
        if let Some(start) = self.turn.start.as_ref().filter(|it| !it.message.is_empty()) {
            messages.push(json!({ "id": format!("{run_id}:user"), "role": "user",
                "content": start.message }));
        }
        let calls: Vec<Value> = self
            .turn
            .calls
            .iter()
            .map(|it| {
                json!({ "id": self.tool_call_id(&it.call.id), "type": "function",
                "function": { "name": it.call.name,
                    "arguments": it.call.arguments.to_string() } })
            })
            .collect();
        let mut assistant = json!({ "id": self.message_id(), "role": "assistant",
            "content": self.turn.text });
        if !calls.is_empty() {
            assistant["toolCalls"] = Value::Array(calls);
        }
        messages.push(assistant);
        messages
    }
}

fn custom(name: &str, value: &Value) -> Value {
    json!({ "type": "CUSTOM", "name": name, "value": value })
}

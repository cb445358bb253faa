//! `quartermaster ask`: a question in words, answered with its citations.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::Shared;
use super::opened::Opened;
use super::out::{pretty, say};
use crate::copilot;

/// What to ask.
#[derive(Debug, Args)]
pub(super) struct Ask {
    /// The question, in your own words.
    #[arg(required = true, num_args = 1..)]
    question: Vec<String>,
    /// The workspace in use, e.g. `vending`: tilts the choice of the tool.
    #[arg(long)]
    workspace: Option<String>,
    /// The conversation to go on with.
    #[arg(long)]
    thread: Option<String>,
    /// Print the whole answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Ask {
    pub(super) async fn run(self, shared: &Shared) -> Result<()> {
        let opened = Opened::open(shared).await?;
        let answer = self.answered(&opened).await;
        opened.close().await;
        let answer = answer?;
        if let Some(detail) = answer["problem"]["detail"].as_str() {
            anyhow::bail!("{detail}");
        }
        match self.json {
            true => say(&pretty(&answer)),
            false => say(&in_words(&answer)),
        }
        Ok(())
    }

    async fn answered(&self, opened: &Opened) -> Result<Value> {
        let message = self.question.join(" ");
        Ok(match opened {
            Opened::Here(app) => {
                let asked = (message, self.workspace.clone());
                let request = Opened::request(app);
                let turn = copilot::ask_in(app, request, self.thread.as_deref(), asked).await?;
                copilot::reply_json(&turn)
            }
            Opened::There(remote) => {
                let body = json!({ "message": message, "workspace": self.workspace,
                    "thread_id": self.thread });
                remote.ask("/copilot", &body).await?
            }
        })
    }
}

/// The answer with a mark after each cited number, and where each mark leads.
fn in_words(answer: &Value) -> String {
    let mut text = answer["answer"].as_str().unwrap_or_default().to_owned();
    let numbers: Vec<&Value> = answer["citations"].as_array().into_iter().flatten().collect();
    let with_digits =
        |it: &Value| it["text"].as_str().is_some_and(|it| it.bytes().any(|it| it.is_ascii_digit()));
    let cited: Vec<&Value> = numbers.into_iter().filter(|it| with_digits(it)).collect();
    let mut sources = Vec::new();
    for (index, citation) in cited.iter().enumerate().rev() {
        let number = index + 1;
        let end = citation["end"].as_u64().and_then(|it| usize::try_from(it).ok());
        if let Some(end) = end.filter(|it| text.is_char_boundary(*it)) {
            text.insert_str(end, &format!("[{number}]"));
        }
        let receipt = citation["receipt"].as_str().unwrap_or_default();
        let path = citation["path"].as_str().unwrap_or_default();
        sources.push(format!("  [{number}] {} {path}", receipt.trim_start_matches("/receipts/")));
    }
    sources.reverse();
    let mut lines = vec![text, String::new()];
    lines.extend(sources);
    for action in answer["actions"].as_array().into_iter().flatten() {
        let label = action["label"].as_str().unwrap_or_default();
        let intent = action["intent"].as_str().unwrap_or_default();
        lines.push(format!("  next: {label} ({intent} {})", action["args"]));
    }
    if let Some(held_id) = answer["confirm"]["held_id"].as_str() {
        lines.push(format!("  to keep it: quartermaster confirm {held_id}"));
    }
    if let Some(run_id) = answer["metadata"]["runId"].as_str() {
        lines.push(format!("  to make it again: quartermaster replay {run_id}"));
    }
    lines.join("\n")
}

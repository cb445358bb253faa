//! What the tests of this crate share: a tenant, a recorder, a turn.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kernel::{Door, TenantId};
use orchestrator::{Answer, AnswerCitation, Carry, Ending, Start, TurnEvent};
use serde_json::{Value, json};
use sqlx::PgConnection;
use store::testing::{TestTenant, now};
use store::{Access, TenantTx};
use tempfile::TempDir;
use toolkit::{CallOutcome, CallRecord, Language, ToolCall};

use crate::log::Settings;
use crate::{DrainSettings, Drainer, Recorder};

pub(crate) struct Desk {
    pub(crate) tenant: TestTenant,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) drainer: Drainer,
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let tenant = TestTenant::new().await;
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(folder.path(), Settings::default()).unwrap();
        let drainer = drainer(&recorder, &tenant);
        Self { tenant, recorder, drainer, folder }
    }

    pub(crate) fn id(&self) -> &TenantId {
        self.tenant.id()
    }

    pub(crate) async fn read(&self) -> TenantTx {
        self.tenant.store().begin(self.id(), Access::Read).await.unwrap()
    }

    pub(crate) async fn drain(&self) {
        while self.drainer.drain().await.unwrap() > 0 {}
    }

    /// Record a whole turn of four seconds.
    pub(crate) fn turn(&self, run_id: &str, user: &str) -> Vec<TurnEvent> {
        let events = turn(run_id, user);
        for (seq, event) in events.iter().enumerate() {
            self.recorder.event((self.id(), run_id), (seq as u64, at(seq)), event).unwrap();
        }
        events
    }
}

pub(crate) fn drainer(recorder: &Arc<Recorder>, tenant: &TestTenant) -> Drainer {
    let settings = DrainSettings { records: 7, ..DrainSettings::default() };
    Drainer::new(recorder.clone(), Arc::new(tenant.store().clone()), settings)
}

/// The instant of a turn's event.
pub(crate) fn at(seq: usize) -> DateTime<Utc> {
    now() + Duration::milliseconds(1000 * i64::try_from(seq).unwrap())
}

pub(crate) fn turn(run_id: &str, user: &str) -> Vec<TurnEvent> {
    let call = ToolCall {
        id: "c1".into(),
        name: "fsq_trace_lot".into(),
        arguments: json!({ "lot": "L24-0117" }),
    };
    let start = Start {
        run_id: run_id.into(),
        thread_id: "th1".into(),
        user: user.into(),
        door: Door::Copilot,
        workspace: None,
        message: "where did L24-0117 go?".into(),
        intent: None,
        page: Value::Null,
        carry: Carry::default(),
        language: Language::English,
        now: now(),
        prompts_version: "p1".into(),
    };
    let usage = json!({ "usage": { "input_tokens": 1200, "output_tokens": 90 } });
    let answer = Answer {
        text: "It went to 12 stores.".into(),
        citations: vec![AnswerCitation {
            start: 11,
            end: 13,
            call_id: "c1".into(),
            pointer: "/stores".into(),
            receipt_id: format!("rc_{run_id}"),
        }],
        ..Answer::default()
    };
    vec![
        TurnEvent::Started(Box::new(start)),
        TurnEvent::Planned { planner: "local".into(), reasoning: usage },
        TurnEvent::ToolStarted { call, title: "Trace a lot".into() },
        TurnEvent::Answered(answer),
        TurnEvent::Finished { ending: Ending::Answered },
    ]
}

pub(crate) fn call(tenant: &TenantId, receipt_id: &str, outcome: CallOutcome) -> CallRecord {
    CallRecord {
        receipt_id: receipt_id.into(),
        tenant: tenant.clone(),
        user: "ann".into(),
        door: Door::Rest,
        request_id: "req1".into(),
        run_id: None,
        call_id: "c1".into(),
        tool: "fsq_trace_lot".into(),
        arguments: json!({ "lot": "L24-0117" }),
        now: now() + Duration::nanoseconds(1),
        engine_version: "0.1.0".into(),
        data_version: 7,
        input_hash: "ab".into(),
        took_us: 1500,
        outcome,
    }
}

pub(crate) async fn count(conn: &mut PgConnection, table: &'static str) -> i64 {
    let query = match table {
        "turn_event" => "SELECT count(*) FROM turn_event",
        "interaction" => "SELECT count(*) FROM interaction",
        "interaction_content" => "SELECT count(*) FROM interaction_content",
        "tool_call" => "SELECT count(*) FROM tool_call",
        "tool_call_content" => "SELECT count(*) FROM tool_call_content",
        "feedback" => "SELECT count(*) FROM feedback",
        other => panic!("no query for `{other}`"),
    };
    sqlx::query_scalar(query).fetch_one(conn).await.unwrap()
}

//! Counters and histograms, with every name of theirs.
//!
//! Names follow the OpenTelemetry GenAI and HTTP conventions (v1.41, dots as underscores) where
//! those have one; ours begin with `quartermaster_`. Labels never hold a tenant, a user or text:
//! per-tenant figures are queries over the tables.

use std::time::{Duration, Instant};

use kernel::Door;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::Score;

/// The names of all metrics.
pub mod names {
    /// Histogram, s. A turn from its first event to its last. Labels: door, workspace, planner,
    /// outcome.
    pub const TURN_DURATION: &str = "gen_ai_invoke_agent_duration_seconds";
    /// Histogram, s. A turn's time less that of its provider calls: what we add. Label: planner.
    pub const TURN_OVERHEAD: &str = "quartermaster_turn_overhead_seconds";
    /// Histogram, s. A provider call. Labels: `gen_ai_provider_name`, `gen_ai_request_model`,
    /// `error_type` (`none` when it succeeded).
    pub const MODEL_DURATION: &str = "gen_ai_client_operation_duration_seconds";
    /// Histogram, s. A provider call until its first chunk. Labels as [`MODEL_DURATION`] but for
    /// `error_type`.
    pub const MODEL_FIRST_CHUNK: &str = "gen_ai_client_operation_time_to_first_chunk_seconds";
    /// Histogram, tokens. Labels: as above and `gen_ai_token_type`, `input` or `output`.
    pub const MODEL_TOKENS: &str = "gen_ai_client_token_usage";
    /// Histogram, s. A tool call. Labels: `gen_ai_tool_name`, outcome.
    pub const TOOL_DURATION: &str = "gen_ai_execute_tool_duration_seconds";
    /// Histogram, s. A request. Labels: `http_request_method`, `http_route`,
    /// `http_response_status_code`.
    pub const HTTP_DURATION: &str = "http_server_request_duration_seconds";
    /// Histogram, s. Putting a record into the durable log.
    pub const LOG_APPEND: &str = "quartermaster_log_append_seconds";
    /// Gauge. Records in the log that are not in the tables yet.
    pub const LOG_WAITING: &str = "quartermaster_log_waiting_records";
    /// Gauge. Bytes in the log that are not in the tables yet.
    pub const LOG_BYTES: &str = "quartermaster_log_waiting_bytes";
    /// Counter. Work refused because it could not be recorded.
    pub const LOG_REFUSED: &str = "quartermaster_log_refused_total";
    /// Counter. Damaged places that were stepped over.
    pub const LOG_DAMAGED: &str = "quartermaster_log_damaged_total";
    /// Counter. Records moved to the tables.
    pub const DRAINED: &str = "quartermaster_drained_records_total";
    /// Counter. Attempts to drain that failed and are tried again.
    pub const DRAIN_FAILED: &str = "quartermaster_drain_failures_total";
    /// Counter. Records that no table takes, kept in `undeliverable.jsonl`.
    pub const UNDELIVERABLE: &str = "quartermaster_undeliverable_records_total";
    /// Counter. Verdicts. Label: score.
    pub const FEEDBACK: &str = "quartermaster_feedback_total";
}

/// Upper bounds, in seconds, from 100 µs to 82 s: the conventions' doubling, begun earlier because
/// the local planner and most tools are done within a millisecond or two.
const SECONDS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64,
    1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/// Upper bounds, in seconds, of an append: 1 µs to 0.1 s.
const APPEND_SECONDS: &[f64] =
    &[1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2e-2, 0.1];
/// Upper bounds, in tokens, as the conventions give them.
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// The process's metrics, for the `/metrics` page.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Collect all metrics of this process from now on. Works once.
    ///
    /// # Errors
    /// [`BuildError`] when another recorder was installed before.
    pub fn install() -> Result<Self, BuildError> {
        let handle = builder()?.install_recorder()?;
        describe();
        Ok(Self(handle))
    }

    /// All metrics in the Prometheus text format.
    pub fn render(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let full = |name: &str| Matcher::Full(name.to_owned());
    PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(full(names::LOG_APPEND), APPEND_SECONDS)?
        .set_buckets_for_metric(full(names::MODEL_TOKENS), TOKENS)
}

fn describe() {
    describe_histogram!(names::TURN_DURATION, "A turn, first event to last, in seconds");
    describe_histogram!(names::TURN_OVERHEAD, "A turn less its provider calls, in seconds");
    describe_histogram!(names::MODEL_DURATION, "A provider call, in seconds");
    describe_histogram!(names::MODEL_FIRST_CHUNK, "A provider call to its first chunk, in seconds");
    describe_histogram!(names::MODEL_TOKENS, "Tokens of a provider call");
    describe_histogram!(names::TOOL_DURATION, "A tool call, in seconds");
    describe_histogram!(names::HTTP_DURATION, "A request, in seconds");
    describe_histogram!(names::LOG_APPEND, "Putting a record into the durable log, in seconds");
    describe_gauge!(names::LOG_WAITING, "Records in the log that are not in the tables yet");
    describe_gauge!(names::LOG_BYTES, "Bytes in the log that are not in the tables yet");
    describe_counter!(names::LOG_REFUSED, "Work refused because it could not be recorded");
    describe_counter!(names::LOG_DAMAGED, "Damaged places in the log that were stepped over");
    describe_counter!(names::DRAINED, "Records moved from the log to the tables");
    describe_counter!(names::DRAIN_FAILED, "Attempts to drain that failed and are tried again");
    describe_counter!(names::UNDELIVERABLE, "Records that no table takes, put aside in a file");
    describe_counter!(names::FEEDBACK, "People's verdicts on turns");
}

/// A turn that ended.
#[derive(Debug, Clone, Copy)]
pub struct TurnMeasure<'a> {
    pub door: Door,
    pub workspace: &'a str,
    pub planner: &'a str,
    /// `answered`, `waiting`, `cancelled` or `failed`.
    pub outcome: &'static str,
    pub took: Duration,
    /// The part of it spent in calls to providers.
    pub provider: Duration,
}

/// Count a turn that ended.
pub fn turn(measure: &TurnMeasure<'_>) {
    let planner = measure.planner.to_owned();
    histogram!(
        names::TURN_DURATION,
        "door" => measure.door.as_str(),
        "workspace" => measure.workspace.to_owned(),
        "planner" => planner.clone(),
        "outcome" => measure.outcome,
    )
    .record(measure.took);
    histogram!(names::TURN_OVERHEAD, "planner" => planner)
        .record(measure.took.saturating_sub(measure.provider));
}

/// A call to a provider that ended.
#[derive(Debug, Clone, Copy)]
pub struct ModelMeasure<'a> {
    pub provider: &'a str,
    pub model: &'a str,
    /// What sort of error it ended with, if it did.
    pub error: Option<&'static str>,
    pub took: Duration,
    pub first_chunk: Option<Duration>,
    pub input_tokens: u64,
    pub output_tokens: u64,
}

/// Count a call to a provider that ended.
pub fn model_call(measure: &ModelMeasure<'_>) {
    let labels = [
        ("gen_ai_provider_name", measure.provider.to_owned()),
        ("gen_ai_request_model", measure.model.to_owned()),
    ];
    let mut with_error = labels.to_vec();
    with_error.push(("error_type", measure.error.unwrap_or("none").to_owned()));
    histogram!(names::MODEL_DURATION, &with_error).record(measure.took);
    if let Some(first_chunk) = measure.first_chunk {
        histogram!(names::MODEL_FIRST_CHUNK, &labels).record(first_chunk);
    }
    for (sort, tokens) in [("input", measure.input_tokens), ("output", measure.output_tokens)] {
        let mut of_sort = labels.to_vec();
        of_sort.push(("gen_ai_token_type", sort.to_owned()));
        #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
        histogram!(names::MODEL_TOKENS, &of_sort).record(tokens as f64);
    }
}

/// Count a request; `route` is the route's pattern, never the path.
pub fn http_request(method: &'static str, route: &str, status: u16, took: Duration) {
    histogram!(
        names::HTTP_DURATION,
        "http_request_method" => method,
        "http_route" => route.to_owned(),
        "http_response_status_code" => status.to_string(),
    )
    .record(took);
}

pub(crate) fn tool_call(tool: &str, outcome: &'static str, took_us: u64) {
    histogram!(names::TOOL_DURATION, "gen_ai_tool_name" => tool.to_owned(), "outcome" => outcome)
        .record(Duration::from_micros(took_us));
}

pub(crate) fn timed_append<T>(append: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = append();
    histogram!(names::LOG_APPEND).record(began.elapsed());
    done
}

pub(crate) fn waiting(records: usize) {
    #[expect(clippy::cast_precision_loss, reason = "record counts are far below 2^52")]
    gauge!(names::LOG_WAITING).set(records as f64);
}

pub(crate) fn waiting_bytes(bytes: u64) {
    #[expect(clippy::cast_precision_loss, reason = "the log is far below 2^52 bytes")]
    gauge!(names::LOG_BYTES).set(bytes as f64);
}

pub(crate) fn refused() {
    counter!(names::LOG_REFUSED).increment(1);
}

pub(crate) fn damaged() {
    counter!(names::LOG_DAMAGED).increment(1);
}

pub(crate) fn drained(records: u64) {
    counter!(names::DRAINED).increment(records);
}

pub(crate) fn drain_failed() {
    counter!(names::DRAIN_FAILED).increment(1);
}

pub(crate) fn undeliverable() {
    counter!(names::UNDELIVERABLE).increment(1);
}

pub(crate) fn feedback(score: Score) {
    let score = match score {
        Score::Down => "down",
        Score::Neutral => "neutral",
        Score::Up => "up",
    };
    counter!(names::FEEDBACK, "score" => score).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_rendered_under_the_names() {
        let recorder = builder().unwrap().build_recorder();
        let page = Metrics(recorder.handle());
        metrics::with_local_recorder(&recorder, || {
            describe();
            tool_call("fsq_trace_lot", "done", 1500);
            feedback(Score::Up);
            refused();
            waiting(3);
            timed_append(|| ());
            model_call(&ModelMeasure {
                provider: "anthropic",
                model: "claude",
                error: None,
                took: Duration::from_secs(2),
                first_chunk: Some(Duration::from_millis(300)),
                input_tokens: 1200,
                output_tokens: 90,
            });
            turn(&TurnMeasure {
                door: Door::Copilot,
                workspace: "fsq",
                planner: "local",
                outcome: "answered",
                took: Duration::from_millis(1500),
                provider: Duration::from_millis(1499),
            });
            http_request("POST", "/copilot", 200, Duration::from_millis(3));
        });
        let text = page.render();
        for line in [
            r#"gen_ai_execute_tool_duration_seconds_bucket{gen_ai_tool_name="fsq_trace_lot",outcome="done",le="0.0025"} 1"#,
            r#"quartermaster_feedback_total{score="up"} 1"#,
            "quartermaster_log_refused_total 1",
            "quartermaster_log_waiting_records 3",
            "quartermaster_log_append_seconds_count 1",
            r#"gen_ai_token_type="input",le="4096"} 1"#,
            r#"quartermaster_turn_overhead_seconds_bucket{planner="local",le="0.001"} 1"#,
            r#"http_route="/copilot""#,
            "# HELP gen_ai_invoke_agent_duration_seconds",
        ] {
            assert!(text.contains(line), "no `{line}` in\n{text}");
        }
    }
}

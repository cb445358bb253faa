-- What happened, in every tenant. Runs with search_path = the tenant's schema.
--
-- Metadata and content lie in tables of their own, because content is deleted sooner. Rows come
-- from the durable log and may come twice: every table has a key that makes the second one
-- harmless. No table refers to another, because rows of one turn may arrive in any order.
--
-- Content is `json`, not `jsonb`: it keeps numbers, their spelling and the order of members as
-- they were, so that a replay can be compared byte for byte; and it can hold U+0000.

CREATE TABLE interaction (
  run_id                text PRIMARY KEY,
  thread_id             text NOT NULL,
  user_name             text NOT NULL,
  door                  text NOT NULL,
  workspace             text NOT NULL,
  prompts_version       text NOT NULL,
  planner               text,
  tool_names            text[] NOT NULL DEFAULT '{}',
  input_tokens          bigint NOT NULL DEFAULT 0,
  output_tokens         bigint NOT NULL DEFAULT 0,
  outcome               text NOT NULL,
  started_at            timestamptz NOT NULL,
  finished_at           timestamptz,
  latency_ms            bigint
);
CREATE INDEX interaction_started ON interaction (started_at);
CREATE INDEX interaction_thread ON interaction (thread_id, started_at);
CREATE INDEX interaction_unfinished ON interaction (started_at) WHERE finished_at IS NULL;

CREATE TABLE interaction_content (
  run_id      text PRIMARY KEY,
  question    text NOT NULL,
  answer      text NOT NULL,
  started_at  timestamptz NOT NULL
);
CREATE INDEX interaction_content_started ON interaction_content (started_at);

CREATE TABLE turn_event (
  run_id  text NOT NULL,
  seq     bigint NOT NULL,
  at      timestamptz NOT NULL,
  event   json NOT NULL,
  PRIMARY KEY (run_id, seq)
);
CREATE INDEX turn_event_at ON turn_event (at);

-- A receipt is a tool call with its content.
CREATE TABLE tool_call (
  receipt_id      text PRIMARY KEY,
  run_id          text,
  call_id         text NOT NULL,
  request_id      text NOT NULL,
  tool            text NOT NULL,
  user_name       text NOT NULL,
  door            text NOT NULL,
  engine_version  text NOT NULL,
  data_version    bigint NOT NULL,
  input_hash      text NOT NULL,
  took_us         bigint NOT NULL,
  outcome         text NOT NULL,
  held_id         text,
  at              timestamptz NOT NULL
);
CREATE INDEX tool_call_at ON tool_call (at);
CREATE INDEX tool_call_run ON tool_call (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE tool_call_content (
  receipt_id  text PRIMARY KEY,
  arguments   json NOT NULL,
  outcome     json NOT NULL,
  -- The instant the tool saw, to the nanosecond: the input hash is made from it.
  instant     text NOT NULL,
  at          timestamptz NOT NULL
);
CREATE INDEX tool_call_content_at ON tool_call_content (at);

-- One verdict per person and turn; the latest stands.
CREATE TABLE feedback (
  run_id     text NOT NULL,
  user_name  text NOT NULL,
  score      smallint NOT NULL CHECK (score BETWEEN -1 AND 1),
  comment    text,
  at         timestamptz NOT NULL,
  PRIMARY KEY (run_id, user_name)
);
CREATE INDEX feedback_at ON feedback (at);

-- What the copilot proposed, what people made of it, and what it brought.
CREATE TABLE suggestion (
  suggestion_id   text PRIMARY KEY,
  run_id          text,
  kind            text NOT NULL,
  payload         json NOT NULL,
  before_metrics  json NOT NULL,
  state           text NOT NULL,
  suggested_at    timestamptz NOT NULL,
  decided_at      timestamptz,
  decided_by      text
);
CREATE INDEX suggestion_suggested ON suggestion (suggested_at);

-- Measured more than once, e.g. after 7 and after 28 days.
CREATE TABLE suggestion_outcome (
  suggestion_id    text NOT NULL,
  measured_at      timestamptz NOT NULL,
  after_metrics    json NOT NULL,
  realised_impact  double precision,
  currency         text,
  PRIMARY KEY (suggestion_id, measured_at)
);

-- What the gate needs in every tenant. Runs with search_path = the tenant's schema.

-- The version of an area's rows: the id of the last transaction that wrote there. Transaction ids
-- are never used twice, so a write that was rolled back cannot lend its version to another.
CREATE TABLE data_version (
  area     text PRIMARY KEY,
  version  bigint NOT NULL
);

CREATE FUNCTION bump_data_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO data_version (area, version) VALUES (TG_ARGV[0], pg_current_xact_id()::text::bigint)
  ON CONFLICT (area) DO UPDATE SET version = excluded.version
  WHERE data_version.version <> excluded.version;
  RETURN NULL;
END $$;

-- A write that was previewed and undone, waiting for a person.
CREATE TABLE held_call (
  held_call_id  text PRIMARY KEY,
  tool          text NOT NULL,
  arguments     jsonb NOT NULL,
  preview       jsonb NOT NULL,
  user_name     text NOT NULL,
  run_id        text,
  state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'declined')),
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  decided_at    timestamptz,
  decided_by    text
);
CREATE INDEX held_call_waiting ON held_call (expires_at) WHERE state = 'waiting';

-- Effects beyond the database wait here until the transaction that wanted them is kept.
CREATE TABLE outbox (
  outbox_id   text PRIMARY KEY,
  topic       text NOT NULL,
  payload     jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  sent_at     timestamptz
);
CREATE INDEX outbox_unsent ON outbox (created_at) WHERE sent_at IS NULL;

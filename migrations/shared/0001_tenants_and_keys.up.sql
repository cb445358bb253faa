-- Who may use the server. Runs with search_path = quartermaster.
CREATE TABLE tenant (
  tenant_id   text PRIMARY KEY,
  title       text NOT NULL,
  created_at  timestamptz NOT NULL
);

-- Only the SHA-256 of a key is kept: a stolen table opens no door.
CREATE TABLE api_key (
  key_hash     bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
  tenant_id    text NOT NULL REFERENCES tenant,
  label        text NOT NULL,
  permissions  text[] NOT NULL,
  groups       int[] NOT NULL DEFAULT '{}',
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  UNIQUE (tenant_id, label)
);

-- Documents, cut into passages that can be found and cited. Runs with search_path = the tenant's
-- schema and the schema of pgvector (0.8.2 or newer).

CREATE TABLE rag_document (
  document_id   uuid PRIMARY KEY,
  title         text NOT NULL,
  mime          text NOT NULL,
  -- Citations count this text's characters, and quotes are verified against it.
  text          text NOT NULL,
  -- SHA-256 of the file's bytes.
  content_hash  bytea NOT NULL CHECK (octet_length(content_hash) = 32),
  -- Groups that may read it, ascending; 0 is everyone in the tenant, none is nobody.
  acl_read      int[] NOT NULL,
  chunks        int NOT NULL,
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  indexed_at    timestamptz NOT NULL
);
-- The same file for other readers is another document, or its presence would tell them of this one.
CREATE UNIQUE INDEX rag_document_content ON rag_document (content_hash, acl_read);

CREATE TABLE rag_chunk (
  document_id  uuid NOT NULL REFERENCES rag_document ON DELETE CASCADE,
  ord          int NOT NULL,
  -- Characters of the document's text: from, and one past the last.
  char_from    int NOT NULL,
  char_to      int NOT NULL,
  heading      text NOT NULL,
  text         text NOT NULL,
  PRIMARY KEY (document_id, ord)
);

-- The document side of BM25: tf / (tf + k1 (1 - b + b len / avg_len)). The idf is in the query.
CREATE TABLE rag_lex (
  document_id  uuid NOT NULL,
  ord          int NOT NULL,
  acl_read     int[] NOT NULL,
  len          int NOT NULL,
  w            sparsevec(268435456) NOT NULL,
  PRIMARY KEY (document_id, ord),
  FOREIGN KEY (document_id, ord) REFERENCES rag_chunk ON DELETE CASCADE
);
CREATE INDEX rag_lex_acl ON rag_lex USING gin (acl_read);

-- In how many passages a term occurs. A term is a 28-bit number made from its text.
CREATE TABLE rag_term (
  term  int PRIMARY KEY,
  df    int NOT NULL
);

-- Vectors of the embedding that is trained on this tenant's own passages.
CREATE TABLE rag_vec_1 (
  document_id  uuid NOT NULL,
  ord          int NOT NULL,
  acl_read     int[] NOT NULL,
  v            vector(640) NOT NULL,
  PRIMARY KEY (document_id, ord),
  FOREIGN KEY (document_id, ord) REFERENCES rag_chunk ON DELETE CASCADE
);
-- Out-of-line storage makes an exact scan three times slower.
ALTER TABLE rag_vec_1 ALTER COLUMN v SET STORAGE PLAIN;
CREATE INDEX rag_vec_1_acl ON rag_vec_1 USING gin (acl_read);

-- Vectors of an embedding model elsewhere, when one is configured.
CREATE TABLE rag_vec_2 (
  document_id  uuid NOT NULL,
  ord          int NOT NULL,
  acl_read     int[] NOT NULL,
  v            vector(640) NOT NULL,
  PRIMARY KEY (document_id, ord),
  FOREIGN KEY (document_id, ord) REFERENCES rag_chunk ON DELETE CASCADE
);
ALTER TABLE rag_vec_2 ALTER COLUMN v SET STORAGE PLAIN;
CREATE INDEX rag_vec_2_acl ON rag_vec_2 USING gin (acl_read);

-- Which version of which embedding fills rag_vec_1 and rag_vec_2.
CREATE TABLE rag_space (
  space     smallint PRIMARY KEY CHECK (space IN (1, 2)),
  embedder  text NOT NULL,
  revision  text NOT NULL,
  -- Passages that the embedding was trained on.
  trained   int NOT NULL,
  -- Of space 1: idf of character n-grams, one byte a slot.
  gram_idf  bytea
);
-- Compressing it costs more than reading it.
ALTER TABLE rag_space ALTER COLUMN gram_idf SET STORAGE EXTERNAL;

-- Of space 1: the latent coordinates of each term, fixed-point.
CREATE TABLE rag_basis (
  term    int PRIMARY KEY,
  coords  bytea NOT NULL
);

CREATE TABLE rag_state (
  one          boolean PRIMARY KEY DEFAULT true CHECK (one),
  chunks       int NOT NULL,
  total_len    bigint NOT NULL,
  -- The mean length that rag_lex.w was computed with.
  lex_avg_len  double precision NOT NULL,
  -- Evidence weaker than this is no answer.
  gate         real NOT NULL
);
INSERT INTO rag_state (chunks, total_len, lex_avg_len, gate) VALUES (0, 0, 0, 0.18);

-- Food safety: lots, what happened to them, and who holds which. Runs with search_path = the
-- tenant's schema. Quantities are thousandths of a base unit (`g`, `ml`, `pcs`, …), instants are
-- UTC. Ids of captured rows are made from their content, so that capturing twice adds nothing.

CREATE TABLE place (
  place_id    text PRIMARY KEY,
  name        text NOT NULL,
  attributes  jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE party (
  party_id    text PRIMARY KEY,
  name        text NOT NULL,
  attributes  jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE product_master (
  product_id  text PRIMARY KEY,
  name        text NOT NULL,
  attributes  jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE lot (
  lot_id       text PRIMARY KEY,
  -- The one spelling of its identifier: a GS1 digital link, else the URN.
  code         text NOT NULL UNIQUE,
  -- What people call it: its number, made unique.
  label        text NOT NULL UNIQUE,
  -- The number on its own; lots of different products may share one.
  short_name   text NOT NULL,
  -- No reference: a document may name a product that no master data describes.
  product_id   text NOT NULL,
  gtin         text,
  kind         text NOT NULL
               CHECK (kind IN ('raw', 'wip', 'finished', 'rework', 'packaging', 'logistic')),
  quantity     bigint NOT NULL CHECK (quantity >= 0),
  unit         text NOT NULL,
  place_id     text,
  produced_at  timestamptz,
  expires_at   timestamptz,
  status       text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'on_hold', 'recalled'))
);
CREATE INDEX lot_by_short_name ON lot (short_name);
CREATE INDEX lot_not_active ON lot (status) WHERE status <> 'active';

CREATE TABLE trace_event (
  -- SHA-256 of the event's content, in hex.
  event_id         text PRIMARY KEY,
  -- The id that its author gave it.
  epcis_event_id   text,
  kind             text NOT NULL
                   CHECK (kind IN ('receive', 'transform', 'split', 'merge', 'move', 'ship',
                                   'return', 'aggregate', 'disaggregate', 'adjust', 'waste',
                                   'void')),
  occurred_at      timestamptz NOT NULL,
  -- Local offset from UTC.
  zone             text NOT NULL,
  place_id         text,
  -- The customer of a shipment, the supplier of a receipt.
  party_id         text,
  -- The paper it is on.
  document         text,
  biz_step         text,
  disposition      text,
  -- Events of one transformation are parts of one movement.
  transformation   text,
  -- Declared wrong: kept, and not followed.
  voided           boolean NOT NULL DEFAULT false
);
CREATE INDEX trace_event_by_author ON trace_event (epcis_event_id);

CREATE TABLE trace_event_lot (
  event_id  text NOT NULL REFERENCES trace_event ON DELETE CASCADE,
  role      text NOT NULL CHECK (role IN ('input', 'output')),
  lot_id    text NOT NULL REFERENCES lot,
  quantity  bigint NOT NULL CHECK (quantity >= 0),
  PRIMARY KEY (event_id, role, lot_id)
);
CREATE INDEX trace_event_of_lot ON trace_event_lot (lot_id);

-- A declaration that an event was wrong. The event itself may come later, or never.
CREATE TABLE trace_void (
  void_id         text PRIMARY KEY,
  event_id        text NOT NULL,
  epcis_event_id  text,
  declared_at     timestamptz NOT NULL,
  reason          text,
  corrected_by    text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE lot_hold (
  lot_hold_id   text PRIMARY KEY,
  lot_id        text NOT NULL REFERENCES lot,
  reason        text NOT NULL,
  held_by       text NOT NULL,
  held_at       timestamptz NOT NULL,
  released_by   text,
  released_at   timestamptz,
  release_note  text
);
CREATE UNIQUE INDEX lot_hold_open ON lot_hold (lot_id) WHERE released_at IS NULL;

CREATE TRIGGER trace_event_version AFTER INSERT OR UPDATE OR DELETE ON trace_event
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.trace');
CREATE TRIGGER trace_event_lot_version AFTER INSERT OR UPDATE OR DELETE ON trace_event_lot
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.trace');
CREATE TRIGGER place_version AFTER INSERT OR UPDATE OR DELETE ON place
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.trace');
CREATE TRIGGER party_version AFTER INSERT OR UPDATE OR DELETE ON party
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.trace');
CREATE TRIGGER product_master_version AFTER INSERT OR UPDATE OR DELETE ON product_master
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.trace');
CREATE TRIGGER lot_version AFTER INSERT OR UPDATE OR DELETE ON lot
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.lots');
CREATE TRIGGER lot_hold_version AFTER INSERT OR UPDATE OR DELETE ON lot_hold
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('fsq.lots');

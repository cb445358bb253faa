-- Vending: machines, their slots and planograms, what they sold, and receipts of other tills.
-- Runs with search_path = the tenant's schema. Money is whole cents, measures are millimetres and
-- grams, instants are UTC.

CREATE TABLE device_type (
  device_type_id  text PRIMARY KEY,
  name            text NOT NULL,
  -- Which profile of rows the heat zones start from.
  machine         text NOT NULL CHECK (machine IN ('generic', 'snack', 'cooler')),
  row_count       smallint NOT NULL CHECK (row_count BETWEEN 1 AND 26),
  column_count    smallint NOT NULL CHECK (column_count BETWEEN 1 AND 99),
  door            text NOT NULL DEFAULT 'none' CHECK (door IN ('none', 'left', 'right')),
  -- Rows of a refrigerated machine that hold their temperature worse, from 0 at the top.
  warm_rows       smallint[] NOT NULL DEFAULT '{}'
);

CREATE TABLE device (
  device_id           text PRIMARY KEY,
  device_type_id      text NOT NULL REFERENCES device_type,
  name                text NOT NULL,
  location            text NOT NULL,
  aliases             text[] NOT NULL DEFAULT '{}',
  -- Days between two visits of the person who fills it.
  restock_every_days  smallint NOT NULL DEFAULT 7 CHECK (restock_every_days BETWEEN 1 AND 60),
  utc_offset_minutes  smallint NOT NULL DEFAULT 0 CHECK (utc_offset_minutes BETWEEN -840 AND 840),
  added_at            timestamptz NOT NULL
);

-- A place in a machine. A row of the grid may have fewer slots than the device type allows.
CREATE TABLE slot (
  device_id       text NOT NULL REFERENCES device ON DELETE CASCADE,
  slot_label      text NOT NULL CHECK (slot_label ~ '^[A-Z][1-9][0-9]?$'),
  row_letter      text NOT NULL GENERATED ALWAYS AS (left(slot_label, 1)) STORED,
  column_number   smallint NOT NULL GENERATED ALWAYS AS (substr(slot_label, 2)::smallint) STORED,
  -- The number that the machine's controller and its sales reports use.
  coil            text,
  capacity_units  smallint NOT NULL DEFAULT 10 CHECK (capacity_units BETWEEN 1 AND 1000),
  storage         text NOT NULL DEFAULT 'any'
                  CHECK (storage IN ('any', 'ambient', 'chilled', 'frozen', 'heated')),
  max_item_grams  integer CHECK (max_item_grams > 0),
  width_mm        integer CHECK (width_mm > 0),
  height_mm       integer CHECK (height_mm > 0),
  -- The pitch of the coil.
  depth_mm        integer CHECK (depth_mm > 0),
  PRIMARY KEY (device_id, slot_label)
);
CREATE UNIQUE INDEX slot_by_coil ON slot (device_id, coil);

CREATE TABLE product (
  product_id    text PRIMARY KEY,
  name          text NOT NULL,
  category      text NOT NULL,
  aliases       text[] NOT NULL DEFAULT '{}',
  price_cents   integer NOT NULL CHECK (price_cents >= 0),
  cost_cents    integer NOT NULL CHECK (cost_cents >= 0),
  margin_cents  integer NOT NULL GENERATED ALWAYS AS (price_cents - cost_cents) STORED,
  -- The temperature it needs.
  storage       text NOT NULL DEFAULT 'any'
                CHECK (storage IN ('any', 'ambient', 'chilled', 'frozen', 'heated')),
  weight_grams  integer CHECK (weight_grams > 0),
  width_mm      integer CHECK (width_mm > 0),
  height_mm     integer CHECK (height_mm > 0),
  depth_mm      integer CHECK (depth_mm > 0)
);

-- One version of what stands where. A version is in force from its instant until the next one's.
CREATE TABLE planogram (
  planogram_id    text PRIMARY KEY,
  device_id       text NOT NULL REFERENCES device ON DELETE CASCADE,
  version         integer NOT NULL CHECK (version >= 1),
  effective_from  timestamptz NOT NULL,
  made_by         text NOT NULL,
  note            text NOT NULL DEFAULT '',
  UNIQUE (device_id, version)
);

CREATE TABLE placement (
  planogram_id  text NOT NULL REFERENCES planogram ON DELETE CASCADE,
  slot_label    text NOT NULL CHECK (slot_label ~ '^[A-Z][1-9][0-9]?$'),
  product_id    text NOT NULL REFERENCES product,
  PRIMARY KEY (planogram_id, slot_label)
);
CREATE INDEX placement_of_product ON placement (product_id);

-- What a change of planogram was expected to bring, to be held to what it brought.
CREATE TABLE revenue_prediction (
  planogram_id             text PRIMARY KEY REFERENCES planogram ON DELETE CASCADE,
  predicted_at             timestamptz NOT NULL,
  before_cents_per_day     bigint NOT NULL,
  predicted_cents_per_day  bigint NOT NULL,
  low_cents_per_day        bigint NOT NULL,
  high_cents_per_day       bigint NOT NULL
);

-- A line of a sale. The id is made from the content, so that importing it twice adds nothing.
CREATE TABLE sale (
  sale_id      text PRIMARY KEY,
  device_id    text NOT NULL,
  slot_label   text NOT NULL,
  product_id   text NOT NULL,
  sold_at      timestamptz NOT NULL,
  -- False when only the day is known; `sold_at` is then its noon.
  time_known   boolean NOT NULL DEFAULT true,
  quantity     integer NOT NULL CHECK (quantity > 0),
  price_cents  integer NOT NULL CHECK (price_cents >= 0),
  basket_id    text NOT NULL
);
CREATE INDEX sale_of_device ON sale (device_id, sold_at);

-- Fill each product up to this many units. The stock on hand is the par less what was sold since.
CREATE TABLE par_level (
  device_id   text NOT NULL REFERENCES device ON DELETE CASCADE,
  product_id  text NOT NULL REFERENCES product,
  par_units   integer NOT NULL CHECK (par_units >= 0),
  filled_at   timestamptz NOT NULL,
  PRIMARY KEY (device_id, product_id)
);

-- Weather and events at a machine, past and expected: what demand answers to.
CREATE TABLE influence (
  device_id  text NOT NULL REFERENCES device ON DELETE CASCADE,
  day        date NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('heat', 'event', 'holiday')),
  name       text NOT NULL DEFAULT '',
  -- Degrees Celsius at the day's warmest, for heat; 1 for the others.
  value      double precision NOT NULL,
  PRIMARY KEY (device_id, day, kind)
);

-- Receipts of other tills, for what sells together beyond the machines.
CREATE TABLE pos_basket (
  pos_basket_id  text PRIMARY KEY,
  source         text NOT NULL,
  sold_at        timestamptz,
  hour           smallint CHECK (hour BETWEEN 0 AND 23)
);

CREATE TABLE pos_line (
  pos_basket_id  text NOT NULL REFERENCES pos_basket ON DELETE CASCADE,
  item           text NOT NULL,
  quantity       integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (pos_basket_id, item)
);

CREATE TRIGGER sale_version AFTER INSERT OR UPDATE OR DELETE ON sale
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.sales');
CREATE TRIGGER influence_version AFTER INSERT OR UPDATE OR DELETE ON influence
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.sales');
CREATE TRIGGER device_type_version AFTER INSERT OR UPDATE OR DELETE ON device_type
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER device_version AFTER INSERT OR UPDATE OR DELETE ON device
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER slot_version AFTER INSERT OR UPDATE OR DELETE ON slot
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER product_version AFTER INSERT OR UPDATE OR DELETE ON product
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER planogram_version AFTER INSERT OR UPDATE OR DELETE ON planogram
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER placement_version AFTER INSERT OR UPDATE OR DELETE ON placement
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER par_level_version AFTER INSERT OR UPDATE OR DELETE ON par_level
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.layout');
CREATE TRIGGER pos_basket_version AFTER INSERT OR UPDATE OR DELETE ON pos_basket
  FOR EACH STATEMENT EXECUTE FUNCTION bump_data_version('vending.baskets');

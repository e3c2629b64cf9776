CREATE TABLE branch (
    id          text    PRIMARY KEY,
    -- True from half an hour before closing until the next opening.
    discounting boolean NOT NULL DEFAULT false
);

CREATE TABLE product (
    branch           text     NOT NULL REFERENCES branch,
    id               text     NOT NULL,
    version          bigint   NOT NULL DEFAULT 1,
    position         serial   NOT NULL,
    name             text     NOT NULL,
    description      text     NOT NULL,
    price            bigint   NOT NULL CHECK (price >= 0),
    currency         text     NOT NULL,
    image            text     NOT NULL,
    shelf_life_s     integer  NOT NULL CHECK (shelf_life_s > 0),
    discount_percent smallint NOT NULL CHECK (discount_percent BETWEEN 0 AND 100),
    PRIMARY KEY (branch, id)
);

-- One row for each baked piece. It ends exactly once: sold, stale or thrown.
CREATE TABLE unit (
    id         uuid        PRIMARY KEY,
    branch     text        NOT NULL,
    product_id text        NOT NULL,
    batch_id   uuid        NOT NULL,
    baked_at   timestamptz NOT NULL,
    stale_at   timestamptz NOT NULL,
    state      text        NOT NULL CHECK (state IN ('free', 'reserved', 'sold', 'stale', 'thrown')),
    order_id   uuid,
    price      bigint,
    FOREIGN KEY (branch, product_id) REFERENCES product,
    CHECK (stale_at > baked_at),
    CHECK ((state IN ('reserved', 'sold')) = (order_id IS NOT NULL)),
    CHECK ((order_id IS NULL) = (price IS NULL))
) WITH (fillfactor = 80);

CREATE INDEX unit_free ON unit (branch, product_id, baked_at, id) WHERE state = 'free';
CREATE INDEX unit_order ON unit (order_id) WHERE order_id IS NOT NULL;

-- One row for each step of each business id: what was asked and what was answered, written in the
-- same transaction as the effect. See nats/src/record.rs.
CREATE TABLE record (
    business_id    uuid        NOT NULL,
    step           text        NOT NULL,
    request_hash   bytea       NOT NULL,
    subject        text        NOT NULL,
    message_id     text        NOT NULL,
    causation_id   text,
    correlation_id uuid        NOT NULL,
    traceparent    text        NOT NULL,
    at             timestamptz NOT NULL,
    outgoing       text        NOT NULL,
    owed           boolean     NOT NULL,
    committed_at   timestamptz NOT NULL,
    PRIMARY KEY (business_id, step)
) WITH (fillfactor = 90);

-- Almost always empty: only steps that began with a request, and only until their messages are
-- known to be in the stream.
CREATE INDEX record_owed ON record (committed_at) WHERE owed;

CREATE TABLE orders (
    id             uuid        PRIMARY KEY,
    branch         text        NOT NULL,
    day            date        NOT NULL,
    number         integer     NOT NULL,
    account_id     uuid        NOT NULL,
    customer_name  text        NOT NULL,
    customer_email text,
    -- Where the saga stands; see orders/src/saga.rs.
    state          text        NOT NULL,
    -- What people see of it: a function of the state, kept for filters.
    status         text        NOT NULL,
    version        bigint      NOT NULL,
    -- JSON array of items as the API shows them.
    items          jsonb       NOT NULL,
    total          bigint      CHECK (total >= 0),
    currency       text,
    reason_code    text,
    reason_detail  text,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    -- The open obligation, if any: which attempt it is, and when it is driven again by this
    -- database's clock. An order that waits for nobody is not open.
    open           boolean     NOT NULL,
    attempt        integer     NOT NULL,
    due_at         timestamptz NOT NULL,
    -- From then on an order that is not paid gives up.
    give_up_at     timestamptz NOT NULL,
    CHECK ((reason_code IS NULL) = (reason_detail IS NULL)),
    UNIQUE (branch, day, number)
) WITH (fillfactor = 70);

-- `open` changes once in an order's life; an index on what changes at every step would cost a
-- new index entry at every step.
CREATE INDEX orders_open ON orders (id) WHERE open;

-- The last number given out.
CREATE TABLE day_number (
    branch text    NOT NULL,
    day    date    NOT NULL,
    last   integer NOT NULL,
    PRIMARY KEY (branch, day)
);

-- One key of one account is one order.
CREATE TABLE idempotency (
    account_id   uuid  NOT NULL,
    key          text  NOT NULL,
    order_id     uuid  NOT NULL REFERENCES orders,
    request_hash bytea NOT NULL,
    PRIMARY KEY (account_id, key)
);

-- What this service needs to know of others' things, from their events or, where one is missing,
-- from asking. Rows are only ever added.
CREATE TABLE known_account (
    account_id uuid PRIMARY KEY
);

CREATE TABLE known_product (
    branch     text NOT NULL,
    product_id text NOT NULL,
    PRIMARY KEY (branch, product_id)
);

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

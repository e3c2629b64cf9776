-- Something that is done again and again. There are a few hundred: reading them all is faster than
-- an index on next_at, which would have to follow every tick.
CREATE TABLE job (
    branch  text        NOT NULL,
    name    text        NOT NULL,
    -- Six fields, seconds first, in UTC.
    cron    text        NOT NULL,
    -- As in the requests: {"bake": {"product_id": "donut", "quantity": 1}} or {"sweep": {}}.
    action  jsonb       NOT NULL,
    -- The logical time of the newest tick that is known to be in the stream.
    last_at timestamptz,
    -- The logical time of the first tick that is not.
    next_at timestamptz NOT NULL,
    PRIMARY KEY (branch, name)
) WITH (fillfactor = 50);

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

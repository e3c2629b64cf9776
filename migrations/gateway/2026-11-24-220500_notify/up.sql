-- Which ways of telling people are open, and since when. A way that is closed has no row, and nothing
-- is written for it.
CREATE TABLE notify_channel (
    name  text        PRIMARY KEY CHECK (name IN ('mail', 'webhooks')),
    -- The shop's time from which on events count.
    since timestamptz NOT NULL
);

-- Somebody's program that is told of orders.
CREATE TABLE webhook (
    id               uuid        PRIMARY KEY,
    url              text        NOT NULL,
    events           text[]      NOT NULL,
    -- Only of this branch.
    branch           text,
    enabled          boolean     NOT NULL,
    -- Why it is off: 'by_hand', 'gone', 'failing'.
    off_reason       text,
    -- What calls are signed with; it cannot be a hash.
    secret           bytea       NOT NULL,
    -- The one before signs as well, until then.
    old_secret       bytea,
    old_secret_until timestamptz,
    -- The shop's time from which on events count.
    since            timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    -- The first failure since the last success, and the newest one.
    failing_since    timestamptz,
    failed_at        timestamptz,
    CHECK (enabled = (off_reason IS NULL)),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);

-- The outbox: one row for each thing that somebody is told, by a webhook or, where there is none, by
-- mail. Its id is derived from whom, what and which, so the same event again makes no second one.
CREATE TABLE delivery (
    id           uuid        PRIMARY KEY,
    seq          bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    webhook_id   uuid        REFERENCES webhook ON DELETE CASCADE,
    event        text        NOT NULL,
    -- Null where it is only a test.
    order_id     uuid,
    -- What is sent, byte by byte. No personal data is in here.
    body         text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('due', 'delivered', 'failed', 'skipped')),
    -- How often it was tried.
    attempt      integer     NOT NULL,
    -- When it is tried next.
    due_at       timestamptz NOT NULL,
    -- Who tries it now, and until when nobody else does.
    lease        uuid,
    leased_until timestamptz,
    created_at   timestamptz NOT NULL,
    -- When it was asked for: made, or asked for again by hand.
    asked_at     timestamptz NOT NULL,
    ended_at     timestamptz,
    -- What the other side answered last, and what became of it.
    answer       integer,
    reason       text,
    CHECK ((lease IS NULL) = (leased_until IS NULL)),
    CHECK ((state = 'due') = (ended_at IS NULL)),
    CHECK (state = 'due' OR lease IS NULL)
);

CREATE INDEX delivery_due ON delivery (webhook_id, due_at) WHERE state = 'due';
CREATE INDEX delivery_leased ON delivery (webhook_id) WHERE lease IS NOT NULL;
CREATE INDEX delivery_of_webhook ON delivery (webhook_id, seq);
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;

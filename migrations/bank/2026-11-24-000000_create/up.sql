-- A customer's balance is stored, so that it can be checked under the row's lock. The till of a
-- branch and the world outside are touched by every transfer: their balance is the sum of their
-- entries.
CREATE TABLE account (
    id       uuid   PRIMARY KEY,
    kind     text   NOT NULL CHECK (kind IN ('customer', 'till', 'world')),
    name     text   NOT NULL,
    currency text   NOT NULL,
    balance  bigint CHECK (balance >= 0),
    CHECK ((kind = 'customer') = (balance IS NOT NULL))
) WITH (fillfactor = 80);

-- Money that moved between a customer and the house, once for each (order, kind) and for ever. The
-- account is the customer's.
CREATE TABLE transfer (
    id         uuid        PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('deposit', 'charge', 'refund')),
    order_id   uuid,
    branch     text,
    account_id uuid        NOT NULL,
    amount     bigint      NOT NULL CHECK (amount > 0),
    currency   text        NOT NULL,
    at         timestamptz NOT NULL,
    UNIQUE (order_id, kind),
    CHECK (num_nonnulls(order_id, branch) = CASE kind WHEN 'deposit' THEN 0 ELSE 2 END)
);

-- One side of a transfer, as seen from one account. The position is the order in which an account's
-- entries were made: they are made under its lock, whatever the clocks say.
CREATE TABLE entry (
    position    bigint      GENERATED ALWAYS AS IDENTITY,
    transfer_id uuid        NOT NULL REFERENCES transfer,
    account_id  uuid        NOT NULL REFERENCES account,
    amount      bigint      NOT NULL CHECK (amount <> 0),
    at          timestamptz NOT NULL,
    PRIMARY KEY (transfer_id, account_id)
);

CREATE INDEX entry_statement ON entry (account_id, position);

-- The entries of a transfer are written in one statement, so this holds for ever after.
CREATE FUNCTION entries_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced uuid;
BEGIN
    SELECT transfer_id INTO unbalanced
    FROM added GROUP BY transfer_id HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of transfer % do not sum to zero', unbalanced
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entries_sum_to_zero AFTER INSERT ON entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION entries_sum_to_zero();

CREATE FUNCTION insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is insert-only', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
    FOR EACH STATEMENT EXECUTE FUNCTION insert_only();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION insert_only();

-- What the simulator does wrong, and for whom; no row is the good behaviour. The target is a
-- branch, an account, or empty where the scope is everybody.
CREATE TABLE behaviour (
    scope           text     NOT NULL CHECK (scope IN ('account', 'branch', 'all')),
    target          text     NOT NULL,
    latency_ms      integer  NOT NULL CHECK (latency_ms BETWEEN 0 AND 60000),
    decline_percent smallint NOT NULL CHECK (decline_percent BETWEEN 0 AND 100),
    silent          boolean  NOT NULL,
    doubled         boolean  NOT NULL,
    PRIMARY KEY (scope, target),
    CHECK ((scope = 'all') = (target = ''))
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

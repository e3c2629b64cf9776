-- Money that a manager gave back while the order stayed: an obligation until the bank has paid it.
CREATE TABLE refund (
    id              uuid        PRIMARY KEY,
    order_id        uuid        NOT NULL REFERENCES orders,
    branch          text        NOT NULL,
    account_id      uuid        NOT NULL,
    -- What its sender calls it, and what was asked under that name.
    idempotency_key text        NOT NULL,
    request_hash    bytea       NOT NULL,
    -- JSON array of lines as the API shows them.
    lines           jsonb       NOT NULL,
    amount          bigint      NOT NULL CHECK (amount >= 0),
    currency        text        NOT NULL,
    reason          text        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('asked', 'paid')),
    -- The shop's times.
    made_at         timestamptz NOT NULL,
    paid_at         timestamptz,
    -- Which attempt it is, and when the bank is asked again by this database's clock.
    attempt         integer     NOT NULL,
    due_at          timestamptz NOT NULL,
    UNIQUE (order_id, idempotency_key),
    CHECK ((state = 'paid') = (paid_at IS NOT NULL))
);

CREATE INDEX refund_open ON refund (due_at) WHERE state = 'asked';
-- The refunds of a day.
CREATE INDEX refund_made ON refund (branch, made_at);

-- The branch as it was when the order was placed: what its receipt says for ever. Of older orders
-- the copy of now is the best there is.
ALTER TABLE known_branch ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE orders
    ADD COLUMN shop_name    text NOT NULL DEFAULT '',
    ADD COLUMN shop_address text NOT NULL DEFAULT '',
    ADD COLUMN shop_zone    text NOT NULL DEFAULT 'UTC';
UPDATE orders SET shop_name = branch;
UPDATE orders SET shop_name = b.name, shop_zone = b.time_zone
FROM known_branch b WHERE b.id = orders.branch;
-- The copies lack the address, and no event brings it before the branch changes: without them the
-- owner is asked when the next order names the branch.
DELETE FROM known_branch;

-- The orders of one account, and those with one number; neither changes in an order's life.
CREATE INDEX orders_of_account ON orders (account_id, id);
CREATE INDEX orders_of_number ON orders (number, id);

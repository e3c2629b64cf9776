-- What the log said of refunds: money of an order that went back while the order stayed. As the other
-- rows of what was seen, it can be read from the log again at any time.
CREATE TABLE seen_refund (
    refund_id  uuid        PRIMARY KEY,
    order_id   uuid        NOT NULL,
    account_id uuid        NOT NULL,
    amount     bigint      NOT NULL,
    currency   text        NOT NULL,
    -- The shop's time at which it was told.
    at         timestamptz NOT NULL
);

CREATE INDEX seen_refund_of_account ON seen_refund (account_id);

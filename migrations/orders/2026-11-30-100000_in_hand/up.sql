-- What is paid and waits for the kitchen is in hand until it is ready, however long ago its day was.
-- A column of its own, because it changes twice in an order's life: an index on the status would cost
-- new index entries at every step.
ALTER TABLE orders ADD COLUMN in_hand boolean NOT NULL
    GENERATED ALWAYS AS (status IN ('confirmed', 'preparing')) STORED;
CREATE INDEX orders_in_hand ON orders (branch, id) WHERE in_hand;

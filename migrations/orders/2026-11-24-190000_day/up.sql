-- What this service needs to know of a branch, from inventory's events or, where one is missing,
-- from asking. A newer version takes the place of an older one; a copy that was asked for has the
-- version 0, so that any event is newer.
CREATE TABLE known_branch (
    id        text    PRIMARY KEY,
    version   bigint  NOT NULL,
    name      text    NOT NULL,
    time_zone text    NOT NULL,
    -- The hours of the week, as they are on the wire.
    hours     jsonb   NOT NULL,
    closed    boolean NOT NULL
);

-- True from the moment the bank's charge was taken in the normal course. The state of a cancelled
-- order does not tell any more whether there was a sale to be undone.
ALTER TABLE orders ADD COLUMN paid boolean NOT NULL DEFAULT false;

-- Each step raised the version by one, from 1: an order that was paid before it was called off
-- came to its end in six steps, any other in at most four.
UPDATE orders SET paid = true
WHERE state IN ('charged', 'confirmed', 'preparing', 'ready', 'served',
                'returning', 'returning_goods', 'returning_money')
   OR state = 'cancelled' AND version >= 7;
